#include "tests/engine/run/model_compare.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <random>
#include <set>

#include "tests/engine/run/model_op.h"
#include "tests/support/naive_sample.h"

namespace reprise {

namespace {

constexpr Step kLastStep = std::numeric_limits<Step>::max();

std::string RowText(Step step, TimeMicros time, bool open,
                    const std::vector<std::pair<std::string, Value>>& fields) {
  std::string text = fmt::format("{} time {}{}:", step, time, open ? " open" : "");
  for (const auto& [key, value] : fields) text += fmt::format(" {}={}", key, ToString(value));
  return text;
}

std::string RowText(const ModelRow& row, bool open) {
  return RowText(row.step, row.time, open, {row.fields.begin(), row.fields.end()});
}

std::string RowText(const Row& row) { return RowText(row.step, row.time, row.open, row.fields); }

// Whether the texts would be equal; they leave out what is long.
bool SameRow(const Row& row, const ModelRow& expected, bool open) {
  if (row.step != expected.step || row.time != expected.time || row.open != open) return false;
  return std::equal(
      row.fields.begin(), row.fields.end(), expected.fields.begin(), expected.fields.end(),
      [](const auto& a, const auto& b) { return a.first == b.first && a.second == b.second; });
}

// The rows that a query selects, with the keys that it asks for.
std::vector<ModelRow> Select(const ModelView& view, const RowQuery& query) {
  const std::set<std::string> keys(query.keys.begin(), query.keys.end());
  std::vector<ModelRow> selected;
  for (ModelRow row : view.rows) {
    if (!query.steps.contains(row.step)) continue;
    if (query.own && row.step <= view.fork_step) continue;
    if (!keys.empty()) {
      std::erase_if(row.fields, [&](const auto& field) { return !keys.contains(field.first); });
      const std::size_t wanted = query.join == Join::kInner ? keys.size() : 1;
      if (row.fields.size() < wanted) continue;
    }
    selected.push_back(std::move(row));
  }
  if (query.last && selected.size() > *query.last) {
    selected.erase(selected.begin(), selected.end() - static_cast<std::ptrdiff_t>(*query.last));
  }
  return selected;
}

std::string QueryText(const RowQuery& query) {
  std::string text = fmt::format("rows {}..{}", query.steps.first, query.steps.last);
  for (const std::string& key : query.keys) text += " key " + key;
  if (query.join == Join::kInner) text += " inner";
  if (query.last) text += fmt::format(" last {}", *query.last);
  return text + (query.own ? " own: " : ": ");
}

std::string CompareRows(const History& history, const ModelView& view, const RowQuery& query) {
  const std::vector<ModelRow> expected = Select(view, query);
  auto cursor = history.Rows(query);
  if (!cursor) return QueryText(query) + cursor.error().ToString();
  for (std::size_t i = 0;; ++i) {
    const auto more = cursor->Next();
    if (!more) return QueryText(query) + more.error().ToString();
    if (*more != (i < expected.size())) {
      const std::string row = *more ? RowText(cursor->row()) : RowText(expected[i], false);
      return QueryText(query) + (*more ? "row too much: " : "row missing: ") + row;
    }
    if (!*more) return "";
    const bool open = view.last_is_open && expected[i].step == view.last_step();
    if (SameRow(cursor->row(), expected[i], open)) continue;
    return fmt::format("{}row is {}\n  and should be {}", QueryText(query), RowText(cursor->row()),
                       RowText(expected[i], open));
  }
}

RowQuery MakeQuery(std::mt19937_64& random, const ModelView& view,
                   const std::vector<std::string>& keys) {
  const auto step = [&]() -> Step {
    if (view.rows.empty() || random() % 8 == 0) return static_cast<Step>(random() % 50);
    const Step at = view.rows[random() % view.rows.size()].step;
    const auto around = static_cast<Step>(random() % 3) - 1;
    return at >= kLastStep - 1 ? at : at + around;  // no step lies beyond kLastStep
  };
  RowQuery query;
  if (random() % 2 == 0) query.steps = {step(), step()};
  if (random() % 4 == 0) query.steps.last = kLastStep;
  for (std::uint64_t i = random() % 3; i > 0; --i) {
    if (!keys.empty()) query.keys.push_back(keys[random() % keys.size()]);
  }
  if (random() % 6 == 0) query.keys.push_back("no such key");
  if (random() % 2 == 0) query.join = Join::kInner;
  if (random() % 3 == 0) query.last = random() % 5;
  query.own = random() % 4 == 0;
  return query;
}

// --- series

std::string CompareSeries(const History& history, const ModelView& view, const std::string& key,
                          const StepRange& steps) {
  const auto series = history.ReadSeries(key, steps);
  if (!series) return fmt::format("series of {}: {}", key, series.error().ToString());
  Series expected;
  NumericSeries numbers;
  for (const ModelRow& row : view.rows) {
    const auto found = row.fields.find(key);
    if (found == row.fields.end() || !steps.contains(row.step)) continue;
    expected.steps.push_back(row.step);
    expected.values.push_back(found->second);
    if (!IsNumber(found->second.type())) continue;
    numbers.steps.push_back(row.step);
    numbers.values.push_back(found->second.as_number());
  }
  const std::string where = fmt::format("series of {} at {}..{}", key, steps.first, steps.last);
  if (series->steps != expected.steps) {
    return fmt::format("{} has {} values and should have {}", where, series->steps.size(),
                       expected.steps.size());
  }
  for (std::size_t i = 0; i < expected.values.size(); ++i) {
    if (series->values[i] == expected.values[i]) continue;
    return fmt::format("{}: step {} has {} and should have {}", where, expected.steps[i],
                       ToString(series->values[i]), ToString(expected.values[i]));
  }
  const auto read = history.ReadNumbers(key, steps);
  if (!read) return where + ": numbers: " + read.error().ToString();
  if (read->steps != numbers.steps) return where + ": numbers are at other steps";
  for (std::size_t i = 0; i < numbers.values.size(); ++i) {
    const auto a = std::bit_cast<std::uint64_t>(read->values[i]);
    if (a != std::bit_cast<std::uint64_t>(numbers.values[i])) {
      return fmt::format("{}: number at {} is 0x{:016x}", where, numbers.steps[i], a);
    }
  }
  return "";
}

// --- samples

// Of all visible steps, or of those between two of them; few buckets and many.
std::string CompareSample(const History& history, const ModelView& view, const std::string& key,
                          std::mt19937_64& random) {
  Series series;
  for (const ModelRow& row : view.rows) {
    const auto found = row.fields.find(key);
    if (found == row.fields.end()) continue;
    series.steps.push_back(row.step);
    series.values.push_back(found->second);
  }
  StepRange range{view.rows.front().step, view.last_step()};
  SampleOptions options;
  options.buckets = 1 + random() % (random() % 2 == 0 ? 4 : 200);
  options.snapped = random() % 4 == 0;
  if (random() % 2 == 0) {
    range.first = view.rows[random() % view.rows.size()].step;
    options.steps = range;
  }
  const std::string where = fmt::format("sample of {} at {}..{}: ", key, range.first, range.last);
  const auto sampled = history.Sample(key, options);
  if (!sampled) return where + sampled.error().ToString();
  const std::string difference = options.snapped ? FindSnappedDifference(*sampled, series, range)
                                                 : FindSampleDifference(*sampled, series, range);
  return difference.empty() ? "" : where + difference;
}

// --- summaries

std::string Text(const ValueAtStep& at) {
  return fmt::format("{} at {}", ToString(at.value), at.step);
}
std::string Text(const std::optional<ValueAtStep>& at) { return at ? Text(*at) : "none"; }
std::string Text(const std::optional<double>& number) {
  // One NaN is as good as another in a result of arithmetic.
  if (!number) return "none";
  return std::isnan(*number) ? "nan" : ToString(ValueView(*number));
}

std::string Text(const SummaryEntry& entry) {
  return fmt::format("first {}, last {}, min {}, max {}, count {}, nan {}, sum {}, mean {}",
                     Text(entry.first), Text(entry.last), Text(entry.min), Text(entry.max),
                     entry.count, entry.nan, Text(entry.sum), Text(entry.mean));
}

std::string Lines(const Summary& summary) {
  std::string text = fmt::format("  {} rows through {}\n", summary.rows, summary.through);
  for (const auto& [key, entry] : summary.entries) {
    text += fmt::format("  {}: {}\n", key, Text(entry));
  }
  for (const auto& [key, value] : summary.explicit_values) {
    text += fmt::format("  {} set to {}\n", key, Text(value));
  }
  return text;
}

std::string CompareSummary(const History& history, const ModelView& view,
                           std::optional<Step> through) {
  const auto summary = history.ReadSummary(through);
  const std::string where = through ? fmt::format("summary through {}", *through) : "summary";
  if (!summary) return where + ": " + summary.error().ToString();
  Summary expected = Summarize(view, through.value_or(kLastStep));
  // The engine names the step asked for, where that is not above the last row.
  if (through) expected.through = std::min(*through, view.last_step());
  const std::string is = Lines(*summary);
  const std::string should = Lines(expected);
  if (is == should) return "";
  return fmt::format("{} is\n{} and should be\n{}", where, is, should);
}

std::string CompareFacts(const History& history, const ModelView& view) {
  if (history.last_step() != view.last_step()) {
    return fmt::format("last_step is {} and should be {}", history.last_step(), view.last_step());
  }
  if (history.last_committed_step() != view.last_committed) {
    return fmt::format("last_committed_step is {} and should be {}", history.last_committed_step(),
                       view.last_committed);
  }
  const auto rows = history.CountRows();
  if (!rows) return "CountRows: " + rows.error().ToString();
  if (*rows == view.rows.size()) return "";
  return fmt::format("CountRows is {} and should be {}", *rows, view.rows.size());
}

}  // namespace

std::string FindDifference(const History& history, const ModelView& view, std::uint64_t seed) {
  std::set<std::string> key_set;
  for (const ModelRow& row : view.rows) {
    for (const auto& [key, value] : row.fields) key_set.insert(key);
  }
  const std::vector<std::string> keys(key_set.begin(), key_set.end());
  std::mt19937_64 random(seed);
  std::string difference = CompareFacts(history, view);
  if (difference.empty()) difference = CompareRows(history, view, {});
  for (int i = 0; i < 3 && difference.empty(); ++i) {
    difference = CompareRows(history, view, MakeQuery(random, view, keys));
  }
  const auto found = history.Keys();
  if (difference.empty() && (!found || *found != keys)) difference = "other keys";
  for (const std::string& key : keys) {
    if (difference.empty()) difference = CompareSeries(history, view, key, {});
    if (difference.empty()) {
      difference = CompareSeries(history, view, key, MakeQuery(random, view, keys).steps);
    }
    if (difference.empty()) difference = CompareSample(history, view, key, random);
  }
  const auto none = history.ReadSeries("no such key");
  if (difference.empty() && (none || none.error().code() != Code::kNotFound)) {
    difference = "a key that was never logged has a series";
  }
  if (difference.empty()) difference = CompareSummary(history, view, {});
  if (!difference.empty() || view.rows.empty()) return difference;
  const Step through = StepAfter(view.rows[random() % view.rows.size()].step, random() % 2);
  return CompareSummary(history, view, through);
}

}  // namespace reprise
