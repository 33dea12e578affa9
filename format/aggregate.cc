#include "format/aggregate.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "format/codec_kernels.h"
#include "format/measure_numbers.h"
#include "format/number_order.h"
#include "format/summary_value.h"

namespace reprise {

namespace {

constexpr auto kMaxStep = static_cast<std::uint64_t>(std::numeric_limits<Step>::max());

bool IsInfinite(const ValueView& number) {
  return number.type() == Type::kDouble && std::isinf(number.as_double());
}

constexpr std::uint64_t kInfinityBits = 0x7FF0'0000'0000'0000;

// The bits of what DoubleExtent has in order; of a zero those of +0.
std::uint64_t Unordered(std::int64_t ordered) {
  return static_cast<std::uint64_t>(ordered ^ ((ordered >> 63) & std::int64_t{kNoMagnitude}));
}

bool IsLess(const ValueView& a, const ValueView& b) { return CompareNumbers(a, b) < 0; }

}  // namespace

// Touches the string only where there is text: most values are numbers.
void Aggregate::End::Set(Step at, const ValueView& value) {
  step = at;
  bits = value.bits();
  type = value.type();
  if (!text.empty() || !value.text().empty()) text = value.text();
}

void Aggregate::Add(Step step, const ValueView& value) {
  if (empty()) first_.Set(step, value);
  last_.Set(step, value);
  if (IsNumber(value.type())) AddNumber(step, value);
}

void Aggregate::AddNumber(Step step, const ValueView& number) {
  if (IsNan(number)) {
    ++nan_;
    return;
  }
  const Extreme here{step, number.bits(), number.type()};
  if (count_ == 0 || IsLess(number, min_.view())) min_ = here;
  if (count_ == 0 || IsLess(max_.view(), number)) max_ = here;
  ++count_;
  if (number.type() != Type::kDouble) {
    sum_.Add(number.as_int64());
  } else if (!std::isinf(number.as_double())) {
    sum_.Add(number.as_double());
  }
}

void Aggregate::AddColumn(std::span<const Step> steps, const Column& column, std::size_t first) {
  if (steps.empty()) return;
  if (column.type != Type::kDouble) {
    for (std::size_t i = 0; i < steps.size(); ++i) Add(steps[i], column.value(first + i));
    return;
  }
  if (empty()) first_.Set(steps.front(), column.value(first));
  last_.Set(steps.back(), column.value(first + steps.size() - 1));
  AddDoubles(steps, std::span(column.bits).subspan(first, steps.size()));
}

// Nearly all that is logged comes through this loop.
void Aggregate::AddDoubles(std::span<const Step> steps, std::span<const std::uint64_t> bits) {
  for (std::size_t first = 0; first < bits.size(); first += kVectorRows) {
    const std::size_t rows = std::min(kVectorRows, bits.size() - first);
    AddVector(steps.subspan(first, rows), bits.subspan(first, rows));
  }
}

void Aggregate::AddVector(std::span<const Step> steps, std::span<const std::uint64_t> bits) {
  const DoubleExtent extent = Kernels().measure(bits.data(), bits.size());
  if (extent.largest >= kInfinityBits) {
    for (std::size_t i = 0; i < bits.size(); ++i) {
      AddNumber(steps[i], ValueView::Stored(Type::kDouble, bits[i], {}));
    }
    return;
  }
  const Extreme least = Widens(extent.least, min_, std::weak_ordering::less, steps.front())
                            ? FirstOf(extent.least, steps, bits)
                            : min_;
  const Extreme greatest = Widens(extent.greatest, max_, std::weak_ordering::greater, steps.front())
                               ? FirstOf(extent.greatest, steps, bits)
                               : max_;
  Widen(least, greatest);
  count_ += bits.size();
  sum_.Add(bits, extent);
}

// Whether the number with that place in the order may take the place of `extreme`, if it is at
// `first` or later: looking for it takes longer than that.
bool Aggregate::Widens(std::int64_t ordered, const Extreme& extreme, std::weak_ordering beyond,
                       Step first) const {
  if (!has_numbers()) return true;
  const std::uint64_t bits = Unordered(ordered);
  const auto order = CompareNumbers(ValueView::Stored(Type::kDouble, bits, {}), extreme.view());
  return order == beyond || (order == 0 && first < extreme.step);
}

Aggregate::Extreme Aggregate::FirstOf(std::int64_t ordered, std::span<const Step> steps,
                                      std::span<const std::uint64_t> bits) {
  const std::size_t at = FirstEqual(bits, std::bit_cast<double>(Unordered(ordered)));
  return {steps[at], bits[at], Type::kDouble};
}

void Aggregate::Widen(const Extreme& min, const Extreme& max) {
  const bool any = has_numbers();
  const auto below = any ? CompareNumbers(min.view(), min_.view()) : std::weak_ordering::less;
  const auto above = any ? CompareNumbers(max.view(), max_.view()) : std::weak_ordering::greater;
  if (below < 0 || (below == 0 && min.step < min_.step)) min_ = min;
  if (above > 0 || (above == 0 && max.step < max_.step)) max_ = max;
}

void Aggregate::Merge(const Aggregate& other) {
  if (other.empty()) return;
  if (empty()) {
    *this = other;
    return;
  }
  if (other.first_.step < first_.step) first_ = other.first_;
  if (other.last_.step > last_.step) last_ = other.last_;
  nan_ += other.nan_;
  if (!other.has_numbers()) return;
  Widen(other.min_, other.max_);
  count_ += other.count_;
  sum_.Merge(other.sum_);
}

// What infinities make of a sum; nothing without them.
std::optional<double> Aggregate::InfiniteSum() const {
  const bool below = IsInfinite(min()) && min().as_double() < 0;
  const bool above = IsInfinite(max()) && max().as_double() > 0;
  if (below && above) return std::numeric_limits<double>::quiet_NaN();
  if (below) return min().as_double();
  if (above) return max().as_double();
  return std::nullopt;
}

std::optional<double> Aggregate::sum() const {
  if (!has_numbers()) return std::nullopt;
  const std::optional<double> infinite = InfiniteSum();
  return infinite ? infinite : sum_.Round();
}

std::optional<double> Aggregate::mean() const {
  if (!has_numbers()) return std::nullopt;
  const std::optional<double> infinite = InfiniteSum();
  return infinite ? infinite : sum_.RoundQuotient(count_);
}

void Aggregate::Encode(ByteWriter* writer) const {
  writer->Varint(static_cast<std::uint64_t>(first_.step));
  writer->Varint(static_cast<std::uint64_t>(last_.step - first_.step));
  EncodeSummaryValue(first(), writer);
  if (last_.step != first_.step) EncodeSummaryValue(last(), writer);
  writer->Varint(nan_);
  writer->Varint(count_);
  if (!has_numbers()) return;
  EncodeExtreme(min_, writer);
  EncodeExtreme(max_, writer);
  sum_.Encode(writer);
}

// An extreme at the first or the last step is the first or the last value.
void Aggregate::EncodeExtreme(const Extreme& extreme, ByteWriter* writer) const {
  writer->Varint(static_cast<std::uint64_t>(extreme.step - first_.step));
  if (extreme.step == first_.step || extreme.step == last_.step) return;
  EncodeSummaryValue(extreme.view(), writer);
}

bool Aggregate::Decode(ByteReader* reader) {
  *this = Aggregate();
  return DecodeEnds(reader) && DecodeNumbers(reader) && IsPossible();
}

bool Aggregate::DecodeEnds(ByteReader* reader) {
  std::uint64_t first = 0;
  std::uint64_t span = 0;
  ValueView value;
  if (!ReadShortestVarint(reader, kMaxStep, &first)) return false;
  if (!ReadShortestVarint(reader, kMaxStep - first, &span)) return false;
  if (!DecodeSummaryValue(reader, &value)) return false;
  first_.Set(static_cast<Step>(first), value);
  if (span > 0 && !DecodeSummaryValue(reader, &value)) return false;
  last_.Set(static_cast<Step>(first + span), value);
  return true;
}

bool Aggregate::DecodeNumbers(ByteReader* reader) {
  const std::uint64_t most = static_cast<std::uint64_t>(last_.step - first_.step) + 1;
  if (!ReadShortestVarint(reader, most, &nan_)) return false;
  if (!ReadShortestVarint(reader, most - nan_, &count_)) return false;
  if (!has_numbers()) return true;
  return DecodeExtreme(reader, &min_) && DecodeExtreme(reader, &max_) && sum_.Decode(reader);
}

bool Aggregate::DecodeExtreme(ByteReader* reader, Extreme* extreme) const {
  const auto span = static_cast<std::uint64_t>(last_.step - first_.step);
  std::uint64_t offset = 0;
  if (!ReadShortestVarint(reader, span, &offset)) return false;
  ValueView value = offset == 0 ? first_.view() : last_.view();
  if (offset != 0 && offset != span && !DecodeSummaryValue(reader, &value)) return false;
  if (!IsNumber(value.type()) || IsNan(value)) return false;
  *extreme = {first_.step + static_cast<Step>(offset), value.bits(), value.type()};
  return true;
}

// Whether some rows give this aggregate, as far as its own fields can tell.
bool Aggregate::IsPossible() const {
  if (!AllowsEnd(first_) || !AllowsEnd(last_)) return false;
  if (!has_numbers() || min_ == max_) return true;
  return count_ > 1 && min_.step != max_.step && IsLess(min(), max());
}

// The first or last value, if a number, is counted, lies between min and max, and is not equal to
// one of them at a lower step.
bool Aggregate::AllowsEnd(const End& end) const {
  if (!IsNumber(end.type)) return true;
  if (IsNan(end.view())) return nan_ > 0;
  if (!has_numbers()) return false;
  const auto to_min = CompareNumbers(end.view(), min());
  const auto to_max = CompareNumbers(end.view(), max());
  if (to_min < 0 || to_max > 0) return false;
  return !(to_min == 0 && end.step < min_.step) && !(to_max == 0 && end.step < max_.step);
}

}  // namespace reprise
