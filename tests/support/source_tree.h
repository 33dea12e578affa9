// The source tree that the tests were built from: where pages, golden files and rules are read.
#ifndef REPRISE_TESTS_SUPPORT_SOURCE_TREE_H_
#define REPRISE_TESTS_SUPPORT_SOURCE_TREE_H_

#include <filesystem>
#include <optional>
#include <string>

namespace reprise::testing {

// The folder of the project's root CMakeLists.txt.
std::filesystem::path SourceDir();

// The bytes of a file; nothing if it cannot be read.
std::optional<std::string> ReadWholeFile(const std::filesystem::path& path);

}  // namespace reprise::testing

#endif  // REPRISE_TESTS_SUPPORT_SOURCE_TREE_H_
