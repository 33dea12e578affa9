#include "engine/io/file.h"

#include <fmt/format.h>

#include "format/try.h"

namespace reprise {

Result<std::string> ReadAll(File& file, std::uint64_t offset, std::uint64_t size) {
  REPRISE_TRY_ASSIGN(const std::uint64_t file_size, file.Size());
  std::size_t read = 0;
  if (offset <= file_size && size <= file_size - offset) {
    std::string bytes(size, '\0');
    REPRISE_TRY_ASSIGN(read, file.ReadAt(offset, bytes.data(), size));
    if (read == size) return bytes;
  }
  return Fail(Code::kCorrupt,
              fmt::format("file is too short: '{}' (wanted {} bytes at byte {}, it has {} bytes); "
                          "run 'reprise verify'",
                          file.path(), size, offset, file_size));
}

Result<std::string> ReadWhole(File& file, std::uint64_t limit) {
  REPRISE_TRY_ASSIGN(const std::uint64_t size, file.Size());
  if (size > limit) {
    return Fail(Code::kCorrupt,
                fmt::format("file is too long: '{}' ({} bytes, at most {} make sense); "
                            "run 'reprise verify'",
                            file.path(), size, limit));
  }
  return ReadAll(file, 0, size);
}

}  // namespace reprise
