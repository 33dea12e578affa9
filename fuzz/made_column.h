// Columns that a fuzzer builds from patterns, as far as training logs have them: repeats, ramps,
// float32 and decimal numbers, noise of some bits, special values; texts that repeat or share their
// beginning.
#ifndef REPRISE_FUZZ_MADE_COLUMN_H_
#define REPRISE_FUZZ_MADE_COLUMN_H_

#include "format/column.h"
#include "fuzz/fuzz_input.h"

namespace reprise::fuzz {

inline constexpr std::size_t kMaxMadeRows = 6000;

// Takes a type (u8), then patterns until the input ends or there are enough rows.
Column MakeColumn(FuzzInput* input);

}  // namespace reprise::fuzz

#endif  // REPRISE_FUZZ_MADE_COLUMN_H_
