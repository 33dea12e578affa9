#include "format/text_column.h"

#include "format/chunk_kind.h"
#include "format/text_template.h"
#include "format/whole_text.h"

namespace reprise {
namespace {

// Templates must save more than this share: their texts are printed anew whenever they are read.
constexpr std::size_t kLeastSaving = 32;

}  // namespace

void EncodeTexts(std::span<const std::string_view> texts, std::string* out) {
  const std::size_t at = out->size();
  EncodeWholeTexts(texts, out);
  const std::size_t size = out->size() - at;
  std::string templates;
  if (EncodeTemplates(texts, size - size / kLeastSaving, &templates)) {
    out->replace(at, std::string::npos, templates);
  }
}

Status DecodeTexts(std::string_view chunk, std::size_t rows, std::size_t first, std::size_t count,
                   Column* out) {
  if (rows == 0 && chunk.empty()) return {};
  if (rows > 0 && !chunk.empty() && chunk[0] == static_cast<char>(ChunkKind::kTextTemplates)) {
    return DecodeTemplates(chunk, rows, first, count, out);
  }
  return DecodeWholeTexts(chunk, rows, first, count, out);
}

}  // namespace reprise
