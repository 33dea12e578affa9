#include "engine/history/append_numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <span>

#include "engine/history/block.h"
#include "engine/segment/column_vectors.h"
#include "format/try.h"

namespace reprise {

namespace {

Status DoNotRise(const SegmentRef& segment, Step before, Step after) {
  return Status::Error(
      Code::kCorrupt,
      fmt::format("steps of a column do not rise: {} follows {} (segment at byte {} of pack "
                  "{:016x}, run {}); run 'reprise verify --deep'",
                  after, before, segment.offset, segment.pack, ToHex(segment.branch.uid)));
}

class NumberAppender {
 public:
  NumberAppender(const ColumnVectors& vectors, const SegmentRef& segment, std::size_t rows,
                 Type type, NumericSeries* series)
      : vectors_(vectors), segment_(segment), rows_(rows), type_(type), series_(series) {}

  Status Append(const StepRange& asked);

 private:
  std::size_t count() const { return (rows_ + kVectorRows - 1) / kVectorRows; }
  // The steps of a vector, valid until the next call.
  Result<std::span<const Step>> Steps(std::size_t vector);
  // The first vector that ends at or behind `step`; count() if none does.
  Result<std::size_t> FirstReaching(Step step);
  Status AppendValues(std::size_t vector, const RowRange& rows);

  const ColumnVectors& vectors_;
  const SegmentRef& segment_;
  const std::size_t rows_;
  const Type type_;
  NumericSeries* const series_;
  std::array<Step, kVectorRows> steps_;
  std::array<std::uint64_t, kVectorRows> bits_;
};

Result<std::span<const Step>> NumberAppender::Steps(std::size_t vector) {
  const std::size_t rows = std::min(kVectorRows, rows_ - vector * kVectorRows);
  const std::span<Step> steps(steps_.data(), rows);
  REPRISE_TRY(vectors_.ReadSteps(vector, steps));
  return steps;
}

Result<std::size_t> NumberAppender::FirstReaching(Step step) {
  REPRISE_TRY_ASSIGN(const auto first, Steps(0));
  if (first.back() >= step) return 0;  // most want a curve from its beginning
  std::size_t low = 1;
  std::size_t high = count();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    REPRISE_TRY_ASSIGN(const auto steps, Steps(middle));
    if (steps.back() < step) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

Status NumberAppender::AppendValues(std::size_t vector, const RowRange& rows) {
  const std::size_t all = std::min(kVectorRows, rows_ - vector * kVectorRows);
  REPRISE_TRY(vectors_.ReadValues(vector, std::span(bits_).first(all)));
  const std::size_t before = series_->values.size();
  series_->values.resize(before + rows.count());
  double* to = series_->values.data() + before;
  if (type_ == Type::kDouble) {
    std::memcpy(to, bits_.data() + rows.first, rows.count() * sizeof(double));
    return {};
  }
  for (std::size_t i = rows.first; i < rows.end; ++i) {
    *to++ = static_cast<double>(static_cast<std::int64_t>(bits_[i]));
  }
  return {};
}

Status NumberAppender::Append(const StepRange& asked) {
  REPRISE_TRY_ASSIGN(std::size_t vector, FirstReaching(asked.first));
  for (; vector < count(); ++vector) {
    REPRISE_TRY_ASSIGN(const auto steps, Steps(vector));
    const RowRange rows = RowsWithin(steps, asked);
    if (rows.count() == 0) break;
    if (!series_->steps.empty() && steps[rows.first] <= series_->steps.back()) {
      return DoNotRise(segment_, series_->steps.back(), steps[rows.first]);
    }
    series_->steps.insert(series_->steps.end(), steps.data() + rows.first, steps.data() + rows.end);
    REPRISE_TRY(AppendValues(vector, rows));
    if (rows.end < steps.size()) break;
  }
  return {};
}

}  // namespace

Status AppendNumbersOf(const SegmentReader& segment, const SegmentReader::ColumnPlace& place,
                       const StepRange& steps, NumericSeries* series) {
  REPRISE_TRY_ASSIGN(const auto vectors, segment.Load(place));
  return NumberAppender(*vectors, segment.ref(), segment.rows(place.table), place.type, series)
      .Append(steps);
}

}  // namespace reprise
