#include "format/text_column.h"

#include "format/whole_text.h"

namespace reprise {

void EncodeTexts(std::span<const std::string_view> texts, std::string* out) {
  EncodeWholeTexts(texts, out);
}

Status DecodeTexts(std::string_view chunk, std::size_t rows, std::size_t first, std::size_t count,
                   Column* out) {
  if (rows == 0 && chunk.empty()) return {};
  return DecodeWholeTexts(chunk, rows, first, count, out);
}

}  // namespace reprise
