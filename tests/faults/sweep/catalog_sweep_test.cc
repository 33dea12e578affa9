// A bit of each byte of the catalog, which LMDB maps and trusts. Whatever was done to it: the same
// answers, a new catalog from logs and packs, or an error.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>

#include "tests/faults/sweep/sweep_fixture.h"

namespace reprise {
namespace {

class CatalogFlip : public SweepFixture {
 protected:
  void Flip(FaultSweep& sweep, std::size_t stride, FaultSweep::Opening opening) {
    const std::size_t per_byte = IsFullSweep() ? 8 : 1;
    const auto names = CatalogFiles(sweep.files());
    std::vector<std::size_t> bits = Choose(CountPlaces(sweep.files(), names, per_byte), stride);
    AddHeads(sweep.files(), names, per_byte, &bits);
    std::printf("%zu of %zu bits\n", bits.size(), CountPlaces(sweep.files(), names, 8));
    sweep.Run(
        bits.size(),
        [&](std::size_t i) {
          const Place place = PlaceOf(sweep.files(), names, per_byte, bits[i]);
          const std::size_t bit = per_byte == 8 ? place.at : place.at * 8 + place.at * 5 % 8;
          return FlipBit(sweep.files(), place.file, bit);
        },
        opening);
  }
  // A bit near the beginning of each file, which all readers look at: most of the others may be in
  // pages that nobody reads.
  static void AddHeads(const FileBytes& files, const std::vector<std::string>& names,
                       std::size_t per_byte, std::vector<std::size_t>* bits) {
    constexpr std::size_t magic = 16;  // of LMDB, behind a page's header
    std::size_t begin = 0;
    for (const std::string& name : names) {
      ASSERT_GT(files.at(name).size(), magic);
      bits->push_back(begin + magic * per_byte);
      begin += files.at(name).size() * per_byte;
    }
  }
  // Of a store that was closed, and whose catalog was last used elsewhere.
  void MakeCopy() {
    ASSERT_TRUE(MakeClosedSweepStore(temp().Of("original")));
    std::filesystem::copy(temp().Of("original"), path(), std::filesystem::copy_options::recursive);
  }
};

TEST_F(CatalogFlip, OfASessionThatWasKilled) {
  ASSERT_TRUE(MakeSweepStore(path()));
  FaultSweep sweep(path(), Boot::kSame);
  Flip(sweep, 101, FaultSweep::Opening::kToRead);
  EXPECT_GT(sweep.tally().refused, 0u);
  EXPECT_GT(sweep.tally().found[0], 0u);
  EXPECT_GT(sweep.tally().harmless, 0u) << "pages that nobody reads";
}

TEST_F(CatalogFlip, OfACopy) {
  MakeCopy();
  FaultSweep sweep(path(), Boot::kSame);
  Flip(sweep, 101, FaultSweep::Opening::kToRead);
  EXPECT_GT(sweep.tally().refused, 0u);
  EXPECT_GT(sweep.tally().found[0], 0u);
  EXPECT_GT(sweep.tally().harmless, 0u);
}

TEST_F(CatalogFlip, OpeningToWriteMendsIt) {
  ASSERT_TRUE(MakeSweepStore(path()));
  FaultSweep sweep(path(), Boot::kSame);
  Flip(sweep, 997, FaultSweep::Opening::kToWrite);
  EXPECT_GT(sweep.tally().mended, 0u);
}

TEST_F(CatalogFlip, OpeningACopyToWriteMendsIt) {
  MakeCopy();
  FaultSweep sweep(path(), Boot::kSame);
  Flip(sweep, 997, FaultSweep::Opening::kToWrite);
  EXPECT_GT(sweep.tally().mended, 0u);
}

}  // namespace
}  // namespace reprise
