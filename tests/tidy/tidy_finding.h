// What the rules of the house look at, and what they find.
#ifndef REPRISE_TESTS_TIDY_TIDY_FINDING_H_
#define REPRISE_TESTS_TIDY_TIDY_FINDING_H_

#include <string>
#include <string_view>
#include <vector>

namespace reprise::tidy {

// A file of the tree; `path` is relative to the project's folder, with `/`.
struct SourceFile {
  std::string path;
  std::string text;
};

// One broken rule. Printed as `path:line: message`.
struct Finding {
  std::string path;
  int line;
  std::string message;

  std::string ToString() const { return path + ":" + std::to_string(line) + ": " + message; }
};

using Findings = std::vector<Finding>;

// The lines of a text, without their line ends.
std::vector<std::string_view> Lines(std::string_view text);

// Whether the path ends in .h or .cc.
bool IsCode(std::string_view path);

// Whether the path is in one of `folders`, each given with a final `/`, or equals one of them.
bool IsUnder(std::string_view path, const std::vector<std::string_view>& folders);

}  // namespace reprise::tidy

#endif  // REPRISE_TESTS_TIDY_TIDY_FINDING_H_
