#include "format/text_column.h"

#include <optional>
#include <utility>

#include "format/chunk_kind.h"
#include "format/distinct_text.h"
#include "format/text_template.h"
#include "format/whole_text.h"

namespace reprise {
namespace {

// Templates must save more than this share: their texts are printed anew whenever they are read.
constexpr std::size_t kLeastSaving = 32;

// Of texts that do not repeat, templates of one part in so many are not held against a dictionary.
constexpr std::size_t kClearShare = 3;

std::size_t BytesOf(std::span<const std::string_view> texts) {
  std::size_t bytes = 0;
  for (const std::string_view text : texts) bytes += text.size();
  return bytes;
}

}  // namespace

void EncodeTexts(std::span<const std::string_view> texts, std::string* out) {
  if (texts.empty()) return;
  auto distinct = FindDistinctTexts(texts);
  const bool repeat = distinct.has_value() && distinct->texts.size() <= texts.size() / 2;
  const std::size_t bytes = BytesOf(texts);
  std::string templates;
  bool found = !repeat && EncodeTemplates(texts, bytes, &templates);
  if (found && templates.size() <= bytes / kClearShare) {
    out->append(templates);
    return;
  }
  const std::size_t at = out->size();
  EncodeWholeTexts(texts, std::move(distinct), out);
  const std::size_t whole = out->size() - at;
  const std::size_t limit = whole - whole / kLeastSaving;
  if (repeat) found = EncodeTemplates(texts, limit, &templates);
  if (found && templates.size() < limit) out->replace(at, std::string::npos, templates);
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
