#include "format/segment_size.h"

#include <fmt/format.h>

#include "format/key_table.h"

namespace reprise {

void SegmentSize::AddShape(const Shape& shape) {
  for (const ShapeColumn& column : shape.columns) AddColumn(column.key);
}

void SegmentSize::AddText(const Column& column) {
  for (const Column::TextSlot& slot : column.slots) text_bytes += slot.size;
}

std::optional<SegmentSize::Excess> SegmentSize::excess() const {
  if (values > kMaxSegmentValues) return Excess{"values", values, kMaxSegmentValues};
  if (columns > kMaxSegmentColumns) return Excess{"columns", columns, kMaxSegmentColumns};
  if (key_bytes > kMaxKeyTableBytes) return Excess{"bytes of keys", key_bytes, kMaxKeyTableBytes};
  if (text_bytes <= kMaxColumnTextBytes) return std::nullopt;
  return Excess{"bytes of text", text_bytes, kMaxColumnTextBytes};
}

Status SegmentSize::Check() const {
  const std::optional<Excess> found = excess();
  if (!found) return {};
  return Status::Error(
      Code::kCorrupt,
      fmt::format("segment stands for more than any writer puts into one: {} {} or more (at most "
                  "{}); restore the pack from a copy, or save the rest with 'reprise repair'",
                  found->size, found->what, found->limit));
}

}  // namespace reprise
