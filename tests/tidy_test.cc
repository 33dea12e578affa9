// The rules of the house, held over the whole tree; and the rules themselves, held against samples.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "tests/support/source_tree.h"
#include "tests/tidy/include_law.h"
#include "tests/tidy/text_rules.h"
#include "tests/tidy/tidy_finding.h"

namespace reprise::tidy {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

bool IsText(const std::filesystem::path& path) {
  static const std::set<std::string> extensions{".h",   ".cc",    ".md", ".cmake", ".txt",
                                                ".fbs", ".proto", ".sh", ".in",    ".json"};
  return extensions.contains(path.extension().string()) || path.filename() == "run";
}

void Collect(const std::filesystem::path& folder, std::vector<SourceFile>* tree) {
  static const std::set<std::string> skipped{"build", ".git", ".venv", "corpus", "golden"};
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::filesystem::path& path = entry.path();
    if (entry.is_directory()) {
      if (!skipped.contains(path.filename().string())) Collect(path, tree);
    } else if (IsText(path)) {
      tree->push_back({path.lexically_relative(testing::SourceDir()).generic_string(),
                       testing::ReadWholeFile(path).value_or("")});
    }
  }
}

const std::vector<SourceFile>& Tree() {
  static const std::vector<SourceFile> tree = [] {
    std::vector<SourceFile> files;
    Collect(testing::SourceDir(), &files);
    std::sort(files.begin(), files.end(),
              [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
    return files;
  }();
  return tree;
}

std::string Text(const Findings& findings) {
  std::string text;
  for (const Finding& finding : findings) text += finding.ToString() + "\n";
  return text;
}

// Succeeds for no findings; a failure prints one a line.
::testing::AssertionResult IsClean(const std::string& findings) {
  if (findings.empty()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "\n" << findings;
}

template <typename Rule>
std::string OverTheTree(Rule rule) {
  std::string text;
  for (const SourceFile& file : Tree()) text += Text(rule(file));
  return text;
}

TEST(Tree, IsFound) {
  EXPECT_GT(Tree().size(), 20u);
  EXPECT_TRUE(std::any_of(Tree().begin(), Tree().end(), [](const SourceFile& file) {
    return file.path == "format/include/reprise/status.h";
  }));
}

TEST(Tree, IncludesOnlyGoDown) {
  std::set<std::string> paths;
  for (const SourceFile& file : Tree()) paths.insert(file.path);
  const auto check = [&](const SourceFile& file) {
    return IsCode(file.path) ? CheckIncludes(file, paths) : Findings();
  };
  EXPECT_TRUE(IsClean(OverTheTree(check)));
}

TEST(Tree, UsesNothingBanned) { EXPECT_TRUE(IsClean(OverTheTree(CheckBannedTokens))); }
TEST(Tree, HasNoLeftovers) { EXPECT_TRUE(IsClean(OverTheTree(CheckLeftovers))); }
TEST(Tree, KeepsTheWidth) { EXPECT_TRUE(IsClean(OverTheTree(CheckLines))); }
TEST(Tree, KeepsFilesShort) { EXPECT_TRUE(IsClean(OverTheTree(CheckLength))); }
TEST(Tree, GuardsHeaders) { EXPECT_TRUE(IsClean(OverTheTree(CheckGuard))); }
TEST(Tree, NamesFilesOnce) { EXPECT_TRUE(IsClean(Text(CheckUniqueNames(Tree())))); }
TEST(Tree, BuildsEveryFile) { EXPECT_TRUE(IsClean(Text(CheckEveryFileIsBuilt(Tree())))); }

// What the include law says about one line in one file of a small tree.
std::string Includes(const std::string& path, const std::string& line) {
  static const std::set<std::string> tree{
      "format/include/reprise/status.h",
      "engine/include/reprise/store.h",
      "format/bytes.h",
      "format/schema/facts.fbs",
      "engine/io/file.h",
      "engine/log/log_writer.h",
      "engine/segment/pack_writer.h",
      "engine/catalog/catalog.h",
      "engine/lineage/chain.h",
      "engine/history/rows.h",
      "engine/run/writer.h",
      "engine/query/filter.h",
      "engine/store/recovery.h",
      "tools/verb.h",
      "tools/import/wandb.h",
      "tools/import/wandb.proto",
  };
  return Text(CheckIncludes({path, line}, tree));
}

TEST(IncludeLaw, SaysWhereAndWhat) {
  EXPECT_EQ(Includes("format/bad.h", "#include \"engine/catalog/catalog.h\"\n"),
            "format/bad.h:1: format may not include engine/catalog/catalog.h\n");
  EXPECT_EQ(Includes("engine/io/bad.cc", "// why\n\n#  include \"engine/log/log_writer.h\"\n"),
            "engine/io/bad.cc:3: engine/io may not include engine/log/log_writer.h\n");
}

TEST(IncludeLaw, AllowsToGoDown) {
  EXPECT_EQ(Includes("engine/store/a.cc", "#include \"engine/run/writer.h\""), "");
  EXPECT_EQ(Includes("engine/store/a.cc", "#include \"engine/query/filter.h\""), "");
  EXPECT_EQ(Includes("engine/lineage/a.cc", "#include \"engine/catalog/catalog.h\""), "");
  EXPECT_EQ(Includes("engine/log/a.cc", "#include \"engine/io/file.h\""), "");
  EXPECT_EQ(Includes("engine/log/a.cc", "#include \"engine/log/log_writer.h\""), "");
  EXPECT_EQ(Includes("engine/log/a.cc", "#include \"reprise/store.h\""), "");
  EXPECT_EQ(Includes("format/a.cc", "#include \"reprise/status.h\""), "");
  EXPECT_EQ(Includes("format/a.cc", "#include \"format/schema/facts_generated.h\""), "");
}

TEST(IncludeLaw, ForbidsToGoUp) {
  EXPECT_NE(Includes("engine/history/a.cc", "#include \"engine/run/writer.h\""), "");
  EXPECT_NE(Includes("engine/run/a.cc", "#include \"engine/query/filter.h\""), "");
  EXPECT_NE(Includes("engine/query/a.cc", "#include \"engine/store/recovery.h\""), "");
  EXPECT_NE(Includes("engine/store/a.cc", "#include \"tools/verb.h\""), "");
  EXPECT_NE(Includes("format/a.cc", "#include \"reprise/store.h\""), "");
}

TEST(IncludeLaw, ForbidsSiblings) {
  EXPECT_NE(Includes("engine/log/a.cc", "#include \"engine/segment/pack_writer.h\""), "");
  EXPECT_NE(Includes("engine/segment/a.cc", "#include \"engine/catalog/catalog.h\""), "");
  EXPECT_NE(Includes("engine/catalog/a.cc", "#include \"engine/log/log_writer.h\""), "");
}

TEST(IncludeLaw, ForbidsAnUnknownRoom) {
  EXPECT_NE(Includes("engine/misc/a.cc", "#include \"format/bytes.h\""), "");
}

TEST(IncludeLaw, KeepsToolsToThePublicApiAndFormat) {
  EXPECT_EQ(Includes("tools/a.cc", "#include \"reprise/store.h\""), "");
  EXPECT_EQ(Includes("tools/a.cc", "#include \"format/bytes.h\""), "");
  EXPECT_EQ(Includes("tools/a.cc", "#include \"tools/import/wandb.pb.h\""), "");
  EXPECT_NE(Includes("tools/a.cc", "#include \"engine/store/recovery.h\""), "");
  EXPECT_NE(Includes("examples/a.cc", "#include \"format/bytes.h\""), "");
  EXPECT_EQ(Includes("examples/a.cc", "#include <reprise/store.h>"), "");
}

TEST(IncludeLaw, LetsBenchmarksImport) {
  EXPECT_EQ(Includes("bench/a.cc", "#include \"tools/import/wandb.h\""), "");
  EXPECT_NE(Includes("bench/a.cc", "#include \"tools/verb.h\""), "");
  EXPECT_NE(Includes("bench/a.cc", "#include \"engine/run/writer.h\""), "");
}

TEST(IncludeLaw, KeepsPublicHeadersLight) {
  const std::string api = "engine/include/reprise/a.h";
  EXPECT_EQ(Includes(api, "#include <string>\n#include <tl/expected.hpp>\n"), "");
  EXPECT_EQ(Includes(api, "#include \"reprise/status.h\""), "");
  EXPECT_NE(Includes(api, "#include \"format/bytes.h\""), "");
  EXPECT_NE(Includes(api, "#include <fmt/format.h>"), "");
  EXPECT_NE(Includes(api, "#include <lmdb.h>"), "");
  EXPECT_NE(Includes(api, "#include <iostream>"), "");
  EXPECT_NE(Includes("format/include/reprise/a.h", "#include \"reprise/store.h\""), "");
}

TEST(IncludeLaw, GivesEachPackageOneHome) {
  EXPECT_EQ(Includes("engine/catalog/a.cc", "#include <lmdb.h>"), "");
  EXPECT_NE(Includes("engine/store/a.cc", "#include <lmdb.h>"), "");
  EXPECT_EQ(Includes("format/codec_kernels_impl.h", "#include <xxhash.h>"), "");
  EXPECT_NE(Includes("format/a.cc", "#include <xxhash.h>"), "");
  EXPECT_NE(Includes("engine/log/a.cc", "#include <flatbuffers/flatbuffers.h>"), "");
  EXPECT_NE(Includes("engine/log/a.cc", "#include \"format/schema/none_generated.h\""), "");
  EXPECT_EQ(Includes("engine/io/a.cc", "#include <sys/stat.h>"), "");
  EXPECT_NE(Includes("engine/log/a.cc", "#include <unistd.h>"), "");
  EXPECT_NE(Includes("engine/log/a.cc", "#include <filesystem>"), "");
  EXPECT_NE(Includes("tools/a.cc", "#include <gtest/gtest.h>"), "");
  EXPECT_EQ(Includes("bench/peers/a.cc", "#include <rocksdb/db.h>"), "");
  EXPECT_NE(Includes("bench/a.cc", "#include <sqlite3.h>"), "");
  EXPECT_NE(Includes("format/a.cc", "#include <mutex>"), "");
  EXPECT_EQ(Includes("engine/log/a.cc", "#include <mutex>"), "");
}

TEST(IncludeLaw, FindsNamesThatAreNoFile) {
  EXPECT_NE(Includes("format/a.cc", "#include \"bytes.h\""), "");
  EXPECT_NE(Includes("format/a.cc", "#include \"../format/bytes.h\""), "");
}

std::string Banned(const std::string& path, const std::string& code) {
  return Text(CheckBannedTokens({path, code}));
}

TEST(BannedTokens, AreNamedWithTheirReplacement) {
  EXPECT_EQ(Banned("engine/run/a.cc", "int x;\nstd::cout << 1;\n"),
            "engine/run/a.cc:2: the library never prints: return a Status\n");
  EXPECT_THAT(Banned("format/a.cc", "  throw 1;"), HasSubstr("return a Status or Result"));
}

TEST(BannedTokens, AreFoundInTheLibrary) {
  for (const char* code :
       {"printf(\"x\");", "std::fprintf(stderr, \"x\");", "fmt::print(\"x\");", "std::abort();",
        "  exit(1);", "if (x) _exit(1);", "std::terminate();", "assert(x);", "auto* p = new T;",
        "return new Foo(1);", "delete p;", "delete[] p;", "malloc(1);", "std::stoi(s);", "rand();",
        "auto t = std::chrono::system_clock::now();", "sprintf(b, s);", "out << std::endl;"}) {
    EXPECT_NE(Banned("engine/run/a.cc", code), "") << code;
  }
}

TEST(BannedTokens, LeaveGoodCodeAlone) {
  for (const char* code :
       {"fmt::format(\"x\");", "static_assert(x);", "T(const T&) = delete;", "// throw, new Foo",
        "/* std::cout\n abort() */", "auto s = \"throw new Foo\";", "file.exit(1);",
        "R\"(assert(x))\"", "snprintf(b, n, f);", "int renew = 1;",
        "auto p = std::unique_ptr<T>(new T(1));", "static const T* const t =\n  new T{new U};",
        "char c = '\"'; f(\"throw\");", "x = 1'000'000; y = 'a';"}) {
    EXPECT_EQ(Banned("engine/run/a.cc", code), "") << code;
  }
}

TEST(BannedTokens, AreFreeWhereTheyBelong) {
  EXPECT_EQ(Banned("tools/a.cc", "std::cout << 1;"), "");
  EXPECT_EQ(Banned("engine/io/a.cc", "std::chrono::system_clock::now();"), "");
  EXPECT_EQ(Banned("engine/run/a.cc", "std::chrono::steady_clock::now();"), "");
  EXPECT_NE(Banned("format/a.cc", "std::chrono::steady_clock::now();"), "");
  EXPECT_EQ(Banned("tests/a.cc", "std::abort();"), "");
}

TEST(Leftovers, AreFoundInCodeAndComments) {
  // In pieces, so that this file does not find itself.
  EXPECT_NE(Text(CheckLeftovers({"docs/a.md",
                                 "a TO"
                                 "DO here"})),
            "");
  EXPECT_NE(Text(CheckLeftovers({"format/a.cc",
                                 "// FIX"
                                 "ME: later"})),
            "");
  EXPECT_NE(Text(CheckLeftovers({"scripts/a.sh",
                                 "cd /ro"
                                 "ot/x"})),
            "");
  EXPECT_NE(Text(CheckLeftovers({"docs/a.md",
                                 "in `/ho"
                                 "me/ana/x`"})),
            "");
  EXPECT_EQ(Text(CheckLeftovers({"docs/a.md", "mastodon, src/home/x, /usr/share"})), "");
}

TEST(Width, CountsCharactersNotBytes) {
  EXPECT_THAT(CheckLines({"format/a.cc", std::string(100, 'x')}), IsEmpty());
  EXPECT_EQ(Text(CheckLines({"format/a.cc", "\n" + std::string(101, 'x')})),
            "format/a.cc:2: 101 columns, at most 100\n");
  std::string wide;
  for (int i = 0; i < 100; ++i) wide += "\u00e9";
  EXPECT_THAT(CheckLines({"format/a.cc", wide}), IsEmpty());
  EXPECT_THAT(CheckLines({"docs/a.md", std::string(300, 'x')}), IsEmpty());
}

TEST(Width, ForbidsBlanksAtTheEndAndTabs) {
  EXPECT_NE(Text(CheckLines({"docs/a.md", "x \n"})), "");
  EXPECT_NE(Text(CheckLines({"docs/a.md", "x\r\n"})), "");
  EXPECT_NE(Text(CheckLines({"format/a.cc", "\tx\n"})), "");
}

TEST(Length, StopsAt600LinesAnd800ForTests) {
  const auto lines = [](int n) { return std::string(static_cast<std::size_t>(n), '\n'); };
  EXPECT_THAT(CheckLength({"format/a.cc", lines(600)}), IsEmpty());
  EXPECT_EQ(Text(CheckLength({"format/a.cc", lines(601)})),
            "format/a.cc:601: 601 lines, at most 600: split the file\n");
  EXPECT_THAT(CheckLength({"tests/a.cc", lines(800)}), IsEmpty());
  EXPECT_NE(Text(CheckLength({"tests/a.cc", lines(801)})), "");
}

TEST(Guard, FollowsThePath) {
  const auto guarded = [](const std::string& guard) {
    return "// What it is.\n#ifndef " + guard + "\n#define " + guard + "\n";
  };
  EXPECT_THAT(CheckGuard({"engine/io/file.h", guarded("REPRISE_ENGINE_IO_FILE_H_")}), IsEmpty());
  EXPECT_THAT(CheckGuard({"engine/include/reprise/store.h", guarded("REPRISE_STORE_H_")}),
              IsEmpty());
  EXPECT_EQ(Text(CheckGuard({"engine/io/file.h", guarded("FILE_H")})),
            "engine/io/file.h:1: the include guard must be REPRISE_ENGINE_IO_FILE_H_\n");
}

TEST(Guard, MayBeMissingForAReason) {
  EXPECT_THAT(CheckGuard({"format/x.h", "// No include guard: read once per target.\n"}),
              IsEmpty());
  EXPECT_NE(Text(CheckGuard({"format/x.h", "// Read once per target.\n"})), "");
}

TEST(Names, AreUniqueInTheTree) {
  EXPECT_EQ(Text(CheckUniqueNames({{"engine/io/file.h", ""}, {"format/file.h", ""}})),
            "format/file.h:1: has the name of engine/io/file.h\n");
  EXPECT_THAT(CheckUniqueNames({{"a/README.md", ""}, {"b/README.md", ""}, {"a/x.h", ""}}),
              IsEmpty());
}

TEST(Build, FindsFilesThatNothingBuilds) {
  EXPECT_EQ(Text(CheckEveryFileIsBuilt(
                {{"a/CMakeLists.txt", "io/x.cc"}, {"a/y.cc", ""}, {"a/io/x.cc", ""}})),
            "a/y.cc:1: no CMakeLists.txt builds it\n");
}

}  // namespace
}  // namespace reprise::tidy
