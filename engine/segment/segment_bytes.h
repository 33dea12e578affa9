// The bytes of one segment in its pack.
#ifndef REPRISE_ENGINE_SEGMENT_SEGMENT_BYTES_H_
#define REPRISE_ENGINE_SEGMENT_SEGMENT_BYTES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "engine/segment/pack_reader.h"
#include "format/segment_index.h"
#include "reprise/status.h"

namespace reprise {

// Offsets count from the segment's first byte, behind the frame's header.
//
// A short frame is read whole and kept, since one read is cheaper than three; of a long one only
// what is asked for is read. Thread safety: const access from any thread.
class SegmentBytes {
 public:
  // kCorrupt if the frame's header is not the one that `ref` describes; kTrustRef does not look.
  static Result<SegmentBytes> Open(std::shared_ptr<PackFile> pack, const SegmentRef& ref,
                                   FrameCheck check = FrameCheck::kCompare);

  const SegmentRef& ref() const { return ref_; }
  // What the reference says of the segment, which its index does not repeat.
  SegmentFacts known_facts() const;
  std::uint64_t size() const { return ref_.length - kFrameHeaderSize; }
  std::uint64_t file_id() const { return pack_->file_id(); }
  std::uint64_t file_offset(std::uint64_t offset) const {
    return ref_.offset + kFrameHeaderSize + offset;
  }

  // The view refers to this object or to `buffer`.
  Result<std::string_view> Read(std::uint64_t offset, std::uint64_t size,
                                std::string* buffer) const;
  // The same; kCorrupt unless the checksum is the chunk's.
  Result<std::string_view> ReadChecked(const SegmentChunk& chunk, std::string* buffer) const;
  // kCorrupt unless `bytes`, read from there, are the chunk.
  Status CheckSum(const SegmentChunk& chunk, std::string_view bytes) const;
  // kCorrupt also if the index cannot have the length that the footer states.
  Result<SegmentFooter> ReadFooter() const;

  // Reads from the file, kept or not, and checks.
  Status VerifyHeader() const;
  Status VerifyChunk(const SegmentChunk& chunk) const;
  Status VerifyFooter() const;

  // A failure, with pack, frame, and what is lost with it named.
  Status Named(const Status& status) const;

 private:
  SegmentBytes(std::shared_ptr<PackFile> pack, const SegmentRef& ref)
      : pack_(std::move(pack)), ref_(ref) {}

  // As PackFile::Read; offsets count from the file's first byte.
  Result<std::string> ReadPack(std::uint64_t offset, std::uint64_t size) const;
  Status CheckHeader(std::string_view bytes) const;
  Result<SegmentFooter> DecodeFooter(std::string_view bytes) const;

  std::shared_ptr<PackFile> pack_;
  SegmentRef ref_;
  std::string kept_;  // the whole frame, if it is short
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_SEGMENT_SEGMENT_BYTES_H_
