// Finding the frames of a pack without being told where they are.
#ifndef REPRISE_ENGINE_SEGMENT_PACK_SCAN_H_
#define REPRISE_ENGINE_SEGMENT_PACK_SCAN_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/io/file.h"
#include "engine/segment/pack_reader.h"
#include "format/pack.h"
#include "reprise/status.h"

namespace reprise {

// What frames are looked for in: a pack as it was when its size was asked for.
struct PackSpan {
  File* file = nullptr;
  std::uint64_t file_id = 0;
  std::uint64_t pack = 0;
  std::uint64_t size = 0;
};

// A frame that is there from end to end: the header verifies, and so does the segment's footer, or
// the payload of events. What lies before the footer need not.
struct WholeFrame {
  std::uint64_t offset = 0;
  FrameHeader header;
  std::string payload;  // of events

  std::uint64_t end() const { return offset + kFrameHeaderSize + header.payload_length; }
};

// The frame that begins at `offset`. kCorrupt if there is no whole one.
Result<WholeFrame> ReadFrame(const PackSpan& pack, std::uint64_t offset);

// Visits all whole frames from `from`, which is where a frame begins or damage does. Reads a few
// times the pack's size at most, whatever its bytes are.
Status WalkFrames(const PackSpan& pack, std::uint64_t from,
                  const std::function<Status(const WholeFrame&)>& on_frame,
                  const std::function<Status(const PackDamage&)>& on_damage);

// Where the last whole frame ends. Looks at the last session's frames only, where it finds them.
Result<std::uint64_t> EndOfFrames(const PackSpan& pack);

// What `frame` says of itself.
SegmentRef RefOf(const WholeFrame& frame, std::uint64_t pack);

// The same failure, with the file and the place in it.
Status InPack(const std::string& path, std::uint64_t offset, const Status& status);

}  // namespace reprise

#endif  // REPRISE_ENGINE_SEGMENT_PACK_SCAN_H_
