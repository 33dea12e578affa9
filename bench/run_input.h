// The runs that all stores are given alike: one that is made, one that was trained.
#ifndef REPRISE_BENCH_RUN_INPUT_H_
#define REPRISE_BENCH_RUN_INPUT_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reprise/history.h"
#include "reprise/value.h"

namespace reprise::bench {

// A run in which every row has all keys.
struct RunInput {
  std::vector<std::string> keys;
  std::vector<Step> steps;  // strictly rising
  std::vector<TimeMicros> times;
  std::vector<double> values;  // row after row

  std::size_t rows() const { return steps.size(); }
  std::span<const double> Row(std::size_t row) const;
  // The rows of `key` with a step in `range`.
  NumericSeries Curve(std::size_t key, StepRange range = {}) const;
  // The first `rows` rows, or all if there are fewer.
  RunInput Head(std::size_t rows) const;
};

// Losses that fall while their noise falls with them, each a float32 as training computes them;
// about 20 rows a second. The same everywhere and in every run of the program.
RunInput MadeRun(std::size_t keys, std::size_t rows);

// The path of real data, such as FindRealData("csv/x.tsv"): below $REPRISE_DATA, else below
// ../shared/data. Nothing, and a loud line on stderr, where it is not there.
std::optional<std::string> FindRealData(const std::string& name);

// The loss of a language model's pretraining, the rows that were rewound left out: what the head of
// the run holds. Nothing as above.
std::optional<RunInput> PythiaRun();

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_RUN_INPUT_H_
