#include "format/number_field.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/number_column.h"
#include "format/try.h"

namespace reprise {
namespace {

// Of a packed form.
constexpr int kStyleMask = 3;
constexpr int kSpacedBit = 4;
constexpr int kByPlaceBit = 8;
constexpr int kLineShift = 4;

Status Damaged(std::string_view what) {
  return Status::Error(Code::kCorrupt,
                       fmt::format("text chunk is damaged: {}; run `reprise verify --deep`", what));
}

Status CheckEnds(std::span<const std::uint64_t> ends, std::size_t first, std::size_t numbers) {
  std::uint64_t begin = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    if (ends[i] < begin || ends[i] > numbers) {
      return Damaged(
          fmt::format("the numbers of row {} end at {} of {}", first + i, ends[i], numbers));
    }
    begin = ends[i];
  }
  return {};
}

bool AreEquallyLong(std::uint64_t begin, std::span<const std::uint64_t> ends) {
  const std::uint64_t count = ends[0] - begin;
  for (std::size_t i = 1; i < ends.size(); ++i) {
    if (ends[i] - ends[i - 1] != count) return false;
  }
  return true;
}

}  // namespace

std::uint8_t FieldForm::Pack() const {
  return static_cast<std::uint8_t>(static_cast<int>(style) | (spaced ? kSpacedBit : 0) |
                                   (by_place ? kByPlaceBit : 0) |
                                   static_cast<int>(line) << kLineShift);
}

bool FieldForm::Unpack(std::uint8_t byte, FieldForm* form) {
  form->style = static_cast<NumberStyle>(byte & kStyleMask);
  form->spaced = (byte & kSpacedBit) != 0;
  form->by_place = (byte & kByPlaceBit) != 0;
  form->line = static_cast<LineRule>(byte >> kLineShift);
  return (byte & kStyleMask) < kNumberStyleCount && byte >> kLineShift < kLineRuleCount;
}

ListPlaces::ListPlaces(bool by_place, std::uint64_t base, std::span<const std::uint64_t> ends)
    : base_(base), ends_(ends) {
  for (std::size_t row = 0; row < ends.size(); row += kFieldBlockRows) {
    const auto block = ends.subspan(row, std::min(kFieldBlockRows, ends.size() - row));
    transposed_.push_back(by_place && AreEquallyLong(BeginOf(row), block));
  }
}

ListPlace ListPlaces::operator[](std::size_t row) const {
  const std::size_t block = row / kFieldBlockRows;
  const std::size_t first = block * kFieldBlockRows;
  const std::uint64_t begin = BeginOf(row);
  const auto count = static_cast<std::size_t>(ends_[row] - begin);
  if (!transposed_[block]) return {static_cast<std::size_t>(begin - base_), 1, count};
  return {static_cast<std::size_t>(BeginOf(first) - base_) + row - first,
          std::min(kFieldBlockRows, rows() - first), count};
}

Status PackedField::Read(ByteReader* reader, std::size_t most, PackedField* field) {
  const std::size_t at = reader->position();
  std::uint8_t form = 0;
  std::uint64_t count = 0;
  if (reader->Fixed(&form) && !FieldForm::Unpack(form, &field->form_)) {
    return Status::Error(Code::kUnsupportedVersion,
                         fmt::format("text chunk is not readable: form {} of a field at byte {} is "
                                     "not known; upgrade this reader",
                                     form, at));
  }
  reader->BoundedVarint(most, &count);
  reader->Sized(&field->ends_);
  if (field->form_.line != LineRule::kNone) {
    reader->Sized(&field->firsts_);
    reader->Sized(&field->lasts_);
  }
  if (!reader->Sized(&field->numbers_)) {
    return Damaged(fmt::format("its field at byte {} runs past its end", at));
  }
  field->count_ = static_cast<std::size_t>(count);
  return {};
}

Status FieldRows::Decode(const PackedField& field, std::size_t rows, std::size_t first,
                         std::size_t count, FieldRows* decoded) {
  const std::size_t begin = first / kFieldBlockRows * kFieldBlockRows;
  const std::size_t last_block = (first + count - 1) / kFieldBlockRows;
  const std::size_t end = std::min(rows, (last_block + 1) * kFieldBlockRows);
  // The end of the row before is where the numbers of the first block begin.
  const std::size_t lead = begin == 0 ? 0 : 1;
  std::vector<std::uint64_t>& ends = decoded->ends_;
  ends.resize(lead + end - begin);
  REPRISE_TRY(DecodeNumbers(field.ends_, rows, begin - lead, ends));
  REPRISE_TRY(CheckEnds(ends, begin - lead, field.count_));
  if (end == rows && ends.back() != field.count_) {
    return Damaged(fmt::format("its rows have {} numbers of {}", ends.back(), field.count_));
  }
  const std::uint64_t base = lead == 0 ? 0 : ends[0];
  decoded->form_ = field.form_;
  decoded->skipped_rows_ = first - begin;
  decoded->places_ = ListPlaces(field.form_.by_place, base, std::span(ends).subspan(lead));
  decoded->numbers_.resize(static_cast<std::size_t>(ends.back() - base));
  REPRISE_TRY(DecodeNumbers(field.numbers_, field.count_, static_cast<std::size_t>(base),
                            decoded->numbers_));
  if (field.form_.line == LineRule::kNone) return {};
  decoded->firsts_.resize(count);
  decoded->lasts_.resize(count);
  REPRISE_TRY(DecodeNumbers(field.firsts_, rows, first, decoded->firsts_));
  return DecodeNumbers(field.lasts_, rows, first, decoded->lasts_);
}

Status FieldRows::ReadList(std::size_t i, std::vector<std::uint64_t>* list) const {
  const ListPlace place = places_[skipped_rows_ + i];
  list->resize(place.count);
  for (std::size_t j = 0; j < place.count; ++j) {
    (*list)[j] = numbers_[place.begin + j * place.stride];
  }
  if (form_.line == LineRule::kNone || list->empty()) return {};
  const Status status = AddLine(form_.line, firsts_[i], lasts_[i], *list);
  return status.ok() ? Status() : Damaged(status.message());
}

}  // namespace reprise
