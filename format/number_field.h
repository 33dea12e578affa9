// The numbers of a template chunk (format/column.md, kind 4): a field has a list of numbers for
// every row of the chunk, perhaps an empty one.
#ifndef REPRISE_FORMAT_NUMBER_FIELD_H_
#define REPRISE_FORMAT_NUMBER_FIELD_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/bytes.h"
#include "format/number_line.h"
#include "format/number_text.h"
#include "reprise/status.h"

namespace reprise {

// Numbers in a chunk, of all its fields.
inline constexpr std::size_t kMaxTemplateNumbers = std::size_t{1} << 23;

// Rows whose numbers are ordered together.
inline constexpr std::size_t kFieldBlockRows = 256;

// How the numbers of a field are written and stored.
struct FieldForm {
  NumberStyle style = NumberStyle::kInteger;
  bool spaced = false;    // separated by ", ", else by ","
  bool by_place = false;  // in a block of equally long lists, the first numbers of all come first
  LineRule line = LineRule::kNone;

  std::uint8_t Pack() const;
  // False for what no release has written so far.
  static bool Unpack(std::uint8_t byte, FieldForm* form);
};

// The numbers of all rows, one list after the other.
struct NumberField {
  NumberStyle style = NumberStyle::kInteger;
  bool spaced = false;
  std::vector<std::uint64_t> numbers;
  std::vector<std::uint64_t> ends;  // where the list of each row ends
};

// Appends a field of at least one row in the form that is likely to be the smallest.
void AppendField(const NumberField& field, std::string* out);

// Where the numbers of one row lie: number j at begin + j * stride.
struct ListPlace {
  std::size_t begin = 0;
  std::size_t stride = 1;
  std::size_t count = 0;
};

// The places of the lists of some rows, the first of them the first of a block, counted from where
// its numbers begin.
class ListPlaces {
 public:
  ListPlaces() = default;
  // ends[i] is where list i would end if the lists lay one after the other, and `base` where list 0
  // would begin. Requires base <= ends[0] <= ends[1] and so on. The ends must outlive the places.
  ListPlaces(bool by_place, std::uint64_t base, std::span<const std::uint64_t> ends);

  std::size_t rows() const { return ends_.size(); }
  // Requires row < rows().
  ListPlace operator[](std::size_t row) const;

 private:
  std::uint64_t BeginOf(std::size_t row) const { return row == 0 ? base_ : ends_[row - 1]; }

  std::uint64_t base_ = 0;
  std::span<const std::uint64_t> ends_;
  std::vector<bool> transposed_;  // by block
};

// A field as it lies in the chunk.
class PackedField {
 public:
  // Reads what AppendField has appended, of at most `most` numbers.
  static Status Read(ByteReader* reader, std::size_t most, PackedField* field);

  const FieldForm& form() const { return form_; }
  std::size_t count() const { return count_; }

 private:
  friend class FieldRows;

  FieldForm form_;
  std::size_t count_ = 0;  // of all its numbers
  std::string_view ends_;
  std::string_view firsts_;
  std::string_view lasts_;
  std::string_view numbers_;
};

// The lists of some rows of a field.
class FieldRows {
 public:
  FieldRows() = default;
  FieldRows(FieldRows&&) = default;
  FieldRows& operator=(FieldRows&&) = default;

  // Decodes rows first .. first + count - 1, at least one, of a field of `rows`, with the blocks
  // that they are in.
  static Status Decode(const PackedField& field, std::size_t rows, std::size_t first,
                       std::size_t count, FieldRows* decoded);

  const FieldForm& form() const { return form_; }
  // The list of row first + i.
  Status ReadList(std::size_t i, std::vector<std::uint64_t>* list) const;

 private:
  FieldForm form_;
  std::size_t skipped_rows_ = 0;  // of the first block, before the rows asked for
  std::vector<std::uint64_t> ends_;
  ListPlaces places_;  // refers to ends_
  std::vector<std::uint64_t> numbers_;
  std::vector<std::uint64_t> firsts_;
  std::vector<std::uint64_t> lasts_;
};

}  // namespace reprise

#endif  // REPRISE_FORMAT_NUMBER_FIELD_H_
