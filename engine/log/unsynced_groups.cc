#include "engine/log/unsynced_groups.h"

#include <algorithm>
#include <utility>

#include "format/bytes.h"

namespace reprise {

namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
// As much as waits for a sync at most, as a rule: memory from the system costs more than the copy.
constexpr std::size_t kSpareChunks = 8;

// Of a group that we framed ourselves; returns its size.
std::size_t ReadOwnGroup(const char* at, GroupHeader* header, std::string_view* payload) {
  header->payload_size = LoadLittle<std::uint32_t>(at + 8);
  header->record_count = LoadLittle<std::uint32_t>(at + 12);
  header->sequence = LoadLittle<std::uint64_t>(at + 16);
  header->time = LoadLittle<std::int64_t>(at + 24);
  *payload = {at + kGroupHeaderSize, header->payload_size};
  return kGroupHeaderSize + header->payload_size;
}

}  // namespace

void UnsyncedGroups::AddChunk(std::size_t size) {
  Chunk& chunk = chunks_.emplace_back();
  if (!spare_.empty()) {
    chunk.bytes = std::move(spare_.back());
    spare_.pop_back();
    chunk.bytes.clear();
  }
  chunk.bytes.reserve(std::max(size, kChunkBytes));
}

void UnsyncedGroups::Add(Sequence sequence, std::string_view group) {
  if (chunks_.empty() || chunks_.back().bytes.size() + group.size() > kChunkBytes) {
    AddChunk(group.size());
  }
  chunks_.back().bytes.append(group);
  chunks_.back().last = sequence;
  bytes_ += group.size();
}

void UnsyncedGroups::DropThrough(Sequence sequence) {
  dropped_ = std::max(dropped_, sequence);
  while (!chunks_.empty() && chunks_.front().last <= dropped_) {
    std::string& bytes = chunks_.front().bytes;
    bytes_ -= bytes.size();
    const bool is_kept = spare_.size() < kSpareChunks && bytes.capacity() <= 2 * kChunkBytes;
    if (is_kept) spare_.push_back(std::move(bytes));
    chunks_.pop_front();
  }
}

bool UnsyncedGroups::Next(Position* position, GroupHeader* header,
                          std::string_view* payload) const {
  while (position->chunk < chunks_.size()) {
    const std::string& bytes = chunks_[position->chunk].bytes;
    if (position->offset == bytes.size()) {
      *position = {position->chunk + 1, 0};
      continue;
    }
    position->offset += ReadOwnGroup(bytes.data() + position->offset, header, payload);
    if (header->sequence > dropped_) return true;
  }
  return false;
}

}  // namespace reprise
