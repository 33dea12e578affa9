// What verify says of changes: records that are no change, and changes that cannot be true.
#include <gmock/gmock.h>

#include "engine/lineage/chain.h"
#include "engine/store/verify_context.h"
#include "tests/engine/store/forger.h"
#include "tests/engine/store/store_fixture.h"

namespace reprise {
namespace {

using ::testing::ElementsAre;

class VerifyChanges : public StoreFixture {
 protected:
  void SetUp() override { MakeStore(); }

  RunUid UidOfA() { return Forger(path()).Uid("a"); }
  static RunCreated NewRun(const RunUid& uid, const std::string& id) {
    RunCreated body;
    body.entity = "e";
    body.project = "p";
    body.run_id = id;
    body.node = MakeRoot({uid, 0});
    return body;
  }
  static Sealed SealedAs(const BranchId& branch, StepRange steps, Generation generation = 1) {
    SegmentRef segment;
    segment.branch = branch;
    segment.first = steps.first;
    segment.last = steps.last;
    segment.rows = 1;
    segment.generation = generation;
    return {{segment}};
  }

  // Whether verify tells that this change cannot be true, if it is the next one. The store is then
  // as it was.
  ::testing::AssertionResult CannotBeTrue(const RunUid& uid, const std::string& run,
                                          const ChangeBody& body, const std::string& why) {
    const std::string pack = FileIn("packs", ".pack");
    const std::string bytes = ReadFile(pack);
    {
      Forger forger(path());
      forger.PutInPack(forger.Next(uid, body));
    }
    const auto told =
        FindsOnly({Severity::kLost, "change.contradiction", "", 0, run, kNoSteps, why});
    WriteFile(pack, bytes);
    return told;
  }
  ::testing::AssertionResult CannotBeTrueOfA(const ChangeBody& body, const std::string& why) {
    return CannotBeTrue(UidOfA(), "e/p/a", body, why);
  }
};

TEST_F(VerifyChanges, TellsARecordThatIsNoChange) {
  {
    Forger forger(path());
    forger.PutInPack("not a change");
  }
  EXPECT_TRUE(FindsOnly({Severity::kLost, "change.damaged", OnlyPack(), Frames().back().ref.offset,
                         "", kNoSteps, "change does not decode"}));
}

// A disk that refuses once may give the bytes when the file is checked, and then only this tells.
TEST_F(VerifyChanges, TellsOfAFileThatCouldNotBeReadForItsChanges) {
  const Status refused = Status::Error(Code::kIoError, "a read failed: 'x.pack' (EIO)");
  VerifyContext context;
  context.NoteProblem({"packs/x.pack", 64, refused});
  EXPECT_FALSE(context.complete) << "it may have had more";
  context.ReportUnread();
  ASSERT_THAT(Codes(context.report), ElementsAre("change.unread"));
  EXPECT_TRUE(IsFinding(context.report.findings[0], {Severity::kIo, "change.unread", "packs/x.pack",
                                                     64, "", kNoSteps, "check the disk"}));
  context.ReportUnread();
  EXPECT_EQ(context.report.findings.size(), 1U) << "once is enough";
}

TEST_F(VerifyChanges, LeavesDamageOfFilesToWhoChecksThem) {
  VerifyContext context;
  context.NoteProblem({"packs/x.pack", 64, Status::Error(Code::kCorrupt, "checksum mismatch")});
  context.ReportUnread();
  EXPECT_THAT(context.report.findings, ::testing::IsEmpty());
  EXPECT_TRUE(context.complete);
}

TEST_F(VerifyChanges, TellsALeaseOutOfTurn) {
  EXPECT_TRUE(CannotBeTrueOfA(LeaseGranted{5, {}, {}}, "generation 5 cannot follow 1"));
  EXPECT_TRUE(CannotBeTrueOfA(LeaseReleased{7, 0, {}}, "generation 7 is not the holder's, 1"));
  EXPECT_TRUE(CannotBeTrueOfA(FenceSet{}, "no such fence is open"));
}

TEST_F(VerifyChanges, TellsAFenceThatIsSetTwice) {
  const FenceSet set{{Forger::kSession, 1, 10}};
  {
    Forger forger(path());
    const RunUid a = forger.Uid("a");
    forger.Make(a, LeaseGranted{2, {}, Fence{Forger::kSession, 1, kOpenFence}});
    forger.Make(a, set);
    forger.Make(a, LeaseReleased{2, 0, {}});
  }
  EXPECT_TRUE(CannotBeTrueOfA(set, "no such fence is open"));
}

TEST_F(VerifyChanges, TellsABranchThatDoesNotFollowFromTheOthers) {
  const RunUid a = UidOfA();
  BranchMade made;
  made.node = MakeRoot({a, 7});
  made.asked = {{a, 1}, 60};
  EXPECT_TRUE(CannotBeTrueOfA(made, "branch 7 is not the next one, 2"));
  made.node = MakeRoot({a, 2});
  EXPECT_TRUE(CannotBeTrueOfA(made, "its branch should continue e/p/a@1 after step 60"));
  made.asked.branch.ordinal = 9;
  EXPECT_TRUE(CannotBeTrueOfA(made, "there is no branch e/p/a@9"));
}

TEST_F(VerifyChanges, TellsASummaryValueOfNoBranch) {
  EXPECT_TRUE(CannotBeTrueOfA(SummarySet{9, 0, "key", {}}, "there is no branch 9"));
}

TEST_F(VerifyChanges, TellsASegmentThatCannotBeThere) {
  const RunUid a = UidOfA();
  EXPECT_TRUE(CannotBeTrueOfA(SealedAs({a, 9}, {100, 100}), "belongs to no branch of the run"));
  EXPECT_TRUE(CannotBeTrueOfA(SealedAs({a, 1}, {101, 100}), "is empty"));
  EXPECT_TRUE(CannotBeTrueOfA(SealedAs({a, 1}, {100, 100}, 9), "is of a lease not granted yet"));
  EXPECT_TRUE(CannotBeTrueOfA(SealedAs({a, 1}, {49, 49}), "begins before its branch does, at 50"));
  EXPECT_TRUE(CannotBeTrueOfA(SealedAs({a, 1}, {60, 120}), "overlaps segment 50..99"));
}

TEST_F(VerifyChanges, TellsARunThatCannotBegin) {
  const RunUid other{1, 2};
  EXPECT_TRUE(CannotBeTrueOfA(NewRun(UidOfA(), "c"), "the run exists already"));
  EXPECT_TRUE(CannotBeTrue(other, ToHex(other), NewRun(other, "a"), "another living run has its"));
  EXPECT_TRUE(CannotBeTrue(other, ToHex(other), NewRun(UidOfA(), "c"), "another run's"));
}

TEST_F(VerifyChanges, TellsAChangeOfARunThatIsNotThere) {
  const RunUid other{1, 2};
  EXPECT_TRUE(CannotBeTrue(other, ToHex(other), ConfigMerged{}, "there is no such run"));
  const RunUid a = UidOfA();
  Forger(path()).Make(a, RunDeleted{});
  EXPECT_TRUE(CannotBeTrue(a, "e/p/a", MetadataSet{}, "the run is deleted"));
}

TEST_F(VerifyChanges, TellsOnlyTheFirstContradictionOfARun) {
  const RunUid a = UidOfA();
  {
    Forger forger(path());
    forger.PutInPack(forger.Next(a, FenceSet{}));
    forger.PutInPack(forger.Next(a, LeaseReleased{7, 0, {}}));
  }
  EXPECT_TRUE(FindsOnly({Severity::kLost, "change.contradiction", "", 0, "e/p/a", kNoSteps,
                         "no such fence is open"}));
}

TEST_F(VerifyChanges, DoesNotCallAContradictionMissing) {
  {
    Forger forger(path());
    const RunUid a = forger.Uid("a");
    forger.Make(a, SealedAs({a, 1}, {49, 49}));  // for the catalog alone it is possible
  }
  EXPECT_TRUE(FindsOnly(
      {Severity::kLost, "change.contradiction", "", 0, "e/p/a", kNoSteps, "begins before"}));
}

TEST_F(VerifyChanges, ChecksTheOtherRunsAllTheSame) {
  const SegmentRef segment_of_b = Segments().back();
  {
    Forger forger(path());
    forger.PutInPack(forger.Next(forger.Uid("a"), FenceSet{}));
  }
  FlipByte(FileIn("packs", ".pack"), segment_of_b.offset + 100);
  EXPECT_THAT(Codes(Check()), ElementsAre("change.contradiction", "segment.damaged"));
}

}  // namespace
}  // namespace reprise
