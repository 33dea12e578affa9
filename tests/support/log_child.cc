#include "tests/support/log_child.h"

#include <algorithm>
#include <random>
#include <utility>

#include "format/try.h"

namespace reprise {

void JournalState::Apply(const JournalEntry& entry) {
  if (entry.kind == JournalEntry::Kind::kRewind) {
    rows.erase(rows.upper_bound(entry.step), rows.end());
  } else if (entry.kind == JournalEntry::Kind::kMerge) {
    rows[entry.step].merged = entry.value;
  } else {
    rows[entry.step] = {entry.value, -1};
  }
  head = entry.step;
}

JournalState StateOf(const Journal& journal, std::size_t entries) {
  JournalState state;
  for (std::size_t i = 0; i < entries; ++i) state.Apply(journal.entries[i]);
  return state;
}

namespace {

std::string TextOf(std::int64_t value) { return "text " + std::to_string(value); }

JournalRow ToJournalRow(const Row& row) {
  JournalRow read;
  std::string text;
  for (const auto& [key, value] : row.fields) {
    if (key == "value") read.value = value.as_int64();
    if (key == "merged") read.merged = value.as_int64();
    if (key == "text") text = value.text();
  }
  if (text != TextOf(read.value)) read.value = -1;
  return read;
}

}  // namespace

Result<JournalState> ReadJournalState(const Store& store) {
  JournalState state;
  auto history = store.OpenHistory({"r", {}, {}});
  if (!history && history.error().code() == Code::kNotFound) return state;
  if (!history) return Fail(history.error());
  auto cursor = history->Rows({});
  if (!cursor) return Fail(cursor.error());
  state.head = std::max(history->last_step(), history->last_committed_step());
  while (true) {
    const auto more = cursor->Next();
    if (!more) return Fail(more.error());
    if (!*more) return state;
    state.rows[cursor->row().step] = ToJournalRow(cursor->row());
  }
}

std::string ToText(const JournalState& state) {
  std::string text = "head " + std::to_string(state.head) + ":";
  for (const auto& [step, row] : state.rows) {
    text += " " + std::to_string(step) + "=" + std::to_string(row.value);
    if (row.merged != -1) text += "+" + std::to_string(row.merged);
  }
  return text;
}

Status SettleJournal(const Store& store, Journal* journal) {
  REPRISE_TRY_ASSIGN(const JournalState state, ReadJournalState(store));
  const JournalState done = StateOf(*journal, journal->acknowledged);
  const JournalState more = StateOf(*journal, journal->called);
  if (state == more) {
    journal->acknowledged = journal->called.load();
  } else if (state == done) {
    journal->called = journal->acknowledged.load();
  } else {
    return Status::Error(Code::kInternal, "found " + ToText(state) + "\ndone  " + ToText(done) +
                                              "\nmore  " + ToText(more));
  }
  return {};
}

namespace {

class LogChild {
 public:
  LogChild(const std::string& path, const Options& options, std::uint64_t seed, Journal* journal)
      : path_(path), options_(options), random_(seed), journal_(*journal) {}

  // Why it could not go on.
  Status Run() {
    while (true) {
      journal_.phase = ChildPhase::kOpening;
      REPRISE_TRY_ASSIGN(Store store, Store::Open(path_, options_));
      REPRISE_TRY(LogWithOneStore(store));
      journal_.phase = ChildPhase::kFinishing;
      REPRISE_TRY(store.Close());
    }
  }

 private:
  Status LogWithOneStore(Store& store) {
    do {
      journal_.phase = ChildPhase::kStarting;
      RunOptions options;
      options.run_id = "r";
      options.resume = Resume::kAllow;
      REPRISE_TRY_ASSIGN(RunWriter run, store.StartRun(options));
      REPRISE_TRY(SettleJournal(store, &journal_));
      state_ = StateOf(journal_, journal_.acknowledged);
      if (run.next_step() != state_.head + 1) return Status::Error(Code::kInternal, "next_step");
      open_ = false;
      journal_.phase = ChildPhase::kLogging;
      for (std::uint64_t calls = Below(Below(2) == 0 ? 50 : 2000); calls > 0; --calls) {
        REPRISE_TRY(MakeCall(run));
      }
      journal_.phase = ChildPhase::kFinishing;
      REPRISE_TRY(run.Finish());
    } while (Below(4) != 0);
    return {};
  }

  Status MakeCall(RunWriter& run) {
    const JournalEntry entry = ChooseEntry();
    const std::size_t place = journal_.called;
    if (place == Journal::kCapacity) return Status::Error(Code::kInternal, "the journal is full");
    journal_.entries[place] = entry;
    journal_.called = place + 1;
    REPRISE_TRY(Make(run, entry));
    journal_.acknowledged = place + 1;
    state_.Apply(entry);
    open_ = entry.kind == JournalEntry::Kind::kOpen;
    return {};
  }

  JournalEntry ChooseEntry() {
    JournalEntry entry;
    entry.value = static_cast<std::int64_t>(journal_.called.load());
    entry.step = state_.head + 1 + static_cast<Step>(Below(4) == 0 ? Below(3) : 0);
    const std::uint64_t kind = Below(20);
    if (open_ && kind < 14) {
      entry.kind = JournalEntry::Kind::kMerge;
      entry.step = state_.head;
    } else if (kind < 3) {
      entry.kind = JournalEntry::Kind::kOpen;
    } else if (kind == 3 || state_.rows.size() > 300) {
      entry.kind = JournalEntry::Kind::kRewind;
      const auto most = static_cast<std::uint64_t>(state_.head + 2);
      entry.step = state_.head - static_cast<Step>(Below(std::min<std::uint64_t>(most, 200)));
    }
    return entry;
  }

  static Status Make(RunWriter& run, const JournalEntry& entry) {
    if (entry.kind == JournalEntry::Kind::kRewind) return run.Rewind(entry.step);
    LogOptions options;
    options.step = entry.step;
    options.commit = entry.kind != JournalEntry::Kind::kOpen;
    const std::string text = TextOf(entry.value);
    const std::vector<Field> fields =
        entry.kind == JournalEntry::Kind::kMerge
            ? std::vector<Field>{{"merged", entry.value}}
            : std::vector<Field>{{"value", entry.value}, {"text", text}};
    const auto step = run.Log(fields, options);
    return step ? Status() : step.error();
  }

  std::uint64_t Below(std::uint64_t limit) { return random_() % limit; }

  const std::string& path_;
  const Options& options_;
  std::mt19937_64 random_;
  Journal& journal_;
  JournalState state_;
  bool open_ = false;  // the last row may be merged into
};

}  // namespace

void RunLogChild(const std::string& store_path, const Options& options, std::uint64_t seed,
                 Journal* journal) {
  const Status failure = LogChild(store_path, options, seed, journal).Run();
  std::snprintf(journal->failure, sizeof(journal->failure), "%s", failure.ToString().c_str());
}

}  // namespace reprise
