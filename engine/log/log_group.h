// A group while it is built: records in the layout of the file, with room for the group's header.
#ifndef REPRISE_ENGINE_LOG_LOG_GROUP_H_
#define REPRISE_ENGINE_LOG_LOG_GROUP_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/log/log_definitions.h"
#include "format/log_file.h"
#include "format/row_part.h"
#include "reprise/value.h"

namespace reprise {

// Records of one call follow BeginCall and can be taken out again; definitions stay, since they
// are true whether or not anything uses them.
// Thread safety: thread-compatible.
class LogGroup {
 public:
  LogGroup() { Clear(); }

  // Makes it empty, keeping its memory.
  void Clear();
  // Before the first record.
  void Begin(Sequence sequence, TimeMicros time);

  bool begun() const { return sequence_ != 0; }
  // Whether there is something to write: definitions alone are not.
  bool empty() const { return !has_content_; }
  // Of header and records.
  std::size_t size() const { return bytes_.size(); }
  // Of the records since BeginCall.
  std::size_t call_size() const { return bytes_.size() - call_start_; }
  Sequence sequence() const { return sequence_; }
  TimeMicros time() const { return time_; }

  void BeginCall();
  void RollBackCall();

  void AddRowPart(const RowPartHeader& header, bool has_time, TimeMicros time,
                  std::span<const ValueView> values);
  void AddChange(std::string_view change);
  void AddClosed(Sequence last);
  // The definitions that a row needs and the file does not have yet.
  void AddDefinitions(std::uint32_t run, std::uint32_t shape, LogDefinitions* definitions) {
    if (definitions->AreInFile(run, shape)) return;
    records_ += definitions->AppendMissing(run, shape, &bytes_);
  }

  // Adds the records of another group's payload, with the definitions that this group's file needs
  // in place of those that the other one had. `call_start` is where the other's call began in its
  // payload.
  void AddReframed(std::string_view payload, std::size_t call_start, LogDefinitions* definitions);
  // Makes the group one for another file, of which `definitions` knows nothing yet.
  void Reframe(LogDefinitions* definitions);

  // Fills in the header for this place. The bytes are valid until the next change.
  std::string_view Frame(const GroupPlace& place, Sequence durable_upto);

 private:
  void CountContent() {
    ++records_;
    has_content_ = true;
  }

  std::string bytes_;
  std::uint32_t records_ = 0;
  Sequence sequence_ = 0;
  TimeMicros time_ = 0;
  bool has_content_ = false;
  // What RollBackCall goes back to.
  std::size_t call_start_ = kGroupHeaderSize;
  std::uint32_t call_records_ = 0;
  bool call_had_content_ = false;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_LOG_LOG_GROUP_H_
