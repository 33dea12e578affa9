// Which pack a session writes to.
#ifndef REPRISE_ENGINE_SEGMENT_PACK_CHOICE_H_
#define REPRISE_ENGINE_SEGMENT_PACK_CHOICE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "engine/io/directory.h"
#include "engine/io/io.h"
#include "engine/segment/pack_writer.h"
#include "reprise/status.h"

namespace reprise {

// A pack whose lock is held, for as long as `file` is open.
struct HeldPack {
  std::unique_ptr<File> file;
  std::uint64_t pack = 0;
  std::uint64_t file_id = 0;
  std::uint64_t end = 0;          // where the next frame goes
  bool name_may_be_lost = false;  // its directory entry may not be on stable storage
  bool is_dirty = false;          // it has frames that are not synced
  bool failed = false;            // a write or sync failed: it must not be written again
  // The next frame has to be a `continues` frame that names the bytes from here to `end`; 0: it
  // need not.
  std::uint64_t skipped_from = 0;
};

// A pack of this store that is not full and not held, the newest first; else a new one.
Result<HeldPack> TakePack(const Io& io, Directory& packs, const PackWriterOptions& options);

}  // namespace reprise

#endif  // REPRISE_ENGINE_SEGMENT_PACK_CHOICE_H_
