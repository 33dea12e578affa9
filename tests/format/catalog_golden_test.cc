// Every change and every catalog record as a release wrote them.
#include <gtest/gtest.h>

#include "format/bytes.h"
#include "format/catalog_records.h"
#include "format/change.h"
#include "tests/support/golden.h"

namespace reprise {
namespace {

constexpr RunUid kUid{0x0123456789abcdef, 0xfedcba9876543210};
constexpr TimeMicros kTime = 1'700'000'000'000'000;

Holder AHolder() { return {77, 4321, "gpu3", std::string(16, 'b'), kTime}; }
BranchNode ANode() { return {{kUid, 2}, true, {kUid, 1}, 500, 2, {kUid, 0}}; }
StoredMoment AMoment() { return {{kUid, 1}, 500}; }
ConfigEntries AConfig() { return {{"lr", Value(0.1)}, {"model.name", Value("mlp")}}; }
SegmentRef ASegment() {
  return {0xABCDEF, 4096, 777, {kUid, 2}, Stream::kHistory, 501, 1000, 400, 3};
}

GapRecorded AGap() {
  return {GapReason::kSegmentDamaged,
          2,
          Stream::kHistory,
          501,
          1000,
          400,
          {"loss"},
          77,
          {{3, 9}},
          {ASegment()},
          {ASegment()}};
}

std::vector<ChangeBody> OneBodyOfEachKind() {
  RunCreated created{"me",    "proj",  "run-1", "calm-owl-1", "notes",  {"a", "b"},
                     "group", "train", ANode(), AMoment(),    AConfig()};
  LeaseGranted granted{3, AHolder(), Fence{76, 2, kOpenFence}};
  return {created,
          granted,
          FenceSet{{76, 2, 10}},
          LeaseReleased{3, 2, 0},
          ConfigMerged{AConfig()},
          SummarySet{2, 700, "best", Value(0.25)},
          BranchMade{BranchKind::kRewind, ANode(), AMoment(), 1},
          MetadataSet{"name", "notes", "group", "eval", std::vector<std::string>{"x"}},
          Sealed{{ASegment()}},
          RunDeleted{},
          AGap()};
}

// Each encoded thing with its length before it.
std::string GoldenChanges() {
  std::string bytes;
  ByteWriter out(&bytes);
  ChangeNumber number = 0;
  for (ChangeBody& body : OneBodyOfEachKind()) {
    out.Sized(EncodeChange({++number, 77, 12'345'678, kTime, kUid, std::move(body)}));
  }
  return bytes;
}

RunRecord ARun() {
  RunRecord run;
  run.uid = kUid;
  run.project = 1;
  run.created_by = 1;
  run.run_id = "run-1";
  run.name = "calm-owl-1";
  run.notes = "notes";
  run.tags = {"a", "b"};
  run.group = "group";
  run.job_type = "train";
  run.created = kTime;
  run.updated = kTime + 1;
  run.state = 2;
  run.exit_code = 0;
  run.head = 2;
  run.generation = 3;
  run.forked_from = AMoment();
  run.config = AConfig();
  return run;
}

BranchRecord ABranch() {
  BranchRecord branch;
  branch.node = ANode();
  branch.kind = BranchKind::kRewind;
  branch.asked = AMoment();
  branch.values_from = AMoment();
  branch.values_before = 6;
  branch.created = kTime;
  branch.archived = true;
  branch.archived_at = kTime + 1;
  branch.archived_state = 1;
  branch.archived_config = AConfig();
  return branch;
}

BranchRecord AFirstBranch() {
  BranchRecord branch;
  branch.node = RootNode(kUid);
  branch.created = kTime;
  return branch;
}

std::string GoldenRecords() {
  std::string bytes;
  ByteWriter out(&bytes);
  out.Sized(EncodeRecord(MetaRecord{std::string(16, 'u'), 42, 3}));
  out.Sized(EncodeRecord(ProjectRecord{1, "me", "proj", 17}));
  out.Sized(EncodeRecord(ARun()));
  out.Sized(EncodeRecord(ABranch()));
  out.Sized(EncodeRecord(AFirstBranch()));
  out.Sized(EncodeRecord(SegmentRecord{0xABCDEF, 4096, 777, 1000, 400, 3}));
  out.Sized(EncodeRecord(LeaseRecord{3, AHolder(), Fence{76, 2, 10}}));
  out.Sized(EncodeRecord(SessionRecord{AHolder(), 41}));
  out.Sized(EncodeRecord(ExplicitRecord{700, "best", Value(0.25)}));
  GapRecord gap{kTime, AGap()};
  gap.gap.dropped.clear();
  gap.gap.segments.clear();
  out.Sized(EncodeRecord(gap));
  return bytes;
}

template <typename Record>
void ExpectReads(ByteReader* in) {
  std::string_view bytes;
  ASSERT_TRUE(in->Sized(&bytes));
  Record record;
  const Status status = DecodeRecord(bytes, &record);
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(EncodeRecord(record), bytes);
}

TEST(ChangeGolden, IsWrittenAndReadAsInVersion1) {
  EXPECT_TRUE(testing::MatchesGolden("changes.bin", GoldenChanges()));
  const std::string golden = testing::ReadGolden("changes.bin");
  ByteReader in(golden);
  for (const ChangeBody& body : OneBodyOfEachKind()) {
    std::string_view bytes;
    ASSERT_TRUE(in.Sized(&bytes));
    const Result<Change> change = DecodeChange(bytes);
    ASSERT_TRUE(change.has_value()) << change.error().ToString();
    EXPECT_EQ(change->body.index(), body.index());
    EXPECT_EQ(EncodeChange(*change), bytes);
  }
  EXPECT_TRUE(in.AtCleanEnd());
}

TEST(CatalogGolden, IsWrittenAndReadAsInVersion1) {
  EXPECT_TRUE(testing::MatchesGolden("catalog_records.bin", GoldenRecords()));
  const std::string golden = testing::ReadGolden("catalog_records.bin");
  ByteReader in(golden);
  ExpectReads<MetaRecord>(&in);
  ExpectReads<ProjectRecord>(&in);
  ExpectReads<RunRecord>(&in);
  ExpectReads<BranchRecord>(&in);
  ExpectReads<BranchRecord>(&in);
  ExpectReads<SegmentRecord>(&in);
  ExpectReads<LeaseRecord>(&in);
  ExpectReads<SessionRecord>(&in);
  ExpectReads<ExplicitRecord>(&in);
  ExpectReads<GapRecord>(&in);
  EXPECT_TRUE(in.AtCleanEnd());
}

}  // namespace
}  // namespace reprise
