// Rows in memory, as they wait to be sealed or read: one dense table for each shape.
//
// The one form that rows have between the log and a segment: the writer's tail, a recovered
// session's rows, and a reader's view of live rows are all RowBatches.
#ifndef REPRISE_FORMAT_ROW_BATCH_H_
#define REPRISE_FORMAT_ROW_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "format/column.h"
#include "reprise/value.h"

namespace reprise {

// Which columns a row has: keys with types, sorted by key, no key twice. "Has no time" is part
// of the shape.
struct ShapeColumn {
  std::string key;
  Type type = Type::kNull;

  friend auto operator<=>(const ShapeColumn&, const ShapeColumn&) = default;
};
struct Shape {
  std::vector<ShapeColumn> columns;
  bool has_time = true;

  friend auto operator<=>(const Shape&, const Shape&) = default;
};
using ShapePtr = std::shared_ptr<const Shape>;

// All rows of one shape, in step order.
struct RowTable {
  ShapePtr shape;
  std::vector<Step> steps;
  std::vector<TimeMicros> times;  // empty where the shape has no time
  std::vector<Column> columns;    // as in the shape; each with steps.size() values
  bool only_numbers = false;      // no column is of nulls or text; false also where nobody looked

  std::size_t rows() const { return steps.size(); }
};

// Appends all values of a column of the same type; says what memory they take. Texts that share
// their bytes in `from` do not in `column`.
std::size_t AppendValues(const Column& from, Column* column);

// Rows of one branch in step order, each step once.
class RowBatch {
 public:
  // Where the row that is n-th in step order lies.
  struct Position {
    std::uint32_t table = 0;
    std::uint32_t row = 0;
  };

  // Appends a row; its step is above all others. `values` are in the order of the shape's columns
  // and of their types. `time` is ignored where the shape has none.
  void Append(const ShapePtr& shape, Step step, TimeMicros time, std::span<const ValueView> values);

  // The row that lies at `at` in another batch.
  void AppendRow(const RowBatch& from, const Position& at);
  // All rows of another batch, whose steps are above all others. Says where the first row of each
  // of its tables has come to lie; the others follow it.
  std::vector<Position> AppendAll(const RowBatch& from);

  // Forgets all rows; their memory is for those to come.
  void Clear();

  // A batch of one table, made of what is given.
  static RowBatch Of(RowTable table);

  bool empty() const { return order_.empty(); }
  std::size_t rows() const { return order_.size(); }
  Step first_step() const;  // requires !empty()
  Step last_step() const;   // requires !empty()
  // Memory of the values, near enough for budgets.
  std::size_t bytes() const { return bytes_; }
  // What is kept for them, filled or not.
  std::size_t capacity_bytes() const;
  std::uint64_t values() const { return values_; }

  const std::vector<RowTable>& tables() const { return tables_; }
  const std::vector<Position>& order() const { return order_; }

 private:
  struct ByContent {
    bool operator()(const ShapePtr& a, const ShapePtr& b) const { return *a < *b; }
  };

  std::size_t TableFor(const ShapePtr& shape);
  void AddTable(const ShapePtr& shape);
  void AppendTable(const RowTable& from, RowTable* to);

  std::vector<RowTable> tables_;
  std::vector<RowTable> cleared_;  // for tables to come
  std::vector<Position> order_;
  std::size_t last_table_ = 0;  // rows mostly repeat the shape before
  std::map<ShapePtr, std::size_t, ByContent> by_content_;
  std::size_t bytes_ = 0;
  std::uint64_t values_ = 0;
  std::vector<ValueView> row_;  // of AppendRow, for its memory
};

}  // namespace reprise

#endif  // REPRISE_FORMAT_ROW_BATCH_H_
