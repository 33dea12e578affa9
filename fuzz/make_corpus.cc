// Makes the first inputs of the targets with our own encoders: make_fuzz_corpus FOLDER.
//
// Among them are the columns that broke prototypes of the codec: each is named for what is hard
// about it. Inputs that a fuzzer found lie beside these and are not made anew.
#include <array>
#include <bit>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <utility>

#include "format/cells.h"
#include "format/segment.h"
#include "format/segment_chunks.h"
#include "format/tiny_block.h"
#include "format/vector_codec.h"
#include "fuzz/corpus_folder.h"
#include "fuzz/made_column.h"
#include "fuzz/made_rows.h"
#include "fuzz/read_segment.h"

namespace reprise::fuzz {
namespace {

namespace fs = std::filesystem;

FuzzInput InputOf(const std::string& bytes) {
  return FuzzInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

// Writes the patterns of made_column.cc.
class ColumnScript {
 public:
  explicit ColumnScript(Type type) { Small(static_cast<std::size_t>(type)); }

  const std::string& bytes() const { return bytes_; }

  ColumnScript& Literals(std::initializer_list<std::uint64_t> values) {
    Small(0).Small(values.size() - 1);
    for (const std::uint64_t value : values) writer_.Fixed(value);
    return *this;
  }
  ColumnScript& Doubles(std::initializer_list<double> values) {
    Small(0).Small(values.size() - 1);
    for (const double value : values) writer_.Fixed(std::bit_cast<std::uint64_t>(value));
    return *this;
  }
  ColumnScript& Repeat(std::size_t rows) { return Small(1).Count(rows); }
  ColumnScript& Ramp(std::uint64_t difference, std::size_t rows) {
    Small(2);
    writer_.Fixed(difference);
    return Count(rows);
  }
  ColumnScript& Floats(std::initializer_list<std::uint32_t> values) {
    Small(4).Small(values.size() - 1);
    for (const std::uint32_t value : values) writer_.Fixed(value);
    return *this;
  }
  ColumnScript& Decimals(std::size_t digits, std::int16_t difference, std::size_t rows) {
    Small(5).Small(digits);
    writer_.Fixed(difference);
    writer_.Fixed(std::int32_t{-123});
    return Count(rows);
  }
  ColumnScript& Special(std::initializer_list<std::size_t> which) {
    Small(6).Small(which.size() - 1);
    for (const std::size_t one : which) Small(one);
    return *this;
  }
  ColumnScript& Noise(std::size_t width, std::size_t shift, std::size_t rows) {
    Small(7).Small(width).Small(shift);
    writer_.Fixed(std::uint16_t{1});
    return Count(rows);
  }
  // Texts.
  ColumnScript& Text(std::string_view text) {
    Small(0).Small(text.size());
    writer_.Raw(text);
    return *this;
  }
  ColumnScript& RepeatText(std::size_t rows) { return Small(1).Count(rows); }
  ColumnScript& Numbered(std::uint16_t distinct, std::size_t rows) {
    Small(2);
    writer_.Fixed(distinct);
    return Count(rows);
  }
  ColumnScript& LongText(std::uint16_t size) {
    Small(4);
    writer_.Fixed(size);
    return Small('x');
  }

 private:
  ColumnScript& Small(std::size_t value) {
    writer_.Fixed(static_cast<std::uint8_t>(value));
    return *this;
  }
  ColumnScript& Count(std::size_t rows) {
    writer_.Fixed(static_cast<std::uint16_t>(rows - 1));
    return *this;
  }

  std::string bytes_;
  ByteWriter writer_{&bytes_};
};

using Script = std::pair<std::string, ColumnScript>;

std::vector<Script> NumberScripts() {
  constexpr std::uint64_t kLeast = 0x8000'0000'0000'0000;
  constexpr std::uint64_t kGreatest = 0x7FFF'FFFF'FFFF'FFFF;
  const auto doubles = [] { return ColumnScript(Type::kDouble); };
  const auto ints = [] { return ColumnScript(Type::kInt64); };
  return {
      {"negative_float32", doubles().Doubles({-2.5}).Noise(23, 29, 1100)},
      {"float32_of_both_signs", doubles().Doubles({0.5}).Noise(35, 29, 300)},
      {"nan_payload_among_float32", doubles()
                                        .Doubles({2.5})
                                        .Noise(20, 29, 50)
                                        .Special({7, 8, 3})
                                        .Doubles({2.5})
                                        .Noise(20, 29, 50)},
      {"full_doubles", doubles().Doubles({0.3}).Noise(50, 0, 9)},
      {"subnormal_float32", doubles().Floats({1, 0x80000001, 0x007FFFFF, 0x00800000, 0x3F800000})},
      {"minus_zero_and_nan_among_decimals",
       doubles().Decimals(2, 7, 30).Special({1, 6, 4, 0}).Decimals(2, -7, 30)},
      {"decimals_one_unit_off", doubles().Decimals(1, 1, 20).Special({12, 13, 14})},
      {"decimals_of_22_digits", doubles().Decimals(22, 1, 12)},
      {"one_row", ints().Literals({42})},
      {"two_rows", ints().Literals({42, kLeast})},
      {"three_rows", doubles().Doubles({1, 4, 9})},
      {"four_rows", ints().Literals({1, 8, 27, 64})},
      {"five_rows_of_cubes", ints().Literals({1, 8, 27, 64, 125})},
      {"widest_frame", ints().Literals({kLeast, kGreatest, 0, 1, ~0ULL, kLeast, kGreatest, 2})},
      {"wrapping_differences", ints().Ramp(kLeast + 3, 60)},
      {"odd_width_at_the_end", ints().Noise(63, 0, 7)},
      {"odd_width_in_lanes", ints().Noise(33, 0, 1024)},
      {"patches", ints().Ramp(3, 100).Noise(50, 3, 2).Ramp(3, 100)},
      {"constant_vectors", doubles().Doubles({0.1}).Repeat(2500)},
      {"few_values", doubles().Noise(2, 52, 200)},
      {"bools", ColumnScript(Type::kBool).Noise(1, 0, 20)},
      {"nulls", ColumnScript(Type::kNull).Ramp(1, 5)},
  };
}

std::vector<Script> TextScripts() {
  return {
      {"texts_with_empty_ones", ColumnScript(Type::kString).Text("").Text("ab").Text("").Text("b")},
      {"texts_that_share", ColumnScript(Type::kJson).Text("media/images/").Numbered(40, 60)},
      {"texts_that_repeat", ColumnScript(Type::kString).Text("epoch").RepeatText(1100)},
      {"long_bytes", ColumnScript(Type::kBytes).LongText(300).Text("y").LongText(301)},
  };
}

// What each decoder of columns is given of one column.
class ColumnSeeds {
 public:
  ColumnSeeds(fs::path corpus, const Script& script) : corpus_(std::move(corpus)) {
    name_ = script.first;
    FuzzInput input = InputOf(script.second.bytes());
    column_ = MakeColumn(&input);
    view_ = ViewOf(column_, &texts_);
    rows_ = static_cast<std::uint16_t>(column_.rows);
    Save(corpus_ / "column", name_, kRange + script.second.bytes());
  }

  void SaveAll() const {
    SaveChunk();
    SaveSparse();
    if (column_.rows <= kMaxTinyRows) SaveTiny();
    if (!IsNumber(column_.type)) return;
    if (column_.rows <= kVectorRows) SaveVector();
    SaveCells();
  }

 private:
  static inline const std::string kRange{"\5\0\7\0", 4};

  std::uint8_t type() const { return static_cast<std::uint8_t>(column_.type); }
  std::string Chunk() const {
    std::string chunk;
    EncodeColumn(view_, &chunk);
    return chunk;
  }
  void SaveChunk() const {
    Save(corpus_ / "column_chunk", name_, Join(kRange + Chunk(), type(), rows_));
  }
  void SaveSparse() const {
    std::vector<std::int64_t> positions(column_.rows);
    for (std::size_t i = 0; i < positions.size(); ++i) {
      positions[i] = static_cast<std::int64_t>(i * 2 + i / 7);
    }
    std::string chunk;
    EncodeSparseChunk(positions, view_, &chunk);
    const auto table_rows = static_cast<std::uint16_t>(rows_ * 3);
    Save(corpus_ / "sparse_chunk", name_, Join(chunk, type(), rows_, table_rows));
  }
  void SaveTiny() const {
    std::vector<std::int64_t> steps(column_.rows);
    for (std::size_t i = 0; i < steps.size(); ++i) steps[i] = static_cast<std::int64_t>(i * i);
    const std::array<ColumnView, 2> columns{view_, view_};
    std::string block;
    EncodeTinyBlock({column_.rows, steps, steps, columns}, &block);
    constexpr std::uint8_t kHasTime = 1;
    Save(corpus_ / "tiny_block", name_,
         Join(block, static_cast<std::uint8_t>(rows_), kHasTime,
              static_cast<std::uint8_t>(columns.size()), type(), type()));
  }
  void SaveVector() const {
    const bool doubles = column_.type == Type::kDouble;
    std::string vector;
    EncodeVector(column_.bits, VectorPlans::AllFor(doubles), &vector);
    Save(corpus_ / "vector", name_,
         Join(vector, static_cast<std::uint16_t>(rows_ - 1), static_cast<std::uint8_t>(doubles)));
  }
  void SaveCells() const {
    std::vector<Step> steps(column_.rows);
    for (std::size_t i = 0; i < steps.size(); ++i) steps[i] = static_cast<Step>(i * 3);
    std::string chunk;
    EncodeSparseCells(MeasureCells(column_.type, steps, column_.bits), &chunk);
    Save(corpus_ / "cells", name_,
         Join(chunk, static_cast<std::uint8_t>(type() - 1), static_cast<std::uint16_t>(rows_ - 1)));
  }

  fs::path corpus_;
  std::string name_;
  Column column_;
  std::vector<std::string_view> texts_;
  ColumnView view_;
  std::uint16_t rows_ = 0;
};

// Patterns of made_rows.cc: has prefix u8, then a shape, which pattern and how many.
std::vector<std::pair<std::string, std::string>> RowScripts() {
  constexpr std::uint8_t kNoPrefix = 0;
  constexpr std::uint8_t kPrefix = 1;
  constexpr std::uint8_t kSomeOfOne = 0;
  constexpr std::uint8_t kSomeOfEach = 16;
  constexpr std::uint8_t kWithCells = 31;
  constexpr std::uint8_t kIntAndDouble = 96;  // the shape whose two columns are of these types
  return {
      {"tiny", Join("", kNoPrefix, std::uint8_t{30}, kSomeOfOne, std::uint8_t{4})},
      {"dense_without_time", Join("", kPrefix, std::uint8_t{127}, kSomeOfOne, std::uint8_t{39})},
      {"dense_with_cells", Join("", kPrefix, kIntAndDouble, kWithCells, std::uint8_t{100})},
      {"sparse",
       Join("", kPrefix, std::uint8_t{3}, kSomeOfEach, std::uint8_t{99}, std::uint8_t{1})},
  };
}

void SaveRowSeeds(const fs::path& corpus, const std::string& name, const std::string& script) {
  Save(corpus / "segment", name, script);
  FuzzInput input = InputOf(script);
  const bool has_prefix = input.UpTo(1) == 1;
  const RowBatch batch = MakeRows(&input);
  const SummaryTable summary = Summarize(batch);
  std::string summary_bytes;
  ByteWriter writer(&summary_bytes);
  summary.Encode(&writer);
  Save(corpus / "summary_table", name, summary_bytes);

  SegmentInput made;
  made.rows = &batch;
  if (has_prefix) {
    made.facts.prefix = PrefixKind::kFull;
    made.prefix = &summary;
  }
  const auto bytes = EncodeSegment(made, 1, 0);
  Require(bytes.has_value(), "rows are a segment");
  SegmentFacts known;
  known.rows = batch.rows();
  const ReadSegment segment(*bytes, known, 1, 0);
  const SegmentFooter& footer = segment.footer();
  const std::size_t chunk_bytes = bytes->size() - footer.index_length() - kSegmentFooterSize;
  Save(corpus / "segment_index", name,
       Join(segment.IndexBytes(), static_cast<std::uint16_t>(footer.keys_length),
            static_cast<std::uint16_t>(footer.tables_length),
            static_cast<std::uint16_t>(footer.directory_length),
            static_cast<std::uint16_t>(footer.facts_length),
            static_cast<std::uint32_t>(chunk_bytes), static_cast<std::uint32_t>(batch.rows())));
}

void MakeCorpus(const fs::path& corpus) {
  for (const Script& script : NumberScripts()) ColumnSeeds(corpus, script).SaveAll();
  for (const Script& script : TextScripts()) ColumnSeeds(corpus, script).SaveAll();
  for (const auto& [name, script] : RowScripts()) SaveRowSeeds(corpus, name, script);
  MakeFileCorpus(corpus);
  MakeImportCorpus(corpus);
}

}  // namespace
}  // namespace reprise::fuzz

int main(int argc, char** argv) {
  reprise::fuzz::Require(argc == 2, "usage: make_fuzz_corpus FOLDER");
  reprise::fuzz::MakeCorpus(argv[1]);
}
