// Protocols, segments and summaries: rules 21 to 24.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/engine/protocols/protocol_fixture.h"

namespace reprise {
namespace {

using Protocol21 = Protocol;
using Protocol22 = Protocol;
using Protocol23 = Protocol;
using Protocol24 = Protocol;

TEST_F(Protocol21, MoreShapesThanASegmentHasTablesComeBackInStepOrder) {
  RunWriter run = Start("a");
  Lines expected;
  for (int i = 0; i < 300; ++i) {
    const std::string key = fmt::format("k{}", i * 7 % 100);
    const std::string other = fmt::format("other{}", i / 3);
    const LogOptions options = i % 5 == 0 ? LogOptions{.time = kNoTime} : LogOptions{};
    ASSERT_TRUE(run.Log({{key, i}, {other, 0.5}}, options));
    expected.push_back(fmt::format("{} {}={} {}=0.5", i, key, i, other));
  }
  EXPECT_EQ(RowsOf("a"), expected) << "from the log";
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(RowsOf("a"), expected) << "from a segment";
  auto cursor = store().OpenHistory(At("a"))->Rows({});
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(*cursor->Next());
    EXPECT_EQ(cursor->row().time == kNoTime, i % 5 == 0) << "row " << i;
  }
}

TEST_F(Protocol21, ASegmentHasAtMost65536Rows) {
  constexpr std::size_t kRows = 150'000;
  RunWriter run = Start("a");
  std::vector<Step> steps(kRows);
  std::vector<std::int64_t> values(kRows);
  for (std::size_t i = 0; i < kRows; ++i) {
    steps[i] = static_cast<Step>(i);
    values[i] = static_cast<std::int64_t>(i % 10);
  }
  const std::vector<ColumnBatch::Column> columns = {{"x", Type::kInt64, {}, values, {}}};
  ASSERT_EQ(run.AppendColumns({steps, {}, columns}), kRows);
  ASSERT_TRUE(run.Finish().ok());
  std::uint64_t rows = 0;
  ReadCatalog([&](CatalogView& view) -> Status {
    const auto uids = view.FindRunInAllProjects("a");
    const auto segments =
        view.Segments({uids->front(), 0}, Stream::kHistory, 0, std::int64_t{1} << 40);
    EXPECT_GE(segments->size(), 3u);
    for (const SegmentRef& segment : *segments) {
      EXPECT_LE(segment.rows, 65'536u);
      rows += segment.rows;
    }
    return {};
  });
  EXPECT_EQ(rows, kRows);
  EXPECT_EQ(store().OpenHistory(At("a"))->CountRows(), kRows);
}

TEST_F(Protocol22, TheOpenRowIsRestatedWholeWhenItsLogFileMustGo) {
  auto opened = OpenContext(path(), {});
  auto impl = std::make_shared<Store::Impl>(*opened);
  Session& session = *(*impl->Writing())->session();
  Store same(impl);
  auto run = same.StartRun(Of("a"));
  ASSERT_TRUE(run);
  LogSteps(*run, 0, 2);
  ASSERT_TRUE(run->Log({{"x", 1}, {"y", 1}}, {.step = 5}));
  ASSERT_TRUE(run->Log({{"y", 2}}, {.step = 5}));
  const auto files = FilesIn("log", ".log");
  ASSERT_TRUE(session.log().Rotate().ok());
  ASSERT_TRUE(session.RetireLogFiles().ok());
  for (const std::string& file : files) EXPECT_FALSE(std::filesystem::exists(file)) << file;
  const Lines rows = {"0 x=0", "1 x=1", "2 x=2", "5 x=1 y=2 (open)"};
  EXPECT_EQ(RowsOf("a"), rows);
  ReadCatalog([&](CatalogView& view) -> Status {
    const auto uids = view.FindRunInAllProjects("a");
    const auto last = view.LastSegment({uids->front(), 0}, Stream::kHistory);
    EXPECT_EQ((*last)->last, 2) << "an open row is never sealed";
    return {};
  });
  EXPECT_EQ(run->Log({{"z", 3}}, {.step = 5}), 5);
  ASSERT_TRUE(run->Finish().ok());
  EXPECT_EQ(RowsOf("a").back(), "5 x=1 y=2 z=3");
  EXPECT_TRUE(same.Close().ok());
}

TEST_F(Protocol22, TheOpenRowIsNotSealedWithTheOthers) {
  Reopen({.memory_budget_bytes = std::size_t{1} << 20});
  RunWriter run = Start("a");
  run.Log({{"big", std::string(std::size_t{3} << 19, 'b')}}).value();
  run.Log({{"x", 1}}, {.step = 5}).value();
  run.Log({{"y", 2}}, {.step = 5}).value();  // by now the first row is sealed for lack of memory
  EXPECT_EQ(RowsOf("a", {.keys = {"x", "y"}}), (Lines{"5 x=1 y=2 (open)"}));
  EXPECT_EQ(SummaryOf("a").entries.at("y").count, 1u);
  run.Log({{"x", 3}}, {.step = 5}).value();
  EXPECT_EQ(SummaryOf("a").entries.at("x").sum, 3.0);
  Reopen();
  EXPECT_EQ(RowsOf("a", {.keys = {"x", "y"}}), (Lines{"5 x=3 y=2"}));
}

TEST_F(Protocol22, ReadersAddThePresentValuesOfTheOpenRow) {
  RunWriter run = Start("a");
  ASSERT_TRUE(run.Log({{"x", 1}}));
  ASSERT_TRUE(run.Log({{"x", 10}}, {.step = 5}));
  ASSERT_TRUE(run.Log({{"x", 2}}, {.step = 5}));
  const SummaryEntry open = SummaryOf("a").entries.at("x");
  EXPECT_EQ(open.count, 2u);
  EXPECT_EQ(open.sum, 3.0) << "a value that was replaced counts no more";
  EXPECT_EQ(open.max->step, 5);
  EXPECT_EQ(ToText(open.max->value), "2");
  ASSERT_TRUE(run.Finish().ok());
  const SummaryEntry sealed = SummaryOf("a").entries.at("x");
  EXPECT_EQ(sealed.sum, open.sum);
  EXPECT_EQ(sealed.max, open.max);
}

TEST_F(Protocol23, ASummaryCostsTheSameHoweverManySegmentsThereAre) {
  const auto reads_of_summary = [&](const std::string& run) {
    Store recorded = Recorded();
    const auto history = recorded.OpenHistory(At(run));
    recorder_.Take();
    EXPECT_TRUE(history->ReadSummary());
    const Events events = recorder_.Take();
    return std::count_if(events.begin(), events.end(),
                         [](const std::string& e) { return e.starts_with("read packs/"); });
  };
  std::vector<std::ptrdiff_t> reads;
  for (const int segments : {2, 4, 24}) {
    const std::string id = "r" + std::to_string(segments);
    for (int i = 0; i < segments; ++i) {
      RunWriter run = Start(id);
      ASSERT_TRUE(run.Log({{"x", i}, {"y", 0.1 * i}}));
      ASSERT_TRUE(run.Finish().ok());
    }
    reads.push_back(reads_of_summary(id));
    const SummaryEntry entry = SummaryOf(id).entries.at("x");
    EXPECT_EQ(entry.count, static_cast<std::uint64_t>(segments));
    EXPECT_EQ(entry.sum, segments * (segments - 1) / 2.0);
  }
  EXPECT_GT(reads[1], 0);
  EXPECT_LE(reads[2], reads[1] + 4) << "at most the last segment and one full table are read";
}

TEST_F(Protocol23, PrefixesOfAForkSpeakOfTheParentsRowsToo) {
  MakeRun("a", 9);
  ASSERT_TRUE(store().Fork(At("a?_step=4"), Named("b")));
  for (int i = 0; i < 3; ++i) {
    RunWriter run = Start("b");
    ASSERT_TRUE(run.Log({{"x", 100}}));
    ASSERT_TRUE(run.Finish().ok());
  }
  EXPECT_EQ(SummaryOf("b").entries.at("x").sum, 310.0);
  EXPECT_EQ(SummaryOf("b").rows, 8u);
  EXPECT_EQ(SummaryOf("b?_step=5").entries.at("x").sum, 110.0);
}

TEST_F(Protocol23, PrefixesSpeakOfTheWholeVisibleHistoryHoweverOftenItWasRewound) {
  // Twelve segments; the last row of each has a key of its own.
  for (Step part = 0; part < 12; ++part) {
    RunWriter run = Start("a");
    LogSteps(run, part * 10, part * 10 + 8);
    ASSERT_TRUE(run.Log({{"x", part * 10 + 9}, {fmt::format("only-{}", part), part}}));
    ASSERT_TRUE(run.Finish().ok());
  }
  for (const Step step : {117, 64, 35, 30, 9, 0}) {
    ASSERT_TRUE(store().Rewind(At(fmt::format("a?_step={}", step))));
    RunWriter run = Start("a");
    LogSteps(run, step + 1, step + 2);
    const Summary summary = SummaryOf("a");
    const auto last = static_cast<double>(step + 2);
    EXPECT_EQ(summary.rows, static_cast<std::uint64_t>(step + 3));
    EXPECT_EQ(summary.entries.at("x").sum, last * (last + 1) / 2);
    EXPECT_EQ(summary.entries.size(), static_cast<std::size_t>(1 + (step + 1) / 10));
  }
}

TEST_F(Protocol23, AForkComputesNoSummary) {
  MakeRun("a", 9);
  Store recorded = Recorded();
  ASSERT_TRUE(recorded.ReadRun("a"));
  const auto before = ReadStoreStat(path());
  recorder_.Take();
  ASSERT_TRUE(recorded.Fork(At("a?_step=4"), Named("b")));
  const Events events = recorder_.Take();
  EXPECT_EQ(Find(events, "write packs/"), events.size()) << Joined(events);
  EXPECT_EQ(ReadStoreStat(path())->pack_bytes, before->pack_bytes);
  EXPECT_TRUE(recorded.Close().ok());
}

TEST_F(Protocol24, ABranchKeepsTheMomentAskedForAndTheNormalisedParent) {
  MakeRun("a", 9);
  ASSERT_TRUE(store().Fork(At("a?_step=6"), Named("b")));
  ASSERT_TRUE(store().Rewind(At("b?_step=3")));
  ReadCatalog([&](CatalogView& view) -> Status {
    const RunUid a = view.FindRunInAllProjects("a")->front();
    const RunUid b = view.FindRunInAllProjects("b")->front();
    const auto branch = view.GetBranch({b, 1});
    EXPECT_EQ((*branch)->asked->branch, (BranchId{b, 0}));
    EXPECT_EQ((*branch)->asked->step, 3);
    EXPECT_EQ((*branch)->node.parent, (BranchId{a, 0})) << "the ancestor that owns step 3";
    EXPECT_EQ((*branch)->node.fork_step, 3);
    return {};
  });
  ASSERT_TRUE(store().Delete("a").ok());
  const Lineage lineage = store().ReadLineage("b").value();
  ASSERT_EQ(lineage.branches.size(), 2u);
  EXPECT_EQ(lineage.branches[1].base->run_id, "b");
  EXPECT_EQ(lineage.branches[1].base->step, 3);
  EXPECT_EQ(lineage.branches[0].base->run_id, "a");
  EXPECT_EQ(lineage.branches[0].base->step, 6);
  EXPECT_TRUE(lineage.branches[0].base->deleted);
  EXPECT_EQ(StepsOf("b"), (std::vector<Step>{0, 1, 2, 3}));
}

TEST_F(Protocol24, ADeletedParentIsShownAsDeletedAndItsBranchesStay) {
  MakeRun("a", 9);
  ASSERT_TRUE(store().Fork(At("a?_step=6"), Named("b")));
  ASSERT_TRUE(store().Fork(At("b?_step=5"), Named("c")));
  ASSERT_TRUE(store().Delete("a").ok());
  ASSERT_TRUE(store().Delete("b").ok());
  const auto from = InfoOf("c").forked_from;
  ASSERT_TRUE(from);
  EXPECT_TRUE(from->deleted);
  EXPECT_EQ(from->run_id, "b");
  EXPECT_EQ(from->step, 5);
  EXPECT_EQ(StepsOf("c"), (std::vector<Step>{0, 1, 2, 3, 4, 5}));
}

}  // namespace
}  // namespace reprise
