#include "format/summary_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "format/summary_value.h"

namespace reprise {

namespace {

constexpr std::size_t kMaxKeySize = 1024;
// A key of one byte, then an aggregate of one row without numbers.
constexpr std::size_t kMinEntrySize = 8;

std::size_t SharedPrefix(std::string_view a, std::string_view b) {
  const auto differ = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(differ.first - a.begin());
}

// Turns `key`, the previous one, into the next; it must be above it and share no more than said.
bool DecodeKey(ByteReader* reader, std::string* key) {
  std::uint64_t shared = 0;
  std::uint64_t size = 0;
  std::string_view suffix;
  if (!ReadShortestVarint(reader, key->size(), &shared)) return false;
  if (!ReadShortestVarint(reader, kMaxKeySize - shared, &size) || size == 0) return false;
  if (!reader->Raw(static_cast<std::size_t>(size), &suffix)) return false;
  const auto kept = static_cast<std::size_t>(shared);
  if (kept < key->size() && std::string_view(*key).substr(kept, 1) >= suffix.substr(0, 1)) {
    return false;
  }
  key->resize(kept);
  key->append(suffix);
  return true;
}

Status Damaged(std::size_t offset, std::uint64_t entry, std::uint64_t count) {
  return Status::Error(Code::kCorrupt,
                       fmt::format("summary table does not decode: at byte {} (entry {} of {}); "
                                   "run 'reprise verify --deep'",
                                   offset, entry, count));
}

Status TooManyKeyBytes(std::size_t offset, std::size_t limit, std::size_t size) {
  return Status::Error(
      Code::kCorrupt, fmt::format("summary table has too long keys: at byte {} (more than {} bytes "
                                  "in a table of {}); run 'reprise verify --deep'",
                                  offset, limit, size));
}

}  // namespace

const Aggregate* SummaryTable::Find(std::string_view key) const {
  const auto found = aggregates_.find(key);
  return found == aggregates_.end() ? nullptr : &found->second;
}

Aggregate& SummaryTable::At(std::string_view key) {
  const auto found = aggregates_.find(key);
  if (found != aggregates_.end()) return found->second;
  return aggregates_.emplace(key, Aggregate()).first->second;
}

void SummaryTable::Add(std::string_view key, Step step, const ValueView& value) {
  At(key).Add(step, value);
}

void SummaryTable::AddColumn(std::string_view key, std::span<const Step> steps,
                             const Column& column, std::size_t first) {
  Aggregate added;
  added.AddColumn(steps, column, first);
  Merge(key, added);
}

void SummaryTable::Put(std::string_view key, const Aggregate& aggregate) {
  if (!aggregate.empty()) {
    At(key) = aggregate;
    return;
  }
  const auto found = aggregates_.find(key);
  if (found != aggregates_.end()) aggregates_.erase(found);
}

void SummaryTable::Merge(std::string_view key, const Aggregate& other) {
  if (!other.empty()) At(key).Merge(other);
}

void SummaryTable::Merge(const SummaryTable& other) {
  for (const auto& [key, aggregate] : other) Merge(key, aggregate);
}

std::size_t SummaryTable::KeyBytes() const {
  std::size_t bytes = 0;
  for (const auto& [key, aggregate] : aggregates_) bytes += key.size();
  return bytes;
}

void SummaryTable::Encode(ByteWriter* writer) const {
  writer->Varint(size());
  std::string_view previous;
  for (const auto& [key, aggregate] : aggregates_) {
    const std::size_t shared = SharedPrefix(previous, key);
    writer->Varint(shared);
    writer->Sized(std::string_view(key).substr(shared));
    aggregate.Encode(writer);
    previous = key;
  }
}

Status SummaryTable::Decode(ByteReader* reader) {
  const std::size_t start = reader->position();
  const std::size_t size = reader->remaining();
  std::uint64_t count = 0;
  const std::size_t most = std::min(size / kMinEntrySize, kMaxSummaryEntries);
  if (!ReadShortestVarint(reader, most, &count)) {
    return Damaged(start, 0, count);
  }
  Map decoded;
  std::string key;
  std::size_t key_bytes = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::size_t offset = reader->position();
    Aggregate aggregate;
    if (!DecodeKey(reader, &key) || !aggregate.Decode(reader)) return Damaged(offset, i, count);
    key_bytes += key.size();
    if (key_bytes > MaxSummaryKeyBytes(size)) {
      return TooManyKeyBytes(offset, MaxSummaryKeyBytes(size), size);
    }
    decoded.emplace_hint(decoded.end(), key, std::move(aggregate));
  }
  aggregates_ = std::move(decoded);
  return {};
}

}  // namespace reprise
