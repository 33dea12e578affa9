#include "format/key_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/bytes.h"
#include "format/try.h"

namespace reprise {

namespace {

Status Damaged(std::size_t at, std::string_view what) {
  return Status::Error(
      Code::kCorrupt,
      fmt::format("key table is damaged: at byte {} ({}); run 'reprise verify'", at, what));
}

std::size_t SharedLength(std::string_view a, std::string_view b) {
  const std::size_t limit = std::min(a.size(), b.size());
  std::size_t shared = 0;
  while (shared < limit && a[shared] == b[shared]) ++shared;
  return shared;
}

// Reads one key after `previous` and appends it to `bytes`, which ends with `previous`.
Status AppendKey(ByteReader* reader, std::size_t previous_begin, std::string* bytes) {
  const std::size_t at = reader->position();
  const std::string_view previous = std::string_view(*bytes).substr(previous_begin);
  std::uint64_t shared = 0;
  std::string_view rest;
  if (!reader->BoundedVarint(previous.size(), &shared) || !reader->Sized(&rest)) {
    return Damaged(at, "it is cut short");
  }
  const std::size_t size = shared + rest.size();
  if (size == 0 || size > kMaxKeyBytes) return Damaged(at, "a key has a wrong length");
  // Both writers and order demand that the keys differ right behind what they share.
  const std::string_view tail = previous.substr(shared);
  if (rest.empty() || (!tail.empty() && static_cast<unsigned char>(rest.front()) <=
                                            static_cast<unsigned char>(tail.front()))) {
    return Damaged(at, "keys are out of order");
  }
  if (bytes->size() + size > kMaxKeyTableBytes) return Damaged(at, "it is too long");
  const std::size_t begin = bytes->size();
  bytes->resize(begin + shared);
  std::copy_n(bytes->begin() + static_cast<std::ptrdiff_t>(previous_begin), shared,
              bytes->begin() + static_cast<std::ptrdiff_t>(begin));
  bytes->append(rest);
  return {};
}

}  // namespace

void KeyTable::Encode(std::span<const std::string_view> keys, std::string* out) {
  ByteWriter writer(out);
  writer.Varint(keys.size());
  std::string_view previous;
  for (const std::string_view key : keys) {
    const std::size_t shared = SharedLength(previous, key);
    writer.Varint(shared);
    writer.Sized(key.substr(shared));
    previous = key;
  }
}

Result<KeyTable> KeyTable::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  std::uint64_t count = 0;
  if (!reader.BoundedVarint(kMaxSegmentKeys, &count) || count > bytes.size() / 2) {
    return Fail(Damaged(0, "it states too many keys"));
  }
  KeyTable table;
  table.ends_.reserve(count);
  std::size_t previous_begin = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::size_t begin = table.bytes_.size();
    REPRISE_TRY(AppendKey(&reader, previous_begin, &table.bytes_));
    previous_begin = begin;
    table.ends_.push_back(static_cast<std::uint32_t>(table.bytes_.size()));
  }
  if (!reader.AtCleanEnd()) return Fail(Damaged(reader.position(), "bytes follow the last key"));
  return table;
}

std::string_view KeyTable::key(std::size_t id) const {
  const std::size_t begin = id == 0 ? 0 : ends_[id - 1];
  return std::string_view(bytes_).substr(begin, ends_[id] - begin);
}

std::optional<std::uint32_t> KeyTable::Find(std::string_view wanted) const {
  std::size_t low = 0;
  std::size_t high = size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (key(middle) < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == size() || key(low) != wanted) return std::nullopt;
  return static_cast<std::uint32_t>(low);
}

}  // namespace reprise
