#include "format/row_batch.h"

#include <gtest/gtest.h>

#include "tests/support/random_rows.h"

namespace reprise {
namespace {

ShapePtr MakeShape(std::vector<ShapeColumn> columns, bool has_time = true) {
  return std::make_shared<const Shape>(Shape{std::move(columns), has_time});
}

void Append(RowBatch* batch, const ShapePtr& shape, Step step, TimeMicros time,
            std::vector<ValueView> values) {
  batch->Append(shape, step, time, values);
}

TEST(RowBatch, KeepsOneTableForEachShape) {
  const ShapePtr train = MakeShape({{"loss", Type::kDouble}, {"note", Type::kString}});
  const ShapePtr eval = MakeShape({{"score", Type::kInt64}}, false);
  RowBatch batch;
  EXPECT_TRUE(batch.empty());
  Append(&batch, train, 1, 10, {0.5, "a"});
  Append(&batch, eval, 3, 0, {std::int64_t{7}});
  Append(&batch, train, 4, 40, {0.25, ""});
  ASSERT_EQ(batch.tables().size(), 2u);
  EXPECT_EQ(batch.rows(), 3u);
  EXPECT_EQ(batch.values(), 5u);
  EXPECT_EQ(batch.first_step(), 1);
  EXPECT_EQ(batch.last_step(), 4);
  const RowTable& table = batch.tables()[0];
  EXPECT_EQ(table.steps, (std::vector<Step>{1, 4}));
  EXPECT_EQ(table.times, (std::vector<TimeMicros>{10, 40}));
  EXPECT_EQ(table.columns[0].value(1), ValueView(0.25));
  EXPECT_EQ(table.columns[1].value(0), ValueView("a"));
  EXPECT_EQ(table.columns[1].value(1), ValueView(""));
  EXPECT_EQ(table.columns[1].rows, 2u);
  EXPECT_TRUE(batch.tables()[1].times.empty());
  EXPECT_EQ(batch.order()[1].table, 1u);
  EXPECT_EQ(batch.order()[2].row, 1u);
}

// What was cleared has other shapes and no time, so that anything left behind would show.
TEST(RowBatch, AClearedOneIsLikeANewOne) {
  const ShapePtr train = MakeShape({{"loss", Type::kDouble}, {"note", Type::kString}});
  const ShapePtr eval = MakeShape({{"score", Type::kInt64}}, false);
  const auto fill = [&](RowBatch* batch) {
    Append(batch, eval, 5, 0, {std::int64_t{7}});
    Append(batch, train, 6, 60, {0.5, "abc"});
    Append(batch, eval, 7, 0, {std::int64_t{8}});
  };
  RowBatch fresh;
  fill(&fresh);
  RowBatch used;
  Append(&used, MakeShape({{"a", Type::kString}, {"b", Type::kString}, {"c", Type::kDouble}}), 1,
         10, {"text", "more", 0.1});
  Append(&used, MakeShape({{"none", Type::kNull}}), 2, 20, {ValueView()});
  Append(&used, eval, 3, 0, {std::int64_t{1}});
  used.Clear();
  EXPECT_TRUE(used.empty());
  EXPECT_EQ(used.bytes(), 0u);
  EXPECT_TRUE(used.tables().empty());
  fill(&used);
  EXPECT_EQ(used.bytes(), fresh.bytes());
  EXPECT_EQ(used.values(), fresh.values());
  ASSERT_EQ(used.tables().size(), fresh.tables().size());
  for (std::size_t i = 0; i < fresh.tables().size(); ++i) {
    const RowTable& a = used.tables()[i];
    const RowTable& b = fresh.tables()[i];
    EXPECT_EQ(a.shape, b.shape);
    EXPECT_EQ(a.steps, b.steps);
    EXPECT_EQ(a.times, b.times);
    ASSERT_EQ(a.columns.size(), b.columns.size());
    for (std::size_t column = 0; column < a.columns.size(); ++column) {
      ASSERT_EQ(a.columns[column].rows, b.columns[column].rows);
      for (std::size_t row = 0; row < a.rows(); ++row) {
        EXPECT_EQ(a.columns[column].value(row), b.columns[column].value(row));
      }
    }
  }
}

TEST(RowBatch, TakesRowsOfAnotherBatchAsTheyAre) {
  RowBatch from;
  Append(&from, MakeShape({{"loss", Type::kDouble}, {"note", Type::kString}}), 1, 10, {0.5, "a"});
  Append(&from, MakeShape({{"acc", Type::kInt64}}, false), 3, 0, {std::int64_t{7}});
  RowBatch to;
  for (const RowBatch::Position& at : from.order()) to.AppendRow(from, at);
  ASSERT_EQ(to.tables().size(), 2u);
  EXPECT_EQ(to.tables()[0].steps, (std::vector<Step>{1}));
  EXPECT_EQ(to.tables()[0].times, (std::vector<TimeMicros>{10}));
  EXPECT_EQ(to.tables()[0].columns[0].value(0), ValueView(0.5));
  EXPECT_EQ(to.tables()[0].columns[1].value(0), ValueView("a"));
  EXPECT_EQ(to.tables()[1].steps, (std::vector<Step>{3}));
  EXPECT_TRUE(to.tables()[1].times.empty());
  EXPECT_EQ(to.tables()[1].columns[0].value(0), ValueView(std::int64_t{7}));
  EXPECT_EQ(to.bytes(), from.bytes());
}

// As if they had been appended one by one.
TEST(RowBatch, TakesAllRowsOfAnotherBatch) {
  const RowBatch first = RandomRows(1, {.shapes = 20, .keys = 9, .rows = 150}).Make();
  RowBatch second;
  Append(&second, MakeShape({{"new", Type::kInt64}}), first.last_step() + 1, 10, {std::int64_t{7}});
  const RowTable& known = first.tables()[3];
  std::vector<ValueView> values;
  for (const Column& column : known.columns) values.push_back(column.value(0));
  Append(&second, known.shape, first.last_step() + 2, 20, values);
  RowBatch row_by_row;
  RowBatch at_once;
  for (const RowBatch* const from : std::initializer_list<const RowBatch*>{&first, &second}) {
    for (const RowBatch::Position& at : from->order()) row_by_row.AppendRow(*from, at);
    const auto begins = at_once.AppendAll(*from);
    ASSERT_EQ(begins.size(), from->tables().size());
    for (std::size_t i = 0; i < begins.size(); ++i) {
      const RowTable& table = at_once.tables()[begins[i].table];
      EXPECT_EQ(*table.shape, *from->tables()[i].shape);
      EXPECT_EQ(table.steps[begins[i].row], from->tables()[i].steps[0]);
    }
  }
  EXPECT_TRUE(SameRows(at_once, row_by_row));
  EXPECT_EQ(at_once.tables().size(), row_by_row.tables().size());
  EXPECT_EQ(at_once.bytes(), row_by_row.bytes());
  EXPECT_EQ(at_once.values(), row_by_row.values());
  EXPECT_EQ(at_once.last_step(), row_by_row.last_step());
}

TEST(RowBatch, EqualShapesShareATableWhateverTheirAddress) {
  RowBatch batch;
  for (Step step = 0; step < 100; ++step) {
    const std::string key = step % 2 == 0 ? "even" : "odd";
    Append(&batch, MakeShape({{key, Type::kNull}}), step, step, {ValueView()});
  }
  ASSERT_EQ(batch.tables().size(), 2u);
  EXPECT_EQ(batch.tables()[0].columns[0].rows, 50u);
  EXPECT_EQ(batch.tables()[1].columns[0].value(49), ValueView());
}

TEST(RowBatch, ManyShapesEachFindTheirTable) {
  std::vector<ShapePtr> shapes;
  for (int i = 0; i < 100; ++i) shapes.push_back(MakeShape({{std::to_string(i), Type::kInt64}}));
  RowBatch batch;
  for (Step step = 0; step < 300; ++step) {
    Append(&batch, shapes[static_cast<std::size_t>(step % 100)], step, 0, {step});
  }
  ASSERT_EQ(batch.tables().size(), 100u);
  for (const RowTable& table : batch.tables()) {
    ASSERT_EQ(table.rows(), 3u);
    EXPECT_EQ(std::to_string(table.steps[0]), table.shape->columns[0].key);
  }
}

TEST(RowBatch, OfATableIsAsIfItsRowsHadBeenAppended) {
  const auto shape = std::make_shared<const Shape>(
      Shape{{{"loss", Type::kDouble}, {"note", Type::kString}}, true});
  RowBatch appended;
  for (Step step = 0; step < 10; ++step) {
    const std::string note = "note " + std::to_string(step * step);
    appended.Append(shape, 2 * step, 1000 + step, std::vector<ValueView>{0.5, note});
  }
  RowBatch made = RowBatch::Of(appended.tables()[0]);
  EXPECT_EQ(made.rows(), 10U);
  EXPECT_EQ(made.first_step(), 0);
  EXPECT_EQ(made.last_step(), 18);
  EXPECT_EQ(made.bytes(), appended.bytes());
  EXPECT_EQ(made.values(), appended.values());
  made.Append(shape, 20, 2000, std::vector<ValueView>{1.5, "last"});
  EXPECT_EQ(made.tables().size(), 1U);
  EXPECT_EQ(made.order().back().row, 10U);
  EXPECT_EQ(made.tables()[0].columns[1].text(3), "note 9");
}

TEST(RowBatch, CountsMemoryByItsValues) {
  const ShapePtr shape = MakeShape({{"s", Type::kString}});
  RowBatch batch;
  Append(&batch, shape, 0, 0, {""});
  const std::size_t before = batch.bytes();
  const std::string text(1000, 'x');
  Append(&batch, shape, 1, 0, {text});
  EXPECT_GE(batch.bytes() - before, 1000u);
  EXPECT_LE(batch.bytes() - before, 1100u);
}

}  // namespace
}  // namespace reprise
