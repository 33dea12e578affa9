// What a summary keeps of one key.
#ifndef REPRISE_FORMAT_AGGREGATE_H_
#define REPRISE_FORMAT_AGGREGATE_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "format/bytes.h"
#include "format/column.h"
#include "format/exact_sum.h"
#include "reprise/value.h"

namespace reprise {

// The first, last, least and greatest value of one key over some rows, how many numbers and NaNs
// there were, and their exact sum.
//
// It depends on the rows alone: adding them one by one, or merging the aggregates of parts of them
// in any order and grouping, gives an equal aggregate with equal bytes. Strings, bytes, json and
// null count for first and last only. A bool counts as 0 or 1. Infinities take part in min, max,
// count, sum and mean; NaNs are counted apart.
//
// Thread safety: const access from any thread.
class Aggregate {
 public:
  // `step` must be >= 0 and above every step added before.
  void Add(Step step, const ValueView& value);
  // The same for rows `first`, `first` + 1, ... of a column, which are those of `steps`.
  void AddColumn(std::span<const Step> steps, const Column& column, std::size_t first);
  // `other` must be of steps that this one does not have, anywhere between them.
  void Merge(const Aggregate& other);

  // No row had the key; the steps are kNoStep and the values null.
  bool empty() const { return first_.step == kNoStep; }
  // As logged, of any type. Text lives until the aggregate changes.
  ValueView first() const { return first_.view(); }
  ValueView last() const { return last_.view(); }
  Step first_step() const { return first_.step; }
  Step last_step() const { return last_.step; }

  // Numbers that are not NaN, and NaNs.
  std::uint64_t count() const { return count_; }
  std::uint64_t nan() const { return nan_; }
  bool has_numbers() const { return count_ > 0; }

  // The extreme numbers as logged, compared exactly across types (number_order.h), of equal ones
  // the one with the lowest step. Null at kNoStep without numbers.
  ValueView min() const { return min_.view(); }
  ValueView max() const { return max_.view(); }
  Step min_step() const { return min_.step; }
  Step max_step() const { return max_.step; }

  // The exact sum, and the exact sum over count(), each rounded once. With infinities: that
  // infinity, or NaN where both signs occur. Absent without numbers.
  std::optional<double> sum() const;
  std::optional<double> mean() const;

  // Canonical: equal aggregates give equal bytes. Must not be empty. Layout in summary.md.
  void Encode(ByteWriter* writer) const;
  // False, with the aggregate unspecified, for anything that Encode does not write. Allocates no
  // more than the bytes read.
  bool Decode(ByteReader* reader);

  friend bool operator==(const Aggregate&, const Aggregate&) = default;

 private:
  // A number and where it was logged.
  struct Extreme {
    Step step = kNoStep;
    std::uint64_t bits = 0;
    Type type = Type::kNull;

    ValueView view() const { return ValueView::Stored(type, bits, {}); }
    friend bool operator==(const Extreme&, const Extreme&) = default;
  };

  // A value of any type and where it was logged.
  struct End {
    Step step = kNoStep;
    std::uint64_t bits = 0;
    Type type = Type::kNull;
    std::string text;

    ValueView view() const { return ValueView::Stored(type, bits, text); }
    void Set(Step at, const ValueView& value);
    friend bool operator==(const End&, const End&) = default;
  };

  void AddNumber(Step step, const ValueView& number);
  void AddDoubles(std::span<const Step> steps, std::span<const std::uint64_t> bits);
  void AddVector(std::span<const Step> steps, std::span<const std::uint64_t> bits);
  bool Widens(std::int64_t ordered, const Extreme& extreme, std::weak_ordering beyond,
              Step first) const;
  // The first of them with that place in the order; there is one.
  static Extreme FirstOf(std::int64_t ordered, std::span<const Step> steps,
                         std::span<const std::uint64_t> bits);
  // Takes the extremes of rows that this aggregate does not have.
  void Widen(const Extreme& min, const Extreme& max);
  std::optional<double> InfiniteSum() const;
  void EncodeExtreme(const Extreme& extreme, ByteWriter* writer) const;
  bool DecodeExtreme(ByteReader* reader, Extreme* extreme) const;
  bool DecodeEnds(ByteReader* reader);
  bool DecodeNumbers(ByteReader* reader);
  bool IsPossible() const;
  bool AllowsEnd(const End& end) const;

  End first_;
  End last_;
  Extreme min_;
  Extreme max_;
  std::uint64_t count_ = 0;
  std::uint64_t nan_ = 0;
  ExactSum sum_;  // of the finite numbers; min and max tell whether there were infinities
};

}  // namespace reprise

#endif  // REPRISE_FORMAT_AGGREGATE_H_
