// Aggregates by key, as segments and summaries store them.
#ifndef REPRISE_FORMAT_SUMMARY_TABLE_H_
#define REPRISE_FORMAT_SUMMARY_TABLE_H_

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "format/aggregate.h"
#include "format/bytes.h"
#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise {

// The most bytes that all keys of a table together may have if it takes `size` bytes encoded. Front
// coding could make a hundred times as many of them, which nobody names keys for.
constexpr std::size_t MaxSummaryKeyBytes(std::size_t size) {
  constexpr std::size_t kAlways = std::size_t{16} << 20;
  constexpr std::size_t kNever = std::size_t{128} << 20;
  constexpr std::size_t kExpansion = 32;
  return size >= kNever / kExpansion ? kNever : std::max(kAlways, kExpansion * size);
}

// The most entries of a table: as many as a segment has keys.
inline constexpr std::size_t kMaxSummaryEntries = 1'000'000;

// The aggregates of some keys over some rows, in byte order of the keys.
//
// Like an aggregate it depends on the rows alone, and so do its bytes.
//
// Thread safety: const access from any thread.
class SummaryTable {
 public:
  using Map = std::map<std::string, Aggregate, std::less<>>;

  bool empty() const { return aggregates_.empty(); }
  std::size_t size() const { return aggregates_.size(); }
  Map::const_iterator begin() const { return aggregates_.begin(); }
  Map::const_iterator end() const { return aggregates_.end(); }

  // Null if the table has no such key. Stays valid while the table lives and is not assigned to.
  const Aggregate* Find(std::string_view key) const;

  // As Aggregate::Add; `key` has 1 to 1,024 bytes.
  void Add(std::string_view key, Step step, const ValueView& value);
  // As Aggregate::AddColumn, but the steps may lie anywhere between those of the key.
  void AddColumn(std::string_view key, std::span<const Step> steps, const Column& column,
                 std::size_t first);
  // Replaces what the table has of `key`. An empty aggregate removes the key.
  void Put(std::string_view key, const Aggregate& aggregate);
  // As Aggregate::Merge. An empty aggregate leaves no trace.
  void Merge(std::string_view key, const Aggregate& other);
  // Every key of `other`, of steps that this table does not have.
  void Merge(const SummaryTable& other);

  // Of all keys together.
  std::size_t KeyBytes() const;

  // Canonical: equal tables give equal bytes. Layout in summary.md.
  void Encode(ByteWriter* writer) const;
  // Reads what Encode writes and leaves the reader behind it. kCorrupt, with the offset in the
  // reader's span and the table unchanged, for anything else, and for keys of more than
  // MaxSummaryKeyBytes of what is left to read, or more than kMaxSummaryEntries. Memory: those, and
  // some 300 bytes an entry, which takes at least 8 of the bytes.
  Status Decode(ByteReader* reader);

  friend bool operator==(const SummaryTable&, const SummaryTable&) = default;

 private:
  Aggregate& At(std::string_view key);

  Map aggregates_;
};

}  // namespace reprise

#endif  // REPRISE_FORMAT_SUMMARY_TABLE_H_
