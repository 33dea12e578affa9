#include "bench/row_logger.h"

#include <span>

#include "bench/bench_store.h"

namespace reprise::bench {

RowLogger::RowLogger(std::size_t keys, Values values)
    : drawn_(DrawnValues(values)), keys_(MadeKeys(keys)) {
  for (const std::string& key : keys_) fields_.push_back({key, {}});
}

void RowLogger::Log(RunWriter& run, Api api) {
  const std::span<const double> values = Take();
  if (api == Api::kStrings) {
    for (std::size_t i = 0; i < values.size(); ++i) fields_[i].value = values[i];
    Must(run.Log(fields_));
    return;
  }
  if (!row_) {
    const std::vector<std::string_view> keys(keys_.begin(), keys_.end());
    row_ = Must(run.Prepare(keys));
  }
  Must(run.Log(*row_, values));
}

std::span<const double> RowLogger::Take() {
  if (at_ + keys_.size() > kDrawnValues) at_ = 0;
  at_ += keys_.size();
  return std::span(drawn_).subspan(at_ - keys_.size(), keys_.size());
}

}  // namespace reprise::bench
