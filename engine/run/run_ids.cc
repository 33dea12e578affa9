#include "engine/run/run_ids.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/io/environment.h"

namespace reprise {

namespace {

constexpr std::size_t kMaxRunId = 64;
constexpr std::size_t kMaxProjectPart = 128;

constexpr std::array<std::string_view, 64> kAdjectives = {
    "amber",  "autumn",  "bold",    "brave",  "bright", "brisk",  "calm",   "candid",
    "clear",  "clever",  "cloudy",  "copper", "coral",  "cosmic", "crisp",  "curious",
    "dapper", "dawn",    "deep",    "dusky",  "eager",  "early",  "fabled", "fair",
    "floral", "fresh",   "gentle",  "glad",   "golden", "grand",  "hazel",  "hidden",
    "icy",    "jolly",   "keen",    "lively", "lucid",  "lunar",  "mellow", "misty",
    "noble",  "olive",   "patient", "pearly", "placid", "polar",  "proud",  "quick",
    "quiet",  "rapid",   "rosy",    "rustic", "serene", "silver", "snowy",  "solar",
    "spring", "stellar", "sunny",   "swift",  "tidal",  "velvet", "vivid",  "warm",
};
constexpr std::array<std::string_view, 64> kNouns = {
    "acorn",  "aspen",   "badger",  "bay",    "beacon", "birch",   "breeze", "brook",
    "canyon", "cedar",   "cliff",   "comet",  "coral",  "crane",   "creek",  "delta",
    "dune",   "eagle",   "ember",   "falcon", "fern",   "field",   "finch",  "fjord",
    "forest", "garden",  "glacier", "grove",  "harbor", "hawk",    "heron",  "hill",
    "island", "lake",    "lark",    "leaf",   "lotus",  "maple",   "marsh",  "meadow",
    "mesa",   "moon",    "moss",    "otter",  "owl",    "peak",    "pebble", "pine",
    "plain",  "pond",    "rain",    "reef",   "ridge",  "river",   "robin",  "shore",
    "sky",    "sparrow", "stone",   "stream", "summit", "thicket", "valley", "willow",
};

bool IsAsciiAlnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// A byte that continues a code point: it was replaced with the first one.
bool ContinuesCodePoint(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

Status CheckProjectPart(std::string_view what, std::string_view part) {
  const bool good = !part.empty() && part.size() <= kMaxProjectPart &&
                    std::all_of(part.begin(), part.end(), [](char c) {
                      return IsAsciiAlnum(c) || c == '_' || c == '.' || c == '-';
                    });
  if (good) return {};
  return Status::Error(
      Code::kInvalidArgument,
      fmt::format("'{}' is no {}: use 1 to {} of A-Z a-z 0-9 _ . -", part, what, kMaxProjectPart));
}

}  // namespace

Result<std::string> CleanRunId(std::string_view id) {
  std::string clean;
  for (const char c : id) {
    if (IsAsciiAlnum(c) || c == '_' || c == '-') {
      clean += c;
    } else if (!ContinuesCodePoint(c)) {
      clean += '-';
    }
  }
  if (clean.empty() || clean.size() > kMaxRunId) {
    return Fail(Code::kInvalidArgument, fmt::format("run id '{}' has {} characters; use 1 to {}",
                                                    id, clean.size(), kMaxRunId));
  }
  return clean;
}

std::string RandomRunId(Random& random) {
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::uint64_t chance = random.Next64();
  std::string id;
  for (int i = 0; i < 8; ++i) {
    id += kAlphabet[chance % kAlphabet.size()];
    chance /= kAlphabet.size();
  }
  return id;
}

std::string DisplayName(std::uint64_t chance, std::uint64_t ordinal) {
  const std::string_view adjective = kAdjectives[chance % kAdjectives.size()];
  const std::string_view noun = kNouns[(chance / kAdjectives.size()) % kNouns.size()];
  return fmt::format("{}-{}-{}", adjective, noun, ordinal);
}

Result<ProjectName> ParseProject(std::string_view path) {
  ProjectName name;
  const std::size_t slash = path.find('/');
  name.entity = slash == std::string_view::npos ? UserName() : path.substr(0, slash);
  name.project = slash == std::string_view::npos ? path : path.substr(slash + 1);
  if (name.project.empty() && slash == std::string_view::npos) name.project = "uncategorized";
  for (const Status& status :
       {CheckProjectPart("entity", name.entity), CheckProjectPart("project", name.project)}) {
    if (!status.ok()) return Fail(status);
  }
  return name;
}

std::vector<std::string> NormalTags(std::vector<std::string> tags) {
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

}  // namespace reprise
