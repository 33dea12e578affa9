// Parts become rows as semantics say, whatever way they were split.
#include <map>
#include <optional>
#include <random>

#include "tests/engine/log/log_fixture.h"

namespace reprise {
namespace {

struct ModelRow {
  Step step = 0;
  TimeMicros time = kNoTime;
  std::map<std::string, Value> values;

  friend bool operator==(const ModelRow&, const ModelRow&) = default;
};

std::ostream& operator<<(std::ostream& out, const ModelRow& row) {
  out << "step " << row.step << " time " << row.time << " {";
  for (const auto& [key, value] : row.values) {
    out << key << ":" << static_cast<int>(value.type()) << ":" << value.bits() << value.text()
        << " ";
  }
  return out << "}";
}

class Rows {
 public:
  RowAssembler Assembler() {
    return RowAssembler([this](const ShapePtr& shape, Step step, TimeMicros time,
                               std::span<const ValueView> values, Sequence last) -> Status {
      ModelRow row{step, time, {}};
      EXPECT_EQ(shape->columns.size(), values.size());
      EXPECT_TRUE(std::is_sorted(shape->columns.begin(), shape->columns.end()));
      EXPECT_EQ(shape->has_time, time != kNoTime);
      for (std::size_t i = 0; i < values.size(); ++i) {
        EXPECT_EQ(shape->columns[i].type, values[i].type());
        row.values.emplace(shape->columns[i].key, values[i]);
      }
      rows.push_back(std::move(row));
      last_part = last;
      return {};
    });
  }

  std::vector<ModelRow> rows;
  Sequence last_part = 0;
};

struct Call {
  Step step = 0;
  TimeMicros time = kNoTime;
  bool commit = false;
  bool restate = false;
  std::map<std::string, Value> values;
};

Status AddTo(RowAssembler* assembler, const Call& call) {
  Shape shape;
  shape.has_time = call.time != kNoTime;
  std::vector<ValueView> values;
  for (const auto& [key, value] : call.values) {
    shape.columns.push_back({key, value.type()});
    values.push_back(value);
  }
  const ShapePtr pointer = std::make_shared<const Shape>(std::move(shape));
  LoggedPart part;
  part.shape = &pointer;
  part.sequence = 17;
  part.step = call.step;
  part.time = call.time;
  part.commit = call.commit;
  part.restate = call.restate;
  part.values = values;
  return assembler->Add(part);
}

TEST(RowAssembler, MergesPartsOfOneStep) {
  Rows rows;
  RowAssembler assembler = rows.Assembler();
  ASSERT_TRUE(AddTo(&assembler, {3, 10, false, false, {{"b", 1.0}, {"c", 2.0}}}).ok());
  EXPECT_TRUE(assembler.has_open_row());
  EXPECT_EQ(assembler.open_step(), 3);
  ASSERT_TRUE(AddTo(&assembler, {3, 20, false, false, {{"a", "x"}, {"c", "now text"}}}).ok());
  EXPECT_TRUE(rows.rows.empty());
  ASSERT_TRUE(AddTo(&assembler, {4, 30, true, false, {{"a", 1.0}}}).ok());
  EXPECT_FALSE(assembler.has_open_row());
  ASSERT_EQ(rows.rows.size(), 2u);
  EXPECT_EQ(rows.rows[0], (ModelRow{3, 10, {{"a", "x"}, {"b", 1.0}, {"c", "now text"}}}));
  EXPECT_EQ(rows.rows[1], (ModelRow{4, 30, {{"a", 1.0}}}));
  EXPECT_EQ(rows.last_part, 17u);
}

TEST(RowAssembler, ARestatedRowReplacesWhatWasSaid) {
  Rows rows;
  RowAssembler assembler = rows.Assembler();
  ASSERT_TRUE(AddTo(&assembler, {3, 10, false, false, {{"a", 1.0}}}).ok());
  ASSERT_TRUE(AddTo(&assembler, {3, 11, false, true, {{"b", 2.0}}}).ok());
  ASSERT_TRUE(assembler.CommitOpen().ok());
  ASSERT_TRUE(assembler.CommitOpen().ok()) << "nothing is open";
  ASSERT_EQ(rows.rows.size(), 1u);
  EXPECT_EQ(rows.rows[0], (ModelRow{3, 11, {{"b", 2.0}}}));
}

TEST(RowAssembler, PartsThatGoBackAreCorruption) {
  Rows rows;
  RowAssembler assembler = rows.Assembler();
  ASSERT_TRUE(AddTo(&assembler, {3, 10, true, false, {{"a", 1.0}}}).ok());
  EXPECT_EQ(AddTo(&assembler, {3, 10, false, false, {{"a", 1.0}}}).code(), Code::kCorrupt);
  ASSERT_TRUE(AddTo(&assembler, {5, 10, false, false, {{"a", 1.0}}}).ok());
  EXPECT_EQ(AddTo(&assembler, {4, 10, false, false, {{"a", 1.0}}}).code(), Code::kCorrupt);
  EXPECT_EQ(assembler.open_step(), 5);
}

TEST(RowAssembler, AStepThatWasOpenAndIsCommittedDoesNotComeAgain) {
  Rows rows;
  RowAssembler assembler = rows.Assembler();
  ASSERT_TRUE(AddTo(&assembler, {5, 10, false, false, {{"a", 1.0}}}).ok());
  ASSERT_TRUE(assembler.CommitOpen().ok());
  EXPECT_EQ(AddTo(&assembler, {5, 10, false, false, {{"a", 1.0}}}).code(), Code::kCorrupt);
  EXPECT_TRUE(AddTo(&assembler, {6, 10, false, false, {{"a", 1.0}}}).ok());
}

TEST(RowAssembler, ARowsOwnErrorIsPassedOn) {
  RowAssembler assembler([](const ShapePtr&, Step, TimeMicros, std::span<const ValueView>,
                            Sequence) { return Status::Error(Code::kInternal, "no"); });
  EXPECT_EQ(AddTo(&assembler, {0, 1, true, false, {{"a", 1.0}}}).message(), "no");
}

// The rules of semantics.md in their plainest form.
class Model {
 public:
  void Add(const Call& call) {
    if (open_ && call.step > open_->step) CommitOpen();
    if (!open_ || call.restate) open_ = ModelRow{call.step, call.time, {}};
    for (const auto& [key, value] : call.values) open_->values.insert_or_assign(key, value);
    if (call.commit) CommitOpen();
  }
  void CommitOpen() {
    if (open_) rows.push_back(*std::exchange(open_, std::nullopt));
  }
  bool has_open_row() const { return open_.has_value(); }

  std::vector<ModelRow> rows;

 private:
  std::optional<ModelRow> open_;
};

Value RandomValue(std::mt19937_64& random) {
  switch (random() % 7) {
    case 0:
      return {};
    case 1:
      return random() % 2 == 0;
    case 2:
      return static_cast<std::int64_t>(random());
    case 3:
      return ValueView::Bytes(std::string(random() % 40, 'b'));
    case 4:
      return ValueView::Json("[1]");
    case 5:
      return std::string(random() % 40, 's');
    default:
      return std::bit_cast<double>(random());
  }
}

TEST(RowAssembler, AgreesWithAMapAtRandom) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  Rows rows;
  RowAssembler assembler = rows.Assembler();
  Model model;
  Step step = 0;
  for (int i = 0; i < 5000; ++i) {
    if (!model.has_open_row() || random() % 3 == 0) step += 1 + static_cast<Step>(random() % 3);
    Call call{step,
              random() % 10 == 0 ? kNoTime : static_cast<TimeMicros>(random() % 1000),
              random() % 4 == 0,
              random() % 8 == 0,
              {}};
    for (std::uint64_t n = random() % 5; n > 0; --n) {
      call.values.insert_or_assign(std::string(1, static_cast<char>('a' + random() % 8)),
                                   RandomValue(random));
    }
    ASSERT_TRUE(AddTo(&assembler, call).ok());
    model.Add(call);
    ASSERT_EQ(assembler.has_open_row(), model.has_open_row());
  }
  model.CommitOpen();
  ASSERT_TRUE(assembler.CommitOpen().ok());
  EXPECT_EQ(rows.rows, model.rows);
}

}  // namespace
}  // namespace reprise
