// Config leaves and single values as bytes, inside changes and catalog records: format/change.md.
#ifndef REPRISE_FORMAT_LEAF_BYTES_H_
#define REPRISE_FORMAT_LEAF_BYTES_H_

#include <string>
#include <string_view>

#include "format/bytes.h"
#include "format/change.h"

namespace reprise {

// Appends the type, then what the type needs: nothing, a byte, a varint, 8 bytes, or sized text.
void WriteValue(ValueView value, ByteWriter* out);
// False for a type this release does not know or bytes that end too early.
bool ReadValue(ByteReader* in, Value* value);

// One value; all of `bytes`.
std::string EncodeValue(const Value& value);
bool DecodeValue(std::string_view bytes, Value* value);

// A count, then path and value of each leaf; empty bytes for no leaves.
std::string EncodeLeaves(const ConfigEntries& entries);
// False also where paths do not strictly rise.
bool DecodeLeaves(std::string_view bytes, ConfigEntries* entries);

}  // namespace reprise

#endif  // REPRISE_FORMAT_LEAF_BYTES_H_
