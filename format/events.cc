// Changes repeat one another: tables of offsets, hosts, projects, sessions. zlib makes a seventh of
// them (decision 12).
#include "format/events.h"

#include <fmt/format.h>
#include <zlib.h>

#include <cstdint>

#include "format/bytes.h"
#include "format/try.h"

namespace reprise {
namespace {

constexpr int kLevel = 3;  // 240 MB/s; 6 is a third as fast for 6 % less
// A small frame must not unfold into a huge one: what would is stored as it is.
constexpr std::size_t kMostExpansion = 256;
constexpr std::size_t kAnyExpansion = std::size_t{64} << 10;

Status Damaged(std::string_view what, std::size_t at) {
  return Status::Error(
      Code::kCorrupt,
      fmt::format("events frame is damaged: {} at byte {}; run `reprise verify`", what, at));
}

bool ExpandsTooMuch(std::size_t raw, std::size_t compressed) {
  return raw > kAnyExpansion && raw / kMostExpansion > compressed;
}

Result<std::string> Compress(std::string_view raw, int level) {
  uLongf size = compressBound(static_cast<uLong>(raw.size()));
  std::string compressed(size, '\0');
  const int error =
      compress2(reinterpret_cast<Bytef*>(compressed.data()), &size,
                reinterpret_cast<const Bytef*>(raw.data()), static_cast<uLong>(raw.size()), level);
  if (error != Z_OK) {
    return Fail(Code::kInternal,
                fmt::format("changes cannot be compressed: zlib error {}; free memory", error));
  }
  compressed.resize(size);
  return compressed;
}

Result<std::string> Expand(std::string_view compressed, std::size_t raw_size) {
  std::string raw(raw_size, '\0');
  uLongf size = static_cast<uLongf>(raw.size());
  uLong used = static_cast<uLong>(compressed.size());
  const int error = uncompress2(reinterpret_cast<Bytef*>(raw.data()), &size,
                                reinterpret_cast<const Bytef*>(compressed.data()), &used);
  if (error != Z_OK || size != raw.size() || used != compressed.size()) {
    return Fail(Damaged("what is compressed does not expand", sizeof(std::uint32_t)));
  }
  return raw;
}

}  // namespace

Result<std::string> EncodeEvents(std::span<const std::string> changes) {
  std::string raw;
  ByteWriter writer(&raw);
  for (const std::string& change : changes) writer.Sized(change);
  if (raw.size() > kMaxEventBytes) {
    return Fail(Code::kInvalidArgument,
                fmt::format("changes are too large for one frame: {} bytes (at most {}); append "
                            "fewer at once",
                            raw.size(), kMaxEventBytes));
  }
  REPRISE_TRY_ASSIGN(std::string compressed, Compress(raw, kLevel));
  if (ExpandsTooMuch(raw.size(), compressed.size())) {
    REPRISE_TRY_ASSIGN(compressed, Compress(raw, Z_NO_COMPRESSION));
  }
  std::string payload;
  ByteWriter(&payload).Fixed(static_cast<std::uint32_t>(raw.size()));
  return payload + compressed;
}

Status ForEachEvent(std::string_view payload,
                    const std::function<Status(std::string_view)>& on_change) {
  ByteReader head(payload);
  std::uint32_t raw_size = 0;
  if (!head.Fixed(&raw_size)) return Damaged("it ends in its length", 0);
  const std::string_view compressed = payload.substr(head.position());
  if (raw_size > kMaxEventBytes || ExpandsTooMuch(raw_size, compressed.size())) {
    return Damaged(fmt::format("it says that {} bytes become {}", compressed.size(), raw_size), 0);
  }
  REPRISE_TRY_ASSIGN(const std::string raw, Expand(compressed, raw_size));
  ByteReader reader(raw);
  while (reader.remaining() > 0) {
    const std::size_t at = reader.position();
    std::string_view change;
    if (!reader.Sized(&change)) return Damaged("a change is cut short (expanded)", at);
    REPRISE_TRY(on_change(change));
  }
  return {};
}

}  // namespace reprise
