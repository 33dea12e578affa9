#include "fuzz/made_rows.h"

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "format/cells.h"

namespace reprise::fuzz {
namespace {

constexpr std::size_t kMaxRows = 5000;
constexpr std::size_t kRowsWithCells = kMostRowsWithoutCells + 1;
constexpr std::size_t kShapes = 256;

// Bit k of the shape's number: it has key k. The lowest: no time. So there are more shapes than
// dense tables, and one key has several types.
ShapePtr MakeShape(std::size_t number) {
  static constexpr std::array<const char*, 7> keys{"a",      "key/1", "key/10", "key/2",
                                                   "key/20", "loss",  "z"};
  auto shape = std::make_shared<Shape>();
  shape->has_time = (number & 1) == 0;
  for (std::size_t k = 0; k < keys.size(); ++k) {
    if ((number >> (k + 1) & 1) == 0) continue;
    shape->columns.push_back({keys[k], static_cast<Type>((number + k) % kTypeCount)});
  }
  return shape;
}

class RowMaker {
 public:
  explicit RowMaker(FuzzInput* input) : input_(*input) {}

  RowBatch Make() {
    do {
      AddPattern();
    } while (!input_.empty() && rows_.rows() < kMaxRows);
    return std::move(rows_);
  }

 private:
  void AddPattern() {
    const std::size_t shape = input_.UpTo(kShapes - 1);
    const std::size_t which = input_.UpTo(31);
    if (which < 16) return AddSome(shape, 1 + input_.UpTo(60));
    if (which < 31) return AddEach(shape);
    AddSome(shape, kRowsWithCells + input_.UpTo(100));  // which takes long
  }
  void AddSome(std::size_t shape, std::size_t rows) {
    for (; rows > 0; --rows) AddRow(shape);
  }
  // A row of each of some shapes, several times.
  void AddEach(std::size_t first) {
    const std::size_t shapes = 1 + input_.UpTo(150);
    const std::size_t rounds = 1 + input_.UpTo(3);
    for (std::size_t i = 0; i < shapes * rounds; ++i) AddRow((first + i % shapes) % kShapes);
  }
  void AddRow(std::size_t number) {
    ShapePtr& shape = shapes_[number];
    if (shape == nullptr) shape = MakeShape(number);
    texts_.assign(shape->columns.size(), "");
    std::vector<ValueView> values;
    for (std::size_t k = 0; k < shape->columns.size(); ++k) {
      values.push_back(MakeValue(shape->columns[k].type, &texts_[k]));
    }
    step_ += 1 + static_cast<Step>(input_.UpTo(200));
    rows_.Append(shape, step_, step_ * 1000 + input_.Number<std::int16_t>(), values);
  }
  // Once the input has ended, what a counter gives.
  ValueView MakeValue(Type type, std::string* text) {
    const std::uint64_t bits = input_.empty() ? ++counter_ * 0x0010'0000'0000 : Bits();
    if (IsText(type)) {
      *text = "text" + std::to_string(bits % 100);
      return ValueView::Stored(type, 0, *text);
    }
    if (type == Type::kNull) return {};
    return ValueView::Stored(type, type == Type::kBool ? bits & 1 : bits, {});
  }
  std::uint64_t Bits() {
    if (input_.UpTo(1) == 0) return input_.Number<std::uint8_t>();
    return input_.Number<std::uint64_t>();
  }

  FuzzInput& input_;
  std::array<ShapePtr, kShapes> shapes_;
  RowBatch rows_;
  std::vector<std::string> texts_;
  Step step_ = kNoStep;
  std::uint64_t counter_ = 0;
};

}  // namespace

RowBatch MakeRows(FuzzInput* input) { return RowMaker(input).Make(); }

SummaryTable Summarize(const RowBatch& rows) {
  SummaryTable summary;
  for (const RowTable& table : rows.tables()) {
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      summary.AddColumn(table.shape->columns[c].key, table.steps, table.columns[c], 0);
    }
  }
  return summary;
}

}  // namespace reprise::fuzz
