// A process that logs is killed at random moments. Whatever the moment: no row that it was told is
// done is missing, nothing is there that it did not log, and the run goes on where it stood.
//
// REPRISE_KILLS: how many, in all parts. REPRISE_KILL_SEED: of the moments.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <random>

#include "reprise/store.h"
#include "tests/support/child_process.h"
#include "tests/support/log_child.h"
#include "tests/support/shared_memory.h"
#include "tests/support/store_checks.h"
#include "tests/support/temp_dir.h"

namespace reprise {
namespace {

// Few, as each check reads the whole store.
constexpr std::uint64_t kKillsOfStore = 8;
constexpr std::uint64_t kParts = 4;

std::uint64_t Setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// One store and what should be in it, through any number of kills.
class Victim {
 public:
  explicit Victim(std::uint64_t seed) : random_(seed) {
    options_.durability = Durability::kProcess;
    options_.sync_interval_ms = 1 + static_cast<std::uint32_t>(random_() % 20);
  }

  // Runs the child for a while and kills it; false if it was not at work by then.
  bool Kill() {
    journal_->phase = ChildPhase::kNone;
    const std::uint64_t seed = random_();
    const auto delay = std::chrono::microseconds(random_() % (random_() % 2 == 0 ? 3000 : 40'000));
    const pid_t child = StartChild([&] {
      RunLogChild(path(), options_, seed, &*journal_);
      return 1;
    });
    // Half of the kills wait for it to log; the others meet it while it opens or recovers.
    const ChildPhase awaited = random_() % 2 == 0 ? ChildPhase::kOpening : ChildPhase::kLogging;
    while (journal_->phase < awaited && journal_->failure[0] == 0) sched_yield();
    const auto end = std::chrono::steady_clock::now() + delay;
    while (std::chrono::steady_clock::now() < end) sched_yield();
    kill(child, SIGKILL);
    const int result = WaitFor(child);
    EXPECT_STREQ(journal_->failure, "");
    return result == -SIGKILL;
  }
  ChildPhase phase() const { return journal_->phase; }

  void CheckAsItWasLeft() {
    // A store whose first opening was killed may have a catalog that is not finished.
    const bool is_made = journal_->called > 0 || phase() > ChildPhase::kOpening;
    if (is_made) {
      EXPECT_EQ(FindDamage(path()), "") << "before recovery";
    }
    auto store = Store::Open(path(), options_);
    ASSERT_TRUE(store) << store.error().ToString();
    CheckRows(*store, "before recovery");
  }

  // Goes on with the run, as the next process would.
  void CheckRecovered() {
    auto store = Store::Open(path(), options_);
    ASSERT_TRUE(store) << store.error().ToString();
    RunOptions options;
    options.run_id = "r";
    options.resume = Resume::kAllow;
    auto run = store->StartRun(options);
    ASSERT_TRUE(run) << run.error().ToString();
    CheckRows(*store, "after recovery");
    const Status settled = SettleJournal(*store, &*journal_);
    ASSERT_TRUE(settled.ok()) << settled.ToString();
    const Step head = StateOf(*journal_, journal_->acknowledged).head;
    EXPECT_EQ(run->next_step(), head + 1);
    const auto value = static_cast<std::int64_t>(journal_->acknowledged.load());
    const auto step = run->Log({{"value", value}, {"text", fmt::format("text {}", value)}});
    ASSERT_TRUE(step) << step.error().ToString();
    EXPECT_EQ(*step, head + 1);
    Record({JournalEntry::Kind::kLog, *step, value});
    run = Fail(Code::kClosed, "");
    const Status closed = store->Close();
    EXPECT_TRUE(closed.ok()) << closed.ToString();
  }

  void CheckAtTheEnd() {
    EXPECT_EQ(FindDamage(path()), "");
    EXPECT_EQ(FindRebuildDifference(path()), "");
    auto store = Store::Open(path(), options_);
    ASSERT_TRUE(store) << store.error().ToString();
    CheckRows(*store, "at the end");
  }

 private:
  std::string path() const { return dir_.Of("store"); }

  void Record(const JournalEntry& entry) {
    const std::size_t place = journal_->acknowledged;
    journal_->entries[place] = entry;
    journal_->called = place + 1;
    journal_->acknowledged = place + 1;
  }

  // A call that was under way may come to light only when the session is recovered.
  void CheckRows(const Store& store, const char* when) {
    const auto found = ReadJournalState(store);
    ASSERT_TRUE(found) << when << ": " << found.error().ToString();
    const JournalState done = StateOf(*journal_, journal_->acknowledged);
    const JournalState more = StateOf(*journal_, journal_->called);
    ASSERT_TRUE(*found == done || *found == more)
        << when << "\nfound " << ToText(*found) << "\ndone  " << ToText(done) << "\nmore  "
        << ToText(more);
  }

  std::mt19937_64 random_;
  TempDir dir_;
  Options options_;
  SharedMemory<Journal> journal_;
};

// In parts, so that they run beside each other.
class Kill : public ::testing::TestWithParam<std::uint64_t> {};

INSTANTIATE_TEST_SUITE_P(Part, Kill, ::testing::Range<std::uint64_t>(0, kParts));

TEST_P(Kill, NoAcknowledgedRowIsEverMissing) {
  const std::uint64_t wanted = Setting("REPRISE_KILLS", 1000) / kParts;
  const std::uint64_t seed = Setting("REPRISE_KILL_SEED", std::random_device()());
  std::uint64_t kills = 0;
  std::uint64_t phases[kChildPhases] = {};
  for (std::uint64_t store = GetParam(); kills < wanted && !HasFailure(); store += kParts) {
    Victim victim(seed + store);
    for (std::uint64_t i = 0; i < kKillsOfStore && kills < wanted && !HasFailure(); ++i) {
      if (!victim.Kill()) continue;
      ++kills;
      ++phases[static_cast<int>(victim.phase())];
      victim.CheckAsItWasLeft();
      if (i % 3 != 0) continue;  // else the next child recovers
      victim.CheckRecovered();
    }
    if (!HasFailure()) victim.CheckRecovered();
    if (!HasFailure()) victim.CheckAtTheEnd();
  }
  EXPECT_EQ(kills, wanted);
  fmt::print(
      "{} kills from REPRISE_KILL_SEED={}: {} while opening, {} while starting, {} while "
      "logging, {} while finishing\n",
      kills, seed, phases[1], phases[2], phases[3], phases[4]);
}

}  // namespace
}  // namespace reprise
