// Hot paths of the codec: what sealing and decoding take per value, map by map.
#include <bit>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "bench/bands/hot_paths.h"
#include "bench/bench_store.h"
#include "format/chunk_kind.h"
#include "format/column.h"
#include "format/latent_map.h"
#include "format/row_batch.h"
#include "format/segment.h"
#include "format/summary_table.h"
#include "format/vector_chunk.h"

namespace reprise::bench {
namespace {

constexpr std::uint64_t kSealedRows = 16'384;
constexpr std::size_t kSealedKeys = 4;
constexpr std::uint64_t kDecodedRows = 65'536;

using AtRow = std::function<double(std::size_t row, double loss)>;

double Float(double value) { return static_cast<double>(static_cast<float>(value)); }
double AsIs(std::size_t, double loss) { return loss; }
double AsFloat(std::size_t, double loss) { return Float(loss); }
double AsDecimal(std::size_t, double loss) { return std::round(loss * 10'000) / 10'000; }
double AsFewValues(std::size_t, double loss) { return std::floor(loss * 1000) / 1563; }
double AroundZero(std::size_t, double loss) { return Float(std::fmod(loss * 1e4, 1) - 0.5); }
double Smooth(std::size_t row, double) { return 1 + std::cos(static_cast<double>(row) * 5e-5); }

std::vector<double> MakeValues(std::size_t rows, const AtRow& value) {
  std::vector<double> values = DrawLosses(rows);
  for (std::size_t row = 0; row < rows; ++row) values[row] = value(row, values[row]);
  return values;
}

RowBatch MakeBatch(const AtRow& value) {
  const std::vector<double> values = MakeValues(kSealedRows * kSealedKeys, value);
  Shape shape;
  for (const char* key : {"a", "b", "c", "d"}) shape.columns.push_back({key, Type::kDouble});
  const auto shared = std::make_shared<const Shape>(std::move(shape));
  RowBatch batch;
  std::vector<ValueView> row(kSealedKeys);
  for (std::size_t i = 0; i < kSealedRows; ++i) {
    for (std::size_t k = 0; k < kSealedKeys; ++k) row[k] = values[k * kSealedRows + i];
    batch.Append(shared, static_cast<Step>(i), static_cast<TimeMicros>(i * 50'000), row);
  }
  return batch;
}

// As the engine does it: a segment, and the summary of its rows.
void Seal(const RowBatch& batch) {
  SegmentInput input;
  input.rows = &batch;
  Must(EncodeSegment(input, 1, 0));
  SummaryTable summary;
  for (const RowTable& table : batch.tables()) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      summary.AddColumn(table.shape->columns[i].key, table.steps, table.columns[i], 0);
    }
  }
}

HotPath Sealing(const std::string& name, const AtRow& value) {
  return {name, 2, kSealedRows * kSealedKeys, [value](std::uint64_t count) {
            const RowBatch batch = MakeBatch(value);
            for (std::uint64_t i = 0; i < count; ++i) Seal(batch);
          }};
}

// The map of a chunk's first vector; nothing if it has a dictionary.
std::optional<LatentMap> FirstMap(const std::string& chunk) {
  if (static_cast<ChunkKind>(chunk[0]) != ChunkKind::kVectors) return std::nullopt;
  std::vector<VectorPlace> places;
  Must(LocateVectors(chunk, kDecodedRows, &places));
  return static_cast<LatentMap>(chunk[places[0].offset] & 7);
}

HotPath Decoding(const std::string& name, std::optional<LatentMap> map, const AtRow& value) {
  return {name, 4, kDecodedRows, [name, map, value](std::uint64_t count) {
            std::vector<std::uint64_t> bits;
            for (const double number : MakeValues(kDecodedRows, value)) {
              bits.push_back(std::bit_cast<std::uint64_t>(number));
            }
            std::string chunk;
            EncodeColumn({Type::kDouble, bits.size(), bits, {}}, &chunk);
            if (FirstMap(chunk) != map) GiveUp(name + " is encoded by another map now");
            Column column;
            for (std::uint64_t i = 0; i < count; ++i) {
              Must(DecodeColumn(chunk, Type::kDouble, bits.size(), &column));
            }
          }};
}

}  // namespace

std::vector<HotPath> ValuePaths() {
  return {
      Sealing("seal_float_value_instructions", AsFloat),
      Sealing("seal_double_value_instructions", AsIs),
      Sealing("seal_decimal_value_instructions", AsDecimal),
      Decoding("decode_float_value_instructions", LatentMap::kOrdered, AsFloat),
      Decoding("decode_smooth_value_instructions", LatentMap::kOrdered, Smooth),
      Decoding("decode_decimal_value_instructions", LatentMap::kDecimal, AsDecimal),
      Decoding("decode_around_zero_value_instructions", LatentMap::kFolded, AroundZero),
      Decoding("decode_dictionary_value_instructions", std::nullopt, AsFewValues),
  };
}

}  // namespace reprise::bench
