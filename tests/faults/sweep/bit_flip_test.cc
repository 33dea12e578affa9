// Every bit of logs, packs and superblock, flipped and flipped back.
#include <gtest/gtest.h>

#include <cstdio>
#include <string_view>

#include "format/log_file.h"
#include "tests/faults/sweep/sweep_fixture.h"
#include "tests/support/file_bytes.h"

namespace reprise {
namespace {

class BitFlip : public SweepFixture {
 protected:
  void SetUp() override { ASSERT_TRUE(MakeSweepStore(path())); }

  // As if the machine had been switched off and on since the sessions were killed.
  void PassToAnotherBoot() {
    for (const auto& [file, bytes] : ReadStoreFiles(path())) {
      if (!file.ends_with(".log")) continue;
      LogHeader header = DecodeLogHeader(bytes).value();
      header.boot_id.assign(16, '\x17');
      WriteFile(path() + "/" + file, EncodeLogHeader(header) + bytes.substr(kLogHeaderSize));
    }
  }
  // Bytes that mean nothing are those between two sessions in a pack, and zeros.
  static void ExpectHarmlessAreInGaps(const FaultSweep& sweep) {
    const SweepTally& tally = sweep.tally();
    EXPECT_GT(tally.harmless, 0u);
    ASSERT_LE(tally.ranges, SweepTally::kRanges);
    for (std::size_t i = 0; i < tally.ranges; ++i) {
      const SweepTally::Range& range = tally.range[i];
      const std::string& bytes = sweep.files().at(range.file);
      EXPECT_TRUE(std::string_view(range.file).ends_with(".pack")) << range.file;
      EXPECT_GT(bytes.find_first_not_of('\0', range.first), range.last);
    }
  }
  void Flip(FaultSweep& sweep, const std::vector<std::string>& names, std::size_t stride,
            FaultSweep::Opening opening) {
    const auto bits = Choose(CountPlaces(sweep.files(), names, 8), stride);
    std::printf("%zu of %zu bits\n", bits.size(), CountPlaces(sweep.files(), names, 8));
    sweep.Run(
        bits.size(),
        [&](std::size_t i) {
          const Place place = PlaceOf(sweep.files(), names, 8, bits[i]);
          return FlipBit(sweep.files(), place.file, place.at);
        },
        opening);
  }
};

TEST_F(BitFlip, EveryAnswerIsRightOrAnError) {
  FaultSweep sweep(path(), Boot::kSame);
  Flip(sweep, DataFiles(sweep.files()), 16, FaultSweep::Opening::kToRead);
  EXPECT_GT(sweep.tally().refused, 0u);
  EXPECT_GT(sweep.tally().torn, 0u);
  EXPECT_GT(sweep.tally().errors[static_cast<std::size_t>(Code::kCorrupt)], 0u);
  EXPECT_GT(sweep.tally().found[0], 0u);
  EXPECT_GT(sweep.tally().found[1], 0u);
  EXPECT_EQ(sweep.tally().found[2], 0u) << "there is nothing that checksums do not find";
  ExpectHarmlessAreInGaps(sweep);
}

TEST_F(BitFlip, AfterAnotherBootALogEndsOnlyWhereItMay) {
  PassToAnotherBoot();
  FaultSweep sweep(path(), Boot::kAnother);
  std::vector<std::string> logs = DataFiles(sweep.files());
  std::erase_if(logs, [](const std::string& file) { return !file.ends_with(".log"); });
  ASSERT_EQ(logs.size(), 2u);
  Flip(sweep, logs, 32, FaultSweep::Opening::kToRead);
  EXPECT_GT(sweep.tally().refused, 0u);
  EXPECT_GT(sweep.tally().torn, 0u);
  EXPECT_EQ(sweep.tally().harmless, 0u);
}

TEST_F(BitFlip, OpeningToWriteLosesNothingThatCouldBeRead) {
  FaultSweep sweep(path(), Boot::kSame);
  Flip(sweep, DataFiles(sweep.files()), 1009, FaultSweep::Opening::kToWrite);
  EXPECT_GT(sweep.tally().refused, 0u);
}

}  // namespace
}  // namespace reprise
