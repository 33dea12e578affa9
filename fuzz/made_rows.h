// Rows of many shapes that a fuzzer builds, for whole segments.
#ifndef REPRISE_FUZZ_MADE_ROWS_H_
#define REPRISE_FUZZ_MADE_ROWS_H_

#include "format/row_batch.h"
#include "format/summary_table.h"
#include "fuzz/fuzz_input.h"

namespace reprise::fuzz {

// At least one row. Takes patterns until the input ends or there are some thousand rows.
RowBatch MakeRows(FuzzInput* input);

SummaryTable Summarize(const RowBatch& rows);

}  // namespace reprise::fuzz

#endif  // REPRISE_FUZZ_MADE_ROWS_H_
