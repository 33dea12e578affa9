#include "engine/catalog/keys.h"

#include <algorithm>
#include <string>

#include "format/checksum.h"

namespace reprise {
namespace {

constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;
// Of AllOfRun.
constexpr std::size_t kRunKeySize = 1 + 2 * sizeof(std::uint64_t);

// The last `count` bytes as a number; 0 for a key that is too short.
std::uint64_t Trailing(std::string_view key, std::size_t count) {
  if (key.size() < count) return 0;
  std::uint64_t value = 0;
  for (const char c : key.substr(key.size() - count)) {
    value = value << 8 | static_cast<std::uint8_t>(c);
  }
  return value;
}

}  // namespace

Key& Key::Byte(std::uint8_t value) {
  if (size_ < kMaxSize) bytes_[size_++] = static_cast<char>(value);
  return *this;
}

Key& Key::Number32(std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) Byte(static_cast<std::uint8_t>(value >> shift));
  return *this;
}

Key& Key::Number64(std::uint64_t value) {
  return Number32(static_cast<std::uint32_t>(value >> 32))
      .Number32(static_cast<std::uint32_t>(value));
}

Key& Key::Signed64(std::int64_t value) {
  return Number64(static_cast<std::uint64_t>(value) ^ kSignBit);
}

Key& Key::Text(std::string_view text) {
  for (const char c : text.substr(0, kMaxSize - size_)) Byte(static_cast<std::uint8_t>(c));
  return *this;
}

Key SumKey() { return Key(Table::kSum); }

Key MetaKey() { return Key(Table::kMeta); }

Key ProjectKey(std::uint32_t number) { return Key(Table::kProjects).Number32(number); }

Key ProjectNameKeys(std::string_view entity, std::string_view name) {
  const std::string both = std::string(entity) + '/' + std::string(name);
  return Key(Table::kProjectNames).Number64(Hash(both));
}

Key ProjectNameKey(std::string_view entity, std::string_view name, std::uint32_t number) {
  return ProjectNameKeys(entity, name).Number32(number);
}

Key RunIdKey(std::uint32_t project, std::string_view run_id) {
  return Key(Table::kRunIds).Number32(project).Text(run_id);
}

Key AllOfRuns() { return Key(kOfRuns); }

Key EndOfRuns() { return Key(kOfRuns + 1); }

Key AllOfRun(const RunUid& uid) { return AllOfRuns().Uid(uid); }

Key RunKey(const RunUid& uid) { return {uid, Table::kRuns}; }

Key BranchKey(const BranchId& id) { return BranchKeys(id.uid).Number32(id.ordinal); }

Key BranchKeys(const RunUid& uid) { return {uid, Table::kBranches}; }

Key SegmentKeys(const BranchId& id, Stream stream) {
  return Key(id.uid, Table::kSegments).Number32(id.ordinal).Byte(static_cast<std::uint8_t>(stream));
}

Key SegmentKey(const BranchId& id, Stream stream, std::int64_t first) {
  return SegmentKeys(id, stream).Signed64(first);
}

Key LeaseKey(const RunUid& uid) { return {uid, Table::kLeases}; }

Key SessionKey(SessionId session) { return Key(Table::kSessions).Number64(session); }

Key ExplicitKeys(const BranchId& id) { return Key(id.uid, Table::kExplicit).Number32(id.ordinal); }

Key ExplicitKey(const BranchId& id, ChangeNumber number) {
  return ExplicitKeys(id).Number64(number);
}

Key ForkKeys(const RunUid& parent) { return {parent, Table::kForks}; }

Key ForkKey(const RunUid& parent, ChangeNumber created_by) {
  return ForkKeys(parent).Number64(created_by);
}

Key HeldKeys(SessionId session) { return Key(Table::kHeld).Number64(session); }

Key HeldKey(SessionId session, const RunUid& uid) { return HeldKeys(session).Uid(uid); }

Key GapKeys(const RunUid& uid) { return Key(Table::kGaps).Uid(uid); }

Key GapKey(const RunUid& uid, ChangeNumber number) { return GapKeys(uid).Number64(number); }

Table TableOf(std::string_view key) {
  if (key.empty()) return Table();
  const bool of_run = key[0] == static_cast<char>(kOfRuns) && key.size() > kRunKeySize;
  return static_cast<Table>(key[of_run ? kRunKeySize : 0]);
}

std::uint32_t TrailingNumber32(std::string_view key) {
  return static_cast<std::uint32_t>(Trailing(key, sizeof(std::uint32_t)));
}

std::uint64_t TrailingNumber64(std::string_view key) {
  return Trailing(key, sizeof(std::uint64_t));
}

std::int64_t TrailingSigned64(std::string_view key) {
  return static_cast<std::int64_t>(TrailingNumber64(key) ^ kSignBit);
}

RunUid TrailingUid(std::string_view key) {
  constexpr std::size_t kHalf = sizeof(std::uint64_t);
  if (key.size() < 2 * kHalf) return {};
  return {TrailingNumber64(key.substr(0, key.size() - kHalf)), TrailingNumber64(key)};
}

RunUid RunOf(std::string_view key) { return TrailingUid(key.substr(0, kRunKeySize)); }

}  // namespace reprise
