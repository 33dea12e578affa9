#include "tests/tidy/text_rules.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <regex>
#include <set>

namespace reprise::tidy {

namespace {

constexpr std::size_t kMaxColumns = 100;
constexpr std::size_t kMaxLines = 600;
constexpr std::size_t kMaxTestLines = 800;

struct Ban {
  std::regex pattern;
  std::string message;
  std::vector<std::string_view> folders;      // where it holds
  std::vector<std::string_view> except = {};  // and where not
};

const std::vector<Ban>& Bans() {
  static const std::vector<std::string_view> library{"format/", "engine/"};
  static const std::vector<std::string_view> shipped{"format/", "engine/", "tools/", "examples/"};
  static const std::vector<Ban> bans{
      {std::regex(R"(\bstd::(cout|cerr|clog)\b)"), "the library never prints: return a Status",
       library},
      {std::regex(R"((^|[^\w:.>])(std::)?(printf|fprintf|vprintf|puts|fputs|perror)\s*\()"),
       "the library never prints: return a Status", library},
      {std::regex(R"(\bfmt::print\b)"), "the library never prints: return a Status", library},
      {std::regex(R"((^|[^\w.>])(std::)?(abort|exit|_Exit|_exit|quick_exit|terminate)\s*\()"),
       "the library never ends its host: return kInternal", library},
      {std::regex(R"((^|\W)assert\s*\()"),
       "assert aborts the host: return kInternal, or use static_assert", library},
      {std::regex(R"((^|\W)throw\b)"), "nothing throws: return a Status or Result", shipped},
      {std::regex(R"(\bstd::(stoi|stol|stoll|stoul|stoull|stof|stod)\b)"),
       "it throws: use std::from_chars", shipped},
      {std::regex(R"((^|\W)(malloc|calloc|realloc|free)\s*\()"),
       "use std::string, std::vector or std::make_unique", library},
      {std::regex(R"(\bdelete(\[\])?\s+\w)"), "use std::unique_ptr", shipped},
      {std::regex(R"((^|[^\w])(std::)?(rand|srand)\s*\()"), "use the randomness of engine/io",
       shipped},
      {std::regex(R"(_clock::now\b)"),
       "format has no clock: take the time as an argument",
       {"format/"}},
      {std::regex(R"(system_clock::now\b|(^|\W)(gettimeofday|clock_gettime|std::time)\s*\()"),
       "take the time of day from the clock of engine/io",
       {"engine/"},
       {"engine/io/"}},
      {std::regex(R"(\b(strcpy|strcat|sprintf|vsprintf|strtok|gets)\s*\()"),
       "use std::string and fmt::format",
       {"format/", "engine/", "tools/", "examples/", "bench/", "fuzz/", "tests/"}},
      {std::regex(R"(\bstd::endl\b)"),
       "write '\\n'; flush where it matters",
       {"format/", "engine/", "tools/", "examples/", "bench/", "fuzz/", "tests/"}},
  };
  return bans;
}

// `new` is for handing an object to a smart pointer in the same expression, where a private
// constructor keeps std::make_unique out, or for a static that is never destroyed; placement new
// is not an allocation.
bool HasNakedNew(const std::string& previous, const std::string& line) {
  static const std::regex any(R"((^|\W)new\s+[\w:(])");
  static const std::regex owned(
      R"(_ptr<[^;]*>\s*\w*\s*[({]\s*new\s|\.reset\(new\s|(^|\W)new\s*\()");
  static const std::regex lives_for_ever(R"((^|\s)static\s.*=)");
  return std::regex_search(line, any) && !std::regex_search(line, owned) &&
         !std::regex_search(previous + line, lives_for_ever);
}

std::vector<std::string> CodeLines(const SourceFile& file) {
  const std::string code = StripCommentsAndLiterals(file.text);
  std::vector<std::string> lines;
  for (const std::string_view line : Lines(code)) lines.emplace_back(line);
  return lines;
}

std::size_t Columns(std::string_view line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string FileName(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));  // npos + 1 is 0
}

bool HasFixedWidth(std::string_view path) {
  return IsCode(path) || path.ends_with(".fbs") || path.ends_with(".sh") ||
         path.ends_with(".cmake") || path.ends_with("CMakeLists.txt") || path == ".ci/run";
}

std::string ExpectedGuard(std::string path) {
  const std::size_t api = path.find("include/reprise/");
  if (api != std::string::npos) path = path.substr(api + std::string("include/reprise/").size());
  std::string guard = "REPRISE_" + path + "_";
  std::transform(guard.begin(), guard.end(), guard.begin(), [](unsigned char c) {
    return std::isalnum(c) != 0 ? static_cast<char>(std::toupper(c)) : '_';
  });
  return guard;
}

// Where the literal or comment that starts at `i` ends, one past it; `i` if none starts there.
std::size_t SpanEnd(std::string_view code, std::size_t i) {
  const std::string_view rest = code.substr(i);
  const auto end_of = [&](std::string_view close, std::size_t from) {
    const std::size_t at = code.find(close, from);
    return at == std::string_view::npos ? code.size() : at + close.size();
  };
  if (rest.starts_with("//")) return std::min(code.find('\n', i), code.size());
  if (rest.starts_with("/*")) return end_of("*/", i + 2);
  if (rest.starts_with("R\"")) {
    const std::string_view tag = rest.substr(2, std::min(rest.find('('), rest.size()) - 2);
    return end_of(")" + std::string(tag) + "\"", i + 2);
  }
  const char quote = rest[0];
  const bool digit_separator =
      quote == '\'' && i > 0 && std::isalnum(static_cast<unsigned char>(code[i - 1])) != 0;
  if ((quote != '"' && quote != '\'') || digit_separator) return i;
  std::size_t end = i + 1;
  while (end < code.size() && code[end] != quote && code[end] != '\n') {
    end += code[end] == '\\' ? 2 : 1;
  }
  return std::min(end + 1, code.size());
}

}  // namespace

std::string StripCommentsAndLiterals(std::string_view code) {
  std::string stripped(code);
  for (std::size_t i = 0; i < code.size();) {
    const std::size_t end = SpanEnd(code, i);
    for (std::size_t k = i; k < end; ++k) {
      if (stripped[k] != '\n') stripped[k] = ' ';
    }
    i = std::max(end, i + 1);
  }
  return stripped;
}

Findings CheckBannedTokens(const SourceFile& file) {
  Findings findings;
  if (!IsCode(file.path)) return findings;
  int number = 0;
  std::string previous;
  for (const std::string& line : CodeLines(file)) {
    ++number;
    for (const Ban& ban : Bans()) {
      if (!IsUnder(file.path, ban.folders) || IsUnder(file.path, ban.except)) continue;
      std::smatch match;
      if (!std::regex_search(line, match, ban.pattern)) continue;
      findings.push_back({file.path, number, ban.message});
    }
    if (!file.path.starts_with("tests/") && HasNakedNew(previous, line)) {
      findings.push_back(
          {file.path, number, "naked new: use std::make_unique or std::make_shared"});
    }
    previous = line;
  }
  return findings;
}

Findings CheckLeftovers(const SourceFile& file) {
  // Written in pieces, so that this file does not find itself.
  static const std::regex unfinished(
      "\\b(TO"
      "DO|FIX"
      "ME|XX"
      "X|HA"
      "CK)\\b");
  static const std::regex folder(
      "(^|[^\\w.])/(ro"
      "ot|ho"
      "me|wo"
      "rk|Us"
      "ers)/\\w");
  Findings findings;
  int number = 0;
  for (const std::string_view line : Lines(file.text)) {
    ++number;
    const std::string text(line);
    if (std::regex_search(text, unfinished)) {
      findings.push_back({file.path, number, "unfinished work is finished or left out, not noted"});
    }
    if (std::regex_search(text, folder)) {
      findings.push_back({file.path, number, "a path on somebody's machine"});
    }
  }
  return findings;
}

Findings CheckLines(const SourceFile& file) {
  Findings findings;
  int number = 0;
  for (const std::string_view line : Lines(file.text)) {
    ++number;
    if (HasFixedWidth(file.path) && Columns(line) > kMaxColumns) {
      findings.push_back(
          {file.path, number,
           std::to_string(Columns(line)) + " columns, at most " + std::to_string(kMaxColumns)});
    }
    if (line.ends_with(" ") || line.ends_with("\t") || line.ends_with("\r")) {
      findings.push_back({file.path, number, "blank at the line's end"});
    }
    if (IsCode(file.path) && line.find('\t') != std::string_view::npos) {
      findings.push_back({file.path, number, "tab: indent with two spaces, write '\\t' in text"});
    }
  }
  return findings;
}

Findings CheckLength(const SourceFile& file) {
  if (!IsCode(file.path)) return {};
  const std::size_t limit = file.path.starts_with("tests/") ? kMaxTestLines : kMaxLines;
  const std::size_t lines = Lines(file.text).size();
  if (lines <= limit) return {};
  return {
      {file.path, static_cast<int>(limit) + 1,
       std::to_string(lines) + " lines, at most " + std::to_string(limit) + ": split the file"}};
}

Findings CheckGuard(const SourceFile& file) {
  if (!file.path.ends_with(".h")) return {};
  const std::string guard = ExpectedGuard(file.path);
  if (file.text.find("#ifndef " + guard + "\n#define " + guard + "\n") != std::string::npos) {
    return {};
  }
  const bool is_repeated = file.text.find("// No include guard: ") != std::string::npos;
  if (is_repeated && file.text.find("#ifndef REPRISE_") == std::string::npos) return {};
  return {{file.path, 1, "the include guard must be " + guard}};
}

Findings CheckUniqueNames(const std::vector<SourceFile>& tree) {
  Findings findings;
  std::map<std::string, std::string> first_path;
  for (const SourceFile& file : tree) {
    if (!IsCode(file.path)) continue;
    const auto [known, is_new] = first_path.emplace(FileName(file.path), file.path);
    if (!is_new) findings.push_back({file.path, 1, "has the name of " + known->second});
  }
  return findings;
}

Findings CheckEveryFileIsBuilt(const std::vector<SourceFile>& tree) {
  // A list may stand above the file's folder, so the name is enough: names are unique.
  static const std::regex word(R"([\w.$\{\}]+\.cc)");
  std::set<std::string> built;
  bool fuzz_targets = false;
  for (const SourceFile& file : tree) {
    if (!file.path.ends_with("CMakeLists.txt")) continue;
    for (std::sregex_iterator it(file.text.begin(), file.text.end(), word), end; it != end; ++it) {
      built.insert(it->str());
      fuzz_targets |= it->str() == "fuzz_${name}.cc";
    }
  }
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!file.path.ends_with(".cc") || built.contains(FileName(file.path))) continue;
    if (fuzz_targets && file.path.starts_with("fuzz/")) continue;
    findings.push_back({file.path, 1, "no CMakeLists.txt builds it"});
  }
  return findings;
}

}  // namespace reprise::tidy
