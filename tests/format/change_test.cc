#include "format/change.h"

#include <gmock/gmock.h>

#include <random>
#include <utility>

#include "format/flat_helpers.h"

namespace reprise {
namespace {

constexpr RunUid kUid{0x0123456789abcdef, 0xfedcba9876543210};

BranchNode Node(std::uint32_t ordinal) {
  return {{kUid, ordinal}, true, {kUid, ordinal - 1}, 12345, ordinal, {kUid, 0}};
}

ConfigEntries EveryType() {
  return {{"a", Value()},
          {"b", true},
          {"c", std::int64_t{-7}},
          {"d", -0.0},
          {"e", "text"},
          {"f", ValueView::Bytes(std::string_view("\0\x01", 2))},
          {"g", ValueView::Json("[1]")},
          {"h", std::numeric_limits<double>::quiet_NaN()}};
}

std::vector<ChangeBody> EveryBody() {
  const Holder holder{77, 4321, "host", std::string(16, 'b'), 99};
  const SegmentRef segment{3, 4096, 777, {kUid, 2}, Stream::kSystem, -5, 10, 16, 4};
  return {RunCreated{"me",
                     "proj",
                     "run-1",
                     "name",
                     "notes",
                     {"a", "b"},
                     "group",
                     "train",
                     Node(1),
                     StoredMoment{{kUid, 0}, 12},
                     EveryType()},
          RunCreated(),
          LeaseGranted{5, holder, Fence{76, 4, kOpenFence}},
          LeaseGranted{1, Holder(), std::nullopt},
          FenceSet{{76, 4, 1000}},
          LeaseReleased{5, 2, -1},
          LeaseReleased{5, 2, 0},
          LeaseReleased{5, 4, std::nullopt},
          ConfigMerged{EveryType()},
          ConfigMerged(),
          SummarySet{1, 10, "best", 0.5},
          SummarySet{1, 10, "best", std::nullopt},
          SummarySet{1, kNoStep, "null", Value()},
          BranchMade{BranchKind::kRestore, Node(3), {{kUid, 1}, 12345}, 1},
          MetadataSet{"n", "", std::nullopt, "j", std::vector<std::string>{}},
          MetadataSet(),
          Sealed{{segment, segment}},
          Sealed(),
          RunDeleted(),
          GapRecorded{GapReason::kSegmentDamaged,
                      2,
                      Stream::kSystem,
                      -5,
                      10,
                      7,
                      {"a", "b"},
                      77,
                      {{3, 9}, {12, 12}},
                      {segment},
                      {segment, segment}},
          GapRecorded()};
}

Change Make(ChangeBody body) {
  return {42, 77, 123456789012, 1700000000000000, kUid, std::move(body)};
}

// Changes have no operator==: the encoding is canonical, so the same bytes are the same change.
TEST(Change, ComesBackAsItWasEncoded) {
  for (const ChangeBody& body : EveryBody()) {
    const Change change = Make(body);
    const std::string bytes = EncodeChange(change);
    const Result<Change> decoded = DecodeChange(bytes);
    ASSERT_TRUE(decoded.has_value()) << ChangeName(change) << decoded.error().ToString();
    EXPECT_EQ(ChangeName(*decoded), ChangeName(change));
    EXPECT_EQ(EncodeChange(*decoded), bytes);
    EXPECT_EQ(decoded->number, change.number);
    EXPECT_EQ(decoded->uid, change.uid);
  }
}

TEST(Change, KeepsEveryFieldOfARunCreated) {
  const auto original = std::get<RunCreated>(EveryBody()[0]);
  const Result<Change> decoded = DecodeChange(EncodeChange(Make(original)));
  ASSERT_TRUE(decoded.has_value());
  const auto& run = std::get<RunCreated>(decoded->body);
  EXPECT_EQ(run.entity, "me");
  EXPECT_EQ(run.project, "proj");
  EXPECT_EQ(run.run_id, "run-1");
  EXPECT_EQ(run.name, "name");
  EXPECT_EQ(run.notes, "notes");
  EXPECT_EQ(run.tags, original.tags);
  EXPECT_EQ(run.group, "group");
  EXPECT_EQ(run.job_type, "train");
  EXPECT_EQ(run.node, original.node);
  EXPECT_EQ(run.forked_from, original.forked_from);
  EXPECT_EQ(run.config, original.config);
}

TEST(Change, TellsAbsentFromEmpty) {
  const Result<Change> decoded =
      DecodeChange(EncodeChange(Make(MetadataSet{"n", "", {}, "j", std::vector<std::string>{}})));
  ASSERT_TRUE(decoded.has_value());
  const auto& set = std::get<MetadataSet>(decoded->body);
  EXPECT_EQ(set.notes, "");
  EXPECT_EQ(set.group, std::nullopt);
  ASSERT_TRUE(set.tags.has_value());
  EXPECT_TRUE(set.tags->empty());
}

TEST(Change, KeepsSegmentsAndFences) {
  const auto original = std::get<Sealed>(EveryBody()[16]);
  const Result<Change> sealed = DecodeChange(EncodeChange(Make(original)));
  ASSERT_TRUE(sealed.has_value());
  EXPECT_EQ(std::get<Sealed>(sealed->body).segments, original.segments);
  const Result<Change> granted = DecodeChange(EncodeChange(Make(EveryBody()[2])));
  ASSERT_TRUE(granted.has_value());
  EXPECT_EQ(std::get<LeaseGranted>(granted->body).holder.boot_id, std::string(16, 'b'));
  EXPECT_EQ(std::get<LeaseGranted>(granted->body).fence->sequence, kOpenFence);
}

TEST(Change, SortsConfigOnTheWay) {
  const Result<Change> decoded =
      DecodeChange(EncodeChange(Make(ConfigMerged{{{"z", 1}, {"a", 2}}})));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(std::get<ConfigMerged>(decoded->body).entries.front().first, "a");
}

TEST(Change, IsSmallEnoughForARewindIn512Bytes) {
  const Change change = Make(BranchMade{BranchKind::kRewind, Node(3), {{kUid, 1}, 12345}, 1});
  EXPECT_LT(EncodeChange(change).size(), 350U);
}

TEST(Change, MayHoldAConfigOfManyLeaves) {
  ConfigMerged merged;
  for (int i = 0; i < 100000; ++i) {
    merged.entries.emplace_back("k" + std::to_string(1000000 + i), i);
  }
  const Result<Change> decoded = DecodeChange(EncodeChange(Make(merged)));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().ToString();
  EXPECT_EQ(std::get<ConfigMerged>(decoded->body).entries.size(), 100000U);
}

TEST(Change, IsRejectedWhenCutOrExtended) {
  for (const ChangeBody& body : EveryBody()) {
    const std::string bytes = EncodeChange(Make(body));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(DecodeChange(std::string_view(bytes).substr(0, size)).has_value());
    }
    EXPECT_EQ(DecodeChange(bytes + '\0').error().code(), Code::kCorrupt);
  }
}

TEST(Change, SaysThatAPartIsMissing) {
  const schema::Uid uid(1, 2);
  const auto error_of = [](flatbuffers::FlatBufferBuilder& builder, const schema::Uid* run,
                           schema::Body kind, auto body) {
    const std::string bytes =
        FinishFlat(builder, schema::CreateChange(builder, 0, 7, 77, 5, 6, run, kind, body.Union()));
    return DecodeChange(bytes).error().ToString();
  };
  const auto is_missing = ::testing::HasSubstr("a part is missing");
  flatbuffers::FlatBufferBuilder b;
  EXPECT_THAT(error_of(b, nullptr, schema::Body::RunDeleted, schema::CreateRunDeleted(b)),
              is_missing);
  b.Clear();
  EXPECT_THAT(error_of(b, &uid, schema::Body::FenceSet, schema::CreateFenceSet(b)), is_missing);
  b.Clear();
  EXPECT_THAT(error_of(b, &uid, schema::Body::LeaseGranted, schema::CreateLeaseGranted(b)),
              is_missing);
  b.Clear();
  EXPECT_THAT(error_of(b, &uid, schema::Body::RunCreated, schema::CreateRunCreated(b)), is_missing);
  b.Clear();
  const schema::Node node;
  EXPECT_THAT(error_of(b, &uid, schema::Body::BranchMade, schema::CreateBranchMade(b, 0, 0, &node)),
              is_missing);
  b.Clear();
  EXPECT_THAT(error_of(b, &uid, schema::Body::Sealed, schema::CreateSealed(b)), is_missing);
}

// Every flip of one byte is refused or is another change's encoding; nothing crashes.
TEST(Change, NeverMisreadsAFlippedByte) {
  for (const ChangeBody& body : EveryBody()) {
    const std::string bytes = EncodeChange(Make(body));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      for (const int flip : {1, 0x80, 0xff}) {
        std::string damaged = bytes;
        damaged[i] = static_cast<char>(damaged[i] ^ flip);
        const Result<Change> decoded = DecodeChange(damaged);
        if (decoded.has_value()) {
          EXPECT_EQ(EncodeChange(*decoded), damaged);
        }
      }
    }
  }
}

TEST(Change, SurvivesRandomBytes) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::vector<ChangeBody> bodies = EveryBody();
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = EncodeChange(Make(bodies[random() % bodies.size()]));
    for (int flips = 0; flips < 4; ++flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    const Result<Change> decoded = DecodeChange(bytes);
    if (decoded.has_value()) {
      EXPECT_EQ(EncodeChange(*decoded), bytes);
    }
  }
}

TEST(Change, MayLieAtAnyAddress) {
  const std::string bytes = EncodeChange(Make(EveryBody()[0]));
  for (std::size_t shift = 0; shift < 8; ++shift) {
    const std::string shifted = std::string(shift, 'x') + bytes;
    EXPECT_TRUE(DecodeChange(std::string_view(shifted).substr(shift)).has_value());
  }
}

}  // namespace
}  // namespace reprise
