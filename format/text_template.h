// Chunks of texts that are mostly numbers, such as histograms and other JSON: the text between the
// numbers as a template, which mostly is the same for all rows, and the numbers as columns. Layout:
// format/column.md, kind 4.
#ifndef REPRISE_FORMAT_TEXT_TEMPLATE_H_
#define REPRISE_FORMAT_TEXT_TEMPLATE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "format/column.h"
#include "reprise/status.h"

namespace reprise {

// Bytes F8 to FF stand for the numbers of fields 0 to 7 in a template. UTF-8 has none of them.
inline constexpr std::uint8_t kFirstMarker = 0xF8;
inline constexpr std::size_t kMaxTemplateFields = 8;

// Appends a chunk with all of `texts` if it takes fewer than `limit` bytes; else appends nothing
// and gives false. Looks at few rows only where these hold few numbers.
bool EncodeTemplates(std::span<const std::string_view> texts, std::size_t limit, std::string* out);

// As DecodeTexts, of this kind. Decodes the templates, and the numbers of the blocks of rows that
// are asked for. Requires rows > 0.
Status DecodeTemplates(std::string_view chunk, std::size_t rows, std::size_t first,
                       std::size_t count, Column* out);

}  // namespace reprise

#endif  // REPRISE_FORMAT_TEXT_TEMPLATE_H_
