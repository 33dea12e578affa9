// Rows of all types and many shapes, decided by a seed, and a way to compare what came of them.
#ifndef REPRISE_TESTS_SUPPORT_RANDOM_ROWS_H_
#define REPRISE_TESTS_SUPPORT_RANDOM_ROWS_H_

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "format/row_batch.h"

namespace reprise {

struct RandomRowsOptions {
  int shapes = 1;
  int keys = 12;
  int rows = 100;
};

// The same seed and options give the same rows.
class RandomRows {
 public:
  RandomRows(std::uint64_t seed, const RandomRowsOptions& options)
      : random_(seed), options_(options) {}

  RowBatch Make() {
    std::vector<ShapePtr> shapes;
    for (int i = 0; i < options_.shapes; ++i) shapes.push_back(MakeShape());
    RowBatch rows;
    Step step = static_cast<Step>(Below(1000));
    TimeMicros time = 1'700'000'000'000'000;
    for (int i = 0; i < options_.rows; ++i) {
      AppendRow(shapes[PickShape(static_cast<std::size_t>(i))], step, time, &rows);
      step += 1 + static_cast<Step>(Below(4) == 0 ? Below(50) : 0);
      time += static_cast<TimeMicros>(Below(1'000'000));
    }
    return rows;
  }

  std::uint64_t Below(std::uint64_t limit) { return random_() % limit; }

 private:
  // Each shape once; then few are frequent and most are rare.
  std::size_t PickShape(std::size_t row) {
    const auto shapes = static_cast<std::size_t>(options_.shapes);
    return row < shapes ? row : Below(Below(shapes) + 1);
  }

  ShapePtr MakeShape() {
    std::set<std::string> keys;
    const std::uint64_t count = Below(static_cast<std::uint64_t>(options_.keys) + 1);
    while (keys.size() < count) {
      keys.insert("group/" + std::to_string(Below(3 * static_cast<std::uint64_t>(options_.keys))));
    }
    auto shape = std::make_shared<Shape>();
    shape->has_time = Below(4) != 0;
    for (const std::string& key : keys) {
      shape->columns.push_back({key, static_cast<Type>(Below(kTypeCount))});
    }
    return shape;
  }

  void AppendRow(const ShapePtr& shape, Step step, TimeMicros time, RowBatch* rows) {
    std::vector<Value> values;
    for (const ShapeColumn& column : shape->columns) values.push_back(MakeValue(column.type));
    const std::vector<ValueView> views(values.begin(), values.end());
    rows->Append(shape, step, time, views);
  }

  Value MakeValue(Type type) {
    if (IsText(type)) {
      const auto letter = static_cast<char>('a' + Below(26));
      const std::string text(Below(20), letter);
      return Value(ValueView::Stored(type, 0, text));
    }
    if (type == Type::kNull) return {};
    if (type == Type::kBool) return Value(Below(2) == 1);
    if (type == Type::kInt64) return Value(static_cast<std::int64_t>(Below(1000)) - 500);
    const std::uint64_t any_bits = random_();
    if (Below(8) == 0) return Value(ValueView::Stored(type, any_bits, {}));
    return Value(static_cast<double>(static_cast<float>(Below(100'000)) / 1000.0F));
  }

  std::mt19937_64 random_;
  const RandomRowsOptions options_;
};

// Whether row `i` of two batches is the same in every respect.
inline bool SameRow(const RowBatch& a, const RowBatch& b, std::size_t i) {
  const RowTable& x = a.tables()[a.order()[i].table];
  const RowTable& y = b.tables()[b.order()[i].table];
  const std::size_t at_x = a.order()[i].row;
  const std::size_t at_y = b.order()[i].row;
  if (*x.shape != *y.shape || x.steps[at_x] != y.steps[at_y]) return false;
  if (x.shape->has_time && x.times[at_x] != y.times[at_y]) return false;
  for (std::size_t c = 0; c < x.columns.size(); ++c) {
    if (x.columns[c].value(at_x) != y.columns[c].value(at_y)) return false;
  }
  return true;
}

inline ::testing::AssertionResult SameRows(const RowBatch& a, const RowBatch& b) {
  if (a.rows() != b.rows()) {
    return ::testing::AssertionFailure() << a.rows() << " rows and " << b.rows();
  }
  for (std::size_t i = 0; i < a.rows(); ++i) {
    if (!SameRow(a, b, i)) return ::testing::AssertionFailure() << "row " << i << " differs";
  }
  return ::testing::AssertionSuccess();
}

}  // namespace reprise

#endif  // REPRISE_TESTS_SUPPORT_RANDOM_ROWS_H_
