// What was written is read back.
#include <cmath>
#include <limits>

#include "format/log_file.h"
#include "tests/engine/log/log_fixture.h"
#include "tests/support/golden.h"

namespace reprise {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LogRoundTrip : public LogFixture {};

TEST_F(LogRoundTrip, KeepsEveryTypeBitForBit) {
  Open();
  const auto shape = log_->DefineShape(MakeShape({{"b", Type::kBool},
                                                  {"d", Type::kDouble},
                                                  {"i", Type::kInt64},
                                                  {"j", Type::kJson},
                                                  {"n", Type::kNull},
                                                  {"s", Type::kString},
                                                  {"x", Type::kBytes}}));
  const double nan = std::bit_cast<double>(0x7FF8'0000'DEAD'BEEFULL);
  const std::vector<ValueView> values{true,
                                      nan,
                                      std::numeric_limits<std::int64_t>::min(),
                                      ValueView::Json("{\"_type\":\"histogram\"}"),
                                      ValueView(),
                                      "text",
                                      ValueView::Bytes(std::string_view("\0\xFF", 2))};
  ASSERT_TRUE(log_->AddRow({run_, shape, 7, -5, false, true, false, values}).has_value());
  ASSERT_TRUE(log_->Flush().ok());
  const ReadLog read = Read();
  ASSERT_THAT(read.parts, SizeIs(1));
  const ReadPart& part = read.parts[0];
  EXPECT_EQ(part.branch, branch_);
  EXPECT_EQ(part.generation, 3u);
  EXPECT_EQ(part.sequence, 1u);
  EXPECT_EQ(part.step, 7);
  EXPECT_EQ(part.time, -5);
  EXPECT_FALSE(part.commit);
  EXPECT_TRUE(part.restate);
  EXPECT_EQ(part.values, std::vector<Value>(values.begin(), values.end()));
  EXPECT_EQ(part.shape.columns[6].key, "x");
}

TEST_F(LogRoundTrip, KeepsExtremesOfTimeAndStep) {
  Open();
  const std::vector<ValueView> values{1.0};
  for (const TimeMicros time : {std::numeric_limits<TimeMicros>::min() + 1,
                                std::numeric_limits<TimeMicros>::max(), TimeMicros{0}}) {
    ASSERT_TRUE(log_->AddRow({run_, loss_, std::numeric_limits<Step>::max(), time, false, false,
                              true, values})
                    .has_value());
    EXPECT_EQ(Read().parts.back().time, time);
    EXPECT_EQ(Read().parts.back().step, std::numeric_limits<Step>::max());
  }
}

TEST_F(LogRoundTrip, ShapesWithoutTimeHaveNone) {
  Open();
  const auto shape = log_->DefineShape(MakeShape({{"a", Type::kInt64}}, false));
  const std::vector<ValueView> values{std::int64_t{1}};
  ASSERT_TRUE(log_->AddRow({run_, shape, 0, 99, true, false, true, values}).has_value());
  EXPECT_EQ(Read().parts.at(0).time, kNoTime);
}

TEST_F(LogRoundTrip, NothingIsCreatedBeforeTheFirstGroup) {
  Open();
  ASSERT_TRUE(Add(0).has_value());
  EXPECT_THAT(disk_.files, IsEmpty());
  EXPECT_THAT(log_->files(), IsEmpty());
  ASSERT_TRUE(log_->Flush().ok());
  EXPECT_THAT(log_->files(), ElementsAre(1));
  EXPECT_EQ(log_->bytes(), FileBytes(1).size());
}

TEST_F(LogRoundTrip, AFileNamesItsStoreItsSessionAndTheBootOfItsMachine) {
  Open();
  ASSERT_TRUE(Add(0, true).has_value());
  const LogHeader header = DecodeLogHeader(FileBytes(1)).value();
  EXPECT_EQ(header.store_uuid, options_.store_uuid);
  EXPECT_EQ(header.session, kSession);
  EXPECT_EQ(header.file, 1u);
  EXPECT_EQ(header.first_sequence, 1u);
  EXPECT_EQ(header.boot_id, kBoot);
  EXPECT_GE(header.created, 1'700'000'000'000'000);
  EXPECT_FALSE(header.continues);
}

TEST_F(LogRoundTrip, RowsOfOneFlushShareAGroup) {
  Open();
  EXPECT_EQ(Add(0).value(), 1u);
  EXPECT_EQ(Add(1).value(), 1u);
  ASSERT_TRUE(log_->Flush().ok());
  EXPECT_EQ(Add(2).value(), 2u);
  ASSERT_TRUE(log_->Flush().ok());
  EXPECT_EQ(log_->last_written(), 2u);
  EXPECT_EQ(log_->last_synced(), 0u);
  const ReadLog read = Read();
  EXPECT_THAT(read.steps(), ElementsAre(0, 1, 2));
  EXPECT_EQ(read.parts[1].sequence, 1u);
  EXPECT_EQ(read.files.at(0).end, LogEnd::kClean);
  EXPECT_EQ(read.files.at(0).first_sequence, 1u);
  EXPECT_EQ(read.files.at(0).last_sequence, 2u);
}

TEST_F(LogRoundTrip, OneRowCostsAtMostSixtyTwoBytesBesideItsValues) {
  Open();
  ASSERT_TRUE(Add(1'000'000, true).has_value());
  const std::size_t before = FileBytes(1).size();
  ASSERT_TRUE(Add(1'000'001, true).has_value());
  EXPECT_LE(FileBytes(1).size() - before, 62u + 8u);
}

TEST_F(LogRoundTrip, AGroupIsWrittenWhenItIsLarge) {
  options_.flush_bytes = 1000;
  Open();
  for (Step step = 0; step < 200; ++step) ASSERT_TRUE(Add(step).has_value());
  EXPECT_GT(log_->last_written(), 1u);
  EXPECT_GT(Read().parts.size(), 100u);
}

TEST_F(LogRoundTrip, ChangesAreSyncedInAGroupOfTheirOwn) {
  Open();
  ASSERT_TRUE(Add(0).has_value());
  const std::vector<std::string> changes{"one", std::string(100'000, 'z')};
  EXPECT_EQ(log_->AddChanges(changes).value(), 2u);
  EXPECT_EQ(log_->last_synced(), 2u);
  const ReadLog read = Read();
  ASSERT_THAT(read.changes, SizeIs(2));
  EXPECT_EQ(read.changes[0], (std::pair<Sequence, std::string>(2, "one")));
  EXPECT_EQ(read.changes[1].second, changes[1]);
}

TEST_F(LogRoundTrip, OnlyPartsOfTheAskedRunAndGroupsAreVisited) {
  Open();
  const auto other = log_->DefineRun({{7, 7}, 4}, 1);
  const std::vector<ValueView> values{1.0};
  ASSERT_TRUE(log_->AddRow({other, loss_, 5, 0, true, false, true, values}).has_value());
  for (Step step = 0; step < 4; ++step) ASSERT_TRUE(Add(step, true).has_value());
  std::vector<Sequence> seen;
  LogVisitor visitor;
  visitor.only = branch_.uid;
  visitor.after = 2;
  visitor.through = 4;
  visitor.on_part = [&](const LoggedPart& part) -> Status {
    seen.push_back(part.sequence);
    return {};
  };
  auto file = LogFile::Open(directory_, LogFileName(kSession, 1), kBoot);
  ASSERT_TRUE(file.has_value());
  ASSERT_TRUE((*file)->Scan(visitor).has_value());
  EXPECT_THAT(seen, ElementsAre(3, 4));
}

TEST_F(LogRoundTrip, EachFileDefinesWhatItUses) {
  options_.file_bytes = 600;
  Open();
  for (Step step = 0; step < 40; ++step) ASSERT_TRUE(Add(step, true).has_value());
  ASSERT_GT(log_->files().size(), 3u);
  const auto names = ListLogFiles(directory_, kSession).value();
  ASSERT_EQ(names.size(), log_->files().size());
  std::size_t parts = 0;
  for (const std::string& name : names) {  // alone, so without the definitions of others
    auto file = LogFile::Open(directory_, name, kBoot).value();
    LogVisitor visitor;
    visitor.on_part = [&](const LoggedPart& part) -> Status {
      EXPECT_EQ((*part.shape)->columns[0].key, "loss");
      ++parts;
      return {};
    };
    EXPECT_EQ(file->Scan(visitor)->end, LogEnd::kClean);
  }
  EXPECT_EQ(parts, 40u);
  EXPECT_EQ(Read().steps(), StepsFrom(0, 39));
}

TEST_F(LogRoundTrip, AKeyOfManyShapesIsWrittenOnce) {
  Open();
  for (const Type type : {Type::kInt64, Type::kDouble}) {
    const auto shape = log_->DefineShape(MakeShape({{"shared", type}}));
    const std::vector<ValueView> values{ValueView(type == Type::kInt64 ? Value(1) : Value(1.0))};
    ASSERT_TRUE(log_->AddRow({run_, shape, 7, 0, false, false, true, values}).has_value());
  }
  const std::string bytes = FileBytes(1);
  EXPECT_EQ(bytes.find("shared"), bytes.rfind("shared"));
  EXPECT_EQ(Read().parts.at(1).shape.columns.at(0).key, "shared");
}

TEST_F(LogRoundTrip, AFileIsDurableBeforeTheNextBegins) {
  options_.file_bytes = 600;
  Open();
  disk_.on_create = [this](std::string_view) -> Status {
    for (const auto& [name, content] : disk_.files) EXPECT_EQ(content->bytes, content->durable);
    EXPECT_EQ(disk_.directory_syncs, static_cast<int>(disk_.files.size()));
    return {};
  };
  for (Step step = 0; step < 40; ++step) ASSERT_TRUE(Add(step, true).has_value());
  EXPECT_GT(disk_.files.size(), 3u);
}

TEST_F(LogRoundTrip, AnEndedFileCanBeRemoved) {
  Open();
  ASSERT_TRUE(Add(0, true).has_value());
  EXPECT_EQ(log_->RemoveFile(1).code(), Code::kNotFound) << "the current one";
  ASSERT_TRUE(log_->Rotate().ok());
  EXPECT_EQ(log_->current_file(), 2u);
  EXPECT_EQ(log_->last_synced(), 1u);
  ASSERT_TRUE(log_->RemoveFile(1).ok());
  ASSERT_TRUE(Add(1, true).has_value());
  EXPECT_THAT(log_->files(), ElementsAre(2));
  const ReadLog read = Read();
  EXPECT_THAT(read.steps(), ElementsAre(1));
  EXPECT_EQ(read.parts[0].sequence, 2u);
  EXPECT_EQ(read.files.at(0).end, LogEnd::kClean);
}

TEST_F(LogRoundTrip, CloseSyncsAndSaysSo) {
  Open();
  ASSERT_TRUE(Add(0).has_value());
  ASSERT_TRUE(log_->Close().ok());
  EXPECT_EQ(FileBytes(1), disk_.files.begin()->second->durable);
  EXPECT_TRUE(Read().files.at(0).closed);
  EXPECT_EQ(Add(1).error().code(), Code::kClosed);
  EXPECT_EQ(log_->Close().code(), Code::kClosed);
}

TEST_F(LogRoundTrip, TooLargeRowsAreRefusedAndLeaveNothing) {
  Open();
  const auto shape = log_->DefineShape(MakeShape({{"s", Type::kString}}));
  const std::string text(10 << 20, 'x');
  const std::vector<ValueView> values{text};
  EXPECT_EQ(log_->AddRow({run_, shape, 0, 0, true, false, false, values}).error().code(),
            Code::kInvalidArgument);
  ASSERT_TRUE(Add(0, true).has_value());
  EXPECT_THAT(Read().steps(), ElementsAre(0));
}

TEST_F(LogRoundTrip, ValuesThatDoNotFitTheShapeAreRefused) {
  Open();
  const std::vector<ValueView> values{std::int64_t{1}};
  EXPECT_EQ(log_->AddRow({run_, loss_, 0, 0, true, false, false, values}).error().code(),
            Code::kInternal);
  EXPECT_EQ(log_->AddRow({99, loss_, 0, 0, true, false, false, values}).error().code(),
            Code::kInternal);
}

TEST_F(LogRoundTrip, ListsSessionsByTheirLogsAndLocks) {
  Open();
  ASSERT_TRUE(Add(0, true).has_value());
  for (const char* name :
       {"0000000000000001.lock", "0000000000000001-10.log", "0000000000000001-9.log",
        "0000000000000001-09.log", "other", "0000000000000002-1.log.tmp"}) {
    ASSERT_TRUE(directory_.Create(name).has_value());
  }
  EXPECT_THAT(ListSessions(directory_).value(), ElementsAre(1, kSession));
  EXPECT_THAT(ListLogFiles(directory_, 1).value(),
              ElementsAre("0000000000000001-9.log", "0000000000000001-10.log"));
}

TEST_F(LogRoundTrip, ReadsTheGoldenFile) {
  directory_.Create("golden.log").value();
  disk_.files.at("golden.log")->bytes = testing::ReadGolden("session.log");
  auto file = LogFile::Open(directory_, "golden.log").value();
  std::vector<std::string> seen;
  LogVisitor visitor;
  visitor.on_part = [&](const LoggedPart& part) -> Status {
    EXPECT_EQ(part.branch, (BranchId{{0x0123456789ABCDEF, 0xFEDCBA9876543210}, 2}));
    EXPECT_EQ(part.generation, 5u);
    EXPECT_EQ(part.commit, part.step == 1000);
    EXPECT_EQ(part.restate, part.step == 1001);
    EXPECT_EQ(part.time, part.step == 1000 ? 1'700'000'000'123'706 : kNoTime);
    for (std::size_t i = 0; i < part.values.size(); ++i) {
      const ValueView& value = part.values[i];
      EXPECT_EQ(value.type(), (*part.shape)->columns[i].type);
      seen.push_back(
          (*part.shape)->columns[i].key + "=" +
          (IsText(value.type()) ? std::string(value.text()) : std::to_string(value.bits())));
    }
    return {};
  };
  visitor.on_change = [&](const LoggedChange& change) -> Status {
    seen.emplace_back(change.bytes);
    return {};
  };
  const LogFileReport report = file->Scan(visitor).value();
  EXPECT_EQ(report.end, LogEnd::kClean) << report.message;
  EXPECT_TRUE(report.closed);
  EXPECT_EQ(report.session, 77u);
  EXPECT_EQ(report.last_sequence, 3u);
  EXPECT_EQ(report.durable_upto, 2u);
  EXPECT_THAT(seen, ElementsAre("acc=18446744073709551614", "loss=4602678819172646912",
                                "rate=4591870180066957722", "acc=0", "ok=1", "raw=\x01\xFF",
                                "table=[1,2]", "text=words", "bytes of a change"));
}

}  // namespace
}  // namespace reprise
