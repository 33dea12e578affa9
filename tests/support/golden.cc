#include "tests/support/golden.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/support/source_tree.h"

namespace reprise::testing {

namespace {

constexpr const char* kUpdateVariable = "REPRISE_UPDATE_GOLDEN";

std::filesystem::path GoldenPath(const std::string& name) {
  return SourceDir() / "tests" / "golden" / "v1" / name;
}

bool UpdateIsAskedFor() {
  const char* value = std::getenv(kUpdateVariable);
  return value != nullptr && std::string_view(value) == "1";
}

::testing::AssertionResult Rewrite(const std::filesystem::path& path, std::string_view bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (file) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "cannot write " << path;
}

}  // namespace

::testing::AssertionResult MatchesGolden(const std::string& name, std::string_view bytes) {
  if (UpdateIsAskedFor()) return Rewrite(GoldenPath(name), bytes);
  const auto golden = ReadWholeFile(GoldenPath(name));
  if (!golden) {
    return ::testing::AssertionFailure() << "no golden file tests/golden/v1/" << name
                                         << "; make it with " << kUpdateVariable << "=1";
  }
  if (*golden == bytes) return ::testing::AssertionSuccess();
  const auto differ = std::mismatch(golden->begin(), golden->end(), bytes.begin(), bytes.end());
  return ::testing::AssertionFailure()
         << "tests/golden/v1/" << name << " (" << golden->size() << " bytes) differs from the "
         << bytes.size() << " bytes written, first at byte " << differ.first - golden->begin();
}

std::string ReadGolden(const std::string& name) {
  const auto golden = ReadWholeFile(GoldenPath(name));
  if (!golden) ADD_FAILURE() << "no golden file tests/golden/v1/" << name;
  return golden.value_or("");
}

}  // namespace reprise::testing
