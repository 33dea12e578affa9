// Work at the sizes the engine is designed for: many runs at once, many keys in one run, many runs
// in one store, many steps in one run.
#ifndef REPRISE_BENCH_SCALE_WORK_H_
#define REPRISE_BENCH_SCALE_WORK_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "bench/child_figures.h"

namespace reprise::bench {

// One process has `runs` runs open and logs `rows` rows of 10 float32-valued metrics to each of
// them in turns. Notes start_us and finish_us of a run, log_us of a row.
void WriteManyRunsAtOnce(const std::string& path, std::size_t runs, std::size_t rows,
                         Figures* figures);

// One run with `keys` keys, 1,000 to a row, each with 10 values. Notes log_us of a row,
// summary_ms to read the summary of all keys, and curve_ms for one key.
void WriteManyKeys(const std::string& path, std::size_t keys, Figures* figures);

// `runs` runs of 3 rows of 5 keys, with id, name, state and summary, made by `threads` threads that
// finish each run before they start the next. Notes run_us, bytes_a_run in catalog and packs.
void WriteManyRuns(const std::string& path, std::size_t runs, std::size_t threads,
                   Figures* figures);

// The run `long` with `steps` rows of one float32-valued metric, `loss`.
void WriteLongRun(const std::string& path, std::uint64_t steps, Figures* figures);

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_SCALE_WORK_H_
