// Chunks of text: what column.h uses for string, bytes and json. Layout: format/column.md.
#ifndef REPRISE_FORMAT_TEXT_COLUMN_H_
#define REPRISE_FORMAT_TEXT_COLUMN_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "format/column.h"
#include "reprise/status.h"

namespace reprise {

// Appends a chunk with all of `texts`, of the kind that is smallest: templates with numbers, a
// dictionary, or the texts one after the other.
void EncodeTexts(std::span<const std::string_view> texts, std::string* out);

// Decodes rows first .. first + count - 1 of a chunk of `rows` into out->slots and out->blob.
// Requires first + count <= rows <= kMaxColumnRows.
Status DecodeTexts(std::string_view chunk, std::size_t rows, std::size_t first, std::size_t count,
                   Column* out);

}  // namespace reprise

#endif  // REPRISE_FORMAT_TEXT_COLUMN_H_
