// The numbers of one column of a segment, without keeping the column beside the result.
#ifndef REPRISE_ENGINE_HISTORY_APPEND_NUMBERS_H_
#define REPRISE_ENGINE_HISTORY_APPEND_NUMBERS_H_

#include "engine/segment/pack_reader.h"
#include "reprise/history.h"
#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise {

// Appends the numbers at `steps` of the column at `place`, which has numbers. Of a range it decodes
// the vectors that it touches. kCorrupt if their steps do not rise.
Status AppendNumbersOf(const SegmentReader& segment, const SegmentReader::ColumnPlace& place,
                       const StepRange& steps, NumericSeries* series);

}  // namespace reprise

#endif  // REPRISE_ENGINE_HISTORY_APPEND_NUMBERS_H_
