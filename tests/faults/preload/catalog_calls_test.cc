// LMDB's own calls fail, once or from then on: what was acknowledged meanwhile is there when they
// work again. The calls are those of the C library, in a child process.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <new>
#include <set>
#include <string>

#include "reprise/store.h"
#include "reprise/verify.h"
#include "tests/faults/preload/fault_order.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace reprise {
namespace {

struct Kind {
  const char* name;
  int error;
  bool sticky;
};

constexpr Kind kKinds[] = {{"EIO", EIO, false},
                           {"EIO from then on", EIO, true},
                           {"ENOSPC", ENOSPC, false},
                           {"ENOSPC from then on", ENOSPC, true}};

// A file that holds the order, mapped here.
class OrderFile {
 public:
  explicit OrderFile(const std::string& path) : path_(path) {
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    EXPECT_EQ(ftruncate(fd, sizeof(FaultOrder)), 0);
    void* mapped = mmap(nullptr, sizeof(FaultOrder), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    EXPECT_NE(mapped, MAP_FAILED);
    close(fd);
    order_ = new (mapped) FaultOrder();
  }
  ~OrderFile() { munmap(order_, sizeof(FaultOrder)); }
  OrderFile(const OrderFile&) = delete;
  OrderFile& operator=(const OrderFile&) = delete;

  FaultOrder* operator->() const { return order_; }
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
  FaultOrder* order_;
};

// What the child said, and so what must and what may be there of run a.
struct Said {
  std::set<Step> rows;
  std::string tried;  // what it did not end; empty: it ended everything
  bool rewound = false;
  bool forked = false;
  bool finished = false;
};

Said Read(const std::string& path) {
  Said said;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("row ")) said.rows.insert(std::stoll(line.substr(4)));
    if (line.starts_with("try ")) said.tried = line.substr(4);
    if (line != "done") continue;
    said.rewound = said.rewound || said.tried.starts_with("rewind");
    said.forked = said.forked || said.tried == "fork";
    said.finished = said.tried == "finish";
    if (said.tried.starts_with("rewind")) {
      said.rows.erase(said.rows.upper_bound(4), said.rows.end());
    }
    said.tried.clear();
  }
  return said;
}

class CatalogCalls : public ::testing::Test {
 protected:
  void SetUp() override {
#ifdef REPRISE_SANITIZED
    GTEST_SKIP() << "SKIPPED: a sanitizer's runtime must be loaded first, so nothing is preloaded";
#endif
  }

  struct Outcome {
    std::uint64_t calls = 0;
    std::uint64_t fired = 0;
    int exit_code = 0;
  };

  Outcome Train(std::uint64_t first, const Kind& kind) {
    std::filesystem::remove_all(store());
    OrderFile order(temp_.Of("order"));
    order->first = first;
    order->error = kind.error;
    order->sticky = kind.sticky ? 1 : 0;
    Outcome outcome;
    outcome.exit_code = RunInChild([&] {
      const int out = open(said().c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      const int err = open(temp_.Of("errors").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0) return 99;
      setenv("LD_PRELOAD", REPRISE_FAILING_CALLS, 1);
      setenv(kFaultOrderVariable, order.path().c_str(), 1);
      execl(REPRISE_TRAINING_CHILD, "training_child", store().c_str(), nullptr);
      return 98;
    });
    outcome.calls = order->calls;
    outcome.fired = order->fired;
    return outcome;
  }

  // Without faults, in this process.
  void ExpectAcknowledged(const std::string& where) {
    SCOPED_TRACE(where);
    const Said acknowledged = Read(said());
    if (acknowledged.rows.empty() && !std::filesystem::exists(store() + "/STORE")) return;
    auto opened = Store::Open(store());
    ASSERT_TRUE(opened) << opened.error().ToString();
    if (!acknowledged.rows.empty()) ExpectRun(*opened, acknowledged);
    if (acknowledged.forked) {
      const auto fork = opened->OpenHistory({"b", {}, {}});
      ASSERT_TRUE(fork) << fork.error().ToString();
      EXPECT_EQ(fork->last_committed_step(), 6);
    }
    const Status closed = opened->Close();
    EXPECT_TRUE(closed.ok()) << closed.ToString();
    const auto report = Verify(store(), {.depth = VerifyDepth::kDeep});
    ASSERT_TRUE(report) << report.error().ToString();
    EXPECT_LE(report->ExitCode(), 1) << report->findings.front().message;
  }

  static void ExpectRun(const Store& opened, Said acknowledged) {
    const auto history = opened.OpenHistory({"a", {}, {}});
    ASSERT_TRUE(history) << history.error().ToString();
    const auto x = history->ReadNumbers("x");
    ASSERT_TRUE(x) << x.error().ToString();
    std::set<Step> found(x->steps.begin(), x->steps.end());
    // What was tried may have been done.
    const bool may_be_rewound = acknowledged.tried.starts_with("rewind");
    if (may_be_rewound && !found.contains(5)) {
      acknowledged.rows.erase(acknowledged.rows.upper_bound(4), acknowledged.rows.end());
    }
    for (const Step step : acknowledged.rows) EXPECT_TRUE(found.contains(step)) << step;
    // One row may have been written and not acknowledged.
    EXPECT_LE(found.size(), acknowledged.rows.size() + 1);
    for (std::size_t i = 0; i < x->steps.size(); ++i) {
      EXPECT_EQ(x->values[i], 0.5 * static_cast<double>(x->steps[i]));
    }
    if (acknowledged.finished && acknowledged.tried.empty()) {
      EXPECT_EQ(opened.ReadRun("a").value().state, RunState::kFinished);
    }
  }

  std::string Errors() const {
    std::ifstream in(temp_.Of("errors"));
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::string store() const { return temp_.Of("store"); }
  std::string said() const { return temp_.Of("said"); }

  TempDir temp_;
};

TEST_F(CatalogCalls, LoseNothingAcknowledged) {
  const Outcome healthy = Train(~std::uint64_t{0}, kKinds[0]);
  ASSERT_EQ(healthy.exit_code, 0) << Errors();
  ExpectAcknowledged("no fault");
  ASSERT_GT(healthy.calls, 10U) << "nothing is preloaded, or the catalog's file has another name";
  std::uint64_t runs = 0;
  std::uint64_t fired = 0;
  std::uint64_t ended = 0;
  for (std::uint64_t first = 0; first < healthy.calls && !HasFailure(); ++first) {
    for (const Kind& kind : kKinds) {
      const Outcome outcome = Train(first, kind);
      EXPECT_GT(outcome.fired, 0U) << kind.name << " at call " << first;
      ++runs;
      fired += outcome.fired;
      ended += outcome.exit_code == 0 ? 1 : 0;
      EXPECT_TRUE(outcome.exit_code == 0 || outcome.exit_code == 1)
          << outcome.exit_code << " " << Errors();
      ExpectAcknowledged(
          fmt::format("{} at call {} of {}: {}", kind.name, first, healthy.calls, Errors()));
    }
  }
  fmt::print("{} calls of the catalog, {} runs, {} calls failed, {} runs ended all the same\n",
             healthy.calls, runs, fired, ended);
  EXPECT_GT(fired, 0U);
  EXPECT_LT(ended, runs);
}

}  // namespace
}  // namespace reprise
