// What each change does to the tables, and which ones are refused.
#include "engine/catalog/apply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/catalog/catalog_fixture.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ApplyTest : public CatalogTest {
 protected:
  // The change is refused and the tables are as before.
  void MustContradict(std::uint64_t run, ChangeBody body) {
    const std::string before = Dump(false);
    const Status status = Apply(run, std::move(body));
    EXPECT_EQ(status.code(), Code::kInternal) << status.ToString();
    EXPECT_EQ(Dump(false), before);
  }
};

TEST_F(ApplyTest, RunCreatedMakesTheProjectTheRunAndItsFirstBranch) {
  MustApply(1, NewRun(1, "one", {{"lr", 0.1}}));
  const auto project = Ask([](CatalogView& view) { return view.FindProject("me", "proj"); });
  ASSERT_TRUE(project.has_value());
  EXPECT_EQ(project->number, 1U);
  EXPECT_EQ(project->runs, 1U);
  EXPECT_EQ(Ask([](CatalogView& view) { return view.FindRun(1, "one"); }), Uid(1));
  const RunRecord run = Run(1);
  EXPECT_EQ(run.state, Number(RunState::kPending));
  EXPECT_EQ(run.created, 1000);
  EXPECT_EQ(run.created_by, 1U);
  EXPECT_EQ(run.head, 0U);
  EXPECT_EQ(run.config, (ConfigEntries{{"lr", 0.1}}));
  EXPECT_EQ(GetBranch(Branch(1, 0)).node, Root(1));
  EXPECT_FALSE(GetBranch(Branch(1, 0)).archived);
}

TEST_F(ApplyTest, ProjectsAreNumberedAsTheyAppear) {
  MustApply(1, NewRun(1, "one"));
  RunCreated other = NewRun(2, "one");
  other.project = "another";
  MustApply(2, other);
  MustApply(3, NewRun(3, "two"));
  const auto projects = Ask([](CatalogView& view) { return view.Projects(); });
  ASSERT_EQ(projects.size(), 2U);
  EXPECT_EQ(projects[0].runs, 2U);
  EXPECT_EQ(projects[1].name, "another");
  EXPECT_THAT(Ask([](CatalogView& view) { return view.FindRunInAllProjects("one"); }),
              ElementsAre(Uid(1), Uid(2)));
}

TEST_F(ApplyTest, RunCreatedNeedsAFreeIdAndUid) {
  MustApply(1, NewRun(1, "one"));
  MustContradict(2, NewRun(2, "one"));
  MustContradict(1, NewRun(1, "two"));
  MustContradict(3, NewRun(4, "four"));  // a branch of another run
}

// What packs and logs hold of a deleted run would be taken for the new one's.
TEST_F(ApplyTest, TheUidOfADeletedRunIsNotFree) {
  MustApply(1, NewRun(1, "one"));
  MustApply(1, RunDeleted());
  MustContradict(1, NewRun(1, "one"));
  MustApply(2, NewRun(2, "one"));
}

TEST_F(ApplyTest, ForkInheritsTheHeadsConfigAndIsListed) {
  MustApply(1, NewRun(1, "one", {{"lr", 0.1}, {"seed", 1}}));
  MustApply(2, Fork(2, "two", {Branch(1, 0), 10}, {{"lr", 0.2}}));
  EXPECT_EQ(Run(2).config, (ConfigEntries{{"lr", 0.2}, {"seed", 1}}));
  EXPECT_EQ(GetBranch(Branch(2, 0)).asked, (StoredMoment{Branch(1, 0), 10}));
  EXPECT_THAT(Ask([](CatalogView& view) { return view.Forks(Uid(1)); }), ElementsAre(Uid(2)));
}

TEST_F(ApplyTest, ForkOfAnArchiveInheritsTheArchivedConfig) {
  MustApply(1, NewRun(1, "one", {{"lr", 0.1}}));
  MustApply(1, Rewind(1, 1, 5));
  MustApply(1, ConfigMerged{{{"lr", 0.9}}});
  MustApply(2, Fork(2, "two", {Branch(1, 0), 10}));
  EXPECT_EQ(Run(2).config, (ConfigEntries{{"lr", 0.1}}));
}

TEST_F(ApplyTest, ForkNeedsItsParent) { MustContradict(2, Fork(2, "two", {Branch(1, 0), 10})); }

TEST_F(ApplyTest, LeaseGrantedOpensTheRun) {
  MustApply(1, NewRun(1, "one"));
  EXPECT_EQ(catalog_->LeaseGeneration(Uid(1)), 0U);
  MustApply(1, Lease(1, 77));
  EXPECT_EQ(Run(1).state, Number(RunState::kRunning));
  EXPECT_EQ(Run(1).generation, 1U);
  EXPECT_EQ(GetLease(1).holder.session, 77U);
  EXPECT_EQ(catalog_->LeaseGeneration(Uid(1)), 1U);
  EXPECT_THAT(Ask([](CatalogView& view) { return view.LeasesOf(77); }), ElementsAre(Uid(1)));
}

TEST_F(ApplyTest, LeaseGrantedNeedsTheNextGeneration) {
  MustApply(1, NewRun(1, "one"));
  MustContradict(1, Lease(2, 77));
  MustApply(1, Lease(1, 77));
  MustContradict(1, Lease(1, 78));
  MustContradict(2, Lease(1, 78));  // no such run
}

TEST_F(ApplyTest, LeaseGrantedClearsTheExitCode) {
  MustApply(1, NewRun(1, "one"));
  MustApply(1, Lease(1, 77));
  MustApply(1, LeaseReleased{1, Number(RunState::kFailed), 3});
  EXPECT_EQ(Run(1).exit_code, 3);
  MustApply(1, Lease(2, 78));
  EXPECT_EQ(Run(1).exit_code, std::nullopt);
}

TEST_F(ApplyTest, OpenFenceIsPendingUntilItIsSet) {
  MustApply(1, NewRun(1, "one"));
  MustApply(1, Lease(1, 77));
  MustApply(1, Lease(2, 78, Fence{77, 1, kOpenFence}));
  EXPECT_EQ(GetLease(1).pending, (Fence{77, 1, kOpenFence}));
  EXPECT_THAT(Ask([](CatalogView& view) { return view.LeasesOf(77); }), ElementsAre(Uid(1)));
  EXPECT_THAT(Ask([](CatalogView& view) { return view.LeasesOf(78); }), ElementsAre(Uid(1)));
  MustContradict(1, Lease(3, 79, Fence{78, 2, kOpenFence}));  // which would forget the first
  MustContradict(1, FenceSet{{77, 2, 10}});
  MustApply(1, FenceSet{{77, 1, 10}});
  EXPECT_EQ(GetLease(1).pending, std::nullopt);
  EXPECT_THAT(Ask([](CatalogView& view) { return view.LeasesOf(77); }), IsEmpty());
  MustContradict(1, FenceSet{{77, 1, 10}});
}

TEST_F(ApplyTest, KnownFenceIsNotPending) {
  MustApply(1, NewRun(1, "one"));
  MustApply(1, Lease(1, 77));
  MustApply(1, Lease(2, 78, Fence{77, 1, 10}));
  EXPECT_EQ(GetLease(1).pending, std::nullopt);
}

TEST_F(ApplyTest, LeaseReleasedLeavesNobody) {
  MustApply(1, NewRun(1, "one"));
  MustContradict(1, LeaseReleased{0, Number(RunState::kFinished), 0});
  MustApply(1, Lease(1, 77));
  MustContradict(1, LeaseReleased{2, Number(RunState::kFinished), 0});
  MustContradict(1, LeaseReleased{1, 99, 0});
  MustApply(1, LeaseReleased{1, Number(RunState::kFinished), 0});
  EXPECT_EQ(Run(1).state, Number(RunState::kFinished));
  EXPECT_EQ(Run(1).exit_code, 0);
  EXPECT_EQ(GetLease(1).holder.session, 0U);
  EXPECT_EQ(catalog_->LeaseGeneration(Uid(1)), 1U);
  EXPECT_THAT(Ask([](CatalogView& view) { return view.LeasesOf(77); }), IsEmpty());
}

TEST_F(ApplyTest, ConfigMergesLeafByLeaf) {
  MustApply(1, NewRun(1, "one", {{"a.b", 1}, {"a.c", 2}, {"x", 3}, {"ab", 4}}));
  MustApply(1, ConfigMerged{{{"a", 5}, {"x.y.z", 6}}});
  EXPECT_EQ(Run(1).config, (ConfigEntries{{"a", 5}, {"ab", 4}, {"x.y.z", 6}}));
  MustApply(1, ConfigMerged{{{"a.b", 7}, {"x.y", 8}}});
  EXPECT_EQ(Run(1).config, (ConfigEntries{{"a.b", 7}, {"ab", 4}, {"x.y", 8}}));
}

TEST(MergeConfig, LeavesNeighboursThatOnlyLookAlike) {
  const ConfigEntries config = {{"a-b", 1}, {"a.b", 2}, {"a0", 3}};
  EXPECT_EQ(MergeConfig(config, {{"a", 9}}), (ConfigEntries{{"a", 9}, {"a-b", 1}, {"a0", 3}}));
}

TEST_F(ApplyTest, SummaryValuesAreKeptInTheOrderTheyWereSet) {
  MustApply(1, NewRun(1, "one"));
  MustApply(1, SummarySet{0, 5, "best", 0.5});
  MustApply(1, SummarySet{0, 3, "best", 0.25});
  MustApply(1, SummarySet{0, 9, "best", std::nullopt});
  MustContradict(1, SummarySet{1, 9, "best", 1.0});  // no such branch
  const auto values =
      Ask([](CatalogView& view) { return view.ExplicitValues(Branch(1, 0), ~ChangeNumber{0}); });
  ASSERT_EQ(values.size(), 3U);
  EXPECT_EQ(values[0].step, 5);
  EXPECT_EQ(values[1].value, Value(0.25));
  EXPECT_EQ(values[2].value, std::nullopt);
}

TEST_F(ApplyTest, ABranchSaysWhereItsExplicitValuesComeFrom) {
  MustApply(1, NewRun(1, "one"));
  MustApply(1, Rewind(1, 1, 50));  // nothing is set yet
  MustApply(1, SummarySet{1, 40, "best", 0.5});
  MustApply(1, Rewind(1, 2, 45));  // change 4, at which the values of branch 1 are left
  MustApply(1, Rewind(1, 3, 30));
  MustApply(1, Rewind(1, 4, 60));
  MustApply(2, Fork(2, "two", {Branch(1, 4), 70}));
  EXPECT_EQ(GetBranch(Branch(1, 1)).values_from, std::nullopt);
  EXPECT_EQ(GetBranch(Branch(1, 2)).values_from, (StoredMoment{Branch(1, 1), 45}));
  EXPECT_EQ(GetBranch(Branch(1, 2)).values_before, 4U);
  EXPECT_EQ(GetBranch(Branch(1, 3)).values_from, (StoredMoment{Branch(1, 1), 30}));
  EXPECT_EQ(GetBranch(Branch(2, 0)).values_from, (StoredMoment{Branch(1, 1), 30}))
      << "the lowest step on the way counts";
  EXPECT_EQ(GetBranch(Branch(2, 0)).values_before, 4U);
}

TEST_F(ApplyTest, RewindArchivesTheHeadAsItWas) {
  MustApply(1, NewRun(1, "one", {{"lr", 0.1}}));
  MustApply(1, Lease(1, 77));
  MustApply(1, Rewind(1, 1, 10));
  const BranchRecord old = GetBranch(Branch(1, 0));
  EXPECT_TRUE(old.archived);
  EXPECT_EQ(old.archived_at, 1002);
  EXPECT_EQ(old.archived_state, Number(RunState::kRunning));
  EXPECT_EQ(old.archived_config, (ConfigEntries{{"lr", 0.1}}));
  EXPECT_EQ(Run(1).head, 1U);
  EXPECT_EQ(Run(1).state, Number(RunState::kPending));
  EXPECT_EQ(Run(1).config, (ConfigEntries{{"lr", 0.1}}));
  EXPECT_EQ(GetBranch(Branch(1, 1)).kind, BranchKind::kRewind);
  EXPECT_EQ(Ask([](CatalogView& view) { return view.Branches(Uid(1)); }).size(), 2U);
}

TEST_F(ApplyTest, RestoreBringsTheArchivedConfigBack) {
  MustApply(1, NewRun(1, "one", {{"lr", 0.1}}));
  MustApply(1, Rewind(1, 1, 10));
  MustApply(1, ConfigMerged{{{"lr", 0.9}, {"new", 1}}});
  BranchMade restore{BranchKind::kRestore,
                     Child(Branch(1, 2), Branch(1, 0), 20),
                     {Branch(1, 0), 20},
                     Number(RunState::kPending)};
  MustApply(1, restore);
  EXPECT_EQ(Run(1).config, (ConfigEntries{{"lr", 0.1}}));
  EXPECT_EQ(GetBranch(Branch(1, 1)).archived_config, (ConfigEntries{{"lr", 0.9}, {"new", 1}}));
}

TEST_F(ApplyTest, BranchMadeFollowsTheHead) {
  MustApply(1, NewRun(1, "one"));
  MustApply(2, NewRun(2, "two"));
  MustContradict(1, Rewind(1, 2, 10));
  BranchMade other = Rewind(1, 1, 10);
  other.asked.branch = Branch(2, 0);
  MustContradict(1, other);
  BranchMade orphan = Rewind(1, 1, 10);
  orphan.node.parent = Branch(9, 0);
  MustContradict(1, orphan);
  BranchMade first = Rewind(1, 1, 10);
  first.kind = BranchKind::kFirst;
  MustContradict(1, first);
}

TEST_F(ApplyTest, MetadataChangesOnlyWhatIsGiven) {
  RunCreated made = NewRun(1, "one");
  made.notes = "notes";
  made.tags = {"a"};
  MustApply(1, made);
  MustApply(1, MetadataSet{"new name", "", std::nullopt, "eval", std::nullopt});
  EXPECT_EQ(Run(1).name, "new name");
  EXPECT_EQ(Run(1).notes, "");
  EXPECT_EQ(Run(1).job_type, "eval");
  EXPECT_THAT(Run(1).tags, ElementsAre("a"));
  MustApply(1, MetadataSet{{}, {}, {}, {}, std::vector<std::string>{"b", "c"}});
  EXPECT_THAT(Run(1).tags, ElementsAre("b", "c"));
}

TEST_F(ApplyTest, SealedSegmentsAreFoundByRange) {
  MustApply(1, NewRun(1, "one"));
  const BranchId b = Branch(1, 0);
  MustApply(1, Sealed{{Segment(b, 0, 9, 10), Segment(b, 10, 19, 10)}});
  MustApply(1, Sealed{{Segment(b, 30, 39, 10)}});
  const auto find = [&](std::int64_t first, std::int64_t last) {
    const auto found =
        Ask([&](CatalogView& view) { return view.Segments(b, Stream::kHistory, first, last); });
    std::vector<std::int64_t> firsts;
    for (const SegmentRef& segment : found) firsts.push_back(segment.first);
    return firsts;
  };
  EXPECT_THAT(find(0, 100), ElementsAre(0, 10, 30));
  EXPECT_THAT(find(9, 10), ElementsAre(0, 10));
  EXPECT_THAT(find(10, 10), ElementsAre(10));
  EXPECT_THAT(find(20, 29), IsEmpty());
  EXPECT_THAT(find(39, 39), ElementsAre(30));
  EXPECT_THAT(find(40, 50), IsEmpty());
  EXPECT_THAT(find(5, 4), IsEmpty());
  const auto last = Ask([&](CatalogView& view) { return view.LastSegment(b, Stream::kHistory); });
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(*last, Segment(b, 30, 39, 10));
  EXPECT_EQ(Ask([&](CatalogView& view) { return view.LastSegment(b, Stream::kSystem); }),
            std::nullopt);
}

TEST_F(ApplyTest, SealedSegmentsMayNotOverlap) {
  MustApply(1, NewRun(1, "one"));
  const BranchId b = Branch(1, 0);
  MustApply(1, Sealed{{Segment(b, 10, 19, 10)}});
  MustContradict(1, Sealed{{Segment(b, 15, 25, 5)}});
  MustContradict(1, Sealed{{Segment(b, 5, 10, 5)}});
  MustContradict(1, Sealed{{Segment(b, 12, 14, 3)}});
  MustContradict(1, Sealed{{Segment(b, 30, 39, 5), Segment(b, 35, 45, 5)}});
  MustContradict(1, Sealed{{Segment(b, 30, 29, 5)}});
  MustContradict(1, Sealed{{Segment(b, 30, 39, 0)}});
  MustContradict(1, Sealed{{Segment(Branch(1, 1), 30, 39, 5)}});
  MustContradict(1, Sealed{{Segment(Branch(2, 0), 30, 39, 5)}});
  SegmentRef later = Segment(b, 30, 39, 5);
  later.generation = 1;
  MustContradict(1, Sealed{{later}});
}

TEST_F(ApplyTest, MergedSegmentTakesThePlaceOfItsParts) {
  MustApply(1, NewRun(1, "one"));
  const BranchId b = Branch(1, 0);
  MustApply(1, Sealed{{Segment(b, 0, 9, 10), Segment(b, 10, 19, 7)}});
  MustContradict(1, Sealed{{Segment(b, 0, 19, 16)}});  // a row would be lost
  MustApply(1, Sealed{{Segment(b, 0, 19, 17, 8192)}});
  EXPECT_THAT(Ask([&](CatalogView& view) { return view.Segments(b, Stream::kHistory, 0, 100); }),
              ElementsAre(Segment(b, 0, 19, 17, 8192)));
}

TEST_F(ApplyTest, GapTakesSegmentsOutOfForceAndPutsOthersInTheirPlace) {
  MustApply(1, NewRun(1, "one"));
  const BranchId b = Branch(1, 0);
  MustApply(1, Sealed{{Segment(b, 0, 9, 10), Segment(b, 10, 19, 10)}});
  GapRecorded gap;
  gap.first = 0;
  gap.last = 9;
  gap.rows = 4;
  gap.dropped = {Segment(b, 0, 9, 10)};
  gap.segments = {Segment(b, 4, 9, 6, 8192)};
  MustApply(1, gap);
  EXPECT_THAT(Ask([&](CatalogView& view) { return view.Segments(b, Stream::kHistory, 0, 100); }),
              ElementsAre(Segment(b, 4, 9, 6, 8192), Segment(b, 10, 19, 10)));
  const auto gaps = Ask([](CatalogView& view) { return view.Gaps(Uid(1)); });
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].gap.rows, 4U);
  EXPECT_THAT(gaps[0].gap.dropped, IsEmpty());
  MustContradict(1, gap);  // that segment is not in force any more
}

TEST_F(ApplyTest, GapPutsNothingWhereNothingWasDropped) {
  MustApply(1, NewRun(1, "one"));
  const BranchId b = Branch(1, 0);
  MustApply(1, Sealed{{Segment(b, 5, 9, 5)}});
  GapRecorded gap;
  gap.segments = {Segment(b, 20, 29, 3)};
  MustContradict(1, gap);
  gap.dropped = {Segment(b, 5, 9, 5)};
  MustContradict(1, gap);  // not within it
  gap.segments = {Segment(b, 5, 9, 6)};
  MustContradict(1, gap);  // a row that was never there
}

TEST_F(ApplyTest, GapMayBeAboutARunOfWhichNothingElseIsKnown) {
  GapRecorded gap;
  gap.reason = GapReason::kChangesLost;
  gap.changes = {{1, 7}};
  MustApply(9, gap);
  EXPECT_EQ(Ask([](CatalogView& view) { return view.Gaps(Uid(9)); }).size(), 1U);
  EXPECT_THAT(Recent(std::nullopt, 10), IsEmpty());
  gap.dropped = {Segment(Branch(9, 0), 0, 9, 10)};
  MustContradict(9, gap);
}

TEST_F(ApplyTest, DeletedRunIsGoneFromListsAndFencesItsWriter) {
  MustApply(1, NewRun(1, "one"));
  MustApply(2, Fork(2, "two", {Branch(1, 0), 10}));
  MustApply(2, Lease(1, 77));
  MustApply(2, RunDeleted());
  EXPECT_TRUE(Run(2).deleted);
  EXPECT_EQ(Ask([](CatalogView& view) { return view.FindRun(1, "two"); }), std::nullopt);
  EXPECT_THAT(Recent(std::nullopt, 10), ElementsAre(Uid(1)));
  EXPECT_THAT(Ask([](CatalogView& view) { return view.Forks(Uid(1)); }), IsEmpty());
  EXPECT_EQ(catalog_->LeaseGeneration(Uid(2)), 2U);
  EXPECT_EQ(GetLease(2).holder.session, 0U);
  MustContradict(2, ConfigMerged{{{"a", 1}}});
  MustContradict(2, RunDeleted());
  MustApply(1, RunDeleted());
  EXPECT_TRUE(Run(1).deleted);
}

TEST_F(ApplyTest, LeaseThatNamesNobodyIsNoEntryAndKeepsItsGeneration) {
  const auto dumped = [&] {
    std::string dump;
    const Status status = catalog_->Read([&](CatalogView& view) {
      return view.Dump(false, [&](std::string_view line) { dump.append(line).append("\n"); });
    });
    EXPECT_TRUE(status.ok()) << status.ToString();
    return dump;
  };
  MustApply(1, NewRun(1, "one"));
  EXPECT_FALSE(Ask([](CatalogView& view) { return view.GetLease(Uid(1)); }).has_value());
  MustApply(1, Lease(1, 77));
  EXPECT_NE(dumped().find("leases "), std::string::npos);
  MustApply(1, LeaseReleased{1, Number(RunState::kFinished), 0});
  EXPECT_EQ(dumped().find("leases "), std::string::npos);
  EXPECT_EQ(GetLease(1).generation, 1U);
  EXPECT_EQ(GetLease(1).holder.session, 0U);
  EXPECT_EQ(catalog_->LeaseGeneration(Uid(1)), 1U);
  MustContradict(1, Lease(1, 78));
  MustApply(1, Lease(2, 78));
}

TEST_F(ApplyTest, IdOfADeletedRunIsFreeForAnotherLife) {
  MustApply(1, NewRun(1, "one"));
  MustApply(1, RunDeleted());
  MustApply(2, NewRun(2, "one"));
  EXPECT_EQ(Ask([](CatalogView& view) { return view.FindRun(1, "one"); }), Uid(2));
  EXPECT_EQ(Ask([](CatalogView& view) { return view.GetProject(1); })->runs, 2U);
}

TEST_F(ApplyTest, EveryChangeMarksTheRunAndTheSession) {
  ASSERT_TRUE(catalog_
                  ->Write([](CatalogUpdate& update) {
                    return update.PutSession({{77, 1, "host", std::string(16, 'b'), 5}, 0});
                  })
                  .ok());
  MustApply(1, NewRun(1, "one"));
  MustApply(1, ConfigMerged{{{"a", 1}}});
  EXPECT_EQ(Run(1).updated, 1001);
  EXPECT_EQ(Ask([](CatalogView& view) { return view.GetSession(77); })->last_change, 2U);
  EXPECT_EQ(Ask([](CatalogView& view) { return view.Meta(); }).change, 2U);
  ASSERT_TRUE(catalog_->Write([](CatalogUpdate& update) { return update.RemoveSession(77); }).ok());
  EXPECT_THAT(Ask([](CatalogView& view) { return view.Sessions(); }), IsEmpty());
}

TEST_F(ApplyTest, ChangesAreTakenInTurnOnly) {
  MustApply(1, NewRun(1, "one"));
  for (const ChangeNumber number : {0U, 1U, 3U}) {
    const Change change{number, 77, 1, 5, Uid(2), NewRun(2, "two")};
    const Status status =
        catalog_->Write([&](CatalogUpdate& update) { return update.Apply(change); });
    EXPECT_EQ(status.code(), Code::kInternal);
  }
}

TEST_F(ApplyTest, RunsAreListedNewestFirstPageByPage) {
  constexpr std::uint64_t kRuns = 1000;
  for (std::uint64_t n = 1; n <= kRuns; ++n) MustApply(n, NewRun(n, "run-" + std::to_string(n)));
  std::optional<RunUid> before;
  std::uint64_t expected = kRuns;
  while (true) {
    const std::vector<RunUid> page = Recent(before, 64);
    if (page.empty()) break;
    for (const RunUid& uid : page) EXPECT_EQ(uid, Uid(expected--));
    before = page.back();
  }
  EXPECT_EQ(expected, 0U);
  EXPECT_THAT(Recent(std::nullopt, 0), IsEmpty());
  // A page goes on after a run that was deleted meanwhile.
  MustApply(500, RunDeleted());
  EXPECT_EQ(Recent(Uid(500), 1).front(), Uid(499));
  EXPECT_EQ(Recent(Uid(501), 1).front(), Uid(499));
}

}  // namespace
}  // namespace reprise
