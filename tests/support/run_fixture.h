// A store in a directory of its own, with short verbs to write and read runs as a user does.
#ifndef REPRISE_TESTS_SUPPORT_RUN_FIXTURE_H_
#define REPRISE_TESTS_SUPPORT_RUN_FIXTURE_H_

#include <gtest/gtest.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reprise/store.h"
#include "reprise/verify.h"
#include "tests/support/store_checks.h"
#include "tests/support/temp_dir.h"

namespace reprise {

// A row as text, to compare and to print: `3 acc=0.5 loss=1`, and ` (open)` at the end.
inline std::string ToText(const ValueView& value) {
  switch (value.type()) {
    case Type::kNull:
      return "null";
    case Type::kBool:
      return value.as_bool() ? "true" : "false";
    case Type::kInt64:
      return std::to_string(value.as_int64());
    case Type::kDouble: {
      char text[40];
      std::snprintf(text, sizeof(text), "%.17g", value.as_double());
      std::string shown = text;
      if (shown.find_first_of(".eni") == std::string::npos) shown += ".0";
      return shown;
    }
    case Type::kString:
      return "'" + std::string(value.text()) + "'";
    case Type::kBytes:
      return "bytes:" + std::string(value.text());
    case Type::kJson:
      return std::string(value.text());
  }
  return "?";
}

inline std::string ToText(const Row& row) {
  std::string text = std::to_string(row.step);
  for (const auto& [key, value] : row.fields) text += " " + key + "=" + ToText(value);
  return row.open ? text + " (open)" : text;
}

using Lines = std::vector<std::string>;

// Every test ends with a store that verifies clean and whose catalog can be rebuilt as it was.
class RunFixture : public ::testing::Test {
 protected:
  RunFixture() { Reopen(); }

  void TearDown() override {
    store_.reset();
    if (::testing::Test::IsSkipped()) return;
    EXPECT_EQ(FindDamage(path()), "");
    EXPECT_EQ(FindRebuildDifference(path()), "");
  }

  std::string path() const { return dir_.Of("store"); }
  const TempDir& dir() const { return dir_; }
  Store& store() { return *store_; }
  const Options& options() const { return options_; }

  // Closes the store if it is open, which ends its writers, and opens it again.
  void Reopen(const Options& options = {}) {
    CloseStore();
    options_ = options;
    auto opened = Store::Open(path(), options);
    if (!opened) FAIL() << opened.error().ToString();
    store_.emplace(std::move(*opened));
  }
  void CloseStore() {
    if (!store_) return;
    const Status closed = store_->Close();
    EXPECT_TRUE(closed.ok()) << closed.ToString();
    store_.reset();
  }

  // A run that is resumed if it exists.
  RunWriter Start(const std::string& id, RunOptions options = {}) {
    options.run_id = id;
    const bool plain = !options.resume && !options.resume_from && !options.fork_from;
    if (plain) options.resume = Resume::kAllow;
    auto writer = store().StartRun(options);
    if (!writer) {
      ADD_FAILURE() << writer.error().ToString();
      std::abort();
    }
    return std::move(*writer);
  }

  Code StartCode(const RunOptions& options) { return CodeOf(store().StartRun(options)); }

  // Rows `x=step` at steps first..last, committed.
  void LogSteps(RunWriter& run, Step first, Step last) {
    for (Step step = first; step <= last; ++step) {
      const auto logged = run.Log({{"x", step}}, {.step = step, .commit = true});
      ASSERT_TRUE(logged) << logged.error().ToString();
    }
  }

  // A finished run with rows `x=step` at steps 0..last.
  void MakeRun(const std::string& id, Step last, const RunOptions& options = {}) {
    RunWriter run = Start(id, options);
    LogSteps(run, 0, last);
    ASSERT_TRUE(run.Finish().ok());
  }

  Lines RowsOf(const std::string& moment, const RowQuery& query = {}) {
    Lines lines;
    const auto history = store().OpenHistory(At(moment));
    if (!history) return {history.error().ToString()};
    auto cursor = history->Rows(query);
    if (!cursor) return {cursor.error().ToString()};
    while (true) {
      const auto more = cursor->Next();
      if (!more) {
        lines.push_back(more.error().ToString());
        return lines;
      }
      if (!*more) return lines;
      lines.push_back(ToText(cursor->row()));
    }
  }
  std::vector<Step> StepsOf(const std::string& moment, const RowQuery& query = {}) {
    std::vector<Step> steps;
    for (const std::string& line : RowsOf(moment, query)) {
      steps.push_back(std::strtoll(line.c_str(), nullptr, 10));
    }
    return steps;
  }

  Summary SummaryOf(const std::string& moment) {
    const auto history = store().OpenHistory(At(moment));
    if (!history) {
      ADD_FAILURE() << history.error().ToString();
      return {};
    }
    auto summary = history->ReadSummary();
    if (!summary) ADD_FAILURE() << summary.error().ToString();
    return summary ? *summary : Summary();
  }
  // The value shown for a key, as text; empty if there is none.
  std::string ShownOf(const std::string& moment, const std::string& key) {
    const auto shown = SummaryOf(moment).Shown();
    const auto found = shown.find(key);
    return found == shown.end() ? "" : ToText(found->second);
  }

  // `path=value`, sorted.
  Lines ConfigOf(const std::string& moment) {
    const auto config = store().ReadConfig(At(moment));
    if (!config) return {config.error().ToString()};
    Lines lines;
    for (const auto& [key, value] : *config) lines.push_back(key + "=" + ToText(value));
    return lines;
  }

  RunInfo InfoOf(const std::string& run) {
    auto info = store().ReadRun(run);
    if (!info) ADD_FAILURE() << info.error().ToString();
    return info ? *info : RunInfo();
  }

  static Moment At(const std::string& text) {
    auto moment = ParseMoment(text);
    if (!moment) ADD_FAILURE() << moment.error().ToString();
    return moment ? *moment : Moment();
  }

  template <typename T>
  static Code CodeOf(const Result<T>& result) {
    return result ? Code::kOk : result.error().code();
  }
  static Code CodeOf(const Status& status) { return status.code(); }
  template <typename T>
  static std::string MessageOf(const Result<T>& result) {
    return result ? "ok" : std::string(result.error().message());
  }
  static std::string MessageOf(const Status& status) { return std::string(status.message()); }

 private:
  TempDir dir_;
  Options options_;
  std::optional<Store> store_;
};

// For EXPECT_EQ on codes to print names.
inline void PrintTo(Code code, std::ostream* out) { *out << CodeName(code); }
inline void PrintTo(RunState state, std::ostream* out) { *out << RunStateName(state); }

}  // namespace reprise

#endif  // REPRISE_TESTS_SUPPORT_RUN_FIXTURE_H_
