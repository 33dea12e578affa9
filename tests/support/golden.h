// Golden files: bytes that a release wrote, kept for ever in tests/golden/v<N>/. A writer must
// still write the current version's bytes, and readers must still read those of every version.
//
//   EXPECT_TRUE(MatchesGolden("superblock.bin", EncodeSuperblock(GoldenSuperblock())));
//   EXPECT_EQ(*DecodeSuperblock(ReadGolden("superblock.bin")), GoldenSuperblock());
//
// REPRISE_UPDATE_GOLDEN=1 in the environment makes MatchesGolden write the file instead: for a new
// format, never for a released one.
#ifndef REPRISE_TESTS_SUPPORT_GOLDEN_H_
#define REPRISE_TESTS_SUPPORT_GOLDEN_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace reprise::testing {

// Compares with tests/golden/v1/<name>; the failure names the first byte that differs.
::testing::AssertionResult MatchesGolden(const std::string& name, std::string_view bytes);

// The bytes of tests/golden/v1/<name>. Without the file: empty, and the current test fails.
std::string ReadGolden(const std::string& name);

}  // namespace reprise::testing

#endif  // REPRISE_TESTS_SUPPORT_GOLDEN_H_
