// A pack with one segment that no writer makes: chunks as a test gives them, each under its right
// checksum.
#ifndef REPRISE_TESTS_FAULTS_BOUNDS_MADE_SEGMENT_H_
#define REPRISE_TESTS_FAULTS_BOUNDS_MADE_SEGMENT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/store/layout.h"
#include "format/change.h"
#include "format/segment_index.h"
#include "reprise/value.h"

namespace reprise {

class MadeSegment {
 public:
  // `keys` are all of its keys, sorted.
  explicit MadeSegment(std::vector<std::string> keys) : keys_(std::move(keys)) {}

  // Begins a table without times: so many rows, at the steps that follow those of the last table.
  void BeginTable(TableForm form, std::uint32_t rows);
  // The next column of the table: its values in `rows` of its rows, as `chunk` has them.
  void AddColumn(std::uint32_t key, Type type, std::uint32_t rows, std::string chunk);
  void AddColumn(std::uint32_t key, Type type, std::string chunk) {
    AddColumn(key, type, tables_.back().rows, std::move(chunk));
  }

  // Writes the pack into the store. Branch and generation are those of `facts`.
  SegmentRef WriteTo(const StoreLayout& store, std::uint64_t pack, SegmentFacts facts);

 private:
  void EndTable();
  std::string Payload(SegmentFacts facts);

  const std::vector<std::string> keys_;
  std::vector<SegmentTable> tables_;
  std::vector<std::string> chunks_;  // of all tables, in the order of the directory
  std::vector<std::string> cells_;   // of the table at hand
  Step next_step_ = 0;
};

// Of `count` keys of `size` bytes that differ at their ends alone.
std::vector<std::string> LongKeys(std::size_t count, std::size_t size);

// Chunks of columns, which take a few bytes for 1,024 rows.
std::string EqualNumbers(std::size_t rows);
// Every row has the same text of `size` bytes, of a dictionary.
std::string EqualTexts(std::size_t rows, std::size_t size);
// Every row has the same text of up to `size` bytes: a list of equal numbers, printed from a
// template.
std::string PrintedTexts(std::size_t rows, std::size_t size);
// Of a sparse column: nulls in all rows of the table but the first `skipped`.
std::string NullsBehind(std::size_t skipped, std::size_t table_rows);

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_BOUNDS_MADE_SEGMENT_H_
