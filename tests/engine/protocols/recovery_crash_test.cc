// Protocols, rule 9: a writer dies, whoever recovers it dies at any of its writes, and so does the
// next. Whatever is left, one more recovers it: no acknowledged row is missing, and a catalog built
// anew is the one that is there.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

#include "engine/log/log_reader.h"
#include "engine/run/recovery.h"
#include "engine/run/session.h"
#include "tests/engine/protocols/protocol_fixture.h"

namespace reprise {
namespace {

class RecoveryCrash : public Protocol {
 protected:
  // Runs `body` on a store in a child that is killed before what it changes is committed, and that
  // adopts nobody in the background.
  bool DiesBeforeItsCommit(const std::function<Status(Store&)>& body) {
    const int code = RunInChild([&] {
      Recorder recorder;
      recorder.OnEvent([self = std::this_thread::get_id()](const std::string& event) -> Status {
        if (std::this_thread::get_id() != self) return Status::Error(Code::kIoError, "not now");
        if (event == "commit") kill(getpid(), SIGKILL);
        return {};
      });
      auto opened = OpenRecorded(path(), recorder, {});
      return opened && body(*opened).ok() ? 0 : 1;
    });
    return code == -SIGKILL;
  }
  // Takes the run `r` from whoever died with it, which recovers it first.
  static Status Resume(Store& store) {
    auto run = store.StartRun(Of("r", Resume::kMust));
    return run ? run->Finish() : run.error();
  }
  // Ten rows of `r`, cut to four, two more, in a child that is killed.
  void LeaveADeadSession() {
    ASSERT_TRUE(DiesAfter([](Store& child) -> std::optional<RunWriter> {
      auto run = child.StartRun(Of("r"));
      for (Step step = 0; run && step < 10; ++step) {
        if (!run->Log({{"x", step}})) return std::nullopt;
      }
      if (!run || !run->Rewind(3).ok()) return std::nullopt;
      if (!run->Log({{"x", 40}}) || !run->Log({{"x", 50}})) return std::nullopt;
      return std::move(*run);
    }));
  }
  void CheckRecovered() {
    Reopen();
    ASSERT_TRUE(Resume(store()).ok());
    EXPECT_EQ(StepsOf("r@0").size(), 10u);
    EXPECT_EQ(RowsOf("r"), (Lines{"0 x=0", "1 x=1", "2 x=2", "3 x=3", "4 x=40", "5 x=50"}));
    CloseStore();
    EXPECT_EQ(FindDamage(path()), "");
    EXPECT_EQ(FindRebuildDifference(path()), "");
  }
};

using Protocol09Crash = RecoveryCrash;

TEST_F(Protocol09Crash, RecoveryMayDieBeforeAnyOfItsWrites) {
  CloseStore();
  LeaveADeadSession();
  Remember("before");
  for (int deadly = 0; DiesBefore(deadly, Resume); ++deadly) {
    CheckRecovered();
    if (HasFailure()) FAIL() << "killed before event " << deadly;
    Restore("before");
  }
}

TEST_F(Protocol09Crash, WhoRecoversTheRecoveryMayDieToo) {
  CloseStore();
  LeaveADeadSession();
  Remember("before");
  for (int first = 0; DiesBefore(first, Resume); first += 3) {
    Remember("once");
    for (int second = first % 5; DiesBefore(second, Resume); second += 5) {
      CheckRecovered();
      if (HasFailure()) FAIL() << "killed before events " << first << " and " << second;
      Restore("once");
    }
    Restore("before");
  }
}

// Each dies between the sync of its change and the commit, so all leave the same number.
TEST_F(Protocol09Crash, OfSeveralChangesWithOneNumberTheLastCounts) {
  MakeRun("r", 5);
  CloseStore();
  const auto logs = SystemIo().files->OpenDirectory(path() + "/log");
  std::vector<SessionId> dead;
  for (const char* name : {"first", "second", "third"}) {
    ASSERT_TRUE(
        DiesBeforeItsCommit([&](Store& store) { return store.SetMetadata("r", {.name = name}); }));
    const auto sessions = ListSessions(**logs);
    ASSERT_TRUE(sessions);
    for (const SessionId id : *sessions) {
      if (std::find(dead.begin(), dead.end(), id) == dead.end()) dead.push_back(id);
    }
  }
  ASSERT_EQ(dead.size(), 3u);
  const auto context = OpenContext(path(), {});
  ASSERT_TRUE(context);
  const auto session = Session::Start(*context);
  ASSERT_TRUE(session);
  for (const SessionId id : dead) {  // the first first, whose change must not be published
    EXPECT_TRUE(AdoptSession(**session, id).ok());
    EXPECT_EQ(FindDamage(path()), "");
  }
  EXPECT_TRUE((*session)->Close().ok());
  Reopen();
  EXPECT_EQ(InfoOf("r").name, "third");
}

}  // namespace
}  // namespace reprise
