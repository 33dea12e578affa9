#include "fuzz/folded_pages.h"

#include <algorithm>

#include "format/bytes.h"

namespace reprise::fuzz {
namespace {

constexpr std::size_t kPageSize = 4096;
constexpr std::size_t kLargest = std::size_t{512} << 10;
// Fewer zeros than a piece takes are not worth one.
constexpr std::string_view kGap("\0\0\0\0\0\0", 6);

}  // namespace

std::string UnfoldPages(FuzzInput* input) {
  std::string file;
  while (!input->empty() && file.size() < kLargest) {
    file.append(input->Number<std::uint16_t>(), '\0');
    file += input->Take(input->Number<std::uint8_t>());
  }
  file.resize(std::min(kLargest, (file.size() + kPageSize - 1) / kPageSize * kPageSize));
  return file;
}

std::string FoldPages(std::string_view file) {
  constexpr std::size_t kMostZeros = 0xFFFF;
  constexpr std::size_t kMostBytes = 0xFF;
  std::string folded;
  ByteWriter writer(&folded);
  while (!file.empty()) {
    const std::size_t zeros = std::min({file.find_first_not_of('\0'), file.size(), kMostZeros});
    file.remove_prefix(zeros);
    const std::size_t bytes = std::min({file.find(kGap), file.size(), kMostBytes});
    writer.Fixed(static_cast<std::uint16_t>(zeros));
    writer.Fixed(static_cast<std::uint8_t>(bytes));
    writer.Raw(file.substr(0, bytes));
    file.remove_prefix(bytes);
  }
  return folded;
}

}  // namespace reprise::fuzz
