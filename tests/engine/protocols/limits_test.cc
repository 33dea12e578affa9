// Protocols, limits: section 7.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/engine/protocols/protocol_fixture.h"

namespace reprise {
namespace {

class ProtocolLimits : public Protocol {
 protected:
  static std::vector<std::string> Keys(int first, int count, std::size_t size) {
    std::vector<std::string> keys;
    for (int key = first; key < first + count; ++key) {
      keys.push_back(fmt::format("{:06}{}", key, std::string(size - 6, 'k')));
    }
    return keys;
  }
  // Valid as long as the keys are.
  static std::vector<Field> NullsOf(const std::vector<std::string>& keys) {
    std::vector<Field> fields;
    for (const std::string& key : keys) fields.push_back({key, ValueView()});
    return fields;
  }
  static Result<Step> LogNulls(RunWriter& run, const std::vector<std::string>& keys) {
    return run.Log(NullsOf(keys));
  }
  std::size_t CountSegments(const std::string& id) {
    std::size_t count = 0;
    ReadCatalog([&](CatalogView& view) -> Status {
      const auto uids = view.FindRunInAllProjects(id);
      count = view.Segments({uids->front(), 0}, Stream::kHistory, 0, std::int64_t{1} << 40)->size();
      return {};
    });
    return count;
  }
};

TEST_F(ProtocolLimits, AKeyHasAtMost1024Bytes) {
  RunWriter run = Start("a");
  EXPECT_EQ(CodeOf(run.Log({{std::string(1025, 'k'), 1}})), Code::kInvalidArgument);
  EXPECT_EQ(run.Log({{std::string(1024, 'k'), 1}}), 0);
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(store().OpenHistory(At("a"))->Keys()->front().size(), 1024u);
}

TEST_F(ProtocolLimits, AValueHasAtMost4MiB) {
  RunWriter run = Start("a");
  const std::string most(std::size_t{4} << 20, 'v');
  EXPECT_EQ(CodeOf(run.Log({{"x", most + "v"}})), Code::kInvalidArgument);
  EXPECT_EQ(run.Log({{"x", most}}), 0);
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(store().OpenHistory(At("a"))->ReadSeries("x")->values[0].text(), most);
}

TEST_F(ProtocolLimits, ARowHasAtMost8MiBAlsoInParts) {
  RunWriter run = Start("a");
  const std::string large((std::size_t{3} << 20) + 1000, 'v');
  EXPECT_EQ(CodeOf(run.Log({{"a", large}, {"b", large}, {"c", large}})), Code::kInvalidArgument);
  EXPECT_EQ(run.Log({{"a", large}, {"b", large}}, {.step = 0}), 0);
  EXPECT_EQ(CodeOf(run.Log({{"c", large}}, {.step = 0})), Code::kInvalidArgument);
  EXPECT_EQ(run.Log({{"d", 1}}, {.step = 0}), 0) << "a refused part must leave the row as it was";
  const std::string most(std::size_t{4} << 20, 'v');
  EXPECT_EQ(CodeOf(run.Log({{"a", most}, {"b", most}}, {.step = 1})), Code::kInvalidArgument)
      << "the keys and the rest of the row count too";
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(store().OpenHistory(At("a"))->Keys(), (std::vector<std::string>{"a", "b", "d"}));
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{0}));
}

// As many keys as one segment can get: those of rows of 8 MiB in memory, and of one row of 8 MiB.
TEST_F(ProtocolLimits, TheSegmentWithTheMostKeysIsRead) {
  constexpr int rows = 88;
  const std::vector<std::string> keys = Keys(10'000, 8'120, 1024);
  RunWriter run = Start("a");
  for (int row = 0; row < rows; ++row) ASSERT_EQ(LogNulls(run, Keys(row * 79, 79, 1024)), row);
  ASSERT_EQ(LogNulls(run, keys), rows);
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(CountSegments("a"), 1u);
  auto cursor = store().OpenHistory(At("a"))->Rows({});
  for (int row = 0; row < rows; ++row) ASSERT_TRUE(*cursor->Next());
  ASSERT_TRUE(*cursor->Next());
  EXPECT_EQ(cursor->row().fields.size(), 8'120u);
}

// More than fit in one segment, though they take no bytes there.
TEST_F(ProtocolLimits, NullsFillSegmentsAsNumbersDo) {
  const std::vector<std::string> keys = Keys(0, 1000, 6);
  const std::vector<Field> fields = NullsOf(keys);
  RunWriter run = Start("a");
  for (int row = 0; row < 4'400; ++row) ASSERT_EQ(run.Log(fields), row);
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_GT(CountSegments("a"), 3u);
  EXPECT_EQ(store().OpenHistory(At("a"))->ReadSeries(keys.back())->values.size(), 4'400u);
}

TEST_F(ProtocolLimits, AppendColumnsIsAtomicPerRowAndSaysHowManyItAppended) {
  RunWriter run = Start("a");
  const std::vector<Step> steps = {0, 1, 1, 2};
  const std::vector<double> x = {0, 1, 2, 3};
  const std::vector<ColumnBatch::Column> columns = {{"x", Type::kDouble, x, {}, {}}};
  const auto appended = run.AppendColumns({steps, {}, columns});
  EXPECT_EQ(CodeOf(appended), Code::kOutOfOrder);
  EXPECT_NE(MessageOf(appended).find("(2 of 4 rows"), std::string::npos) << MessageOf(appended);
  EXPECT_EQ(RowsOf("a"), (Lines{"0 x=0.0", "1 x=1.0"}));
  EXPECT_EQ(run.next_step(), 2);
}

TEST_F(ProtocolLimits, RowsAppendedBeforeTheOneThatFailedAreAsDurableAsAllOthers) {
  ASSERT_TRUE(DiesAfter([&](Store& child) -> std::optional<RunWriter> {
    auto run = child.StartRun(Of("a"));
    const std::vector<Step> steps = {0, 1, 1};
    const std::vector<double> x = {0, 1, 2};
    const std::vector<ColumnBatch::Column> columns = {{"x", Type::kDouble, x, {}, {}}};
    const auto appended = run->AppendColumns({steps, {}, columns});
    if (MessageOf(appended).find("(2 of 3 rows") == std::string::npos) return std::nullopt;
    return std::move(*run);
  }));
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{0, 1}));
}

TEST_F(ProtocolLimits, TheLongestNamesFitTheCatalog) {
  RunOptions options;
  options.project = std::string(128, 'e') + "/" + std::string(128, 'p');
  const std::string id(64, 'i');
  RunWriter run = Start(id, options);
  LogSteps(run, 0, 3);
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(StepsOf(options.project + "/" + id).size(), 4u);
}

TEST_F(ProtocolLimits, AProcessMayOpenAStoreTwice) {
  RunWriter run = Start("a");
  Store other = Another();
  LogSteps(run, 0, 3);
  auto b = other.StartRun(Of("b"));
  ASSERT_TRUE(b);
  LogSteps(*b, 0, 3);
  EXPECT_EQ(CodeOf(other.StartRun(Of("a"))), Code::kBusy);
  ASSERT_TRUE(b->Finish().ok());
  EXPECT_TRUE(other.Close().ok());
  EXPECT_EQ(run.Log({{"x", 4}}), 4) << "closing one handle must not close the other's catalog";
  EXPECT_EQ(StepsOf("b").size(), 4u);
}

TEST_F(ProtocolLimits, RowsBeyondTheMemoryBudgetAreSealedWhileTheRunGoesOn) {
  Reopen({.memory_budget_bytes = std::size_t{1} << 20});
  RunWriter run = Start("a");
  const std::string text(4000, 't');
  for (int i = 0; i < 600; ++i) ASSERT_TRUE(run.Log({{"text", text}}));
  EXPECT_GT(ReadStoreStat(path())->segments, 0U);
  ASSERT_TRUE(run.Finish().ok());
}

}  // namespace
}  // namespace reprise
