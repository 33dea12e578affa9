// The memory of sealed rows, for rows to come.
#ifndef REPRISE_ENGINE_RUN_SPARE_BATCH_H_
#define REPRISE_ENGINE_RUN_SPARE_BATCH_H_

#include <atomic>
#include <memory>

#include "format/row_batch.h"

namespace reprise {

// Keeps one large batch that nobody has any more, so that the next need not grow anew: what is
// freed goes back to the system, and a page that the system gives anew costs more than the rows on
// it. At most 16 MiB wait so.
// Thread safety: all methods, from any thread, and in a child of fork(2).
class SpareBatch : public std::enable_shared_from_this<SpareBatch> {
 public:
  SpareBatch() = default;
  ~SpareBatch();
  SpareBatch(const SpareBatch&) = delete;
  SpareBatch& operator=(const SpareBatch&) = delete;

  // An empty batch. It comes back with its last holder, who may outlive all but this object.
  std::shared_ptr<RowBatch> Take();

 private:
  void TakeBack(std::unique_ptr<RowBatch> batch);

  std::atomic<RowBatch*> spare_{nullptr};
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_SPARE_BATCH_H_
