// The writing end of a session's log: `log/<session>-<n>.log`, a new file every 64 MiB.
//
// A session is one open store handle that writes. Its log is never shared: only this object
// writes it. Records are gathered into groups; a group is written by one pwrite and is whole or
// absent after a crash. Groups are numbered from 1 over all files of the session.
#ifndef REPRISE_ENGINE_LOG_LOG_WRITER_H_
#define REPRISE_ENGINE_LOG_LOG_WRITER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/io/directory.h"
#include "engine/io/io.h"
#include "format/change.h"
#include "format/ids.h"
#include "format/row_batch.h"
#include "reprise/status.h"

namespace reprise {

struct LogWriterOptions {
  SessionId session = 0;
  std::string store_uuid;                              // 16 bytes
  std::string boot_id;                                 // 16 bytes
  std::uint64_t file_bytes = std::uint64_t{64} << 20;  // when the next file begins
  std::size_t flush_bytes = std::size_t{20} << 10;     // a pending group is written at this size
  // Written groups are kept in memory until they are synced, to be written again if that fails.
  // Above this size a write syncs first.
  std::size_t unsynced_bytes = std::size_t{8} << 20;
};

// What one Log call adds to a row.
struct RowPart {
  std::uint32_t run = 0;    // a handle from DefineRun
  std::uint32_t shape = 0;  // from DefineShape
  Step step = 0;
  TimeMicros time = kNoTime;          // ignored where the shape has none
  bool commit = false;                // the row is complete with this part
  bool restate = false;               // replaces what earlier parts said of this row
  bool flush = false;                 // write the group with this part; if that fails it is out
  std::span<const ValueView> values;  // in the shape's order and types
};

// Thread safety: every method may be called from any thread at any time.
//
// Errors common to all methods:
//   kNoSpace  The disk is full. Nothing of the call is in the log; what earlier calls added and was
//             not written yet stays pending. Call again when there is room: writing goes on at the
//             same offset, and nothing is lost or doubled.
//   kIoError  When a new file cannot be created, as for kNoSpace. Else the log has failed for good:
//             first a write or a sync failed, then writing all that was not on stable storage to a
//             new file. Every later call returns the first failure.
//   kClosed   After Close, or in a child of fork(2).
class LogWriter {
 public:
  // Nothing is created until the first group is written. `io` and `directory` must outlive the
  // writer.
  static std::unique_ptr<LogWriter> Make(const Io& io, Directory& directory,
                                         const LogWriterOptions& options);
  // Without Close: what was not flushed is lost, as if the process were killed.
  virtual ~LogWriter() = default;
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  // Handles and shape numbers hold for the whole session; each file defines those it uses at
  // their first use in it.
  virtual std::uint32_t DefineRun(const BranchId& branch, Generation generation) = 0;
  virtual std::uint32_t DefineShape(const ShapePtr& shape) = 0;

  // Adds to the pending group and returns the group's number. Not written until Flush or Sync,
  // unless the part asks for it or makes the group large enough; if that write fails the part is
  // taken out again. kInvalidArgument if part or shape is larger than a record may be.
  virtual Result<Sequence> AddRow(const RowPart& part) = 0;
  // Adds encoded changes to a group of their own, flushes and syncs it. If the write fails they are
  // taken out again; rows that were pending before may have been written.
  virtual Result<Sequence> AddChanges(std::span<const std::string> changes) = 0;

  // Writes the pending group: afterwards the OS has all that was added. If it fails the group stays
  // pending.
  virtual Status Flush() = 0;
  // Flushes and waits until group `sequence` is on stable storage. Callers that wait at the same
  // time share one fdatasync.
  virtual Status SyncThrough(Sequence sequence) = 0;
  virtual Status Sync() = 0;  // through the last group

  virtual Sequence last_written() const = 0;  // 0: none
  virtual Sequence last_synced() const = 0;

  // The number of the file that the next group goes to, as far as is known now: a file that is full
  // or fails ends before it. And the numbers of all files that exist.
  virtual std::uint32_t current_file() const = 0;
  virtual std::vector<std::uint32_t> files() const = 0;
  // Bytes in all of them.
  virtual std::uint64_t bytes() const = 0;
  // Flushes, syncs and ends the current file, so that it can be removed; the next group begins a
  // new one.
  virtual Status Rotate() = 0;
  // Removes a file that is not the current one. Everything in it must be kept elsewhere.
  virtual Status RemoveFile(std::uint32_t file) = 0;

  // Flushes, says in the log that it ends here, syncs and closes the file. If it fails the log is
  // still open.
  virtual Status Close() = 0;

 protected:
  LogWriter() = default;
};

// The name of a session's n-th log file and of its lock file, in the directory log/:
// "<16 hexadecimal digits>-<n>.log" and "<16 hexadecimal digits>.lock".
std::string LogFileName(SessionId session, std::uint32_t file);
std::string LockFileName(SessionId session);

}  // namespace reprise

#endif  // REPRISE_ENGINE_LOG_LOG_WRITER_H_
