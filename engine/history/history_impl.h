// What a public History holds.
#ifndef REPRISE_ENGINE_HISTORY_HISTORY_IMPL_H_
#define REPRISE_ENGINE_HISTORY_HISTORY_IMPL_H_

#include <memory>

#include "engine/history/curve_cache.h"
#include "engine/history/snapshot.h"
#include "reprise/history.h"

namespace reprise {

class History::Impl {
 public:
  static Result<std::shared_ptr<const Impl>> Open(std::shared_ptr<const Snapshot> snapshot);

  const Snapshot& snapshot() const { return segments->snapshot(); }

  std::shared_ptr<const SegmentCache> segments;
  std::unique_ptr<const CurveCache> curves;
  Step last_step = kNoStep;  // of the last visible row
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_HISTORY_HISTORY_IMPL_H_
