// Rules about the text of a file: width, length, banned words, guards, and its place in the build.
#ifndef REPRISE_TESTS_TIDY_TEXT_RULES_H_
#define REPRISE_TESTS_TIDY_TEXT_RULES_H_

#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/tidy_finding.h"

namespace reprise::tidy {

// The code with comments and the insides of literals blanked; lines keep their numbers.
std::string StripCommentsAndLiterals(std::string_view code);

// Calls and keywords that the file's folder must do without; each finding names the replacement.
Findings CheckBannedTokens(const SourceFile& file);
// Words that must not be left in any file: unfinished work, somebody's folders.
Findings CheckLeftovers(const SourceFile& file);
// At most 100 columns; no tab, no space at a line's end, no carriage return.
Findings CheckLines(const SourceFile& file);
// At most 600 lines, 800 for tests.
Findings CheckLength(const SourceFile& file);
// #ifndef REPRISE_<FOLDER>_<FILE>_H_; or none, and a comment `No include guard: why`.
Findings CheckGuard(const SourceFile& file);
// No two code files of the tree have the same name.
Findings CheckUniqueNames(const std::vector<SourceFile>& tree);
// Every .cc is named by a CMakeLists.txt.
Findings CheckEveryFileIsBuilt(const std::vector<SourceFile>& tree);

}  // namespace reprise::tidy

#endif  // REPRISE_TESTS_TIDY_TEXT_RULES_H_
