// Copies of the groups that were written but are not known to be on stable storage: after a failed
// sync they are all that is certain, and are written to another file.
#ifndef REPRISE_ENGINE_LOG_UNSYNCED_GROUPS_H_
#define REPRISE_ENGINE_LOG_UNSYNCED_GROUPS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "format/log_file.h"

namespace reprise {

// Groups in order, as they were framed, in chunks of memory that are used again and never move.
// Thread safety: thread-compatible.
class UnsyncedGroups {
 public:
  // A walk over the groups: at the first one, until Next moves it.
  struct Position {
    std::size_t chunk = 0;
    std::size_t offset = 0;
  };

  // Bytes of the groups, and of those that were dropped and share a chunk with one that was not.
  std::size_t size() const { return bytes_; }

  // `group` is a whole one, above all before it.
  void Add(Sequence sequence, std::string_view group);
  // Forgets the groups up to `sequence`: they are safe now.
  void DropThrough(Sequence sequence);

  // False at the end, else the facts and payload of the group at `*position`, which is moved on.
  bool Next(Position* position, GroupHeader* header, std::string_view* payload) const;

 private:
  struct Chunk {
    std::string bytes;
    Sequence last = 0;
  };

  void AddChunk(std::size_t size);

  std::deque<Chunk> chunks_;
  std::vector<std::string> spare_;  // the memory of chunks that were dropped
  std::size_t bytes_ = 0;
  Sequence dropped_ = 0;  // of the first chunk, a part may be
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_LOG_UNSYNCED_GROUPS_H_
