#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "tests/support/real_data.h"
#include "tests/tools/memory_sink.h"
#include "tools/import/csv_reader.h"
#include "tools/import/input_file.h"
#include "tools/import/text_import.h"

namespace reprise::tools {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A file that is gone with its test.
class TextFile {
 public:
  explicit TextFile(const std::string& text, const std::string& name = "run.csv")
      : folder_(fs::path(::testing::TempDir()) /
                ::testing::UnitTest::GetInstance()->current_test_info()->name()),
        path_(folder_ / name) {
    fs::create_directories(folder_);
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~TextFile() { fs::remove_all(folder_); }
  std::string path() const { return path_.string(); }

 private:
  fs::path folder_;
  fs::path path_;
};

struct Imported {
  Status status;
  MemorySink sink;
  ImportReport report;

  const Value& At(Step step, const std::string& key) { return sink.rows.at(step).fields.at(key); }
};

Imported FromCsv(const std::string& text, const TextImportOptions& options = {}) {
  const TextFile file(text);
  Imported imported;
  imported.status = ImportCsv({file.path()}, options, &imported.sink, &imported.report);
  return imported;
}

Imported FromJsonl(const std::string& text, const TextImportOptions& options = {}) {
  const TextFile file(text, "run.jsonl");
  Imported imported;
  imported.status = ImportJsonl({file.path()}, options, &imported.sink, &imported.report);
  return imported;
}

std::vector<Step> StepsOf(const MemorySink& sink) {
  std::vector<Step> steps;
  for (const auto& [step, row] : sink.rows) steps.push_back(step);
  return steps;
}

TEST(ParseCell, TellsTypesApart) {
  EXPECT_EQ(*ParseCell("12"), Value(std::int64_t{12}));
  EXPECT_EQ(*ParseCell(" -12 "), Value(std::int64_t{-12}));
  EXPECT_EQ(*ParseCell("12.0"), Value(12.0));
  EXPECT_EQ(*ParseCell("+.5e1"), Value(5.0));
  EXPECT_TRUE(std::isnan(ParseCell("NaN")->as_double()));
  EXPECT_EQ(*ParseCell("-INF"), Value(-std::numeric_limits<double>::infinity()));
  EXPECT_EQ(*ParseCell("007"), Value("007"));
  EXPECT_EQ(*ParseCell("1-2"), Value("1-2"));
  EXPECT_EQ(*ParseCell("1.2.3"), Value("1.2.3"));
  EXPECT_EQ(*ParseCell("True"), Value("True"));
  EXPECT_FALSE(ParseCell("").has_value());
  EXPECT_FALSE(ParseCell("  ").has_value());
}

TEST(CsvImport, ReadsColumnsCommentsAndCarriageReturns) {
  Imported got = FromCsv("\xEF\xBB\xBF#{\"t\":1}\r\n  step , loss,note\r\n1,0.5,\r\n3,,hi\r\n");
  ASSERT_TRUE(got.status.ok()) << got.status.ToString();
  EXPECT_THAT(StepsOf(got.sink), ElementsAre(1, 3));
  EXPECT_EQ(got.At(1, "loss"), Value(0.5));
  EXPECT_EQ(got.sink.rows.at(1).fields.count("note"), 0u);
  EXPECT_EQ(got.sink.rows.at(3).fields.size(), 1u);
  EXPECT_EQ(got.sink.rows.at(1).time, kNoTime);
  EXPECT_EQ(got.sink.exit_code, 0);
  EXPECT_EQ(got.report.values, 2u);
}

TEST(CsvImport, ReadsQuotedCellsOfSeveralLines) {
  Imported got = FromCsv("a,b\n\"[1,\n 2]\",\"say \"\"hi\"\"\"\n7,8\n");
  EXPECT_EQ(got.At(0, "a"), Value("[1,\n 2]"));
  EXPECT_EQ(got.At(0, "b"), Value("say \"hi\""));
  EXPECT_EQ(got.At(1, "a"), Value(std::int64_t{7}));
}

TEST(CsvImport, DetectsTabs) {
  Imported got = FromCsv("train/loss, raw\tstep\n1.5\t4\n");
  EXPECT_EQ(got.At(4, "train/loss, raw"), Value(1.5));
}

TEST(CsvImport, TakesRowNumbersWhereThereIsNoStepColumn) {
  EXPECT_THAT(StepsOf(FromCsv("x\n1\n2\n3\n").sink), ElementsAre(0, 1, 2));
}

TEST(CsvImport, FailsAtARepeatedStepByDefault) {
  const Imported got = FromCsv("step,x\n1,1\n2,2\n2,3\n");
  EXPECT_EQ(got.status.code(), Code::kOutOfOrder);
  EXPECT_THAT(std::string(got.status.message()), HasSubstr("line 4 (step 2"));
}

TEST(CsvImport, MergesEqualStepsOnRequest) {
  const TextImportOptions last{.step_key = "", .on_conflict = OnConflict::kLast};
  Imported got = FromCsv("step,x,y\n1,1,\n2,2,\n2,3,4\n3,1,1\n", last);
  ASSERT_TRUE(got.status.ok()) << got.status.ToString();
  EXPECT_EQ(got.At(2, "x"), Value(std::int64_t{3}));
  EXPECT_EQ(got.At(2, "y"), Value(std::int64_t{4}));
  EXPECT_EQ(got.report.rows, 3u);
  EXPECT_EQ(FromCsv("step,x\n5,1\n4,1\n", last).status.code(), Code::kOutOfOrder);
}

TEST(CsvImport, ReplaysABackwardStepAsARewind) {
  Imported got = FromCsv("step,x\n1,1\n2,2\n3,3\n2,20\n4,4\n",
                         {.step_key = "", .on_conflict = OnConflict::kRewind});
  ASSERT_TRUE(got.status.ok()) << got.status.ToString();
  EXPECT_THAT(got.sink.rewinds, ElementsAre(1));
  EXPECT_THAT(StepsOf(got.sink), ElementsAre(1, 2, 4));
  EXPECT_EQ(got.At(2, "x"), Value(std::int64_t{20}));
}

TEST(CsvImport, RefusesStepsThatAreNoIntegers) {
  EXPECT_EQ(FromCsv("epoch,x\n0.5,1\n").status.code(), Code::kInvalidArgument);
  EXPECT_EQ(FromCsv("a,x\n1,1\n", {.step_key = "b"}).status.code(), Code::kInvalidArgument);
}

TEST(CsvImport, ReportsWhatItSkips) {
  const Imported got = FromCsv("a,b\n1,2,3\n\"open");
  EXPECT_TRUE(got.status.ok());
  EXPECT_EQ(got.report.skipped.size(), 2u);
}

TEST(JsonlImport, FlattensAndFindsTheStep) {
  Imported got = FromJsonl("{\"step\":3,\"a\":{\"b\":NaN}}\n\n{\"step\":5,\"_timestamp\":2}\n");
  ASSERT_TRUE(got.status.ok()) << got.status.ToString();
  EXPECT_THAT(StepsOf(got.sink), ElementsAre(3, 5));
  EXPECT_TRUE(std::isnan(got.At(3, "a.b").as_double()));
  EXPECT_EQ(got.sink.rows.at(5).time, 2000000);
}

TEST(JsonlImport, TakesTheNextStepWhereOneIsNull) {
  const Imported got = FromJsonl("{\"_step\":3}\n{\"_step\":null,\"x\":1}\n{\"x\":2}\n");
  EXPECT_THAT(StepsOf(got.sink), ElementsAre(3, 4, 5));
}

TEST(JsonlImport, SkipsBrokenLinesAndNamesThem) {
  const Imported got = FromJsonl("{\"x\":1}\n{\"x\":\n[1]\n{\"x\":2}\n");
  EXPECT_TRUE(got.status.ok());
  EXPECT_THAT(StepsOf(got.sink), ElementsAre(0, 1));
  ASSERT_EQ(got.report.skipped.size(), 2u);
  EXPECT_THAT(got.report.skipped[0].first_place, HasSubstr("line 2"));
}

TEST(JsonlImport, LeavesOutValuesNoRunCanHold) {
  Imported got = FromJsonl("{\"\":1,\"a\\nb\":2,\"" + std::string(1025, 'k') + "\":3,\"ok\":4}\n");
  EXPECT_TRUE(got.status.ok());
  EXPECT_EQ(got.sink.rows.at(0).fields.size(), 1u);
  EXPECT_EQ(got.report.skipped.size(), 3u);
}

TEST(RunIdFromPath, IsMadeOfTheFilesName) {
  EXPECT_EQ(RunIdFromPath("/tmp/run-abc123.wandb"), "abc123");
  EXPECT_EQ(RunIdFromPath("pythia 160m.seed9.tsv"), "pythia-160m-seed9");
  EXPECT_EQ(RunIdFromPath(std::string(100, 'x') + ".csv"), std::string(64, 'x'));
  EXPECT_EQ(RunIdFromPath("é.csv"), "-");
}

TEST(CsvImport, ReplaysThePublishedPythiaRun) {
  const auto file = testing::RealData("csv/pythia-160m-seed9.tsv");
  if (!file) GTEST_SKIP() << testing::RealDataIsMissing("csv/pythia-160m-seed9.tsv");
  MemorySink sink;
  ImportReport report;
  const Status status =
      ImportCsv({file->string()}, {.on_conflict = OnConflict::kRewind}, &sink, &report);
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_THAT(sink.rewinds, ElementsAre(22001, 31001));
  EXPECT_EQ(sink.rows.size(), 142999u);
  EXPECT_EQ(report.rows, 144268u);
  EXPECT_THAT(report.skipped, IsEmpty());
}

TEST(TextImport, ReadsTheOtherPublishedFilesWhole) {
  const auto data = testing::RealData("");
  if (!data) GTEST_SKIP() << testing::RealDataIsMissing("csv");
  const fs::path& root = *data;
  MemorySink monitor;
  ImportReport report;
  ASSERT_TRUE(
      ImportCsv({(root / "csv/pandaslide.monitor.csv").string()}, {}, &monitor, &report).ok());
  EXPECT_EQ(monitor.rows.size(), 60000u);
  MemorySink dreamer;
  const std::string jsonl = (root / "jsonl/dreamerv3-metrics.jsonl").string();
  ASSERT_TRUE(ImportJsonl({jsonl}, {}, &dreamer, &report).ok());
  EXPECT_EQ(dreamer.rows.begin()->first, 268);
  MemorySink olmo;
  ASSERT_TRUE(ImportCsv({(root / "csv/olmo-1B-10xC.csv").string()}, {}, &olmo, &report).ok());
  EXPECT_THAT(report.skipped, IsEmpty());
}

}  // namespace
}  // namespace reprise::tools
