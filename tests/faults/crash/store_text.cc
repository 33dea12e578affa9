#include "tests/faults/crash/store_text.h"

#include <fmt/format.h>

#include <bit>

#include "format/try.h"

namespace reprise {

namespace {

// Every bit of it.
std::string ValueText(const ValueView& value) {
  switch (value.type()) {
    case Type::kNull:
      return "null";
    case Type::kBool:
      return value.as_bool() ? "true" : "false";
    case Type::kInt64:
      return fmt::format("{}", value.as_int64());
    case Type::kDouble:
      return fmt::format("0x{:x}", std::bit_cast<std::uint64_t>(value.as_double()));
    case Type::kString:
    case Type::kBytes:
    case Type::kJson:
      return fmt::format("'{}'", value.text());
  }
  return "?";
}

std::string HeadLine(RunState state, const std::string& name, const std::string& notes) {
  const RunState shown = state == RunState::kRunning ? RunState::kCrashed : state;
  return fmt::format("{} '{}' '{}'\n", RunStateName(shown), name, notes);
}

template <typename Pairs>
void AddPairs(const Pairs& pairs, std::string* text) {
  for (const auto& [key, value] : pairs) *text += fmt::format(" {}={}", key, ValueText(value));
  *text += '\n';
}

void AddBranchLine(std::size_t ordinal, std::string* text) {
  *text += fmt::format("branch {}:", ordinal);
}

template <typename Fields>
void AddRow(Step step, TimeMicros time, const Fields& fields, std::string* text) {
  *text += fmt::format("  {} at {}:", step, time);
  AddPairs(fields, text);
}

Status AddBranch(const Store& store, const std::string& run, std::uint32_t ordinal,
                 std::string* text) {
  const Moment moment{run, ordinal, {}};
  REPRISE_TRY_ASSIGN(const Config config, store.ReadConfig(moment));
  AddBranchLine(ordinal, text);
  AddPairs(config, text);
  REPRISE_TRY_ASSIGN(const History history, store.OpenHistory(moment));
  REPRISE_TRY_ASSIGN(RowCursor rows, history.Rows({}));
  while (true) {
    REPRISE_TRY_ASSIGN(const bool more, rows.Next());
    if (!more) return {};
    AddRow(rows.row().step, rows.row().time, rows.row().fields, text);
  }
}

}  // namespace

Result<StoreText> TextOf(const Store& store) {
  StoreText texts;
  REPRISE_TRY_ASSIGN(const auto runs, store.ListRuns());
  for (const RunInfo& run : runs) {
    std::string& text = texts[run.run_id];
    text = HeadLine(run.state, run.name, run.notes);
    for (std::uint32_t ordinal = 0; ordinal <= run.branch; ++ordinal) {
      REPRISE_TRY(AddBranch(store, run.run_id, ordinal, &text));
    }
  }
  return texts;
}

std::string TextOf(const ModelRun& run, const std::string& name, const std::string& notes) {
  std::string text = HeadLine(run.state, name, notes);
  for (std::size_t ordinal = 0; ordinal < run.branches.size(); ++ordinal) {
    const ModelBranch& branch = run.branches[ordinal];
    const bool is_head = ordinal + 1 == run.branches.size();
    AddBranchLine(ordinal, &text);
    AddPairs(is_head ? run.config : branch.config, &text);
    for (const ModelRow& row : branch.rows) AddRow(row.step, row.time, row.fields, &text);
    if (branch.open) AddRow(branch.open->step, branch.open->time, branch.open->fields, &text);
  }
  return text;
}

}  // namespace reprise
