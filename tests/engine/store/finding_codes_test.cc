// Every code that verify can report is reported in some test here.
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>
#include <string>

#include "tests/support/source_tree.h"

namespace reprise::testing {
namespace {

// What looks like a code in the sources of a folder, but for `except`.
std::set<std::string> CodesIn(const std::string& folder, const std::string& except) {
  static const std::regex code(R"re("([a-z]+\.[a-z_]+)")re");
  std::set<std::string> codes;
  for (const auto& entry : std::filesystem::directory_iterator(SourceDir() / folder)) {
    if (entry.path().extension() != ".cc" || entry.path().filename() == except) continue;
    const std::string text = ReadWholeFile(entry.path()).value();
    for (std::sregex_iterator found(text.begin(), text.end(), code), end; found != end; ++found) {
      codes.insert((*found)[1]);
    }
  }
  return codes;
}

TEST(FindingCodes, EachHasATest) {
  std::set<std::string> codes = CodesIn("engine/store", "");
  codes.erase("catalog.lock");  // a file
  EXPECT_TRUE(codes.contains("segment.damaged"));
  const std::set<std::string> tested = CodesIn("tests/engine/store", "finding_codes_test.cc");
  for (const std::string& code : codes) {
    EXPECT_TRUE(tested.contains(code)) << code << ": no test of tests/engine/store names it";
  }
}

}  // namespace
}  // namespace reprise::testing
