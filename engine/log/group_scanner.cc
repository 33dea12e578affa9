#include "engine/log/group_scanner.h"

#include <algorithm>

#include "format/bytes.h"
#include "format/try.h"

namespace reprise {

namespace {

constexpr std::uint64_t kWindowSize = std::uint64_t{1} << 20;

// Where the marker of a group may begin in `bytes`; npos if nowhere.
std::size_t FindMarker(std::string_view bytes) {
  char marker[sizeof(kGroupMarker)];
  StoreLittle(marker, kGroupMarker);
  return bytes.find(std::string_view(marker, sizeof(marker)));
}

}  // namespace

Result<std::string_view> GroupScanner::Bytes(std::uint64_t offset, std::uint64_t size) {
  size = std::min(size, size_ - std::min(offset, size_));
  if (offset < window_offset_ || offset + size > window_offset_ + window_.size()) {
    const std::uint64_t wanted = std::min(std::max(size, kWindowSize), size_ - offset);
    window_.resize(static_cast<std::size_t>(wanted));
    window_offset_ = offset;
    auto read = file_.ReadAt(offset, window_.data(), window_.size());
    window_.resize(read.value_or(0));
    if (!read.has_value()) return Fail(std::move(read).error());
  }
  return std::string_view(window_).substr(static_cast<std::size_t>(offset - window_offset_),
                                          static_cast<std::size_t>(size));
}

Result<std::string_view> GroupScanner::SomeBytes(std::uint64_t offset) {
  const std::uint64_t end = window_offset_ + window_.size();
  const bool has = offset >= window_offset_ && offset + kGroupHeaderSize <= end;
  return Bytes(offset, has ? end - offset : kWindowSize);
}

Result<bool> GroupScanner::ReadAt(std::uint64_t offset, ScannedGroup* group, std::string* damage) {
  const GroupPlace place{file_id_, offset};
  group->offset = offset;
  REPRISE_TRY_ASSIGN(const std::string_view header, Bytes(offset, kGroupHeaderSize));
  if (!ReadGroupHeader(place, header, &group->header, damage)) return false;
  REPRISE_TRY_ASSIGN(group->payload, Bytes(offset + kGroupHeaderSize, group->header.payload_size));
  if (VerifyGroupPayload(place, group->header, group->payload, damage)) return true;
  resync_budget_ -= std::min<std::uint64_t>(resync_budget_, group->payload.size());
  return false;
}

Result<bool> GroupScanner::FindFrom(std::uint64_t from, ScannedGroup* group) {
  std::string damage;
  while (from + kGroupHeaderSize <= size_ && resync_budget_ > 0) {
    REPRISE_TRY_ASSIGN(const std::string_view bytes, SomeBytes(from));
    if (bytes.size() < kGroupHeaderSize) return false;
    const std::size_t at = FindMarker(bytes);
    if (at == std::string_view::npos) {
      from += bytes.size() - sizeof(kGroupMarker) + 1;  // one may straddle the end
      continue;
    }
    REPRISE_TRY_ASSIGN(const bool whole, ReadAt(from + at, group, &damage));
    if (whole) return true;
    from += at + 1;
  }
  return false;
}

}  // namespace reprise
