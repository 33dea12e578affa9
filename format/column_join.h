// One column of a segment that others are joined into. Full vectors that lie at a vector's place
// stay as they are stored; only the values between and behind them are decoded and encoded.
#ifndef REPRISE_FORMAT_COLUMN_JOIN_H_
#define REPRISE_FORMAT_COLUMN_JOIN_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/cells.h"
#include "format/column.h"
#include "format/vector_chunk.h"
#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise {

enum class KeepVectors : bool { kNo, kYes };

// One after the other, since they share memory. Not thread-safe.
class ColumnJoiner {
 public:
  // All texts of all columns take at most so many bytes in memory.
  explicit ColumnJoiner(std::size_t most_text_bytes) : text_bytes_left_(most_text_bytes) {}

  // Begins a column of no rows.
  void Begin(Type type);
  // The column goes on with these rows. A chunk has to live until Encode, and must be one of
  // vectors, of numbers, for any to be kept. Says how many of its vectors are, from the first on.
  Result<std::size_t> AddChunk(std::string_view chunk, std::size_t rows, KeepVectors keep);
  Status AddValues(const Column& values);
  void AddNumbers(std::span<const std::uint64_t> bits);

  // Appends the chunk. False, and nothing is appended, if vectors are kept and the other values
  // want a dictionary: it has no place for vectors.
  Result<bool> Encode(std::string* out);

  // For columns of numbers that have cells. `kept` are those of the kept vectors, in their order;
  // `steps` those of all rows.
  Cells JoinCells(const Cells& kept, std::span<const Step> steps) const;

  // What is not in kept vectors.
  const Column& values() const { return values_; }

 private:
  std::size_t text_bytes_left_;
  std::size_t rows_ = 0;
  // By number; empty: the next of values_. Those behind the last one are not in the list.
  std::vector<std::string_view> kept_;
  bool keeps_any_ = false;
  Column values_;
  // For their memory.
  Column decoded_;
  std::vector<VectorPlace> places_;
  std::vector<std::string_view> texts_;
  std::string between_;
};

}  // namespace reprise

#endif  // REPRISE_FORMAT_COLUMN_JOIN_H_
