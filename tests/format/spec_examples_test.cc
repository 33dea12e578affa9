// The worked examples of the specification pages: lines of bytes in hexadecimal, under the mention
// of a golden file, must be that file's bytes.
//
//   `tests/golden/v1/superblock.bin`: what it holds.
//
//   ```
//   00  89 52 50 52 53 0d 0a 1a
//   ```
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <string>

#include "tests/support/golden.h"
#include "tests/support/source_tree.h"

namespace reprise {
namespace {

// The bytes as an example's line has them.
std::string HexLine(std::string_view bytes, std::size_t offset, std::size_t size) {
  std::string text;
  for (std::size_t i = offset; i < offset + size && i < bytes.size(); ++i) {
    text += fmt::format("{}{:02x}", i == offset ? "" : " ", static_cast<unsigned char>(bytes[i]));
  }
  return text;
}

// Compares all examples of a page; the number of lines compared. `golden` reads a file by name.
template <typename Golden>
int CompareExamples(const std::string& page, const std::string& text, Golden golden) {
  static const std::regex mention("tests/golden/v1/([\\w.]+)");
  static const std::regex hex("([0-9a-f]+)  ([0-9a-f]{2}(?: [0-9a-f]{2})*) *");
  std::string bytes;
  int compared = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    std::smatch match;
    if (std::regex_search(line, match, mention)) bytes = golden(match[1].str());
    if (bytes.empty() || !std::regex_match(line, match, hex)) continue;
    const std::size_t offset = std::stoul(match[1].str(), nullptr, 16);
    const std::string shown = match[2].str();
    EXPECT_EQ(shown, HexLine(bytes, offset, (shown.size() + 1) / 3)) << page << ": " << line;
    ++compared;
  }
  return compared;
}

TEST(SpecificationExamples, AreTheGoldenBytes) {
  int compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(testing::SourceDir() / "format")) {
    if (entry.path().extension() != ".md") continue;
    const std::string text = testing::ReadWholeFile(entry.path()).value_or("");
    compared += CompareExamples(entry.path().filename().string(), text, testing::ReadGolden);
  }
  EXPECT_GE(compared, 6);  // the superblock's
}

TEST(SpecificationExamples, AreFoundByTheirGoldenFile) {
  const std::string page =
      "00  ff ff\nsee `tests/golden/v1/x.bin`:\n```\n00  61 62\n02 .. 02  more\n03  64\n```\n";
  const auto golden = [](const std::string& name) { return name == "x.bin" ? "abcd" : ""; };
  EXPECT_EQ(CompareExamples("page", page, golden), 2);
  EXPECT_EQ(HexLine("abcd", 1, 2), "62 63");
  EXPECT_EQ(HexLine("abcd", 3, 2), "64");
}

}  // namespace
}  // namespace reprise
