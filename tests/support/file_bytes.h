// Whole files, to look at and to damage.
#ifndef REPRISE_TESTS_SUPPORT_FILE_BYTES_H_
#define REPRISE_TESTS_SUPPORT_FILE_BYTES_H_

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace reprise {

inline std::string ReadFile(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream.is_open()) << path;
  return {std::istreambuf_iterator<char>(stream), {}};
}

// What was in the file before is gone.
inline void WriteFile(const std::string& path, std::string_view bytes) {
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream << bytes << std::flush;
  EXPECT_TRUE(stream.good()) << path;
}

inline void FlipByte(const std::string& path, std::size_t offset) {
  std::string bytes = ReadFile(path);
  ASSERT_LT(offset, bytes.size()) << path;
  bytes[offset] = static_cast<char>(~bytes[offset]);
  WriteFile(path, bytes);
}

}  // namespace reprise

#endif  // REPRISE_TESTS_SUPPORT_FILE_BYTES_H_
