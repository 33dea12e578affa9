// A small hostile chunk could ask for much memory or time; the limits of column.h apply to what is
// printed, kMaxTemplateNumbers to what is decoded before, and every marker prints something.
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "format/bytes.h"
#include "format/number_field.h"
#include "format/text_template.h"
#include "format/try.h"
#include "format/whole_text.h"

namespace reprise {
namespace {

Status Damaged(std::string_view what) {
  return Status::Error(Code::kCorrupt,
                       fmt::format("text chunk is damaged: {}; run `reprise verify --deep`", what));
}

Status Split(std::string_view chunk, std::string_view* templates,
             std::vector<PackedField>* fields) {
  ByteReader reader(chunk);
  std::uint64_t count = 0;
  if (!reader.Skip(1) || !reader.BoundedVarint(kMaxTemplateFields, &count) ||
      !reader.Sized(templates)) {
    return Damaged("its templates run past its end");
  }
  std::size_t most = kMaxTemplateNumbers;
  for (std::uint64_t i = 0; i < count; ++i) {
    REPRISE_TRY(PackedField::Read(&reader, most, &fields->emplace_back()));
    most -= fields->back().count();
  }
  return reader.AtCleanEnd() ? Status() : Damaged("bytes are left over behind its fields");
}

bool IsMarker(char c) { return static_cast<std::uint8_t>(c) >= kFirstMarker; }

// Puts templates and numbers together again, row after row.
class TemplatePrinter {
 public:
  TemplatePrinter(std::size_t first_row, std::vector<FieldRows> fields, Column* out)
      : first_row_(first_row), fields_(std::move(fields)), out_(out) {}

  // Appends the next row to the column.
  Status Print(std::string_view text);

 private:
  Status PrintNumbers(std::size_t field);
  bool IsTooLong() const { return out_->blob.size() > limit_; }
  Status Wrong(std::string_view what) const {
    return Damaged(fmt::format("row {} {}", first_row_ + out_->slots.size(), what));
  }

  std::size_t first_row_;
  std::vector<FieldRows> fields_;
  std::vector<std::uint64_t> numbers_;
  std::size_t limit_ = 0;  // of the blob, as far as this row may go
  Column* out_;
};

Status TemplatePrinter::PrintNumbers(std::size_t field) {
  if (field >= fields_.size()) {
    return Wrong(fmt::format("has numbers of field {}, there are {}", field, fields_.size()));
  }
  REPRISE_TRY(fields_[field].ReadList(out_->slots.size(), &numbers_));
  if (numbers_.empty()) return Wrong(fmt::format("has no numbers for field {}", field));
  const FieldForm& form = fields_[field].form();
  for (std::size_t i = 0; i < numbers_.size() && !IsTooLong(); ++i) {
    if (i > 0) out_->blob.append(form.spaced ? ", " : ",");
    PrintNumber(numbers_[i], form.style, &out_->blob);
  }
  return {};
}

Status TemplatePrinter::Print(std::string_view text) {
  const std::size_t begin = out_->blob.size();
  limit_ = std::min(begin + kMaxTextBytes, kMaxColumnTextBytes);
  while (!text.empty() && !IsTooLong()) {
    const auto marker = std::find_if(text.begin(), text.end(), IsMarker);
    const auto size = static_cast<std::size_t>(marker - text.begin());
    out_->blob.append(text.substr(0, size));
    if (marker == text.end()) break;
    REPRISE_TRY(PrintNumbers(static_cast<std::uint8_t>(*marker) - std::size_t{kFirstMarker}));
    text.remove_prefix(size + 1);
  }
  if (IsTooLong()) return Wrong(fmt::format("ends beyond byte {} of the text", limit_));
  out_->slots.push_back(
      {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(out_->blob.size() - begin)});
  return {};
}

}  // namespace

Status DecodeTemplates(std::string_view chunk, std::size_t rows, std::size_t first,
                       std::size_t count, Column* out) {
  std::string_view packed_templates;
  std::vector<PackedField> packed;
  REPRISE_TRY(Split(chunk, &packed_templates, &packed));
  if (count == 0) return {};
  Column templates;
  REPRISE_TRY(DecodeWholeTexts(packed_templates, rows, first, count, &templates));
  std::vector<FieldRows> fields(packed.size());
  for (std::size_t i = 0; i < packed.size(); ++i) {
    REPRISE_TRY(FieldRows::Decode(packed[i], rows, first, count, &fields[i]));
  }
  out->slots.reserve(count);
  TemplatePrinter printer(first, std::move(fields), out);
  for (std::size_t i = 0; i < count; ++i) REPRISE_TRY(printer.Print(templates.text(i)));
  return {};
}

}  // namespace reprise
