// What a log does when its disk is full, or fails.
#include <gmock/gmock.h>

#include <thread>

#include "tests/engine/log/log_fixture.h"
#include "tests/support/child_process.h"

namespace reprise {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class LogFailure : public LogFixture {};

TEST_F(LogFailure, OnAFullDiskTheRowIsOutAndTheNextGoesToTheSameOffset) {
  for (const std::size_t torn : {0U, 1U, 47U, 60U}) {
    SCOPED_TRACE(torn);
    disk_.files.clear();
    disk_.write_offsets.clear();
    disk_.torn_bytes = torn;
    disk_.on_write = FailAt(4, Code::kNoSpace, 2);  // behind the header and two rows
    Open();
    ASSERT_TRUE(Add(0, true).has_value());
    ASSERT_TRUE(Add(1, true).has_value());
    EXPECT_EQ(Add(2, true).error().code(), Code::kNoSpace);
    EXPECT_EQ(Add(3, true).error().code(), Code::kNoSpace);
    EXPECT_THAT(Read().steps(), ElementsAre(0, 1));
    EXPECT_EQ(Add(4, true).value(), 3u);
    ASSERT_TRUE(Add(5, true).has_value());
    ASSERT_THAT(disk_.write_offsets, SizeIs(7));
    EXPECT_EQ(disk_.write_offsets[3], disk_.write_offsets[4]);
    EXPECT_EQ(disk_.write_offsets[3], disk_.write_offsets[5]);
    EXPECT_THAT(Read().steps(), ElementsAre(0, 1, 4, 5));
    EXPECT_EQ(Read().files.at(0).end, LogEnd::kClean);
  }
}

TEST_F(LogFailure, OnAFullDiskEarlierRowsStayPending) {
  for (const int write : {1, 2}) {  // of the header, of the group
    disk_.files.clear();
    disk_.on_write = FailAt(write, Code::kNoSpace, 2);
    Open();
    ASSERT_TRUE(Add(0).has_value());
    ASSERT_TRUE(Add(1).has_value());
    EXPECT_EQ(Add(2, true).error().code(), Code::kNoSpace);
    EXPECT_EQ(log_->Flush().code(), Code::kNoSpace);
    ASSERT_TRUE(log_->Flush().ok());
    EXPECT_THAT(Read().steps(), ElementsAre(0, 1)) << write;
    EXPECT_EQ(Read().files.at(0).end, LogEnd::kClean) << write;
  }
}

TEST_F(LogFailure, OnAFullDiskChangesAreOut) {
  disk_.on_write = FailAt(2, Code::kNoSpace);
  Open();
  ASSERT_TRUE(Add(0).has_value());
  EXPECT_EQ(log_->AddChanges(std::vector<std::string>{"lost"}).error().code(), Code::kNoSpace);
  EXPECT_EQ(log_->AddChanges(std::vector<std::string>{"kept"}).value(), 2u);
  const ReadLog read = Read();
  ASSERT_THAT(read.changes, SizeIs(1));
  EXPECT_EQ(read.changes[0].second, "kept");
}

TEST_F(LogFailure, AFileThatCannotBeMadeIsTriedAgain) {
  for (const Code code : {Code::kNoSpace, Code::kIoError}) {
    disk_.files.clear();
    disk_.on_create = FailAt(1, code);
    Open();
    EXPECT_EQ(Add(0, true).error().code(), code);
    ASSERT_TRUE(Add(1, true).has_value());
    EXPECT_THAT(Read().steps(), ElementsAre(1));
  }
}

TEST_F(LogFailure, CloseOnAFullDiskCanBeRepeated) {
  disk_.on_write = FailAt(3, Code::kNoSpace);
  Open();
  ASSERT_TRUE(Add(0, true).has_value());
  EXPECT_EQ(log_->Close().code(), Code::kNoSpace);
  ASSERT_TRUE(log_->Close().ok());
  EXPECT_TRUE(Read().files.at(0).closed);
}

// Every file as it was when last synced: what a power cut may leave.
class AfterPowerCut {
 public:
  explicit AfterPowerCut(FakeDisk& disk) {
    for (auto& [name, content] : disk.files) content->bytes = content->durable;
  }
};

TEST_F(LogFailure, AfterAFailedSyncNothingWrittenIsLost) {
  Open();
  ASSERT_TRUE(Add(0, true).has_value());
  ASSERT_TRUE(log_->Sync().ok());
  ASSERT_TRUE(Add(1, true).has_value());
  ASSERT_TRUE(Add(2, true).has_value());
  ASSERT_TRUE(Add(3).has_value());
  disk_.on_sync = FailAt(1, Code::kIoError);
  ASSERT_TRUE(log_->Sync().ok());
  ASSERT_TRUE(Add(4, true).has_value());
  EXPECT_THAT(log_->files(), ElementsAre(1, 2));
  const ReadLog all = Read();
  EXPECT_THAT(all.steps(), ElementsAre(0, 1, 2, 3, 4)) << "duplicates are skipped";
  EXPECT_EQ(all.parts[3].sequence, 4u);
  EXPECT_EQ(disk_.files.begin()->second->syncs_after_failure, 0);
  ASSERT_TRUE(log_->Sync().ok());
  const AfterPowerCut cut(disk_);
  const ReadLog durable = Read(kOtherBoot);
  EXPECT_THAT(durable.steps(), ElementsAre(0, 1, 2, 3, 4));
  for (const LogFileReport& file : durable.files) EXPECT_EQ(file.end, LogEnd::kClean);
}

TEST_F(LogFailure, TheNewFileSaysThatItContinues) {
  Open();
  disk_.on_sync = FailAt(1, Code::kIoError);
  ASSERT_TRUE(Add(0, true).has_value());
  ASSERT_TRUE(log_->Sync().ok());
  EXPECT_FALSE(LogFile::Open(directory_, LogFileName(kSession, 1)).value()->header()->continues);
  const auto next = LogFile::Open(directory_, LogFileName(kSession, 2)).value();
  EXPECT_TRUE(next->header()->continues);
  EXPECT_EQ(next->header()->first_sequence, 1u);
}

TEST_F(LogFailure, AFailedWriteGoesToANewFileWithAllThatWasNotSynced) {
  disk_.torn_bytes = 55;
  disk_.on_write = FailAt(4, Code::kIoError);
  Open();
  ASSERT_TRUE(Add(0, true).has_value());
  ASSERT_TRUE(Add(1, true).has_value());
  EXPECT_EQ(Add(2, true).value(), 3u);
  EXPECT_EQ(log_->last_synced(), 2u);
  ASSERT_TRUE(log_->Sync().ok());
  EXPECT_THAT(Read().steps(), ElementsAre(0, 1, 2));
  EXPECT_THAT(disk_.files.begin()->second->durable, SizeIs(kLogHeaderSize)) << "no group is";
  const AfterPowerCut cut(disk_);
  EXPECT_THAT(Read(kOtherBoot).steps(), ElementsAre(0, 1, 2));
}

TEST_F(LogFailure, AFullDiskAfterAFailureKeepsRollingBackExactly) {
  Open();
  ASSERT_TRUE(Add(0, true).has_value());
  ASSERT_TRUE(Add(1).has_value());
  int writes = 0;
  disk_.on_write = [&writes](std::string_view) -> Status {
    ++writes;  // the write itself; in the new file the header, the unsynced group, the write again
    if (writes == 1) return Status::Error(Code::kIoError, "broken");
    return writes == 4 ? Status::Error(Code::kNoSpace, "full") : Status();
  };
  EXPECT_EQ(Add(2, true).error().code(), Code::kNoSpace);
  ASSERT_TRUE(Add(3, true).has_value());
  EXPECT_THAT(Read().steps(), ElementsAre(0, 1, 3));
}

TEST_F(LogFailure, AFailedSyncAtTheEndOfAFileReplacesIt) {
  options_.file_bytes = 400;
  Open();
  disk_.on_sync = FailAt(3, Code::kIoError);
  for (Step step = 0; step < 30; ++step) ASSERT_TRUE(Add(step, true).has_value());
  ASSERT_TRUE(log_->Close().ok());
  EXPECT_EQ(Read().steps(), StepsFrom(0, 29));
  const AfterPowerCut cut(disk_);
  EXPECT_EQ(Read(kOtherBoot).steps(), StepsFrom(0, 29));
}

TEST_F(LogFailure, ASecondFailurePoisons) {
  Open();
  ASSERT_TRUE(Add(0, true).has_value());
  disk_.on_sync = [](std::string_view) { return Status::Error(Code::kIoError, "first words"); };
  EXPECT_EQ(log_->Sync().code(), Code::kIoError);
  disk_.on_sync = nullptr;
  for (const Status& status : {log_->Flush(), log_->Sync(), log_->Close(), Add(1).error(),
                               log_->AddChanges({}).error(), log_->Rotate()}) {
    EXPECT_EQ(status.code(), Code::kIoError);
    EXPECT_EQ(status.message(), "first words");
  }
  EXPECT_THAT(Read().steps(), ElementsAre(0)) << "what was acknowledged stays readable";
}

TEST_F(LogFailure, ADirectoryThatCannotBeSyncedPoisons) {
  Open();
  disk_.on_sync = [](std::string_view name) {
    return name.empty() ? Status::Error(Code::kIoError, "directory") : Status();
  };
  EXPECT_EQ(Add(0, true).error().code(), Code::kIoError);
  disk_.on_sync = nullptr;
  EXPECT_EQ(Add(1, true).error().message(), "directory");
}

TEST_F(LogFailure, NoGroupIsWrittenBeforeTheHeaderIsOnDisk) {
  Open();
  disk_.on_write = [this](std::string_view) {
    const bool first = disk_.files.begin()->second->bytes.empty();
    EXPECT_TRUE(first || disk_.files.begin()->second->durable.size() >= kLogHeaderSize);
    return Status();
  };
  for (Step step = 0; step < 3; ++step) ASSERT_TRUE(Add(step, true).has_value());
}

TEST_F(LogFailure, AHeaderThatWasTornWithNothingBehindItIsATornTail) {
  Open();
  ASSERT_TRUE(Add(0, true).has_value());
  for (std::size_t kept = kLogHeaderSize - 1; kept > 0; --kept) {
    FileBytes(1).resize(kept);
    FileBytes(1).resize(kLogHeaderSize);  // with zeros
    EXPECT_EQ(Read(kOtherBoot).files.at(0).end, LogEnd::kTorn);
  }
}

TEST_F(LogFailure, UnsyncedGroupsAreBounded) {
  options_.unsynced_bytes = 2000;
  Open();
  for (Step step = 0; step < 100; ++step) ASSERT_TRUE(Add(step, true).has_value());
  EXPECT_GT(disk_.syncs, 1);
  EXPECT_GT(log_->last_synced(), 50u);
}

TEST_F(LogFailure, AChildOfForkCannotWrite) {
  Open();
  ASSERT_TRUE(Add(0).has_value());
  const int refused = RunInChild([this] {
    const bool all = Add(1, true).error().code() == Code::kClosed &&
                     log_->Flush().code() == Code::kClosed &&
                     log_->Sync().code() == Code::kClosed && log_->Close().code() == Code::kClosed;
    return all ? 0 : 1;
  });
  EXPECT_EQ(refused, 0);
  ASSERT_TRUE(Add(1, true).has_value());
  EXPECT_THAT(Read().steps(), ElementsAre(0, 1));
}

TEST_F(LogFailure, EveryFaultAtEveryPlaceLosesNothingAcknowledged) {
  for (const Code code : {Code::kNoSpace, Code::kIoError}) {
    for (int at = 1; at < 60; ++at) {
      SCOPED_TRACE(::testing::Message() << CodeName(code) << " at " << at);
      disk_.files.clear();
      disk_.torn_bytes = static_cast<std::size_t>(at) * 7 % 80;
      options_.file_bytes = 500;
      options_.flush_bytes = 150;
      auto fault = FailAt(at, code);
      disk_.on_write = fault;
      disk_.on_create = fault;
      disk_.on_sync = code == Code::kIoError ? fault : nullptr;
      Open();
      std::vector<Step> acknowledged;
      for (Step step = 0; step < 40; ++step) {
        if (Add(step, step % 3 == 0).has_value()) acknowledged.push_back(step);
        if (step % 7 == 0 && !log_->Sync().ok()) {
          ASSERT_TRUE(log_->Sync().ok());
        }
      }
      if (!log_->Close().ok()) {
        ASSERT_TRUE(log_->Close().ok());
      }
      EXPECT_EQ(Read().steps(), acknowledged);
      for (auto& [name, content] : disk_.files) content->bytes = content->durable;
      EXPECT_EQ(Read(kOtherBoot).steps(), acknowledged);
    }
  }
}

}  // namespace
}  // namespace reprise
