// Room for giving rows up on a full disk. A rewind and a delete write a few pages, and there may be
// none left: the file RESERVE takes some while there are, and is removed when a call that gives
// rows up finds the disk full (docs/decisions/0021).
#ifndef REPRISE_ENGINE_RUN_SPACE_RESERVE_H_
#define REPRISE_ENGINE_RUN_SPACE_RESERVE_H_

#include <cstddef>
#include <string_view>
#include <utility>

#include "engine/io/directory.h"
#include "engine/io/io.h"
#include "engine/run/store_context.h"
#include "reprise/status.h"

namespace reprise {

inline constexpr std::string_view kReserveName = "RESERVE";
// Twice the most that a new session, a change and its transaction were seen to take.
inline constexpr std::size_t kReserveBytes = std::size_t{16} << 10;

// Makes the file, unless it is there. A disk without room stays without: the next opening of the
// store tries again. Its bytes are random, since some file systems store zeros in no space.
void KeepReserve(Random& random, Directory& root);
// True if there was one: what failed for want of space may work now.
bool ReleaseReserve(Directory& root);

inline Code CodeOf(const Status& status) { return status.code(); }
template <typename T>
Code CodeOf(const Result<T>& result) {
  return result.has_value() ? Code::kOk : result.error().code();
}

// `work`, and once more without the reserve if the disk is full: it must be a call that may be made
// again after kNoSpace.
template <typename Work>
auto WithReserve(const StoreContext& context, const Work& work) {
  auto done = work();
  const bool again = CodeOf(done) == Code::kNoSpace && ReleaseReserve(*context.root);
  return again ? work() : std::move(done);
}

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_SPACE_RESERVE_H_
