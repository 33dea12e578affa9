#include "tests/tidy/include_law.h"

#include <algorithm>
#include <array>
#include <optional>

namespace reprise::tidy {

namespace {

// The floors of the house, from the ground up. Code includes what is on its own folder's floor only
// in its own folder, and everything on the floors below.
struct Floor {
  std::string_view folder;
  int height;
};
constexpr std::array<Floor, 10> kFloors{{
    {"format/", 0},
    {"engine/io/", 1},
    {"engine/log/", 2},
    {"engine/segment/", 2},
    {"engine/catalog/", 2},
    {"engine/lineage/", 3},
    {"engine/history/", 4},
    {"engine/run/", 5},
    {"engine/query/", 6},
    {"engine/store/", 7},
}};

constexpr std::string_view kFormatApi = "format/include/";
constexpr std::string_view kEngineApi = "engine/include/";

// Code outside the library, and what it may include beside the public headers.
struct Guest {
  std::string_view folder;
  std::vector<std::string_view> may_include;
};
const std::vector<Guest>& Guests() {
  static const std::vector<Guest> guests{
      {"tools/", {"tools/", "format/"}},
      {"examples/", {"examples/"}},
      {"bench/", {"bench/", "format/", "tests/support/", "tools/import/"}},
      {"fuzz/", {"fuzz/", "format/", "engine/", "tools/", "tests/support/"}},
      {"tests/", {"tests/", "format/", "engine/", "tools/"}},
  };
  return guests;
}

// A third-party or system header, as a beginning of its name, and the only places that include it.
struct Home {
  std::string_view header;
  std::vector<std::string_view> places;
};
const std::vector<Home>& Homes() {
  static const std::vector<std::string_view> system{"engine/io/", "tools/", "bench/", "examples/",
                                                    "tests/"};
  static const std::vector<Home> homes{
      {"lmdb.h", {"engine/catalog/", "bench/", "fuzz/", "tests/"}},
      {"xxhash.h", {"format/codec_kernels_impl.h"}},
      {"flatbuffers/", {"format/", "tests/format/"}},
      {"re2/", {"engine/query/"}},
      {"zlib.h", {"format/events.cc", "fuzz/", "tools/", "tests/"}},
      {"google/protobuf/", {"tools/", "tests/"}},
      {"CLI/", {"tools/", "bench/"}},
      {"rapidjson/", {"tools/", "tests/"}},
      {"benchmark/", {"bench/"}},
      {"gtest/", {"tests/"}},
      {"gmock/", {"tests/"}},
      {"rapidcheck", {"tests/"}},
      {"sqlite3.h", {"bench/peers/"}},
      {"rocksdb/", {"bench/peers/"}},
      {"unistd.h", system},
      {"fcntl.h", system},
      {"dirent.h", system},
      {"sys/", system},
      {"linux/", system},
      {"iostream", {"tools/", "bench/", "examples/", "tests/", "fuzz/"}},
      {"fstream", {"engine/io/", "tools/", "bench/", "examples/", "tests/", "fuzz/"}},
      {"filesystem", {"engine/io/", "tools/", "bench/", "examples/", "tests/", "fuzz/"}},
  };
  return homes;
}

// format/ holds pure functions: no threads, no clocks. (Files have their home above.)
constexpr std::array<std::string_view, 5> kNotInFormat{"thread", "mutex", "condition_variable",
                                                       "chrono", "pthread.h"};

// Headers that the build makes, and what from.
struct Generated {
  std::string_view ending;
  std::string_view source;
};
constexpr std::array<Generated, 2> kGenerated{{{"_generated.h", ".fbs"}, {".pb.h", ".proto"}}};

struct Include {
  std::string name;
  bool quoted;
  int line;
};

std::optional<Include> ParseInclude(std::string_view line, int number) {
  const std::size_t hash = line.find_first_not_of(" \t");
  if (hash == std::string_view::npos || line[hash] != '#') return std::nullopt;
  line.remove_prefix(hash + 1);
  line.remove_prefix(std::min(line.size(), line.find_first_not_of(" \t")));
  if (!line.starts_with("include")) return std::nullopt;
  const std::size_t open = line.find_first_of("<\"");
  if (open == std::string_view::npos) return std::nullopt;
  const std::size_t close = line.find_first_of(">\"", open + 1);
  if (close == std::string_view::npos) return std::nullopt;
  return Include{std::string(line.substr(open + 1, close - open - 1)), line[open] == '"', number};
}

const Floor* FloorOf(std::string_view path) {
  const auto found = std::find_if(kFloors.begin(), kFloors.end(), [&](const Floor& floor) {
    return path.starts_with(floor.folder);
  });
  return found == kFloors.end() ? nullptr : &*found;
}

std::string FolderOf(std::string_view path) {
  if (path.starts_with(kFormatApi) || path.starts_with(kEngineApi)) return "a public header";
  if (const Floor* floor = FloorOf(path)) {
    return std::string(floor->folder.substr(0, floor->folder.size() - 1));
  }
  return std::string(path.substr(0, path.find('/')));
}

// The path in the tree that an include means; empty if there is none.
std::string Resolve(const std::string& name, const std::set<std::string>& tree) {
  if (name.starts_with("reprise/")) {
    for (const std::string_view api : {kFormatApi, kEngineApi}) {
      std::string path = std::string(api) + name;
      if (tree.contains(path)) return path;
    }
  }
  for (const Generated& kind : kGenerated) {
    if (!name.ends_with(kind.ending)) continue;
    const std::string stem = name.substr(0, name.size() - kind.ending.size());
    return tree.contains(stem + std::string(kind.source)) ? name : "";
  }
  return tree.contains(name) ? name : "";
}

// Whether the file at `from` may include the one at `to`, both in the tree.
bool MayInclude(std::string_view from, std::string_view to) {
  const bool to_format_api = to.starts_with(kFormatApi);
  const bool to_api = to_format_api || to.starts_with(kEngineApi);
  if (from.starts_with(kFormatApi)) return to_format_api;
  if (from.starts_with(kEngineApi)) return to_api;
  for (const Guest& guest : Guests()) {
    if (from.starts_with(guest.folder)) return to_api || IsUnder(to, guest.may_include);
  }
  const Floor* floor = FloorOf(from);
  if (floor == nullptr) return false;
  if (to_api) return to_format_api || floor->height > 0;
  const Floor* below = FloorOf(to);
  if (below == nullptr) return false;
  return below->height < floor->height || below->folder == floor->folder;
}

// What is wrong with including a header that is not ours; empty if nothing is.
std::string ThirdPartyProblem(std::string_view path, const std::string& header) {
  if (path.starts_with(kFormatApi) || path.starts_with(kEngineApi)) {
    const bool has_a_home = std::any_of(Homes().begin(), Homes().end(), [&](const Home& home) {
      return header.starts_with(home.header);
    });
    const bool is_standard = header.find_first_of("./") == std::string::npos;
    if (header == "tl/expected.hpp" || (is_standard && !has_a_home)) return "";
    return "a public header may not include <" + header +
           ">, only the standard library's and "
           "<tl/expected.hpp>";
  }
  if (path.starts_with("format/") &&
      std::find(kNotInFormat.begin(), kNotInFormat.end(), header) != kNotInFormat.end()) {
    return "format is pure functions and may not include <" + header + ">";
  }
  for (const Home& home : Homes()) {
    if (!header.starts_with(home.header) || IsUnder(path, home.places)) continue;
    return "only " + std::string(home.places.front()) + " may include <" + header + ">";
  }
  return "";
}

std::string Problem(const std::string& path, const Include& include,
                    const std::set<std::string>& tree) {
  if (!include.quoted && !include.name.starts_with("reprise/")) {
    return ThirdPartyProblem(path, include.name);
  }
  const std::string target = Resolve(include.name, tree);
  if (target.empty()) {
    return "\"" + include.name +
           "\" names no file; write the path from the project's folder, and "
           "other packages' headers in <>";
  }
  if (MayInclude(path, target)) return "";
  return FolderOf(path) + " may not include " + target;
}

}  // namespace

Findings CheckIncludes(const SourceFile& file, const std::set<std::string>& tree) {
  Findings findings;
  // A program that stands for a user's has its own root.
  if (file.path.starts_with("tests/consumer/")) return findings;
  int number = 0;
  for (const std::string_view line : Lines(file.text)) {
    const auto include = ParseInclude(line, ++number);
    if (!include) continue;
    std::string problem = Problem(file.path, *include, tree);
    if (!problem.empty()) findings.push_back({file.path, number, std::move(problem)});
  }
  return findings;
}

}  // namespace reprise::tidy
