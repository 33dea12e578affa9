#include "engine/io/file.h"

#include <fmt/format.h>

#include "format/try.h"

namespace reprise {

namespace {

// So much is read without asking first whether the file has it, since a short read tells. More
// might be too much to allocate, or lie where no file reaches.
constexpr std::uint64_t kUnaskedBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kUnaskedOffset = std::uint64_t{1} << 48;

Status TooShort(const File& file, std::uint64_t offset, std::uint64_t size,
                std::uint64_t file_size) {
  return Status::Error(
      Code::kCorrupt,
      fmt::format("file is too short: '{}' (wanted {} bytes at byte {}, it has {} bytes); "
                  "run 'reprise verify'",
                  file.path(), size, offset, file_size));
}

Status CheckHas(File& file, std::uint64_t offset, std::uint64_t size) {
  REPRISE_TRY_ASSIGN(const std::uint64_t file_size, file.Size());
  if (offset <= file_size && size <= file_size - offset) return {};
  return TooShort(file, offset, size, file_size);
}

}  // namespace

Result<std::string> ReadAll(File& file, std::uint64_t offset, std::uint64_t size) {
  const bool tells = size > 0 && size <= kUnaskedBytes && offset <= kUnaskedOffset;
  if (!tells) REPRISE_TRY(CheckHas(file, offset, size));
  std::string bytes(size, '\0');
  REPRISE_TRY_ASSIGN(const std::size_t read, file.ReadAt(offset, bytes.data(), size));
  if (read == size) return bytes;
  REPRISE_TRY_ASSIGN(const std::uint64_t file_size, file.Size());
  return Fail(TooShort(file, offset, size, file_size));
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
