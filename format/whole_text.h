// Chunks of text kept whole: one after the other, or as a front-coded dictionary. Layout:
// format/column.md, kinds 2 and 3.
#ifndef REPRISE_FORMAT_WHOLE_TEXT_H_
#define REPRISE_FORMAT_WHOLE_TEXT_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "format/column.h"
#include "format/distinct_text.h"
#include "reprise/status.h"

namespace reprise {

// Appends a chunk with all of `texts`: a sorted dictionary and ranks where that is smaller, else
// the texts one after the other.
// `distinct` is what FindDistinctTexts gives of them. At least one text.
void EncodeWholeTexts(std::span<const std::string_view> texts,
                      std::optional<DistinctTexts> distinct, std::string* out);
inline void EncodeWholeTexts(std::span<const std::string_view> texts, std::string* out) {
  EncodeWholeTexts(texts, FindDistinctTexts(texts), out);
}

// As DecodeTexts, of these two kinds. Appends to out->slots and out->blob. Requires rows > 0.
Status DecodeWholeTexts(std::string_view chunk, std::size_t rows, std::size_t first,
                        std::size_t count, Column* out);

}  // namespace reprise

#endif  // REPRISE_FORMAT_WHOLE_TEXT_H_
