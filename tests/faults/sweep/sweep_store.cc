#include "tests/faults/sweep/sweep_store.h"

#include <signal.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>
#include <utility>

#include "reprise/store.h"
#include "reprise/verify.h"
#include "tests/support/child_process.h"
#include "tests/support/eventually.h"

namespace reprise {

namespace {

constexpr TimeMicros kStart = 1'700'000'000'000'000;

// What a step of a child did; the first failure is printed and ends it.
bool Good(const Status& status) {
  if (!status.ok()) std::fprintf(stderr, "sweep store: %s\n", status.ToString().c_str());
  return status.ok();
}
template <typename T>
bool Good(const Result<T>& result) {
  return Good(result ? Status() : result.error());
}

RunOptions Of(const std::string& id, Resume resume = Resume::kAllow) {
  RunOptions options;
  options.project = "e/p";
  options.run_id = id;
  options.resume = resume;
  return options;
}

LogOptions At(Step step) { return {.step = step, .time = kStart + step * 1000, .commit = true}; }

// One value of each kind, and those that are easily lost.
bool LogSpecialRows(RunWriter& run) {
  const double nan = std::bit_cast<double>(std::uint64_t{0xFFF8'0000'DEAD'BEEF});
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const double infinity = std::numeric_limits<double>::infinity();
  const auto histogram = ValueView::Json(R"({"_type":"histogram","bins":[0,1,2],"values":[3,5]})");
  return Good(run.Log({{"edge", kLeast}, {"odd", nan}, {"yes", true}}, At(0))) &&
         Good(run.Log({{"edge", kMost}, {"odd", -0.0}, {"yes", false}}, At(3))) &&
         Good(run.Log({{"edge", 0}, {"odd", infinity}, {"none", ValueView()}}, At(4))) &&
         Good(run.Log({{"odd", -infinity}, {"weights", histogram}}, At(9))) &&
         Good(run.Log({{"raw", ValueView::Bytes(std::string_view("\0\xFF\n", 3))}}, At(11))) &&
         Good(run.Log({{"edge", "now a text"}, {"odd", 1}}, At(1000)));
}

bool MakeRewoundRun(Store& store) {
  RunOptions options = Of("plain");
  options.config = {{"model.depth", 12}, {"model.name", "small"}, {"lr", 0.001}};
  options.tags = std::vector<std::string>{"one", "two"};
  auto run = store.StartRun(options);
  if (!Good(run)) return false;
  for (Step step = 0; step < 120; ++step) {
    const double x = static_cast<double>(step);
    const std::string note = "at step " + std::to_string(step);
    if (step % 8 == 3 && !Good(run->Log({{"note", note}}, {.step = step, .time = kStart}))) {
      return false;
    }
    if (!Good(run->Log({{"loss", std::exp(-x / 7)}, {"n", step}}, At(step)))) return false;
  }
  return Good(run->SetSummary("best", 0.25)) && Good(run->Rewind(80)) &&
         Good(run->Log({{"loss", 0.5}, {"acc", 0.75}}, At(82))) &&
         Good(run->Log({{"loss", 0.4}, {"acc", 0.8}}, At(90))) &&
         Good(run->UpdateConfig({{"lr", 0.002}})) && Good(run->Finish());
}

bool MakeSpecialRun(Store& store) {
  auto run = store.StartRun(Of("special"));
  return Good(run) && LogSpecialRows(*run) && Good(run->Finish(3));
}

bool MakeDeletedRun(Store& store) {
  auto run = store.StartRun(Of("gone"));
  return Good(run) && Good(run->Log({{"secret", 42}}, At(0))) && Good(run->Finish()) &&
         Good(store.Delete("gone"));
}

bool MakeFork(Store& store) {
  ForkOptions options;
  options.run_id = "twig";
  if (!Good(store.Fork({.run = "plain", .branch = 0, .step = 12}, options))) return false;
  auto run = store.StartRun(Of("twig", Resume::kMust));
  return Good(run) && Good(run->Log({{"loss", 0.1}}, At(13))) &&
         Good(run->Log({{"loss", 0.2}, {"own", "leaf"}}, At(15))) && Good(run->Finish(1));
}

// One segment a time, of which the next writer joins those before it.
bool MakeMergedRun(const std::string& path) {
  auto store = Store::Open(path);
  if (!Good(store)) return false;
  for (Step first = 0; first < 40; first += 10) {
    auto run = store->StartRun(Of("merged"));
    if (!Good(run)) return false;
    for (Step step = first; step < first + 10; ++step) {
      const double x = static_cast<double>(step);
      if (!Good(run->Log({{"loss", 1 / (1 + x)}, {"n", step}}, At(step)))) return false;
    }
    if (!Good(run->Finish())) return false;
  }
  const auto before = ReadStoreStat(path);
  if (!Good(before)) return false;
  auto run = store->StartRun(Of("merged"));
  return Good(run) &&
         Eventually([&] { return ReadStoreStat(path).value().segments < before->segments; }) &&
         Good(run->Log({{"loss", 7.0}}, At(40))) && Good(run->Finish()) && Good(store->Close());
}

// Two sessions at once write two packs.
bool MakeClosedRuns(const std::string& path) {
  auto store = Store::Open(path);
  auto beside = Store::Open(path);
  return Good(store) && Good(beside) && MakeRewoundRun(*store) && MakeSpecialRun(*beside) &&
         MakeDeletedRun(*store) && MakeFork(*beside) && Good(beside->Close()) &&
         Good(store->Close()) && MakeMergedRun(path);
}

// Rows of `live`, rewound once and left open; some of them are known to be on disk.
bool LeaveLiveRows(RunWriter& run) {
  for (Step step = 0; step < 12; ++step) {
    const double x = static_cast<double>(step);
    if (!Good(run.Log({{"loss", 1 / (1 + x)}, {"n", step}}, At(step)))) return false;
    if (step == 5 && !Good(run.Sync())) return false;
  }
  return Good(run.Rewind(8)) && Good(run.SetSummary("best", 3)) &&
         Good(run.Log({{"loss", 0.5}, {"note", "after"}}, At(10))) &&
         Good(run.Log({{"loss", 0.25}}, {.step = 11, .time = kStart})) &&
         Good(run.Log({{"n", 1}}, {.step = 11, .time = kStart}));
}

bool LeaveLogs(const std::string& path) {
  auto store = Store::Open(path);
  auto beside = Store::Open(path);
  if (!Good(store) || !Good(beside)) return false;
  auto live = store->StartRun(Of("live"));
  auto again = beside->StartRun(Of("special", Resume::kMust));
  if (!Good(live) || !Good(again)) return false;
  // A start asks the background to seal what is there: too late, and it finds rewound rows.
  if (!Eventually(BackgroundSleeps) || !LeaveLiveRows(*live)) return false;
  if (!Good(again->Log({{"edge", 5}, {"odd", 0.5}}, At(1001)))) return false;
  if (!Good(again->Log({{"edge", 6}}, At(1002))) || !Good(again->Sync())) return false;
  if (!Good(again->Log({{"edge", 7}, {"raw", "x"}}, At(1003)))) return false;
  kill(getpid(), SIGKILL);
  return false;
}

}  // namespace

bool MakeClosedSweepStore(const std::string& path) {
  return RunInChild([&] { return MakeClosedRuns(path) ? 0 : 1; }) == 0;
}

bool AddKilledSessions(const std::string& path) {
  const int code = RunInChild([&] {
    LeaveLogs(path);
    return 1;
  });
  return code == -SIGKILL;
}

bool MakeSweepStore(const std::string& path) {
  return MakeClosedSweepStore(path) && AddKilledSessions(path);
}

}  // namespace reprise
