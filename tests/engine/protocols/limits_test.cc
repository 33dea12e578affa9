// Protocols, limits: section 7.
#include <gtest/gtest.h>

#include "tests/engine/protocols/protocol_fixture.h"

namespace reprise {
namespace {

using ProtocolLimits = Protocol;

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
