// Protocols, segments and summaries: rules 21 to 24, and the limits of section 7.
#include <gtest/gtest.h>

#include "tests/engine/protocols/protocol_fixture.h"

namespace reprise {
namespace {

TEST_F(Protocol, Rule21_RowsOfAnyNumberOfShapesComeBackInStepOrder) {
  RunWriter run = Start("a");
  for (int i = 0; i < 300; ++i) {
    const std::string key = "k" + std::to_string(i * 7 % 100);  // more shapes than tables
    const LogOptions options = i % 5 == 0 ? LogOptions{.time = kNoTime} : LogOptions{};
    ASSERT_TRUE(run.Log({{key, i}, {"x", 0.5 * i}}, options));
  }
  const Lines live = RowsOf("a");
  ASSERT_EQ(live.size(), 300u);
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(RowsOf("a"), live);
  auto cursor = store().OpenHistory(At("a"))->Rows({});
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(*cursor->Next());
    EXPECT_EQ(cursor->row().time == kNoTime, i % 5 == 0) << "row " << i;
  }
}

TEST_F(Protocol, Rule21_ASegmentHasAtMost65536Rows) {
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

TEST_F(Protocol, Rule22_TheOpenRowIsRestatedWholeWhenItsLogFileMustGo) {
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

TEST_F(Protocol, Rule22_ReadersAddThePresentValuesOfTheOpenRow) {
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

TEST_F(Protocol, Rule23_ASummaryCostsTheSameHoweverManySegmentsThereAre) {
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

TEST_F(Protocol, Rule23_PrefixesSpeakOfTheWholeVisibleHistory) {
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

TEST_F(Protocol, Rule23_AForkComputesNoSummary) {
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

TEST_F(Protocol, Rule24_ABranchKeepsTheMomentAskedForAndTheNormalisedParent) {
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
  const auto lineage = store().ReadLineage("b");
  EXPECT_EQ(lineage->branches[1].base->run_id, "b");
}

TEST_F(Protocol, Rule24_ADeletedParentIsShownAsDeletedAndItsBranchesStay) {
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

// --- limits

TEST_F(Protocol, Limits_AKeyHasAtMost1024Bytes) {
  RunWriter run = Start("a");
  EXPECT_EQ(CodeOf(run.Log({{std::string(1025, 'k'), 1}})), Code::kInvalidArgument);
  EXPECT_EQ(run.Log({{std::string(1024, 'k'), 1}}), 0);
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(store().OpenHistory(At("a"))->Keys()->front().size(), 1024u);
}

TEST_F(Protocol, Limits_AValueHasAtMost4MiB) {
  RunWriter run = Start("a");
  const std::string most(std::size_t{4} << 20, 'v');
  EXPECT_EQ(CodeOf(run.Log({{"x", most + "v"}})), Code::kInvalidArgument);
  EXPECT_EQ(run.Log({{"x", most}}), 0);
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(store().OpenHistory(At("a"))->ReadSeries("x")->values[0].text(), most);
}

TEST_F(Protocol, Limits_ARowHasAtMost8MiBAlsoInParts) {
  RunWriter run = Start("a");
  const std::string large((std::size_t{3} << 20) + 1000, 'v');
  EXPECT_EQ(CodeOf(run.Log({{"a", large}, {"b", large}, {"c", large}})), Code::kInvalidArgument);
  EXPECT_EQ(run.Log({{"a", large}, {"b", large}}, {.step = 0}), 0);
  EXPECT_EQ(CodeOf(run.Log({{"c", large}}, {.step = 0})), Code::kInvalidArgument);
  EXPECT_EQ(run.Log({{"d", 1}}, {.step = 0}), 0) << "a refused part must leave the row as it was";
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(store().OpenHistory(At("a"))->Keys(), (std::vector<std::string>{"a", "b", "d"}));
}

TEST_F(Protocol, Limits_AppendColumnsIsAtomicPerRow) {
  RunWriter run = Start("a");
  const std::vector<Step> steps = {0, 1, 1, 2};
  const std::vector<double> x = {0, 1, 2, 3};
  const std::vector<ColumnBatch::Column> columns = {{"x", Type::kDouble, x, {}, {}}};
  const auto appended = run.AppendColumns({steps, {}, columns});
  const std::size_t rows = StepsOf("a").size();
  EXPECT_EQ(run.next_step(), static_cast<Step>(rows)) << "what is there is whole rows, in order";
  EXPECT_EQ(CodeOf(appended), Code::kOutOfOrder);
  const std::string said = "(" + std::to_string(rows) + " of 4 rows";
  EXPECT_NE(MessageOf(appended).find(said), std::string::npos) << MessageOf(appended);
}

TEST_F(Protocol, Limits_RowsAppendedBeforeTheOneThatFailedAreAsDurableAsAllOthers) {
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

TEST_F(Protocol, Limits_TheLongestNamesFitTheCatalog) {
  RunOptions options;
  options.project = std::string(128, 'e') + "/" + std::string(128, 'p');
  const std::string id(64, 'i');
  RunWriter run = Start(id, options);
  LogSteps(run, 0, 3);
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_EQ(StepsOf(options.project + "/" + id).size(), 4u);
}

TEST_F(Protocol, Limits_AProcessMayOpenAStoreTwice) {
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

}  // namespace
}  // namespace reprise
