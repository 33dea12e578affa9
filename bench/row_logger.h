// Logs rows of drawn values, through one of the interfaces of Log.
#ifndef REPRISE_BENCH_ROW_LOGGER_H_
#define REPRISE_BENCH_ROW_LOGGER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/drawn_values.h"
#include "reprise/run_writer.h"

namespace reprise::bench {

enum class Api : std::int64_t {
  kStrings,   // keys as strings
  kPrepared,  // a PreparedRow
};

class RowLogger {
 public:
  RowLogger(std::size_t keys, Values values);

  // `run` is of the same store at every call.
  void Log(RunWriter& run, Api api);

 private:
  // The values of the next row.
  std::span<const double> Take();

  const std::vector<double>& drawn_;
  std::vector<std::string> keys_;
  std::optional<PreparedRow> row_;
  std::vector<Field> fields_;
  std::size_t at_ = 0;
};

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_ROW_LOGGER_H_
