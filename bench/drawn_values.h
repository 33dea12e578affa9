// Metrics that were drawn beforehand, since a random number takes longer than logging it.
#ifndef REPRISE_BENCH_DRAWN_VALUES_H_
#define REPRISE_BENCH_DRAWN_VALUES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "reprise/run_writer.h"

namespace reprise::bench {

// The same falling loss with noise, as programs log it.
enum class Values : std::int64_t {
  kFloats,    // as a network computes it: float32
  kDoubles,   // all 53 bits of it are noise
  kDecimals,  // rounded to 4 digits after the point
};

inline constexpr std::size_t kDrawnValues = std::size_t{1} << 20;

// kDrawnValues of them, drawn once, and the same again behind them: as many may be taken from any
// place among the first.
const std::vector<double>& DrawnValues(Values values);

// "train/key0", "train/key1" and so on.
std::vector<std::string> MadeKeys(std::size_t count);

// Makes batches of drawn values for AppendColumns, without copying them.
class BatchMaker {
 public:
  BatchMaker(std::size_t keys, Values values);

  // Rows with the steps from `first` on, a twentieth of a second apart. At most kDrawnValues. Valid
  // until the next call.
  const ColumnBatch& Make(Step first, std::size_t rows);

 private:
  const std::vector<double>& drawn_;
  std::vector<std::string> keys_;
  std::vector<Step> steps_;
  std::vector<TimeMicros> times_;
  std::vector<ColumnBatch::Column> columns_;
  ColumnBatch batch_;
};

// Appends rows with `keys` keys, in batches of at most `batch_rows`.
void AppendDrawnRows(RunWriter& run, std::size_t rows, std::size_t keys, Values values,
                     std::size_t batch_rows = 65'536);

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_DRAWN_VALUES_H_
