// Damaged packs: every changed byte is noticed or without consequence, and a scan goes on behind
// the damage.
#include <algorithm>

#include "tests/engine/segment/segment_fixture.h"
#include "tests/support/golden.h"

namespace reprise {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class PackDamageTest : public SegmentFixture {
 protected:
  // Segments with tiny, dense and sparse tables and a prefix, events, and two sessions.
  void MakeSmallPack() {
    SummaryTable prefix;
    prefix.Add("loss", 3, 0.5);
    RandomRowsOptions options;
    options.keys = 3;
    for (const int shapes : {1, 100}) {
      options.shapes = shapes;
      options.rows = shapes + 19;
      kept_.push_back(RandomRows(static_cast<std::uint64_t>(shapes), options).Make());
      facts_.prefix = shapes == 1 ? PrefixKind::kNone : PrefixKind::kFull;
      SegmentInput input = InputOf(kept_.back());
      input.prefix = shapes == 1 ? nullptr : &prefix;
      const auto writer = MakeWriter();
      ASSERT_TRUE(writer->AppendEvents(std::vector<std::string>{"a change"}).ok());
      refs_.push_back(writer->AppendSegment(input).value());
    }
    ASSERT_GT(kept_[1].tables().size(), 64u);
    prefix_ = prefix;
  }

  // The pack that releases of format 1 write: MakeSmallPack, fixed for ever.
  static constexpr const char* kGolden = "pack.bin";

  // Whatever is served must be right; returns whether anything was refused.
  bool ReadSegment(std::size_t i) {
    const auto reader = OpenSegment(refs_[i]);
    if (!reader.has_value()) return true;
    bool refused = !(*reader)->VerifyBytes().ok();
    RowBatch rows;
    if ((*reader)->ReadAll(&rows).ok()) {
      EXPECT_TRUE(SameRows(kept_[i], rows));
    } else {
      refused = true;
    }
    const auto prefix = (*reader)->ReadPrefix();
    if (prefix.has_value()) {
      EXPECT_EQ(*prefix, i == 0 ? SummaryTable() : prefix_);
    } else {
      refused = true;
    }
    return refused;
  }

  bool ScanPack(std::uint64_t pack) {
    const auto scanned = Scan(pack);
    if (!scanned.has_value()) return true;
    for (const SegmentRef& ref : scanned->segments) {
      EXPECT_TRUE(std::find(refs_.begin(), refs_.end(), ref) != refs_.end());
    }
    for (const std::string& change : scanned->changes) EXPECT_EQ(change, "a change");
    return !scanned->damage.empty();
  }

  // Both, and the scan too, are always looked at.
  bool AnySegmentRefused() {
    const bool first = ReadSegment(0);
    return ReadSegment(1) || first;
  }
  bool AnyNotices(std::uint64_t pack) {
    const bool refused = AnySegmentRefused();
    return ScanPack(pack) || refused;
  }

  std::vector<RowBatch> kept_;
  std::vector<SegmentRef> refs_;
  SummaryTable prefix_;
};

TEST_F(PackDamageTest, AGoldenPackIsWrittenAndReadAsInItsRelease) {
  MakeSmallPack();
  const std::uint64_t pack = OnlyPack();
  EXPECT_TRUE(testing::MatchesGolden(kGolden, BytesOf(pack)));
  BytesOf(pack) = testing::ReadGolden(kGolden);
  EXPECT_FALSE(AnyNotices(pack));
  const auto scanned = Scan(pack);
  ASSERT_TRUE(scanned.has_value()) << scanned.error().ToString();
  EXPECT_EQ(scanned->segments, refs_);
  EXPECT_THAT(scanned->changes, ElementsAre("a change", "a change"));
  EXPECT_EQ(scanned->continues, 1);
}

TEST_F(PackDamageTest, EveryFlippedByteIsNoticedOrSkipped) {
  MakeSmallPack();
  const std::uint64_t pack = OnlyPack();
  std::string& bytes = BytesOf(pack);
  const std::string good = bytes;
  ASSERT_FALSE(ReadSegment(0));
  ASSERT_FALSE(ReadSegment(1));
  ASSERT_FALSE(ScanPack(pack));
  const std::size_t first_end = refs_[0].offset + refs_[0].length;
  for (std::size_t at = 0; at < good.size(); ++at) {
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << (at % 8)));
    const bool noticed = AnyNotices(pack);
    const bool is_gap = at >= first_end && at < kPackBlockBytes;
    EXPECT_EQ(noticed, !is_gap) << "byte " << at << " of " << good.size();
    bytes[at] = good[at];
  }
}

TEST_F(PackDamageTest, EveryShorterPackIsNoticed) {
  MakeSmallPack();
  const std::uint64_t pack = OnlyPack();
  std::string& bytes = BytesOf(pack);
  const std::string good = bytes;
  for (std::size_t size = 0; size < good.size(); ++size) {
    bytes = good.substr(0, size);
    EXPECT_TRUE(AnySegmentRefused()) << size;
    ScanPack(pack);
  }
}

TEST_F(PackDamageTest, AMisplacedSegmentIsNoticed) {
  const RowBatch rows = RandomRows(5, {}).Make();
  const auto writer = MakeWriter();
  const SegmentRef first = writer->AppendSegment(InputOf(rows)).value();
  SegmentRef second = writer->AppendSegment(InputOf(rows)).value();
  std::string& bytes = BytesOf(first.pack);
  bytes.replace(second.offset, second.length, bytes.substr(first.offset, first.length));
  EXPECT_EQ(OpenSegment(second).error().code(), Code::kCorrupt);
  const auto scanned = Scan(first.pack);
  ASSERT_TRUE(scanned.has_value()) << scanned.error().ToString();
  EXPECT_THAT(scanned->segments, ElementsAre(first));
}

TEST_F(PackDamageTest, ASegmentThatIsNotTheOneMeantIsRefused) {
  const RowBatch rows = RandomRows(5, {}).Make();
  const SegmentRef good = MakeWriter()->AppendSegment(InputOf(rows)).value();
  ASSERT_TRUE(OpenSegment(good).has_value());
  std::vector<SegmentRef> bad(8, good);
  bad[0].rows += 1;
  bad[1].last += 1;
  bad[2].first -= 1;
  bad[3].branch.ordinal += 1;
  bad[4].generation += 1;
  bad[5].length -= 1;
  bad[6].offset += 1;
  bad[7].stream = Stream::kConsole;
  for (const SegmentRef& ref : bad) {
    EXPECT_EQ(OpenSegment(ref).error().code(), Code::kCorrupt) << &ref - bad.data();
  }
  SegmentRef huge = good;
  huge.length = ~std::uint64_t{0};
  huge.offset = ~std::uint64_t{0} - 5;
  EXPECT_EQ(OpenSegment(huge).error().code(), Code::kCorrupt);
}

TEST_F(PackDamageTest, AScanGoesOnAtTheNextFrame) {
  const auto writer = MakeWriter();
  const RowBatch rows = RandomRows(5, {}).Make();
  std::vector<SegmentRef> refs;
  for (int i = 0; i < 3; ++i) refs.push_back(writer->AppendSegment(InputOf(rows)).value());
  BytesOf(OnlyPack())[refs[1].offset + 5] ^= 1;
  const auto scanned = Scan(OnlyPack());
  ASSERT_TRUE(scanned.has_value()) << scanned.error().ToString();
  EXPECT_THAT(scanned->segments, ElementsAre(refs[0], refs[2]));
  ASSERT_THAT(scanned->damage, SizeIs(1));
  EXPECT_EQ(scanned->damage[0].offset, refs[1].offset);
  EXPECT_EQ(scanned->damage[0].length, refs[1].length);
  EXPECT_THAT(scanned->damage[0].message, ::testing::HasSubstr("checksum mismatch"));
}

// Headers that verify, each of a payload that reaches to the end and does not.
TEST_F(PackDamageTest, APackOfHeadersIsReadAFewTimesAtMost) {
  MakeSmallPack();
  const std::uint64_t pack = OnlyPack();
  const std::uint64_t file_id = OpenPack(pack)->file_id();
  constexpr std::size_t kHeaders = 2000;
  std::string& bytes = BytesOf(pack);
  const std::size_t end = bytes.size() + kHeaders * kFrameHeaderSize;
  while (bytes.size() < end) {
    FrameHeader header;
    header.kind = FrameKind::kEvents;
    header.payload_length = static_cast<std::uint32_t>(end - bytes.size() - kFrameHeaderSize);
    header.payload_checksum = 1;
    bytes += EncodeFrameHeader(header, file_id, bytes.size());
  }
  disk_.bytes_read = 0;
  const auto scanned = Scan(pack);
  ASSERT_TRUE(scanned.has_value());
  EXPECT_EQ(scanned->damage.size(), 1U);
  EXPECT_LT(disk_.bytes_read, 10 * end);
}

TEST_F(PackDamageTest, DamageInAContinuedSessionIsNotExcusedByTheNext) {
  ASSERT_TRUE(MakeWriter()->AppendEvents(std::vector<std::string>{"one"}).ok());
  const std::size_t end = BytesOf(OnlyPack()).size();
  ASSERT_TRUE(MakeWriter()->AppendEvents(std::vector<std::string>{"two"}).ok());
  BytesOf(OnlyPack())[end - 1] ^= 1;
  const auto scanned = Scan(OnlyPack());
  ASSERT_TRUE(scanned.has_value()) << scanned.error().ToString();
  EXPECT_THAT(scanned->changes, ElementsAre("two"));
  ASSERT_THAT(scanned->damage, SizeIs(1));
  EXPECT_EQ(scanned->damage[0].offset, kPackHeaderSize);
  EXPECT_EQ(scanned->damage[0].offset + scanned->damage[0].length, end);
}

}  // namespace
}  // namespace reprise
