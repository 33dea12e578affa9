// A bucket's share of a part of the curve is a run of whole cells, and at most one cut cell at each
// end. Cells are searched by their steps, so a bucket of many costs a search and a pass over them.
#include "engine/history/sample_curve.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/history/bucket_grid.h"
#include "engine/history/running_bucket.h"
#include "format/try.h"

namespace reprise {

namespace {

constexpr std::uint64_t kMaxBuckets = 1'000'000;

class Sampler {
 public:
  Sampler(const StepRange& steps, const SampleOptions& options)
      : steps_(steps),
        grid_(steps, options.buckets),
        snapped_(options.snapped),
        buckets_(options.buckets) {}

  // What lies in `visible`, and in the steps that are sampled.
  Status Add(const CurvePart& part, const StepRange& visible);
  Buckets Finish() const;

 private:
  bool IsCut(const Cells& cells, std::size_t cell, const StepRange& clip) const;
  std::size_t EndOfRun(const Cells& cells, std::size_t begin, Step last,
                       const StepRange& clip) const;
  void AddRun(const CurvePart& part, std::size_t begin, std::size_t end, RunningBucket* bucket);
  Status AddCut(const CurvePart& part, std::size_t cell, const StepRange& clip);
  void AddRows(Type type, const CurveVector& rows);

  const StepRange steps_;
  const BucketGrid grid_;
  const bool snapped_;
  std::vector<RunningBucket> buckets_;
  CurveBuffer buffer_;
};

StepRange Overlap(const StepRange& a, const StepRange& b) {
  return {std::max(a.first, b.first), std::min(a.last, b.last)};
}

Status Sampler::Add(const CurvePart& part, const StepRange& visible) {
  const StepRange clip = Overlap(visible, steps_);
  const Cells& cells = part.cells();
  const auto& last_steps = cells.steps.last;
  auto cell = static_cast<std::size_t>(
      std::lower_bound(last_steps.begin(), last_steps.end(), clip.first) - last_steps.begin());
  while (cell < cells.size() && cells.steps.first[cell] <= clip.last) {
    std::size_t end = cell;
    if (cells.steps.first[cell] >= clip.first) {
      const std::size_t bucket = grid_.BucketOf(cells.steps.first[cell]);
      end = EndOfRun(cells, cell, grid_.LastOf(bucket), clip);
      if (end > cell) AddRun(part, cell, end, &buckets_[bucket]);
    }
    if (end == cell) REPRISE_TRY(AddCut(part, end++, clip));
    cell = end;
  }
  return {};
}

// Behind the last of the cells from `begin` on that a bucket up to step `last` takes whole.
std::size_t Sampler::EndOfRun(const Cells& cells, std::size_t begin, Step last,
                              const StepRange& clip) const {
  const auto& steps = snapped_ ? cells.steps.first : cells.steps.last;
  const Step limit = std::min(last, clip.last);
  const auto from = steps.begin() + static_cast<std::ptrdiff_t>(begin);
  auto end =
      steps.back() <= limit
          ? cells.size()
          : static_cast<std::size_t>(std::upper_bound(from, steps.end(), limit) - steps.begin());
  if (end > begin && cells.steps.last[end - 1] > clip.last) --end;
  return end;
}

void Sampler::AddRun(const CurvePart& part, std::size_t begin, std::size_t end,
                     RunningBucket* bucket) {
  const bool whole = begin == 0 && end == part.cells().size();
  if (whole) return bucket->Merge(part.total());
  bucket->AddCells(part.cells(), begin, end);
}

Status Sampler::AddCut(const CurvePart& part, std::size_t cell, const StepRange& clip) {
  REPRISE_TRY_ASSIGN(CurveVector rows, part.Read(cell, &buffer_));
  const auto begin = std::lower_bound(rows.steps.begin(), rows.steps.end(), clip.first);
  const auto end = std::upper_bound(begin, rows.steps.end(), clip.last);
  const auto first = static_cast<std::size_t>(begin - rows.steps.begin());
  const auto count = static_cast<std::size_t>(end - begin);
  AddRows(part.cells().type, {rows.steps.subspan(first, count), rows.bits.subspan(first, count)});
  return {};
}

void Sampler::AddRows(Type type, const CurveVector& rows) {
  for (std::size_t row = 0; row < rows.steps.size();) {
    const std::size_t bucket = grid_.BucketOf(rows.steps[row]);
    const auto from = rows.steps.begin() + static_cast<std::ptrdiff_t>(row);
    const auto end = snapped_ ? rows.steps.end()
                              : std::upper_bound(from, rows.steps.end(), grid_.LastOf(bucket));
    const auto count = static_cast<std::size_t>(end - from);
    buckets_[bucket].AddValues(type, rows.steps.subspan(row, count), rows.bits.subspan(row, count));
    row += count;
  }
}

Buckets Sampler::Finish() const {
  Buckets finished;
  finished.reserve(buckets_.size());
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    finished.push_back(buckets_[i].Finish(grid_.StepsOf(i)));
  }
  return finished;
}

// The steps that are asked for, with ends that are left open put where the history's are.
StepRange Asked(const CurveCache& curves, const SampleOptions& options, Step last_step) {
  const Step end = std::max<Step>(last_step, 0);
  if (!options.steps) {
    const auto& blocks = curves.blocks();
    // A segment and live rows begin with a row.
    return {blocks.empty() ? end : std::min(end, blocks.front().steps.first), end};
  }
  StepRange steps = *options.steps;
  if (steps.last == StepRange().last) steps.last = std::max(steps.first, end);
  return steps;
}

Status CheckOptions(const SampleOptions& options) {
  if (options.buckets == 0 || options.buckets > kMaxBuckets) {
    return Status::Error(Code::kInvalidArgument,
                         fmt::format("a sample cannot have {} buckets; ask for 1 to {}",
                                     options.buckets, kMaxBuckets));
  }
  if (!options.steps || (options.steps->first >= 0 && !options.steps->empty())) return {};
  return Status::Error(Code::kInvalidArgument,
                       fmt::format("no steps to sample: {} to {}; ask for some from 0 up",
                                   options.steps->first, options.steps->last));
}

}  // namespace

Result<Buckets> SampleCurve(const CurveCache& curves, std::string_view key,
                            const SampleOptions& options, Step last_step) {
  REPRISE_TRY(CheckOptions(options));
  const StepRange steps = Asked(curves, options, last_step);
  Sampler sampler(steps, options);
  const std::shared_ptr<Curve> curve = curves.Get(key);
  REPRISE_TRY_ASSIGN(const Curve::BlockRange range, curve->Load(steps));
  for (std::size_t i = range.begin; i < range.end; ++i) {
    for (const CurvePart& part : curve->parts(i)) {
      REPRISE_TRY(sampler.Add(part, curve->block(i).steps));
    }
  }
  curves.Trim();
  return sampler.Finish();
}

}  // namespace reprise
