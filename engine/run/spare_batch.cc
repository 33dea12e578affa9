#include "engine/run/spare_batch.h"

#include <cstddef>

namespace reprise {

namespace {

constexpr std::size_t kLeastKept = std::size_t{1} << 20;
constexpr std::size_t kMostKept = std::size_t{16} << 20;

}  // namespace

SpareBatch::~SpareBatch() { const std::unique_ptr<RowBatch> left(spare_.load()); }

std::shared_ptr<RowBatch> SpareBatch::Take() {
  std::unique_ptr<RowBatch> batch(spare_.exchange(nullptr));
  if (batch == nullptr) batch = std::make_unique<RowBatch>();
  const auto take_back = [self = shared_from_this()](RowBatch* left) {
    self->TakeBack(std::unique_ptr<RowBatch>(left));
  };
  return {batch.release(), take_back};
}

void SpareBatch::TakeBack(std::unique_ptr<RowBatch> batch) {
  const std::size_t held = batch->capacity_bytes();
  if (held < kLeastKept || held > kMostKept) return;
  batch->Clear();
  batch.reset(spare_.exchange(batch.release()));
}

}  // namespace reprise
