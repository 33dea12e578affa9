// The writing end of packs: `packs/<id>.pack`, append-only files that hold many runs' segments
// and events.
//
// A session continues a pack that is not full and whose lock it gets, else it starts one, so that
// a million short processes do not leave a million files. It never overwrites or truncates: it
// begins at the next 4 KiB boundary with a frame that names the bytes skipped.
#ifndef REPRISE_ENGINE_SEGMENT_PACK_WRITER_H_
#define REPRISE_ENGINE_SEGMENT_PACK_WRITER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "engine/io/directory.h"
#include "engine/io/io.h"
#include "format/change.h"
#include "format/segment.h"
#include "reprise/status.h"

namespace reprise {

struct JoinInput;  // format/segment_join.h

struct PackWriterOptions {
  SessionId session = 0;
  std::string store_uuid;                               // 16 bytes
  std::uint64_t pack_bytes = std::uint64_t{256} << 20;  // full at this size
  bool new_pack = false;                                // continues no pack of another session
};

// A moment in what all threads append. Whoever appends takes one first, and syncs since it.
struct PackMark {
  std::uint64_t losses = 0;  // failed syncs before
};

// Thread-safe: calls take turns. A full disk (kNoSpace) leaves everything as it was, and the call
// may be made again. A pack with any other failed write or sync is never written again by this
// writer, which keeps its lock; the call fails, and the next one goes to another pack. In a child
// of fork(2) every call fails with kClosed.
class PackWriter {
 public:
  // Opens or creates nothing until the first frame.
  static std::unique_ptr<PackWriter> Make(const Io& io, Directory& packs,
                                          const PackWriterOptions& options);
  virtual ~PackWriter() = default;

  // Appends a frame that holds `segment`; says where. Not on stable storage before Sync.
  // kInvalidArgument if it is too large (EncodeSegment); nothing is written then.
  virtual Result<SegmentRef> AppendSegment(const SegmentInput& segment) = 0;
  // The same for one that others are joined into (JoinSegments).
  virtual Result<SegmentRef> AppendJoined(const JoinInput& segment) = 0;
  // Appends a frame that keeps encoded changes, so that their log file may go.
  virtual Status AppendEvents(std::span<const std::string> changes) = 0;
  virtual PackMark Mark() = 0;
  // Everything appended since the mark, by any thread, is on stable storage, the directory entry of
  // a new pack included. After a failure it must be appended again, after a new mark. Fails too
  // if the sync of another thread failed since the mark, as frames of this one went with it.
  virtual Status Sync(PackMark since) = 0;
  // Syncs, and gives the lock of the pack back that frames went to so far: the next one goes to any
  // pack that is free then.
  virtual Status LetGo() = 0;
  // Syncs and gives the pack's lock back. Later calls fail with kClosed, but for Close.
  virtual Status Close() = 0;
};

// Packs made later have greater ids: the upper half is the time (in units of 2^20 microseconds),
// the lower half is random.
std::string PackFileName(std::uint64_t pack);

}  // namespace reprise

#endif  // REPRISE_ENGINE_SEGMENT_PACK_WRITER_H_
