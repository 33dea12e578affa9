// Stored things as text for people: one line each, nothing in it that a terminal would obey.
#ifndef REPRISE_ENGINE_STORE_DUMP_TEXT_H_
#define REPRISE_ENGINE_STORE_DUMP_TEXT_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/io/file.h"
#include "engine/store/layout.h"
#include "format/change.h"
#include "format/segment_index.h"
#include "reprise/value.h"

namespace reprise {

using DumpLine = std::function<void(const std::string&)>;

// In quotes, control characters and bytes outside ASCII as \xNN, cut where it is long.
std::string Escaped(std::string_view text);
// Bytes as hexadecimal digits.
std::string Hex(std::string_view bytes);
// With its type, so that 1, 1.0 and true differ.
std::string DumpText(const ValueView& value);
std::string DumpText(const BranchId& branch);
std::string DumpText(const SegmentRef& ref);
// "change 7 run_created ...".
std::string DumpText(const Change& change);

// One file each; a failure is a medium that refuses. `name` is the file's in `directory`.
Status DumpLog(File& file, const DumpLine& line);
Status DumpPack(Directory& directory, const std::string& name, const DumpLine& line);

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_DUMP_TEXT_H_
