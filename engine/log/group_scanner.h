// Finds the whole groups in a log file, also behind damage.
#ifndef REPRISE_ENGINE_LOG_GROUP_SCANNER_H_
#define REPRISE_ENGINE_LOG_GROUP_SCANNER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/io/file.h"
#include "format/log_file.h"
#include "reprise/status.h"

namespace reprise {

// A whole group: header and payload verified.
struct ScannedGroup {
  GroupHeader header;
  std::uint64_t offset = 0;
  std::string_view payload;  // valid until the scanner is asked again

  std::uint64_t end() const { return offset + kGroupHeaderSize + header.payload_size; }
};

// Looks at the first `size` bytes of a file. Memory: a megabyte, or the largest group.
// Thread safety: thread-compatible.
class GroupScanner {
 public:
  GroupScanner(File& file, std::uint64_t file_id, std::uint64_t size)
      : file_(file), file_id_(file_id), size_(size), resync_budget_(kResyncFactor * size) {}

  // The group at `offset`. False if there is no whole one; `damage` then says why.
  Result<bool> ReadAt(std::uint64_t offset, ScannedGroup* group, std::string* damage);
  // The first whole group at or behind `from`. False if there is none.
  Result<bool> FindFrom(std::uint64_t from, ScannedGroup* group);

 private:
  // Payloads that do not verify are read at most this many times the file's size in all, so that
  // a made-up file cannot keep a reader busy for ever.
  static constexpr std::uint64_t kResyncFactor = 4;

  // Up to `size` bytes at `offset`, fewer where the file ends.
  Result<std::string_view> Bytes(std::uint64_t offset, std::uint64_t size);
  // Some bytes at `offset`, at least a header's where the file has them: read anew only where the
  // window ends, since a made-up file may have a marker every four bytes.
  Result<std::string_view> SomeBytes(std::uint64_t offset);

  File& file_;
  std::uint64_t file_id_;
  std::uint64_t size_;
  std::uint64_t resync_budget_;
  std::string window_;
  std::uint64_t window_offset_ = 0;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_LOG_GROUP_SCANNER_H_
