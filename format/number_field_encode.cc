// How a field is stored is decided by the block of rows in its middle, or rather by what a few
// vectors of it would take: whether its lists are lines, and in which order its numbers lie. It is
// decided once for the whole field, and at a cost that does not grow with it.
#include <algorithm>

#include "format/number_column.h"
#include "format/number_field.h"
#include "format/vector_codec.h"

namespace reprise {
namespace {

// Vectors that are measured of the block, in either order.
constexpr std::size_t kMeasuredVectors = 3;

// Shorter lists, on average, are not worth the ends of a line.
constexpr std::size_t kLeastLine = 4;

NumberKind KindOf(const NumberField& field, LineRule line) {
  const bool doubles = field.style != NumberStyle::kInteger && line == LineRule::kNone;
  return doubles ? NumberKind::kDoubles : NumberKind::kIntegers;
}

// Some rows of a field; the first is the first of a block.
struct Rows {
  std::uint64_t base = 0;                  // where the numbers of the first row begin
  std::span<const std::uint64_t> ends;     // of every row
  std::span<const std::uint64_t> numbers;  // of all of them, list after list

  std::size_t begin(std::size_t row) const {
    return static_cast<std::size_t>((row == 0 ? base : ends[row - 1]) - base);
  }
  std::size_t end(std::size_t row) const { return static_cast<std::size_t>(ends[row] - base); }
};

Rows RowsOf(const NumberField& field, std::size_t first, std::size_t count) {
  Rows rows;
  rows.base = first == 0 ? 0 : field.ends[first - 1];
  rows.ends = std::span(field.ends).subspan(first, count);
  const auto numbers = static_cast<std::size_t>(rows.ends.back() - rows.base);
  rows.numbers = std::span(field.numbers).subspan(static_cast<std::size_t>(rows.base), numbers);
  return rows;
}

Rows MiddleBlock(const NumberField& field) {
  const std::size_t rows = field.ends.size();
  const std::size_t first = rows / 2 / kFieldBlockRows * kFieldBlockRows;
  return RowsOf(field, first, std::min(kFieldBlockRows, rows - first));
}

// Bytes of the numbers by the best plan, about; of the first vector, if they are more.
std::size_t Measure(NumberKind kind, std::span<const std::uint64_t> numbers) {
  if (numbers.empty()) return 0;
  numbers = numbers.first(std::min(numbers.size(), kVectorRows));
  const VectorPlans plans = VectorPlans::AllFor(kind == NumberKind::kDoubles);
  return MeasureCheapest(numbers, plans);
}

// Replaces the numbers of every list by what they add to a line.
void SubtractLines(LineRule rule, const Rows& rows, std::span<std::uint64_t> numbers) {
  for (std::size_t i = 0; i < rows.ends.size(); ++i) {
    const auto list = numbers.subspan(rows.begin(i), rows.end(i) - rows.begin(i));
    if (!list.empty()) SubtractLine(rule, list);
  }
}

// The first number of every list, and the last; 0 for an empty one.
struct LineEnds {
  std::vector<std::uint64_t> firsts;
  std::vector<std::uint64_t> lasts;
};

LineEnds EndsOfLines(const Rows& rows) {
  LineEnds line_ends;
  for (std::size_t i = 0; i < rows.ends.size(); ++i) {
    const bool empty = rows.begin(i) == rows.end(i);
    line_ends.firsts.push_back(empty ? 0 : rows.numbers[rows.begin(i)]);
    line_ends.lasts.push_back(empty ? 0 : rows.numbers[rows.end(i) - 1]);
  }
  return line_ends;
}

// Whole lists of the block, of one vector in all if they are not longer.
Rows MeasuredLists(const Rows& block) {
  Rows lists = block;
  std::size_t count = 1;
  while (count < block.ends.size() && block.end(count) <= kVectorRows) ++count;
  lists.ends = block.ends.first(count);
  lists.numbers = block.numbers.first(block.end(count - 1));
  return lists;
}

// Bytes of the ends of lines, under any rule.
std::size_t MeasureEnds(const Rows& lists) {
  const LineEnds ends = EndsOfLines(lists);
  return Measure(NumberKind::kDoubles, ends.firsts) + Measure(NumberKind::kDoubles, ends.lasts);
}

// Bytes of what lines leave of the lists.
std::size_t MeasureLines(LineRule rule, const Rows& lists) {
  std::vector<std::uint64_t> numbers(lists.numbers.begin(), lists.numbers.end());
  SubtractLines(rule, lists, numbers);
  return Measure(NumberKind::kIntegers, numbers);
}

LineRule ChooseLine(const NumberField& field, const Rows& block) {
  if (field.style == NumberStyle::kInteger) return LineRule::kNone;
  const Rows lists = MeasuredLists(block);
  if (lists.numbers.size() < lists.ends.size() * kLeastLine) return LineRule::kNone;
  LineRule best = LineRule::kNone;
  const std::size_t no_line = Measure(NumberKind::kDoubles, lists.numbers);
  const std::size_t ends = MeasureEnds(lists);
  if (ends >= no_line) return LineRule::kNone;
  std::size_t best_bytes = no_line - ends;
  const bool float32 = AreFloat32(field.numbers);
  for (const LineRule rule : kLineRules) {
    if (best_bytes <= kLeastVectorBytes) break;
    if (TakesFloat32(rule) != float32) continue;
    const std::size_t bytes = MeasureLines(rule, lists);
    if (bytes >= best_bytes) continue;
    best_bytes = bytes;
    best = rule;
  }
  return best;
}

// The numbers, list after list, in the order in which they are stored by place.
std::vector<std::uint64_t> ArrangeByPlace(const Rows& rows,
                                          std::span<const std::uint64_t> numbers) {
  std::vector<std::uint64_t> arranged(numbers.size());
  std::size_t from = 0;
  const ListPlaces places(true, rows.base, rows.ends);
  for (std::size_t row = 0; row < places.rows(); ++row) {
    const ListPlace place = places[row];
    for (std::size_t j = 0; j < place.count; ++j) {
      arranged[place.begin + j * place.stride] = numbers[from++];
    }
  }
  return arranged;
}

// Of some vectors from the first to the last.
std::size_t MeasureVectors(NumberKind kind, std::span<const std::uint64_t> numbers) {
  const std::size_t vectors = (numbers.size() + kVectorRows - 1) / kVectorRows;
  const std::size_t measured = std::min(vectors, kMeasuredVectors);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < measured; ++i) {
    const std::size_t at = (measured == 1 ? 0 : i * (vectors - 1) / (measured - 1)) * kVectorRows;
    bytes += Measure(kind, numbers.subspan(at));
  }
  return bytes;
}

bool AreEqual(std::span<const std::uint64_t> numbers) {
  return std::all_of(numbers.begin(), numbers.end(),
                     [&numbers](std::uint64_t number) { return number == numbers[0]; });
}

bool ChooseOrder(NumberKind kind, const Rows& block, std::span<const std::uint64_t> numbers) {
  if (block.ends.size() < 2 || numbers.size() < 2 * block.ends.size()) return false;
  const ListPlace place = ListPlaces(true, block.base, block.ends)[0];
  if (place.stride == 1 || AreEqual(numbers)) return false;
  return MeasureVectors(kind, ArrangeByPlace(block, numbers)) < MeasureVectors(kind, numbers);
}

FieldForm ChooseForm(const NumberField& field) {
  FieldForm form{.style = field.style, .spaced = field.spaced};
  const Rows block = MiddleBlock(field);
  form.line = ChooseLine(field, block);
  if (form.line == LineRule::kNone) {
    form.by_place = ChooseOrder(KindOf(field, form.line), block, block.numbers);
    return form;
  }
  std::vector<std::uint64_t> numbers(block.numbers.begin(), block.numbers.end());
  SubtractLines(form.line, block, numbers);
  form.by_place = ChooseOrder(KindOf(field, form.line), block, numbers);
  return form;
}

void AppendSized(NumberKind kind, std::span<const std::uint64_t> numbers, std::string* out) {
  const std::size_t at = out->size();
  EncodeNumbers(kind, numbers, out);
  ByteWriter(out).SizeSince(at);
}

}  // namespace

void AppendField(const NumberField& field, std::string* out) {
  const FieldForm form = ChooseForm(field);
  const Rows rows = RowsOf(field, 0, field.ends.size());
  ByteWriter writer(out);
  writer.Fixed(form.Pack());
  writer.Varint(field.numbers.size());
  AppendSized(NumberKind::kIntegers, field.ends, out);
  std::vector<std::uint64_t> changed;
  std::span<const std::uint64_t> numbers = field.numbers;
  if (form.line != LineRule::kNone) {
    const LineEnds line_ends = EndsOfLines(rows);
    AppendSized(NumberKind::kDoubles, line_ends.firsts, out);
    AppendSized(NumberKind::kDoubles, line_ends.lasts, out);
    changed = field.numbers;
    SubtractLines(form.line, rows, changed);
    numbers = changed;
  }
  if (form.by_place) {
    changed = ArrangeByPlace(rows, numbers);
    numbers = changed;
  }
  AppendSized(KindOf(field, form.line), numbers, out);
}

}  // namespace reprise
