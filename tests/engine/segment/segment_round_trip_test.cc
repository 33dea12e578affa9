// What is sealed comes back as it was, whatever its shapes.
#include <map>

#include "format/key_table.h"
#include "format/segment_index.h"
#include "tests/engine/segment/segment_fixture.h"

namespace reprise {
namespace {

class SegmentRoundTrip : public SegmentFixture {
 protected:
  std::shared_ptr<const SegmentReader> Seal(const RowBatch& rows) {
    if (writer_ == nullptr) writer_ = MakeWriter();
    const auto ref = writer_->AppendSegment(InputOf(rows));
    EXPECT_TRUE(ref.has_value()) << ref.error().ToString();
    if (!ref.has_value()) return nullptr;
    const auto reader = OpenSegment(*ref);
    EXPECT_TRUE(reader.has_value()) << reader.error().ToString();
    return reader.value_or(nullptr);
  }

  std::unique_ptr<PackWriter> writer_;
};

using SeriesByStep = std::map<Step, std::pair<TimeMicros, Value>>;

std::map<std::string, SeriesByStep> SeriesOf(const RowBatch& rows) {
  std::map<std::string, SeriesByStep> series;
  for (const RowTable& table : rows.tables()) {
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      for (std::size_t i = 0; i < table.rows(); ++i) {
        const TimeMicros time = table.shape->has_time ? table.times[i] : kNoTime;
        series[table.shape->columns[c].key][table.steps[i]] = {time, table.columns[c].value(i)};
      }
    }
  }
  return series;
}

// A key's series, read column by column.
SeriesByStep ReadSeries(const SegmentReader& reader, std::string_view key) {
  SeriesByStep series;
  for (const SegmentReader::ColumnPlace& place : reader.Find(key)) {
    std::vector<Step> steps;
    std::vector<TimeMicros> times;
    Column column;
    EXPECT_TRUE(reader.ReadSteps(place.table, &steps).ok());
    EXPECT_TRUE(reader.ReadTimes(place.table, &times).ok());
    EXPECT_TRUE(reader.ReadColumn(place, &column).ok());
    EXPECT_EQ(reader.rows(place.table), steps.size());
    EXPECT_EQ(column.rows, steps.size());
    EXPECT_EQ(column.type, place.type);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const TimeMicros time = times.empty() ? kNoTime : times[i];
      EXPECT_TRUE(series.try_emplace(steps[i], time, column.value(i)).second);
    }
  }
  return series;
}

void ExpectTheSame(const RowBatch& rows, const SegmentReader& reader) {
  RowBatch read;
  const Status status = reader.ReadAll(&read);
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_TRUE(SameRows(rows, read));
  EXPECT_TRUE(reader.VerifyBytes().ok()) << reader.VerifyBytes().ToString();
  EXPECT_EQ(reader.facts().rows, rows.rows());
  EXPECT_EQ(reader.facts().values, rows.values());
  EXPECT_EQ(reader.facts().first_step, rows.first_step());
  EXPECT_EQ(reader.facts().last_step, rows.last_step());
  const auto series = SeriesOf(rows);
  std::vector<std::string> keys;
  for (const auto& [key, values] : series) {
    keys.push_back(key);
    EXPECT_EQ(ReadSeries(reader, key), values) << key;
  }
  EXPECT_EQ(reader.Keys(), keys);
  EXPECT_TRUE(reader.Find("no such key").empty());
}

TEST_F(SegmentRoundTrip, GivesBackRandomRows) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    RandomRowsOptions options;
    options.shapes = 1 + static_cast<int>(random() % (seed % 2 == 0 ? 200 : 10));
    options.rows = 1 + static_cast<int>(random() % (seed % 3 == 0 ? 3000 : 100));
    const RowBatch rows = RandomRows(seed, options).Make();
    const auto reader = Seal(rows);
    ASSERT_NE(reader, nullptr);
    ExpectTheSame(rows, *reader);
  }
}

TEST_F(SegmentRoundTrip, KeepsUpTo64ShapesDenseAndPutsRarerOnesTogether) {
  for (const std::size_t shapes : {64U, 65U, 100U}) {
    SCOPED_TRACE(shapes);
    RowBatch rows;
    for (Step step = 0; step < 300; ++step) {
      const auto which = static_cast<std::size_t>(step) % shapes;
      auto shape = std::make_shared<Shape>();
      shape->has_time = which % 2 == 0;
      shape->columns = {{"k" + std::to_string(which), Type::kInt64}, {"shared", Type::kDouble}};
      const std::vector<ValueView> values = {step, static_cast<double>(step) / 4};
      rows.Append(shape, step, step * 10, values);
    }
    const auto reader = Seal(rows);
    ASSERT_NE(reader, nullptr);
    EXPECT_EQ(reader->tables(), shapes == 64 ? 64u : 63u);
    ExpectTheSame(rows, *reader);
  }
}

TEST_F(SegmentRoundTrip, KeepsRowsWithoutValues) {
  RowBatch rows;
  rows.Append(std::make_shared<Shape>(), 4, 99, {});
  rows.Append(std::make_shared<Shape>(Shape{{}, false}), 5, kNoTime, {});
  const auto reader = Seal(rows);
  ASSERT_NE(reader, nullptr);
  ExpectTheSame(rows, *reader);
}

TEST_F(SegmentRoundTrip, ReadsOneColumnOfAWideTable) {
  auto shape = std::make_shared<Shape>();
  std::vector<Value> values;
  for (int i = 0; i < 20'000; ++i) {
    shape->columns.push_back({"layer/" + std::to_string(100'000 + i), Type::kInt64});
    values.emplace_back(static_cast<std::int64_t>(i));
  }
  const std::vector<ValueView> views(values.begin(), values.end());
  RowBatch rows;
  for (Step step = 0; step < 3; ++step) rows.Append(shape, step, 0, views);
  const auto reader = Seal(rows);
  ASSERT_NE(reader, nullptr);
  ASSERT_EQ(reader->Find("layer/101234").size(), 1u);
  Column column;
  ASSERT_TRUE(reader->ReadColumn(reader->Find("layer/101234")[0], &column).ok());
  EXPECT_EQ(column.value(2), ValueView(std::int64_t{1234}));
}

TEST_F(SegmentRoundTrip, KeepsFactsAndPrefixSummaries) {
  SummaryTable prefix;
  prefix.Add("loss", 3, 0.5);
  prefix.Add("loss", 4, 0.25);
  const RowBatch rows = RandomRows(1, {}).Make();
  facts_.prefix = PrefixKind::kDelta;
  facts_.prefix_base = 17;
  facts_.rows_before = 4242;
  SegmentInput input = InputOf(rows);
  input.prefix = &prefix;
  const auto ref = MakeWriter()->AppendSegment(input);
  ASSERT_TRUE(ref.has_value()) << ref.error().ToString();
  const auto reader = OpenSegment(*ref);
  ASSERT_TRUE(reader.has_value()) << reader.error().ToString();
  EXPECT_EQ((*reader)->facts().prefix, PrefixKind::kDelta);
  EXPECT_EQ((*reader)->facts().prefix_base, 17);
  EXPECT_EQ((*reader)->facts().rows_before, 4242u);
  EXPECT_EQ((*reader)->facts().sealed_at, facts_.sealed_at);
  EXPECT_EQ((*reader)->facts().branch, facts_.branch);
  EXPECT_EQ((*reader)->facts().generation, 5u);
  EXPECT_EQ((*reader)->ReadPrefix().value(), prefix);
  EXPECT_TRUE((*reader)->VerifyBytes().ok());
}

TEST_F(SegmentRoundTrip, ATypicalShortRunCostsLessThan300Bytes) {
  auto shape = std::make_shared<Shape>();
  for (const char* key : {"accuracy", "epoch", "loss", "lr", "val_loss"}) {
    shape->columns.push_back({key, Type::kDouble});
  }
  RowBatch rows;
  for (Step step = 0; step < 3; ++step) {
    const auto x = static_cast<double>(step);
    const std::vector<ValueView> values = {0.71F + 0.0437F * x, x, 2.30258F / (x + 1.37F), 0.001,
                                           2.41F / (x + 1.193F)};
    rows.Append(shape, step, 1'700'000'000'123'456 + step * 61'234'567, values);
  }
  const auto reader = Seal(rows);
  ASSERT_NE(reader, nullptr);
  ExpectTheSame(rows, *reader);
  RecordProperty("bytes", static_cast<int>(reader->ref().length));
  const std::size_t names = std::string("accuracyepochlosslrval_loss").size();
  EXPECT_LT(reader->ref().length - names, 300u);
}

TEST_F(SegmentRoundTrip, FloatMetricsTakeFewerBytesThanTheyHave) {
  auto shape = std::make_shared<Shape>();
  for (int i = 0; i < 10; ++i) shape->columns.push_back({"m" + std::to_string(i), Type::kDouble});
  std::mt19937_64 random(1);
  std::normal_distribution<double> noise(0, 0.01);
  RowBatch rows;
  std::vector<ValueView> values(10);
  for (Step step = 0; step < 65'536; ++step) {
    for (std::size_t i = 0; i < 10; ++i) {
      const double level = 1.0 / (1.0 + static_cast<double>(step) / 5000.0);
      values[i] = static_cast<float>((level + noise(random)) * static_cast<double>(i + 1));
    }
    rows.Append(shape, step, 1'700'000'000'000'000 + step * 105'000, values);
  }
  const auto reader = Seal(rows);
  ASSERT_NE(reader, nullptr);
  RecordProperty("bytes", static_cast<int>(reader->ref().length));
  EXPECT_LT(reader->ref().length, 655'360u * 4);
  RowBatch read;
  ASSERT_TRUE(reader->ReadAll(&read).ok());
  EXPECT_TRUE(SameRows(rows, read));
}

TEST_F(SegmentRoundTrip, RefusesMoreRowsThanASegmentHas) {
  RowBatch rows;
  const auto shape = std::make_shared<const Shape>();
  for (Step step = 0; step <= kMaxSegmentRows; ++step) rows.Append(shape, step, 0, {});
  EXPECT_EQ(MakeWriter()->AppendSegment(InputOf(rows)).error().code(), Code::kInvalidArgument);
}

// Nulls take no bytes there, and count all the same.
TEST_F(SegmentRoundTrip, RefusesMoreValuesThanASegmentHas) {
  constexpr std::size_t columns = 1024;
  auto shape = std::make_shared<Shape>();
  for (std::size_t i = 0; i < columns; ++i) {
    shape->columns.push_back({std::to_string(10'000 + i), Type::kNull});
  }
  const std::vector<ValueView> nulls(columns);
  RowBatch rows;
  for (std::size_t i = 0; i < kMaxSegmentValues / columns; ++i) {
    rows.Append(shape, static_cast<Step>(i), 0, nulls);
  }
  const auto reader = Seal(rows);
  ASSERT_NE(reader, nullptr);
  RowBatch read;
  EXPECT_TRUE(reader->ReadAll(&read).ok());
  EXPECT_EQ(read.values(), kMaxSegmentValues);
  rows.Append(shape, static_cast<Step>(rows.rows()), 0, nulls);
  EXPECT_EQ(MakeWriter()->AppendSegment(InputOf(rows)).error().code(), Code::kInvalidArgument);
}

// Those of rare shapes, which share a table and its keys, count for each shape.
TEST_F(SegmentRoundTrip, RefusesMoreKeysInAllShapesThanASegmentHas) {
  constexpr std::size_t columns = kMaxKeyTableBytes / kMaxKeyBytes / 128;
  RowBatch rows;
  const auto add_row = [&] {
    auto shape = std::make_shared<Shape>();
    for (std::size_t i = 0; i < columns; ++i) {
      const std::string number = std::to_string(10'000 + i + rows.rows());
      shape->columns.push_back(
          {number + std::string(kMaxKeyBytes - number.size(), 'k'), Type::kNull});
    }
    const std::vector<ValueView> nulls(columns);
    rows.Append(shape, static_cast<Step>(rows.rows()), 0, nulls);
  };
  for (int i = 0; i < 128; ++i) add_row();
  const auto reader = Seal(rows);
  ASSERT_NE(reader, nullptr);
  ExpectTheSame(rows, *reader);
  add_row();
  EXPECT_EQ(MakeWriter()->AppendSegment(InputOf(rows)).error().code(), Code::kInvalidArgument);
}

TEST_F(SegmentRoundTrip, RefusesMoreTextThanASegmentHas) {
  const auto shape = std::make_shared<const Shape>(Shape{{{"text", Type::kString}}, false});
  const std::string text(kMaxTextBytes, 't');
  const std::vector<ValueView> values{std::string_view(text)};
  RowBatch rows;
  for (Step step = 0; step < 16; ++step) rows.Append(shape, step, kNoTime, values);
  const auto reader = Seal(rows);
  ASSERT_NE(reader, nullptr);
  RowBatch read;
  EXPECT_TRUE(reader->ReadAll(&read).ok());
  EXPECT_EQ(read.rows(), 16u);
  rows.Append(shape, 16, kNoTime, values);
  EXPECT_EQ(MakeWriter()->AppendSegment(InputOf(rows)).error().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace reprise
