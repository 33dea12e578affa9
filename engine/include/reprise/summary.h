// What is kept of each key over a run's visible rows.
#ifndef REPRISE_SUMMARY_H_
#define REPRISE_SUMMARY_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "reprise/value.h"

namespace reprise {

// A value and the step it was logged at.
struct ValueAtStep {
  Value value;
  Step step = kNoStep;

  friend bool operator==(const ValueAtStep&, const ValueAtStep&) = default;
};

// One key's aggregates. They depend on the visible rows alone, bit for bit: logging, rewinding,
// forking, resuming and recovering to the same rows give the same summary.
struct SummaryEntry {
  // The first and the last logged value, of any type.
  ValueAtStep first;
  ValueAtStep last;
  // The extreme numbers as logged (ties: the lowest step; -0 = +0); absent where `count` is 0.
  std::optional<ValueAtStep> min;
  std::optional<ValueAtStep> max;
  std::uint64_t count = 0;  // numbers that are not NaN; bool counts as 0 or 1
  std::uint64_t nan = 0;    // NaNs
  // The exact sum, and the exact sum over `count`, each rounded once; absent where `count` is 0.
  std::optional<double> sum;
  std::optional<double> mean;
};

struct Summary {
  // The last step counted; kNoStep in an empty history.
  Step through = kNoStep;
  std::uint64_t rows = 0;
  // By key; keys of logged rows.
  std::map<std::string, SummaryEntry> entries;
  // Values set by SetSummary that are visible here. They win over `last` where shown.
  std::map<std::string, ValueAtStep> explicit_values;

  // What a user is shown for each key: the explicit value, else the last one.
  std::map<std::string, Value> Shown() const;
};

}  // namespace reprise

#endif  // REPRISE_SUMMARY_H_
