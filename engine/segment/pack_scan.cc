#include "engine/segment/pack_scan.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/checksum.h"
#include "format/segment_index.h"
#include "format/try.h"

namespace reprise {

namespace {

// How much is looked through at a time for the beginning of a frame.
constexpr std::uint64_t kWindowBytes = std::uint64_t{1} << 20;
// How far from the end the last session's beginning is looked for.
constexpr std::uint64_t kTailBytes = std::uint64_t{256} << 10;
// Payloads that do not verify are read at most this many times the pack's size in all, so that a
// made-up pack cannot keep a reader busy for ever.
constexpr std::uint64_t kResyncFactor = 4;

Status CheckPayload(const PackSpan& pack, std::uint64_t* budget, WholeFrame* frame) {
  const std::uint64_t begin = frame->offset + kFrameHeaderSize;
  REPRISE_TRY_ASSIGN(frame->payload, ReadAll(*pack.file, begin, frame->header.payload_length));
  const std::uint64_t computed = Checksum(frame->payload, pack.file_id, begin);
  if (computed == frame->header.payload_checksum) return {};
  *budget -= std::min<std::uint64_t>(*budget, frame->header.payload_length);
  return Status::Error(
      Code::kCorrupt,
      fmt::format("events checksum mismatch: {} bytes at byte {} (stored {:016x}, computed "
                  "{:016x}); run 'reprise verify'",
                  frame->header.payload_length, begin, frame->header.payload_checksum, computed));
}

Status CheckFooter(const PackSpan& pack, const WholeFrame& frame) {
  if (frame.header.payload_length < kSegmentFooterSize) {
    return Status::Error(Code::kCorrupt, "segment is too short for a footer; run 'reprise verify'");
  }
  const std::uint64_t begin = frame.end() - kSegmentFooterSize;
  REPRISE_TRY_ASSIGN(const std::string bytes, ReadAll(*pack.file, begin, kSegmentFooterSize));
  REPRISE_TRY(DecodeSegmentFooter(bytes, pack.file_id, begin));
  return {};
}

Status CheckContent(const PackSpan& pack, std::uint64_t* budget, WholeFrame* frame) {
  switch (frame->header.kind) {
    case FrameKind::kSegment:
      return CheckFooter(pack, *frame);
    case FrameKind::kEvents:
      return CheckPayload(pack, budget, frame);
    case FrameKind::kContinues:
      break;
  }
  return {};
}

Result<WholeFrame> ReadFrameUnnamed(const PackSpan& pack, std::uint64_t offset,
                                    std::uint64_t* budget) {
  WholeFrame frame;
  frame.offset = offset;
  REPRISE_TRY_ASSIGN(const std::string bytes, ReadAll(*pack.file, offset, kFrameHeaderSize));
  REPRISE_TRY_ASSIGN(frame.header, DecodeFrameHeader(bytes, pack.file_id, offset));
  if (frame.end() > pack.size) {
    return Fail(Code::kCorrupt,
                fmt::format("frame is cut short: it ends at byte {} (the pack has {} bytes); run "
                            "'reprise verify'",
                            frame.end(), pack.size));
  }
  REPRISE_TRY(CheckContent(pack, budget, &frame));
  return frame;
}

// kCorrupt if there is none at `offset`. `budget`: the bytes of payloads that do not verify which
// may still be read.
Result<WholeFrame> ReadFrame(const PackSpan& pack, std::uint64_t offset, std::uint64_t* budget) {
  Result<WholeFrame> frame = ReadFrameUnnamed(pack, offset, budget);
  if (!frame.has_value()) return Fail(InPack(pack.file->path(), offset, frame.error()));
  return frame;
}

// The first whole frame that begins in `window`, which begins at `base` of the file.
Result<std::optional<WholeFrame>> FindInWindow(const PackSpan& pack, std::uint64_t base,
                                               std::string_view window, std::uint64_t* budget) {
  for (std::size_t at = window.find(kFrameMagic); at != std::string_view::npos && *budget > 0;
       at = window.find(kFrameMagic, at + 1)) {
    Result<WholeFrame> frame = ReadFrame(pack, base + at, budget);
    if (frame.has_value()) return std::optional(std::move(frame).value());
    if (frame.error().code() != Code::kCorrupt) return Fail(frame.error());
  }
  return std::optional<WholeFrame>();
}

Result<std::optional<WholeFrame>> FindFrame(const PackSpan& pack, std::uint64_t from,
                                            std::uint64_t* budget) {
  while (from + kFrameHeaderSize <= pack.size && *budget > 0) {
    const std::uint64_t size = std::min(kWindowBytes, pack.size - from);
    REPRISE_TRY_ASSIGN(const std::string window, ReadAll(*pack.file, from, size));
    REPRISE_TRY_ASSIGN(std::optional<WholeFrame> frame, FindInWindow(pack, from, window, budget));
    if (frame.has_value()) return frame;
    if (size < kWindowBytes) break;
    from += size - (kFrameMagic.size() - 1);  // a magic may lie across the windows
  }
  return std::optional<WholeFrame>();
}

// Where damage ends that begins at `from`, if the next whole frame is `next`: at the bytes that its
// session has named as skipped, if it has.
std::uint64_t EndOfDamage(const PackSpan& pack, const std::optional<WholeFrame>& next) {
  if (!next.has_value()) return pack.size;
  const bool names = next->header.kind == FrameKind::kContinues;
  return names ? static_cast<std::uint64_t>(next->header.first) : next->offset;
}

// Where the frames of the last session begin, or a place from which they are found.
Result<std::uint64_t> LastSessionStart(const PackSpan& pack) {
  const std::uint64_t tail = std::min(kTailBytes, pack.size);
  const std::uint64_t base = (pack.size - tail + kPackBlockBytes - 1) & ~(kPackBlockBytes - 1);
  if (base >= pack.size) return kPackHeaderSize;
  REPRISE_TRY_ASSIGN(const std::string bytes, ReadAll(*pack.file, base, pack.size - base));
  for (std::uint64_t at = (bytes.size() - 1) & ~(kPackBlockBytes - 1);; at -= kPackBlockBytes) {
    const std::string_view header = std::string_view(bytes).substr(at, kFrameHeaderSize);
    if (DecodeFrameHeader(header, pack.file_id, base + at).has_value()) return base + at;
    if (at == 0) return kPackHeaderSize;
  }
}

}  // namespace

Result<WholeFrame> ReadFrame(const PackSpan& pack, std::uint64_t offset) {
  std::uint64_t budget = pack.size;
  return ReadFrame(pack, offset, &budget);
}

Status WalkFrames(const PackSpan& pack, std::uint64_t from,
                  const std::function<Status(const WholeFrame&)>& on_frame,
                  const std::function<Status(const PackDamage&)>& on_damage) {
  std::uint64_t budget = kResyncFactor * pack.size;
  while (from < pack.size) {
    Result<WholeFrame> frame = ReadFrame(pack, from, &budget);
    if (frame.has_value()) {
      REPRISE_TRY(on_frame(*frame));
      from = frame->end();
      continue;
    }
    if (frame.error().code() != Code::kCorrupt) return frame.error();
    REPRISE_TRY_ASSIGN(const std::optional<WholeFrame> next, FindFrame(pack, from + 1, &budget));
    const std::uint64_t end = EndOfDamage(pack, next);
    if (end > from) {
      REPRISE_TRY(on_damage({from, end - from, std::string(frame.error().message())}));
    }
    from = next.has_value() ? next->offset : pack.size;
  }
  return {};
}

Result<std::uint64_t> EndOfFrames(const PackSpan& pack) {
  REPRISE_TRY_ASSIGN(std::uint64_t end, LastSessionStart(pack));
  REPRISE_TRY(WalkFrames(
      pack, end,
      [&end](const WholeFrame& frame) {
        end = frame.end();
        return Status();
      },
      [](const PackDamage&) { return Status(); }));
  return end;
}

SegmentRef RefOf(const WholeFrame& frame, std::uint64_t pack) {
  SegmentRef ref;
  ref.pack = pack;
  ref.offset = frame.offset;
  ref.length = frame.end() - frame.offset;
  if (frame.header.kind != FrameKind::kSegment) return ref;
  ref.branch = frame.header.branch;
  ref.stream = frame.header.stream;
  ref.first = frame.header.first;
  ref.last = frame.header.last;
  ref.rows = frame.header.rows;
  ref.generation = frame.header.generation;
  return ref;
}

Status InPack(const std::string& path, std::uint64_t offset, const Status& status) {
  if (status.ok()) return status;
  return Status::Error(status.code(), fmt::format("pack '{}', frame at byte {}: {}", path, offset,
                                                  status.message()));
}

}  // namespace reprise
