// Real training histories that tests import and measure with. They are not part of the project:
// the folder is $REPRISE_DATA, else ../shared/data beside the source folder.
#ifndef REPRISE_TESTS_SUPPORT_REAL_DATA_H_
#define REPRISE_TESTS_SUPPORT_REAL_DATA_H_

#include <filesystem>
#include <optional>
#include <string>

namespace reprise::testing {

// The path of a file or folder of the data, such as RealData("csv/olmo-1B-10xC.csv"); nothing where
// it is not there.
std::optional<std::filesystem::path> RealData(const std::string& name);

// Why a test that found nothing is skipped.
std::string RealDataIsMissing(const std::string& name);

}  // namespace reprise::testing

// Defines `path` as the path of real data, or skips the test and says which data is missing.
#define REPRISE_REAL_DATA_OR_SKIP(path, name)                                     \
  const auto path##_found = ::reprise::testing::RealData(name);                   \
  if (!path##_found) GTEST_SKIP() << ::reprise::testing::RealDataIsMissing(name); \
  const std::filesystem::path& path = *path##_found

#endif  // REPRISE_TESTS_SUPPORT_REAL_DATA_H_
