// What the pages for people say about the tree, held against the tree.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/support/source_tree.h"

namespace reprise {
namespace {

namespace fs = std::filesystem;

std::string Read(const fs::path& path) {
  const auto text = testing::ReadWholeFile(testing::SourceDir() / path);
  EXPECT_TRUE(text.has_value()) << path;
  return text.value_or("");
}

// Every Markdown page of the tree, relative to its root.
std::vector<fs::path> Pages() {
  static const std::set<std::string> skipped{"build", ".git", ".venv"};
  std::vector<fs::path> pages;
  fs::recursive_directory_iterator entry(testing::SourceDir());
  for (; entry != fs::recursive_directory_iterator(); ++entry) {
    const fs::path& path = entry->path();
    if (entry->is_directory() && skipped.contains(path.filename().string())) {
      entry.disable_recursion_pending();
    } else if (path.extension() == ".md") {
      pages.push_back(path.lexically_relative(testing::SourceDir()));
    }
  }
  return pages;
}

std::vector<std::string> Matches(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it) {
    found.push_back((*it)[1].str());
  }
  return found;
}

TEST(Readme, ShowsTheExampleThatIsCompiled) {
  const std::string readme = Read("README.md");
  const std::string example = Read("examples/hello.cc");
  EXPECT_NE(readme.find("```cpp\n" + example + "```\n"), std::string::npos)
      << "the block ```cpp of README.md is not examples/hello.cc";
}

TEST(Pages, LinkToWhatExists) {
  for (const fs::path& page : Pages()) {
    for (const std::string& link : Matches(Read(page), R"(\]\(([^)#:]+)(#[^)]*)?\))")) {
      EXPECT_TRUE(fs::exists(testing::SourceDir() / page.parent_path() / link))
          << page << " links to " << link;
    }
  }
}

// Paths in backquotes such as `engine/run/sealer.cc`, where the page tells how the code works.
TEST(Pages, NameFilesThatExist) {
  for (const fs::path& page : Pages()) {
    const std::string pattern =
        R"(`((?:bench|docs|engine|examples|format|fuzz|scripts|tests|tools)/[\w./-]+\.[a-z]+)`)";
    for (const std::string& file : Matches(Read(page), pattern)) {
      EXPECT_TRUE(fs::exists(testing::SourceDir() / file)) << page << " names " << file;
    }
  }
}

// `Suite.Name` of a test, as docs/guarantees.md gives for each promise.
TEST(Pages, NameTestsThatExist) {
  std::set<std::string> tests;
  for (const auto& entry : fs::recursive_directory_iterator(testing::SourceDir() / "tests")) {
    if (entry.path().extension() != ".cc") continue;
    const std::string code = testing::ReadWholeFile(entry.path()).value_or("");
    const std::regex declaration(R"(TEST(?:_F|_P)?\((\w+),\s*(\w+)\))");
    for (std::sregex_iterator it(code.begin(), code.end(), declaration), end; it != end; ++it) {
      tests.insert((*it)[1].str() + "." + (*it)[2].str());
    }
  }
  const std::string page = Read("docs/guarantees.md");
  const auto named = Matches(page, R"(`([A-Z]\w+\.[A-Z]\w+)`)");
  EXPECT_FALSE(named.empty());
  for (const std::string& test : named) EXPECT_TRUE(tests.contains(test)) << test;
}

TEST(Decisions, AreShort) {
  for (const auto& entry : fs::directory_iterator(testing::SourceDir() / "docs/decisions")) {
    const std::string text = testing::ReadWholeFile(entry.path()).value_or("");
    EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 60) << entry.path();
  }
}

}  // namespace
}  // namespace reprise
