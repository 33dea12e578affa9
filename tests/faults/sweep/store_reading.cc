#include "tests/faults/sweep/store_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>

namespace reprise {

namespace {

std::string ToText(const ValueView& value) {
  return fmt::format("{}:{:x}:{}", static_cast<int>(value.type()), value.bits(), value.text());
}
std::string ToText(const ValueAtStep& at) {
  return fmt::format("{}@{}", ToText(at.value), at.step);
}
std::string ToText(const std::optional<ValueAtStep>& at) { return at ? ToText(*at) : "none"; }
std::string ToText(const std::optional<double>& number) {
  return number ? ToText(ValueView(*number)) : "none";
}

std::string ToText(const Row& row) {
  std::string text = fmt::format("{} {} {}", row.step, row.time, row.open);
  for (const auto& [key, value] : row.fields) text += fmt::format(" {}={}", key, ToText(value));
  return text + "\n";
}

std::string ToText(const Config& config) {
  std::string text;
  for (const auto& [key, value] : config) text += fmt::format("{}={}\n", key, ToText(value));
  return text;
}

std::string ToText(const std::optional<Origin>& origin) {
  if (!origin) return "none";
  return fmt::format("{}/{}@{}?{} {}", origin->project, origin->run_id, origin->branch,
                     origin->step, origin->deleted);
}

std::string ToText(const RunInfo& run) {
  return fmt::format("{}/{} {} {} {} [{}] {} {} {} {} {} {} {}\n{}", run.project, run.run_id,
                     run.uid, run.name, run.notes, fmt::join(run.tags, ","), run.group,
                     run.job_type, run.created, run.branch, run.last_step, run.rows,
                     ToText(run.forked_from), ToText(run.config));
}

std::string ToText(const Lineage& lineage) {
  std::string text = ToText(lineage.run);
  for (const BranchInfo& branch : lineage.branches) {
    text += fmt::format("branch {} {} {} {} {} {} {} {}\n", branch.ordinal, branch.archived,
                        ToText(branch.base), branch.fork_step, branch.last_step, branch.own_rows,
                        branch.created, branch.archived ? static_cast<int>(branch.state) : 0);
  }
  for (const Lineage::Fork& fork : lineage.forks) {
    text +=
        fmt::format("fork {} {}/{}\n", ToText(std::optional(fork.at)), fork.project, fork.run_id);
  }
  return text;
}

std::string ToText(const Summary& summary) {
  std::string text = fmt::format("{} {}\n", summary.through, summary.rows);
  for (const auto& [key, entry] : summary.entries) {
    text += fmt::format("{} {} {} {} {} {} {} {} {}\n", key, ToText(entry.first),
                        ToText(entry.last), ToText(entry.min), ToText(entry.max), entry.count,
                        entry.nan, ToText(entry.sum), ToText(entry.mean));
  }
  for (const auto& [key, value] : summary.explicit_values) {
    text += fmt::format("set {}={}\n", key, ToText(value));
  }
  return text;
}

std::string ToText(const Buckets& buckets) {
  std::string text;
  for (const Bucket& bucket : buckets) {
    text += fmt::format("{}..{} {} {}", bucket.steps.first, bucket.steps.last, bucket.count,
                        bucket.nan);
    for (const SamplePoint& point : {bucket.first, bucket.last, bucket.min, bucket.max}) {
      text += fmt::format(" {}@{}", ToText(point.value), point.step);
    }
    text += fmt::format(" {}\n", ToText(bucket.mean));
  }
  return text;
}

std::string ToText(const Series& series) {
  std::string text;
  for (std::size_t i = 0; i < series.steps.size(); ++i) {
    text += fmt::format("{} {}\n", series.steps[i], ToText(series.values[i]));
  }
  return text;
}

std::string ToText(const NumericSeries& series) {
  std::string text;
  for (std::size_t i = 0; i < series.steps.size(); ++i) {
    text += fmt::format("{} {}\n", series.steps[i], ToText(ValueView(series.values[i])));
  }
  return text;
}

std::string ToText(const std::vector<std::string>& lines) {
  return fmt::format("{}\n", fmt::join(lines, "\n"));
}
std::string ToText(std::uint64_t count) { return std::to_string(count); }

std::string NameOf(const Moment& moment) {
  return fmt::format("{}@{}?{}", moment.run, moment.branch.value_or(0), moment.step.value_or(-2));
}

// Appends answers; each names what it was asked.
class Asker {
 public:
  explicit Asker(const Result<Store>& store) : store_(store) {}

  void AskList(const std::vector<std::string>& runs);
  void AskRun(const std::string& run);
  void AskBranch(const BranchQuestions& branch);
  Answers Take() { return std::move(answers_); }

 private:
  template <typename T>
  void Add(std::string question, const Result<T>& result) {
    Answer answer{std::move(question), {}, {}};
    if (result) answer.text = ToText(*result);
    if (!result) answer.status = result.error();
    answers_.push_back(std::move(answer));
  }
  // What `ask` gives, or why there is nothing to ask.
  template <typename T, typename Ask>
  auto On(const Result<T>& opened, Ask ask) -> decltype(ask(*opened)) {
    if (!opened) return tl::unexpected<Status>(opened.error());
    return ask(*opened);
  }
  void AddRows(const std::string& question, const Result<History>& history, const RowQuery& query);
  void AskKey(const std::string& place, const Result<History>& history, const std::string& key);

  const Result<Store>& store_;
  Answers answers_;
};

// One answer a run, in the order in which the questions have them: damage of one must not keep the
// others from being listed.
void Asker::AskList(const std::vector<std::string>& runs) {
  const auto list = On(store_, [](const Store& store) { return store.ListRuns(); });
  for (std::size_t i = 0; i < runs.size(); ++i) {
    Answer answer{"the list's " + runs[i], {}, {}};
    if (!list) answer.status = list.error();
    if (list && i >= list->size()) answer.text = "not listed";
    if (list && i < list->size()) answer.status = (*list)[i].unread;
    if (list && i < list->size() && answer.status.ok()) answer.text = ToText((*list)[i]);
    answers_.push_back(std::move(answer));
  }
}

void Asker::AskRun(const std::string& run) {
  Add("info of " + run, On(store_, [&](const Store& store) { return store.ReadRun(run); }));
  Add("lineage of " + run, On(store_, [&](const Store& store) { return store.ReadLineage(run); }));
}

void Asker::AddRows(const std::string& question, const Result<History>& history,
                    const RowQuery& query) {
  Answer answer{question, {}, {}};
  auto rows = On(history, [&](const History& opened) { return opened.Rows(query); });
  while (rows) {
    const Result<bool> more = rows->Next();
    if (!more) answer.status = more.error();
    if (!more || !*more) break;
    answer.text += ToText(rows->row());
  }
  if (!rows) answer.status = rows.error();
  answers_.push_back(std::move(answer));
}

void Asker::AskKey(const std::string& place, const Result<History>& history,
                   const std::string& key) {
  const std::string name = fmt::format("{} {}", place, key);
  Add("series of " + name, On(history, [&](const History& h) { return h.ReadSeries(key); }));
  Add("numbers of " + name, On(history, [&](const History& h) { return h.ReadNumbers(key); }));
  SampleOptions options;
  options.buckets = 3;
  Add("sample of " + name, On(history, [&](const History& h) { return h.Sample(key, options); }));
  options.snapped = true;
  Add("snapped " + name, On(history, [&](const History& h) { return h.Sample(key, options); }));
}

void Asker::AskBranch(const BranchQuestions& branch) {
  const std::string place = NameOf(branch.moment);
  Add("config of " + place,
      On(store_, [&](const Store& store) { return store.ReadConfig(branch.moment); }));
  const auto open = [&](const Moment& moment) {
    return On(store_, [&](const Store& store) { return store.OpenHistory(moment); });
  };
  const Result<History> history = open(branch.moment);
  AddRows("rows of " + place, history, {});
  AddRows("own rows of " + place, history, {.own = true});
  AddRows("last rows of " + place, history, {.last = 3});
  Add("count of " + place, On(history, [](const History& h) { return h.CountRows(); }));
  Add("keys of " + place, On(history, [](const History& h) { return h.Keys(); }));
  Add("summary of " + place, On(history, [](const History& h) { return h.ReadSummary(); }));
  for (const std::string& key : branch.keys) AskKey(place, history, key);
  const Result<History> middle = open(branch.middle);
  AddRows("rows of " + NameOf(branch.middle), middle, {});
  Add("summary of " + NameOf(branch.middle),
      On(middle, [](const History& h) { return h.ReadSummary(); }));
}

Result<std::vector<BranchQuestions>> QuestionsOf(const Store& store, const RunInfo& run) {
  const auto lineage = store.ReadLineage(run.run_id);
  if (!lineage) return Fail(lineage.error());
  std::vector<BranchQuestions> found;
  for (const BranchInfo& branch : lineage->branches) {
    BranchQuestions questions;
    questions.moment = {.run = run.run_id, .branch = branch.ordinal, .step = {}};
    questions.middle = questions.moment;
    questions.middle.step = branch.last_step / 2;
    const auto history = store.OpenHistory(questions.moment);
    if (!history) return Fail(history.error());
    const auto keys = history->Keys();
    if (!keys) return Fail(keys.error());
    questions.keys.assign(keys->begin(),
                          keys->begin() + std::min<std::ptrdiff_t>(3, std::ssize(*keys)));
    found.push_back(std::move(questions));
  }
  return found;
}

}  // namespace

Result<Questions> FindQuestions(const Store& store) {
  Questions questions;
  const auto runs = store.ListRuns();
  if (!runs) return Fail(runs.error());
  for (const RunInfo& run : *runs) {
    questions.runs.push_back(run.run_id);
    auto branches = QuestionsOf(store, run);
    if (!branches) return Fail(branches.error());
    std::move(branches->begin(), branches->end(), std::back_inserter(questions.branches));
  }
  return questions;
}

Answers Ask(const Questions& questions, const Result<Store>& store) {
  Asker asker(store);
  asker.AskList(questions.runs);
  for (const std::string& run : questions.runs) asker.AskRun(run);
  for (const BranchQuestions& branch : questions.branches) asker.AskBranch(branch);
  return asker.Take();
}

}  // namespace reprise
