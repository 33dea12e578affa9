// Segments that are joined have the rows of all parts, and the vectors of theirs that can stay.
#include "format/segment_join.h"

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "format/pack.h"
#include "format/plan_memory.h"
#include "format/vector_chunk.h"
#include "tests/engine/segment/segment_fixture.h"

namespace reprise {
namespace {

constexpr std::size_t kMostBytes = std::size_t{16} << 20;

class SegmentJoin : public SegmentFixture {
 protected:
  using Reader = std::shared_ptr<const SegmentReader>;

  // A segment of each batch.
  void Seal(const std::vector<RowBatch>& batches) {
    if (writer_ == nullptr) writer_ = MakeWriter();
    readers_.clear();
    parts_.clear();
    for (const RowBatch& batch : batches) {
      SegmentInput input = InputOf(batch);
      input.plans = plans_;
      readers_.push_back(OpenSegment(writer_->AppendSegment(input).value()).value());
    }
  }
  Status ReadParts() {
    for (const Reader& reader : readers_) {
      auto part = reader->ReadStored();
      if (!part) return part.error();
      parts_.push_back(*std::move(part));
    }
    return {};
  }
  SegmentFacts JoinedFacts() const {
    SegmentFacts facts = readers_.front()->facts();
    facts.last_step = readers_.back()->facts().last_step;
    facts.rows = 0;
    for (const Reader& reader : readers_) facts.rows += reader->facts().rows;
    return facts;
  }
  Result<SegmentRef> Append(std::size_t most_bytes = kMostBytes) {
    return writer_->AppendJoined({JoinedFacts(), parts_, most_bytes});
  }
  // Why there is none.
  Code RefusalOf(std::size_t most_bytes = kMostBytes) {
    const auto joined = Append(most_bytes);
    return joined ? Code::kOk : joined.error().code();
  }
  // One that joins them.
  Reader Join(const std::vector<RowBatch>& batches) {
    Seal(batches);
    EXPECT_TRUE(ReadParts().ok());
    EXPECT_TRUE(CanJoin(parts_));
    const auto ref = Append();
    EXPECT_TRUE(ref.has_value()) << ref.error().ToString();
    if (!ref) return nullptr;
    joined_ = OpenSegment(*ref).value();
    EXPECT_TRUE(joined_->VerifyBytes().ok());
    return joined_;
  }

  // A chunk of the first table: of its steps, times or a column, in this order.
  static std::string ChunkOf(const SegmentPart& part, std::size_t column) {
    const SegmentChunk& chunk = part.index->chunks[part.index->tables[0].first_chunk + column];
    return part.chunks.substr(chunk.offset, chunk.length);
  }
  // Its vectors.
  static std::vector<std::string> VectorsOf(const SegmentPart& part, std::size_t column) {
    const std::string bytes = ChunkOf(part, column);
    std::vector<VectorPlace> places;
    EXPECT_TRUE(LocateVectors(bytes, part.index->tables[0].rows, &places).ok());
    std::vector<std::string> vectors;
    for (const VectorPlace& place : places) {
      vectors.push_back(bytes.substr(place.offset, place.length));
    }
    return vectors;
  }

  std::unique_ptr<PackWriter> writer_;
  PlanMemory* plans_ = nullptr;  // of Seal
  std::vector<Reader> readers_;
  std::vector<SegmentPart> parts_;
  Reader joined_;
};

// `rows` cut into batches of these sizes; the last one has the rest.
std::vector<RowBatch> Cut(const RowBatch& rows, const std::vector<std::size_t>& sizes) {
  std::vector<RowBatch> batches(1);
  std::size_t at = 0;
  for (const RowBatch::Position& row : rows.order()) {
    if (at < sizes.size() && batches.back().rows() == sizes[at]) {
      batches.emplace_back();
      ++at;
    }
    batches.back().AppendRow(rows, row);
  }
  return batches;
}

void ExpectRows(const RowBatch& rows, const SegmentReader& segment) {
  RowBatch read;
  const Status status = segment.ReadAll(&read);
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_TRUE(SameRows(rows, read));
  EXPECT_EQ(segment.facts().rows, rows.rows());
  EXPECT_EQ(segment.facts().values, rows.values());
}

// Those of all columns are the ones that their values give, and each vector can be read alone.
void ExpectCells(const SegmentReader& segment) {
  const Status status = segment.ForEachColumn([&](std::string_view key, const auto& place) {
    if (!IsNumber(place.type)) return Status();
    Cells cells;
    std::vector<Step> steps;
    Column column;
    EXPECT_TRUE(segment.ReadCells(place, &cells).ok());
    EXPECT_TRUE(segment.ReadSteps(place.table, &steps).ok());
    EXPECT_TRUE(segment.ReadColumn(place, &column).ok());
    EXPECT_TRUE(cells == MeasureCells(place.type, steps, column.bits)) << key;
    return Status();
  });
  EXPECT_TRUE(status.ok());
}

// A column of each type, and of numbers one for each way they can be stored.
RowBatch EveryKind(std::size_t rows, std::uint64_t seed, bool has_time = true) {
  const auto shape = std::make_shared<Shape>(Shape{{{"bool", Type::kBool},
                                                    {"bytes", Type::kBytes},
                                                    {"constant", Type::kDouble},
                                                    {"few", Type::kDouble},
                                                    {"int", Type::kInt64},
                                                    {"json", Type::kJson},
                                                    {"noise", Type::kDouble},
                                                    {"null", Type::kNull},
                                                    {"string", Type::kString},
                                                    {"wild", Type::kDouble}},
                                                   has_time});
  std::mt19937_64 random(seed);
  RowBatch batch;
  Step step = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    step += 1 + static_cast<Step>(random() % 20 == 0 ? random() % 9 : 0);
    const std::string text = "row " + std::to_string(random() % 300);
    const std::string json = "{\"a\": [" + std::to_string(random() % 1000) + ", 0.5]}";
    const std::uint64_t wild = random() % 3 != 0 ? random() : std::bit_cast<std::uint64_t>(0.25);
    const std::vector<ValueView> values = {random() % 2 == 0,
                                           ValueView::Bytes(text),
                                           0.001,
                                           static_cast<double>(random() % 60) / 7,
                                           static_cast<std::int64_t>(i * 3 + random() % 5),
                                           ValueView::Json(json),
                                           static_cast<float>(random() % 100'000) / 777.0F,
                                           ValueView(),
                                           std::string_view(text),
                                           random() % 99 == 0
                                               ? ValueView(std::numeric_limits<double>::quiet_NaN())
                                               : ValueView::Stored(Type::kDouble, wild, {})};
    batch.Append(shape, step,
                 1'700'000'000'000'000 + step * 1000 + static_cast<Step>(random() % 99), values);
  }
  return batch;
}

// Columns of EveryKind as VectorsOf counts them.
constexpr std::size_t kSteps = 0;
constexpr std::size_t kTimes = 1;
constexpr std::size_t kBool = 2;
constexpr std::size_t kConstant = 4;
constexpr std::size_t kFew = 5;
constexpr std::size_t kInt = 6;
constexpr std::size_t kNoise = 8;
constexpr std::size_t kWild = 11;
constexpr std::size_t kNumbers[] = {kSteps, kTimes, kBool, kConstant, kInt, kNoise, kWild};

TEST_F(SegmentJoin, KeepsEveryValueOfEveryKind) {
  const std::vector<std::vector<std::size_t>> cuts = {
      {1, 2, 3},          {16, 1},         {1023, 1},         {1024, 1024, 1024},
      {1025, 1023, 2048}, {2048, 1, 1023}, {3073, 999, 3072}, {4096, 4096, 17, 1007}};
  for (const std::vector<std::size_t>& cut : cuts) {
    for (const std::size_t more : {1U, 16U, 1024U, 3100U}) {
      std::size_t rows = more;
      for (const std::size_t size : cut) rows += size;
      SCOPED_TRACE(::testing::PrintToString(cut) + " and " + std::to_string(more));
      const RowBatch all = EveryKind(rows, rows, more != 16);
      const Reader joined = Join(Cut(all, cut));
      ASSERT_NE(joined, nullptr);
      ExpectRows(all, *joined);
      ExpectCells(*joined);
    }
  }
}

TEST_F(SegmentJoin, KeepsRandomRowsOfManyShapes) {
  constexpr std::size_t kSizes[] = {1, 17, 500, 1024, 2048, 3000, 4096, 5000};
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    std::vector<std::size_t> cut;
    std::size_t rows = 1;
    for (std::uint64_t parts = 2 + random() % 5; parts > 0; --parts) {
      cut.push_back(kSizes[random() % std::size(kSizes)]);
      rows += cut.back();
    }
    RandomRowsOptions options;
    options.keys = 4;
    options.shapes = seed % 3 == 0 ? 1 : 1 + static_cast<int>(random() % 60);
    options.rows = static_cast<int>(rows);
    const RowBatch all = RandomRows(seed, options).Make();
    const Reader joined = Join(Cut(all, cut));
    ASSERT_NE(joined, nullptr);
    ExpectRows(all, *joined);
    ExpectCells(*joined);
  }
}

TEST_F(SegmentJoin, VectorsAtAVectorsPlaceStayAsTheyAreStored) {
  const std::vector<std::size_t> cut = {2048, 1024, 500, 524, 4096};
  const Reader joined = Join(Cut(EveryKind(2048 + 1024 + 500 + 524 + 4096 + 700, 5), cut));
  ASSERT_NE(joined, nullptr);
  const SegmentPart made = joined->ReadStored().value();
  for (const std::size_t column : kNumbers) {
    SCOPED_TRACE(column);
    const auto vectors = VectorsOf(made, column);
    ASSERT_EQ(vectors.size(), 9u);
    const auto first = VectorsOf(parts_[0], column);
    const auto second = VectorsOf(parts_[1], column);
    const auto fifth = VectorsOf(parts_[4], column);
    EXPECT_EQ(vectors[0], first[0]);
    EXPECT_EQ(vectors[1], first[1]);
    EXPECT_EQ(vectors[2], second[0]);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(vectors[4 + i], fifth[i]);
  }
}

// As an encoder that looks at the values would not write them: had anything been encoded anew, it
// would be shorter.
TEST_F(SegmentJoin, VectorsThatStayAreNotEncodedAnew) {
  PlanMemory plans;
  ColumnPlans* const noise = plans.Of("noise", Type::kDouble);
  noise->plans.Add({LatentMap::kInt, 0});
  noise->bytes_a_row = 100;
  plans_ = &plans;
  const Reader joined = Join(Cut(EveryKind(4 * 1024 + 100, 6), {1024, 1024, 2048}));
  ASSERT_NE(joined, nullptr);
  const auto vectors = VectorsOf(joined->ReadStored().value(), kNoise);
  ASSERT_EQ(vectors.size(), 5u);
  EXPECT_EQ(vectors[0], VectorsOf(parts_[0], kNoise)[0]);
  EXPECT_EQ(vectors[1], VectorsOf(parts_[1], kNoise)[0]);
  EXPECT_EQ(vectors[2], VectorsOf(parts_[2], kNoise)[0]);
  EXPECT_EQ(vectors[3], VectorsOf(parts_[2], kNoise)[1]);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_GT(vectors[i].size(), 5 * 1024u);
}

TEST_F(SegmentJoin, ADictionaryStaysOne) {
  const Reader joined = Join(Cut(EveryKind(4096, 7), {1024, 1024, 1024}));
  ASSERT_NE(joined, nullptr);
  EXPECT_FALSE(IsChunkOfVectors(ChunkOf(parts_[0], kFew)));
  EXPECT_FALSE(IsChunkOfVectors(ChunkOf(joined->ReadStored().value(), kFew)));
}

// Vectors that could stay, and then many rows that a dictionary is better for.
TEST_F(SegmentJoin, AColumnThatComesToWantADictionaryIsEncodedAnew) {
  const auto shape = std::make_shared<Shape>(Shape{{{"x", Type::kDouble}}, false});
  std::mt19937_64 random(8);
  RowBatch all;
  for (Step step = 0; step < 9000; ++step) {
    const std::uint64_t number = step < 2048 ? random() % 2000 : random() % 60;
    all.Append(shape, step, kNoTime, std::vector<ValueView>{static_cast<double>(number) / 7});
  }
  std::vector<std::size_t> cut(2 + 140, 49);
  cut[0] = 1024;
  cut[1] = 1024;
  const Reader joined = Join(Cut(all, cut));
  ASSERT_NE(joined, nullptr);
  EXPECT_TRUE(IsChunkOfVectors(ChunkOf(parts_[0], 1)));
  EXPECT_TRUE(IsChunkOfVectors(ChunkOf(parts_[5], 1)));
  EXPECT_FALSE(IsChunkOfVectors(ChunkOf(joined->ReadStored().value(), 1)));
  ExpectRows(all, *joined);
  ExpectCells(*joined);
}

TEST_F(SegmentJoin, ThePrefixIsThatOfTheFirstPart) {
  SummaryTable prefix;
  prefix.Add("loss", 3, 0.5);
  const auto batches = Cut(EveryKind(3000, 9), {1024, 1024});
  writer_ = MakeWriter();
  facts_.prefix = PrefixKind::kDelta;
  facts_.prefix_base = 2;
  facts_.rows_before = 42;
  SegmentInput first = InputOf(batches[0]);
  first.prefix = &prefix;
  readers_ = {OpenSegment(writer_->AppendSegment(first).value()).value()};
  prefix.Add("loss", 4, 0.25);
  for (std::size_t i = 1; i < batches.size(); ++i) {
    SegmentInput input = InputOf(batches[i]);
    input.prefix = &prefix;
    readers_.push_back(OpenSegment(writer_->AppendSegment(input).value()).value());
  }
  ASSERT_TRUE(ReadParts().ok());
  const Reader joined = OpenSegment(Append().value()).value();
  ASSERT_TRUE(joined->ReadPrefix().has_value());
  EXPECT_EQ(*joined->ReadPrefix(), *readers_[0]->ReadPrefix());
  EXPECT_EQ(joined->facts().prefix, PrefixKind::kDelta);
  EXPECT_EQ(joined->facts().prefix_base, 2);
  EXPECT_EQ(joined->facts().rows_before, 42u);
}

// Wherever a byte of a part is wrong, nothing is taken from it.
TEST_F(SegmentJoin, ADamagedPartIsNotRead) {
  Seal(Cut(EveryKind(5000, 10), {1024, 3500}));
  const SegmentRef ref = readers_[1]->ref();
  std::string& bytes = BytesOf(ref.pack);
  const std::size_t end = readers_[1]->ReadStored().value().chunks.size();
  ASSERT_GT(end, 40'000u);
  for (std::size_t at = 0; at < end; at += 61) {
    char& byte = bytes[ref.offset + kFrameHeaderSize + at];
    byte = static_cast<char>(byte ^ 4);
    const auto reader = OpenSegment(ref);  // a short segment is kept in memory
    ASSERT_TRUE(reader.has_value());
    const auto read = (*reader)->ReadStored();
    ASSERT_FALSE(read.has_value()) << at;
    EXPECT_EQ(read.error().code(), Code::kCorrupt);
    byte = static_cast<char>(byte ^ 4);
  }
}

TEST_F(SegmentJoin, StepsThatNoWriterWritesAreRefused) {
  const auto a = std::make_shared<Shape>(Shape{{{"a", Type::kInt64}}, false});
  const auto b = std::make_shared<Shape>(Shape{{{"b", Type::kInt64}}, false});
  const auto rows = [](const std::vector<std::pair<ShapePtr, Step>>& steps) {
    RowBatch batch;
    for (const auto& [shape, step] : steps) {
      batch.Append(shape, step, kNoTime, std::vector<ValueView>{step});
    }
    return batch;
  };
  const RowBatch good = rows({{a, 0}, {b, 1}});
  for (const RowBatch& bad : {rows({{a, 5}, {b, 5}, {b, 9}}), rows({{a, 5}, {a, 4}, {b, 9}}),
                              rows({{a, 7}, {b, 6}, {b, 9}})}) {
    Seal({good, bad});
    ASSERT_TRUE(ReadParts().ok());
    EXPECT_EQ(RefusalOf(), Code::kCorrupt);
  }
}

TEST_F(SegmentJoin, RefusesWhatTakesTooMuchMemory) {
  Seal(Cut(EveryKind(3000, 11), {1024, 1024}));
  ASSERT_TRUE(ReadParts().ok());
  const std::size_t numbers = std::size_t{3000} * 8 * 8;  // steps, times and six columns
  EXPECT_EQ(RefusalOf(numbers - 1), Code::kInvalidArgument);
  EXPECT_EQ(RefusalOf(numbers + 1000), Code::kInvalidArgument) << "texts";
  EXPECT_TRUE(Append(numbers + 400'000).has_value());
}

TEST_F(SegmentJoin, RareShapesCannotBeJoined) {
  RandomRowsOptions options;
  options.rows = 300;
  options.shapes = 40;
  const RowBatch few = RandomRows(1, options).Make();
  const RowBatch other = RandomRows(2, options).Make();
  options.shapes = 200;
  const RowBatch many = RandomRows(3, options).Make();
  Seal({few, few});
  ASSERT_TRUE(ReadParts().ok());
  EXPECT_TRUE(CanJoin(parts_));
  Seal({few, other});
  ASSERT_TRUE(ReadParts().ok());
  EXPECT_FALSE(CanJoin(parts_)) << "together they have more shapes than dense tables";
  Seal({many});
  ASSERT_TRUE(ReadParts().ok());
  EXPECT_FALSE(CanJoin(parts_));
}

}  // namespace
}  // namespace reprise
