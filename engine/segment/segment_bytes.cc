#include "engine/segment/segment_bytes.h"

#include <fmt/format.h>

#include "format/checksum.h"
#include "format/try.h"

namespace reprise {

namespace {

constexpr std::uint64_t kKeptBytes = std::uint64_t{32} << 10;

Status Damaged(std::string_view what, std::string_view facts) {
  return Status::Error(Code::kCorrupt, fmt::format("{} ({}); run 'reprise verify'", what, facts));
}

bool Describes(const SegmentRef& ref, const FrameHeader& header) {
  return header.kind == FrameKind::kSegment && header.branch == ref.branch &&
         header.stream == ref.stream && header.first == ref.first && header.last == ref.last &&
         header.rows == ref.rows && header.generation == ref.generation &&
         header.payload_length + std::uint64_t{kFrameHeaderSize} == ref.length;
}

// Of a reference or a frame's header.
template <typename Described>
std::string Text(const Described& segment, std::uint64_t length) {
  return fmt::format(
      "{} rows at {} to {} of stream {}, branch {} of run {}, generation {}, {} bytes",
      segment.rows, segment.first, segment.last, static_cast<int>(segment.stream),
      segment.branch.ordinal, ToHex(segment.branch.uid), segment.generation, length);
}

}  // namespace

SegmentFacts SegmentBytes::known_facts() const {
  SegmentFacts facts;
  facts.branch = ref_.branch;
  facts.stream = ref_.stream;
  facts.generation = ref_.generation;
  facts.first_step = ref_.first;
  facts.last_step = ref_.last;
  facts.rows = ref_.rows;
  return facts;
}

Result<SegmentBytes> SegmentBytes::Open(std::shared_ptr<PackFile> pack, const SegmentRef& ref,
                                        FrameCheck check) {
  SegmentBytes bytes(std::move(pack), ref);
  if (ref.length < kFrameHeaderSize + kSegmentFooterSize || ref.length > kMaxFrameBytes ||
      ref.pack != bytes.pack_->id()) {
    return Fail(
        bytes.Named(Damaged("segment cannot be where it should",
                            fmt::format("{} bytes in pack {}", ref.length, ToHex(ref.pack)))));
  }
  const bool keeps = ref.length <= kKeptBytes;
  REPRISE_TRY_ASSIGN(std::string head,
                     bytes.ReadPack(ref.offset, keeps ? ref.length : kFrameHeaderSize));
  if (check == FrameCheck::kCompare) REPRISE_TRY(bytes.CheckHeader(head));
  if (keeps) bytes.kept_ = std::move(head);
  return bytes;
}

Status SegmentBytes::CheckHeader(std::string_view bytes) const {
  const Result<FrameHeader> header = DecodeFrameHeader(bytes, file_id(), ref_.offset);
  if (!header.has_value()) return Named(header.error());
  if (Describes(ref_, *header)) return {};
  return Named(
      Damaged("frame is not the segment that was published",
              fmt::format("found {}, expected {}",
                          Text(*header, std::uint64_t{kFrameHeaderSize} + header->payload_length),
                          Text(ref_, ref_.length))));
}

Status SegmentBytes::CheckSum(const SegmentChunk& chunk, std::string_view bytes) const {
  const std::uint64_t computed = Checksum(bytes, file_id(), file_offset(chunk.offset));
  if (computed == chunk.checksum) return {};
  return Named(
      Damaged("segment checksum mismatch",
              fmt::format("{} bytes at byte {}, stored {:016x}, computed {:016x}", chunk.length,
                          file_offset(chunk.offset), chunk.checksum, computed)));
}

Result<std::string_view> SegmentBytes::Read(std::uint64_t offset, std::uint64_t size,
                                            std::string* buffer) const {
  if (!kept_.empty()) return std::string_view(kept_).substr(kFrameHeaderSize + offset, size);
  REPRISE_TRY_ASSIGN(*buffer, ReadPack(file_offset(offset), size));
  return std::string_view(*buffer);
}

Result<std::string_view> SegmentBytes::ReadChecked(const SegmentChunk& chunk,
                                                   std::string* buffer) const {
  REPRISE_TRY_ASSIGN(const std::string_view bytes, Read(chunk.offset, chunk.length, buffer));
  REPRISE_TRY(CheckSum(chunk, bytes));
  return bytes;
}

Result<SegmentFooter> SegmentBytes::DecodeFooter(std::string_view bytes) const {
  const std::uint64_t offset = file_offset(size() - kSegmentFooterSize);
  Result<SegmentFooter> footer = DecodeSegmentFooter(bytes, file_id(), offset);
  if (!footer.has_value()) return Fail(Named(footer.error()));
  if (footer->index_length() <= size() - kSegmentFooterSize) return footer;
  return Fail(Named(Damaged(
      "segment footer makes no sense",
      fmt::format("an index of {} bytes in a segment of {}", footer->index_length(), size()))));
}

Result<SegmentFooter> SegmentBytes::ReadFooter() const {
  std::string buffer;
  REPRISE_TRY_ASSIGN(const std::string_view bytes,
                     Read(size() - kSegmentFooterSize, kSegmentFooterSize, &buffer));
  return DecodeFooter(bytes);
}

Status SegmentBytes::VerifyFooter() const {
  REPRISE_TRY_ASSIGN(const std::string bytes,
                     ReadPack(file_offset(size() - kSegmentFooterSize), kSegmentFooterSize));
  REPRISE_TRY(DecodeFooter(bytes));
  return {};
}

Status SegmentBytes::VerifyHeader() const {
  REPRISE_TRY_ASSIGN(const std::string bytes, ReadPack(ref_.offset, kFrameHeaderSize));
  return CheckHeader(bytes);
}

Status SegmentBytes::VerifyChunk(const SegmentChunk& chunk) const {
  REPRISE_TRY_ASSIGN(const std::string bytes, ReadPack(file_offset(chunk.offset), chunk.length));
  return CheckSum(chunk, bytes);
}

Status SegmentBytes::Named(const Status& status) const {
  if (status.ok()) return status;
  return Status::Error(
      status.code(),
      fmt::format("pack '{}', frame at byte {}, steps {} to {} of branch {} of run {}: {}",
                  pack_->path(), ref_.offset, ref_.first, ref_.last, ref_.branch.ordinal,
                  ToHex(ref_.branch.uid), status.message()));
}

Result<std::string> SegmentBytes::ReadPack(std::uint64_t offset, std::uint64_t size) const {
  Result<std::string> bytes = pack_->Read(offset, size);
  if (!bytes.has_value()) return Fail(Named(bytes.error()));
  return bytes;
}

}  // namespace reprise
