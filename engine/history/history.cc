#include "reprise/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "engine/history/block.h"
#include "engine/history/history_impl.h"
#include "engine/history/row_cursor.h"
#include "engine/history/sample_curve.h"
#include "engine/history/summarize.h"
#include "format/try.h"

namespace reprise {

Result<std::shared_ptr<const History::Impl>> History::Impl::Open(
    std::shared_ptr<const Snapshot> snapshot) {
  auto impl = std::make_shared<Impl>();
  impl->segments = std::make_shared<const SegmentCache>(std::move(snapshot));
  impl->curves = std::make_unique<const CurveCache>(impl->segments);
  const auto& blocks = impl->curves->blocks();
  for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
    REPRISE_TRY_ASSIGN(impl->last_step, LastRowStep(*impl->segments, *block));
    if (impl->last_step != kNoStep) break;
  }
  return impl;
}

namespace {

ValueAtStep At(const ValueView& value, Step step) { return {Value(value), step}; }

SummaryEntry ToEntry(const Aggregate& aggregate) {
  SummaryEntry entry;
  entry.first = At(aggregate.first(), aggregate.first_step());
  entry.last = At(aggregate.last(), aggregate.last_step());
  entry.count = aggregate.count();
  entry.nan = aggregate.nan();
  if (!aggregate.has_numbers()) return entry;
  entry.min = At(aggregate.min(), aggregate.min_step());
  entry.max = At(aggregate.max(), aggregate.max_step());
  entry.sum = aggregate.sum();
  entry.mean = aggregate.mean();
  return entry;
}

// Later settings win; a removal leaves nothing.
void AddExplicit(const std::vector<ExplicitRecord>& records, Step through, Summary* summary) {
  for (const ExplicitRecord& record : records) {
    if (record.step > through) continue;
    if (record.value) {
      summary->explicit_values[record.key] = {*record.value, record.step};
    } else {
      summary->explicit_values.erase(record.key);
    }
  }
}

Status NoSuchKey(const Snapshot& snapshot, std::string_view key) {
  return Status::Error(Code::kNotFound,
                       fmt::format("key '{}' was never logged in run '{}' branch {}", key,
                                   snapshot.run.run_id, snapshot.branch.node.id.ordinal));
}

// kNotFound if there is no such key at any step.
Status CheckKeyExists(const SegmentCache& segments, std::string_view key) {
  std::set<std::string, std::less<>> keys;
  for (const Block& block : BlocksOf(segments.snapshot(), {})) {
    REPRISE_TRY(CollectKeys(segments, block, &keys));
  }
  return keys.contains(key) ? Status() : NoSuchKey(segments.snapshot(), key);
}

}  // namespace

History::History(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
History::History(History&&) noexcept = default;
History& History::operator=(History&&) noexcept = default;
History::~History() = default;

const std::string& History::project() const { return impl_->snapshot().project; }
const std::string& History::run_id() const { return impl_->snapshot().run.run_id; }
std::uint32_t History::branch() const { return impl_->snapshot().branch.node.id.ordinal; }
Step History::last_step() const { return impl_->last_step; }
Step History::last_committed_step() const { return impl_->snapshot().last_committed; }

Result<std::uint64_t> History::CountRows() const {
  const std::vector<Block> blocks = BlocksOf(impl_->snapshot(), {});
  std::uint64_t rows = 0;
  for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
    REPRISE_TRY_ASSIGN(const std::uint64_t own, reprise::CountRows(*impl_->segments, *block));
    rows += own;
    if (block->segment == nullptr) continue;
    // A segment knows how many rows are visible before it.
    REPRISE_TRY_ASSIGN(const auto reader, impl_->segments->Get(*block->segment));
    return rows + reader->facts().rows_before;
  }
  return rows;
}

Result<std::vector<std::string>> History::Keys() const {
  REPRISE_TRY_ASSIGN(const RunningSummary summary,
                     SummarizeThrough(*impl_->segments, impl_->last_step));
  std::vector<std::string> keys;
  for (const auto& [key, aggregate] : summary.table) keys.push_back(key);
  return keys;
}

Result<RowCursor> History::Rows(const RowQuery& query) const {
  return RowCursor(std::make_unique<RowCursor::Impl>(impl_->segments, query));
}

Result<Series> History::ReadSeries(std::string_view key, StepRange steps) const {
  Series series;
  for (const Block& block : BlocksOf(impl_->snapshot(), steps)) {
    REPRISE_TRY(ForEachValue(*impl_->segments, block, key, [&](Step step, const ValueView& value) {
      series.steps.push_back(step);
      series.values.emplace_back(value);
      return Status();
    }));
  }
  if (series.steps.empty()) REPRISE_TRY(CheckKeyExists(*impl_->segments, key));
  return series;
}

Result<NumericSeries> History::ReadNumbers(std::string_view key, StepRange steps) const {
  NumericSeries series;
  bool found = false;
  const std::vector<Block> blocks = BlocksOf(impl_->snapshot(), steps);
  std::size_t most = 0;
  for (const Block& block : blocks) {
    REPRISE_TRY_ASSIGN(const std::size_t rows, RowsWithKey(*impl_->segments, block, key));
    most += std::min<std::size_t>(rows, static_cast<std::size_t>(block.steps.last) -
                                            static_cast<std::size_t>(block.steps.first) + 1);
  }
  series.steps.reserve(most);
  series.values.reserve(most);
  for (const Block& block : blocks) {
    REPRISE_TRY(AppendNumbers(*impl_->segments, block, key, &series, &found));
  }
  if (!found) REPRISE_TRY(CheckKeyExists(*impl_->segments, key));
  return series;
}

Result<Buckets> History::Sample(std::string_view key, const SampleOptions& options) const {
  REPRISE_TRY_ASSIGN(Buckets buckets, SampleCurve(*impl_->curves, key, options, impl_->last_step));
  const bool found = std::any_of(buckets.begin(), buckets.end(),
                                 [](const Bucket& bucket) { return bucket.first.step != kNoStep; });
  if (!found) REPRISE_TRY(CheckKeyExists(*impl_->segments, key));
  return buckets;
}

Result<Summary> History::ReadSummary(std::optional<Step> through) const {
  const Step last = through.value_or(std::numeric_limits<Step>::max());
  REPRISE_TRY_ASSIGN(const RunningSummary running, SummarizeThrough(*impl_->segments, last));
  Summary summary;
  summary.through = std::min(last, impl_->last_step);
  summary.rows = running.rows;
  for (const auto& [key, aggregate] : running.table) summary.entries[key] = ToEntry(aggregate);
  AddExplicit(impl_->snapshot().explicit_values, last, &summary);
  return summary;
}

std::map<std::string, Value> Summary::Shown() const {
  std::map<std::string, Value> shown;
  for (const auto& [key, entry] : entries) shown[key] = entry.last.value;
  for (const auto& [key, value] : explicit_values) shown[key] = value.value;
  return shown;
}

}  // namespace reprise
