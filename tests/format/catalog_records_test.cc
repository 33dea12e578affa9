#include "format/catalog_records.h"

#include <gtest/gtest.h>

#include "format/catalog_control.h"
#include "format/leaf_bytes.h"

namespace reprise {
namespace {

constexpr RunUid kUid{0x0123456789abcdef, 0xfedcba9876543210};
const Holder kHolder{77, 4321, "host", std::string(16, 'b'), 99};
const BranchNode kNode{{kUid, 2}, true, {kUid, 1}, 500, 2, {kUid, 0}};

RunRecord FullRun() {
  RunRecord run;
  run.uid = kUid;
  run.project = 3;
  run.created_by = 17;
  run.run_id = "run-1";
  run.name = "brave-fox-1";
  run.notes = "notes";
  run.tags = {"a", "b"};
  run.group = "group";
  run.job_type = "train";
  run.created = 1700000000000000;
  run.updated = 1700000000000001;
  run.state = 2;
  run.exit_code = 0;
  run.head = 4;
  run.generation = 5;
  run.forked_from = StoredMoment{{kUid, 1}, 12};
  run.config = {{"lr", 0.1}, {"seed", std::int64_t{1}}};
  run.deleted = true;
  return run;
}

// The encoding is canonical: same bytes, same record.
template <typename Record>
std::string CheckRoundTrip(const Record& record) {
  const std::string bytes = EncodeRecord(record);
  Record decoded;
  const Status status = DecodeRecord(bytes, &decoded);
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(EncodeRecord(decoded), bytes);
  return bytes;
}

template <typename Record>
void CheckDamage(const Record& record) {
  const std::string bytes = EncodeRecord(record);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Record decoded;
    EXPECT_EQ(DecodeRecord(std::string_view(bytes).substr(0, i), &decoded).code(), Code::kCorrupt);
    for (const int flip : {1, 0x40, 0xff}) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      if (DecodeRecord(damaged, &decoded).ok()) {
        EXPECT_EQ(EncodeRecord(decoded), damaged);
      }
    }
  }
}

template <typename Record>
void Check(const Record& record) {
  CheckRoundTrip(record);
  CheckDamage(record);
  CheckRoundTrip(Record());
}

TEST(CatalogRecords, ComeBackAsTheyWereEncoded) {
  Check(MetaRecord{std::string(16, 'u'), 42, 3});
  Check(ProjectRecord{1, "me", "proj", 17});
  Check(FullRun());
  BranchRecord branch;
  branch.node = kNode;
  branch.kind = BranchKind::kRestore;
  branch.asked = StoredMoment{{kUid, 1}, 600};
  Check(branch);
  BranchRecord first;
  first.node = RootNode(kUid);
  first.created = 5;
  Check(first);
  branch.values_from = StoredMoment{{kUid, 0}, 50};
  branch.values_before = 4;
  branch.created = 5;
  branch.archived = true;
  branch.archived_at = 6;
  branch.archived_state = 2;
  branch.archived_config = {{"a", 1}};
  Check(branch);
  Check(SegmentRecord{1, 4096, 777, 100, 50, 3});
  Check(LeaseRecord{5, kHolder, Fence{76, 4, 10}});
  Check(SessionRecord{kHolder, 41});
  Check(ExplicitRecord{10, "best", 0.5});
  Check(ExplicitRecord{10, "best", std::nullopt});
}

TEST(CatalogRecords, KeepEveryFieldOfARun) {
  const RunRecord run = FullRun();
  RunRecord decoded;
  ASSERT_TRUE(DecodeRecord(EncodeRecord(run), &decoded).ok());
  EXPECT_EQ(decoded.uid, run.uid);
  EXPECT_EQ(decoded.project, run.project);
  EXPECT_EQ(decoded.created_by, run.created_by);
  EXPECT_EQ(decoded.run_id, run.run_id);
  EXPECT_EQ(decoded.name, run.name);
  EXPECT_EQ(decoded.notes, run.notes);
  EXPECT_EQ(decoded.tags, run.tags);
  EXPECT_EQ(decoded.group, run.group);
  EXPECT_EQ(decoded.job_type, run.job_type);
  EXPECT_EQ(decoded.created, run.created);
  EXPECT_EQ(decoded.updated, run.updated);
  EXPECT_EQ(decoded.state, run.state);
  EXPECT_EQ(decoded.exit_code, run.exit_code);
  EXPECT_EQ(decoded.head, run.head);
  EXPECT_EQ(decoded.generation, run.generation);
  EXPECT_EQ(decoded.forked_from, run.forked_from);
  EXPECT_EQ(decoded.config, run.config);
  EXPECT_EQ(decoded.deleted, run.deleted);
}

TEST(CatalogRecords, AreSmall) {
  EXPECT_LT(EncodeRecord(FullRun()).size(), 400U);
  EXPECT_LT(EncodeRecord(SegmentRecord{1, 4096, 777, 100, 50, 3}).size(), 100U);
}

TEST(CatalogRecords, GiveTheGenerationOfALeaseAlone) {
  EXPECT_EQ(LeaseGenerationOf(EncodeRecord(LeaseRecord{5, kHolder, Fence{76, 4, 10}})), 5U);
  EXPECT_EQ(LeaseGenerationOf(EncodeRecord(LeaseRecord())), 0U);
  EXPECT_EQ(LeaseGenerationOf("not a lease").error().code(), Code::kCorrupt);
}

TEST(LeafBytes, RejectWhatEncodingNeverMakes) {
  Value value;
  EXPECT_FALSE(DecodeValue("", &value));
  EXPECT_FALSE(DecodeValue("\x07", &value));      // no such type
  EXPECT_FALSE(DecodeValue("\x01\x02", &value));  // a bool of 2
  EXPECT_FALSE(
      DecodeValue("\x04\x05"
                  "ab",
                  &value));                                        // text that ends early
  EXPECT_FALSE(DecodeValue(std::string_view("\0\0", 2), &value));  // a byte too many
  ConfigEntries entries;
  EXPECT_FALSE(DecodeLeaves("\xff\xff\xff\xff\x0f", &entries));  // more leaves than bytes
  const std::string twice("\x02\x01\x61\x00\x01\x61\x00", 7);
  EXPECT_FALSE(DecodeLeaves(twice, &entries));
}

TEST(CatalogControl, ComesBackAsItWasEncoded) {
  const CatalogControl control{7, true, 99, std::string(16, 'b'), 11, 12};
  const std::string bytes = EncodeCatalogControl(control);
  EXPECT_EQ(bytes.size(), kCatalogControlSize);
  EXPECT_EQ(DecodeCatalogControl(bytes), control);
}

TEST(CatalogControl, RejectsEveryFlippedByteAndEveryOtherLength) {
  const std::string bytes = EncodeCatalogControl({7, true, 99, std::string(16, 'b'), 11, 12});
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_EQ(DecodeCatalogControl(damaged).error().code(), Code::kCorrupt);
    EXPECT_FALSE(DecodeCatalogControl(std::string_view(bytes).substr(0, i)).has_value());
  }
  EXPECT_FALSE(DecodeCatalogControl(std::string(kCatalogControlSize, '\0')).has_value());
}

}  // namespace
}  // namespace reprise
