#include "engine/store/place_set.h"

#include <gtest/gtest.h>

namespace reprise {
namespace {

TEST(PlaceSet, HasWhatWasAddedInAnyOrder) {
  PlaceSet places;
  for (const std::uint64_t offset : {100U, 300U, 300U, 200U, 400U, 50U}) places.Add(1, offset);
  places.Add(2, 70);
  for (const std::uint64_t offset : {50U, 100U, 200U, 300U, 400U}) {
    EXPECT_TRUE(places.Contains(1, offset)) << offset;
  }
  EXPECT_TRUE(places.Contains(2, 70));
}

TEST(PlaceSet, HasNothingElse) {
  PlaceSet places;
  EXPECT_FALSE(places.Contains(1, 100));
  places.Add(1, 100);
  EXPECT_FALSE(places.Contains(1, 99));
  EXPECT_FALSE(places.Contains(2, 100));
}

}  // namespace
}  // namespace reprise
