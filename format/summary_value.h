// The parts of a stored summary (summary.md) that are smaller than an aggregate: whole numbers in
// their shortest form, and values in few bytes.
#ifndef REPRISE_FORMAT_SUMMARY_VALUE_H_
#define REPRISE_FORMAT_SUMMARY_VALUE_H_

#include <cstdint>

#include "format/bytes.h"
#include "reprise/value.h"

namespace reprise {

// A varint <= limit in its shortest form: the only one that a canonical encoding may contain.
bool ReadShortestVarint(ByteReader* reader, std::uint64_t limit, std::uint64_t* value);
bool ReadShortestSignedVarint(ByteReader* reader, std::int64_t* value);

// A tag byte and what the tag asks for; each value has exactly one form.
void EncodeSummaryValue(const ValueView& value, ByteWriter* writer);
// False for anything that EncodeSummaryValue does not write. The text points into the reader's
// span.
bool DecodeSummaryValue(ByteReader* reader, ValueView* value);

}  // namespace reprise

#endif  // REPRISE_FORMAT_SUMMARY_VALUE_H_
