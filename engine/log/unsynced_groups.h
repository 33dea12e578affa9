// Copies of the groups that were written but are not known to be on stable storage: after a failed
// sync they are all that is certain, and are written to another file.
#ifndef REPRISE_ENGINE_LOG_UNSYNCED_GROUPS_H_
#define REPRISE_ENGINE_LOG_UNSYNCED_GROUPS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "format/log_file.h"

namespace reprise {

// Groups in order, back to back as they were framed.
// Thread safety: thread-compatible.
class UnsyncedGroups {
 public:
  bool empty() const { return bytes_.empty(); }
  std::size_t size() const { return bytes_.size(); }

  void Add(std::string_view group) { bytes_.append(group); }
  // Forgets the groups up to `sequence`: they are safe now.
  void DropThrough(Sequence sequence);

  // Walks the groups: false at the end, else the facts and payload of the group at `*position`,
  // which is moved on. Start with 0.
  bool Next(std::size_t* position, GroupHeader* header, std::string_view* payload) const;

 private:
  std::string bytes_;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_LOG_UNSYNCED_GROUPS_H_
