// Torn tails end a log in silence but for a report; damage is told, and the rest is read.
#include <algorithm>

#include "tests/engine/log/log_fixture.h"

namespace reprise {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LogDamage : public LogFixture {
 protected:
  // Rows 0..n-1, a group each, synced after `synced` of them.
  void WriteRows(int n, int synced) {
    Open();
    for (Step step = 0; step < n; ++step) {
      ASSERT_TRUE(Add(step, true).has_value());
      if (step + 1 == synced) {
        ASSERT_TRUE(log_->Sync().ok());
      }
      ends_.push_back(FileBytes(1).size());
    }
  }
  // Where group i (from 0) begins.
  std::size_t Begin(std::size_t i) const { return i == 0 ? kLogHeaderSize : ends_[i - 1]; }

  std::vector<std::size_t> ends_;
};

TEST_F(LogDamage, CutAtAnyByteLeavesAPrefixOfGroups) {
  WriteRows(5, 2);
  const std::string whole = FileBytes(1);
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    SCOPED_TRACE(size);
    FileBytes(1) = whole.substr(0, size);
    const auto groups =
        std::count_if(ends_.begin(), ends_.end(), [&](auto e) { return e <= size; });
    for (const std::string& boot : {kBoot, kOtherBoot}) {
      const ReadLog read = Read(boot);
      EXPECT_EQ(read.steps(), StepsFrom(0, groups - 1));
      const bool clean = size == kLogHeaderSize || std::count(ends_.begin(), ends_.end(), size) > 0;
      EXPECT_EQ(read.files.at(0).end, clean ? LogEnd::kClean : LogEnd::kTorn);
      if (size > kLogHeaderSize) {
        EXPECT_EQ(read.files.at(0).valid_bytes,
                  groups == 0 ? kLogHeaderSize : Begin(static_cast<std::size_t>(groups)));
      }
    }
  }
}

TEST_F(LogDamage, ATailOfZerosIsTorn) {
  WriteRows(3, 0);
  FileBytes(1).append(5000, '\0');
  EXPECT_EQ(Read().steps(), StepsFrom(0, 2));
  EXPECT_EQ(Read().files.at(0).end, LogEnd::kTorn);
  FileBytes(1).assign(5000, '\0');
  EXPECT_THAT(Read().steps(), IsEmpty());
  EXPECT_EQ(Read().files.at(0).end, LogEnd::kTorn);
}

TEST_F(LogDamage, EveryFlippedByteIsToldAndOtherGroupsAreRead) {
  WriteRows(5, 0);
  const std::string whole = FileBytes(1);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const int bit : {0x01, 0x80}) {
      SCOPED_TRACE(i);
      FileBytes(1) = whole;
      FileBytes(1)[i] = static_cast<char>(whole[i] ^ bit);
      const ReadLog read = Read();
      ASSERT_EQ(read.files.size(), 1u);
      EXPECT_THAT(read.files[0].message, HasSubstr("at byte"));
      if (i < kLogHeaderSize) {
        EXPECT_EQ(read.files[0].end, LogEnd::kCorrupt);
        EXPECT_THAT(read.steps(), IsEmpty());
        continue;
      }
      const std::size_t hit =
          static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), i) - ends_.begin());
      std::vector<Step> expected = StepsFrom(0, 4);
      // The first group has the definitions without which the others cannot be read.
      if (hit == 0) expected.clear();
      if (hit != 0) expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(hit));
      EXPECT_EQ(read.steps(), expected);
      EXPECT_EQ(read.files[0].end, hit == 4 ? LogEnd::kTorn : LogEnd::kCorrupt);
    }
  }
}

TEST_F(LogDamage, AfterAPowerCutABadGroupEndsTheLogWhereNothingWasKnownDurable) {
  WriteRows(5, 0);
  FileBytes(1)[Begin(2) + 50] ^= 1;
  EXPECT_THAT(Read(kOtherBoot).steps(), ElementsAre(0, 1));
  EXPECT_EQ(Read(kOtherBoot).files.at(0).end, LogEnd::kTorn);
  EXPECT_THAT(Read(std::string(16, '\0')).steps(), ElementsAre(0, 1)) << "unknown boot";
  EXPECT_THAT(Read(kBoot).steps(), ElementsAre(0, 1, 3, 4));
  EXPECT_EQ(Read(kBoot).files.at(0).end, LogEnd::kCorrupt);
}

TEST_F(LogDamage, AfterAPowerCutABadGroupThatWasDurableIsCorruption) {
  WriteRows(6, 3);
  FileBytes(1)[Begin(2) + 50] ^= 1;
  EXPECT_THAT(Read(kOtherBoot).steps(), ElementsAre(0, 1, 3, 4, 5));
  EXPECT_EQ(Read(kOtherBoot).files.at(0).end, LogEnd::kCorrupt);
  FileBytes(1)[Begin(2) + 50] ^= 1;
  FileBytes(1)[Begin(3) + 50] ^= 1;  // the first that was not
  EXPECT_THAT(Read(kOtherBoot).steps(), ElementsAre(0, 1, 2));
  EXPECT_EQ(Read(kOtherBoot).files.at(0).end, LogEnd::kTorn);
}

TEST_F(LogDamage, GroupsMissingBeforeTheNextFileAreCorruption) {
  WriteRows(4, 0);
  ASSERT_TRUE(log_->Rotate().ok());
  ASSERT_TRUE(Add(4, true).has_value());
  FileBytes(1).resize(Begin(3));
  const ReadLog read = Read(kOtherBoot);
  EXPECT_THAT(read.steps(), ElementsAre(0, 1, 2, 4));
  EXPECT_EQ(read.files.at(0).end, LogEnd::kCorrupt);
  EXPECT_EQ(read.files.at(1).end, LogEnd::kClean);
}

TEST_F(LogDamage, AGroupElsewhereThanWhereItWasWrittenDoesNotCount) {
  WriteRows(3, 0);
  const std::string group = FileBytes(1).substr(Begin(1), Begin(2) - Begin(1));
  FileBytes(1) += group;
  EXPECT_EQ(Read().steps(), StepsFrom(0, 2));
  EXPECT_EQ(Read().files.at(0).end, LogEnd::kTorn);
}

TEST_F(LogDamage, AFileUnderAnotherNameIsRefused) {
  WriteRows(1, 0);
  disk_.files[LogFileName(kSession, 2)] = disk_.files.at(LogFileName(kSession, 1));
  EXPECT_EQ(LogFile::Open(directory_, LogFileName(kSession, 2)).error().code(), Code::kCorrupt);
}

TEST_F(LogDamage, ALongHoleIsPassed) {
  Open();
  ASSERT_TRUE(Add(0, true).has_value());
  const std::vector<std::string> changes{std::string(3 << 20, '\x50')};  // full of marker bytes
  ASSERT_TRUE(log_->AddChanges(changes).has_value());
  ASSERT_TRUE(Add(1, true).has_value());
  FileBytes(1)[1 << 20] ^= 1;
  EXPECT_THAT(Read().steps(), ElementsAre(0, 1));
  EXPECT_EQ(Read().files.at(0).end, LogEnd::kCorrupt);
}

TEST_F(LogDamage, AFileOfMarkersIsReadAFewTimesAtMost) {
  WriteRows(1, 0);
  for (int i = 0; i < 2000; ++i) FileBytes(1) += "PRGP";
  FileBytes(1).append(std::size_t{2} << 20, '\0');  // more than is read at a time
  disk_.bytes_read = 0;
  EXPECT_THAT(Read().steps(), ElementsAre(0));
  EXPECT_LT(disk_.bytes_read, 10 * FileBytes(1).size());
}

TEST_F(LogDamage, AVisitorsErrorStopsTheScan) {
  WriteRows(3, 0);
  int visits = 0;
  LogVisitor visitor;
  visitor.on_part = [&](const LoggedPart&) {
    ++visits;
    return Status::Error(Code::kInternal, "enough");
  };
  auto file = LogFile::Open(directory_, LogFileName(kSession, 1)).value();
  EXPECT_EQ(file->Scan(visitor).error().message(), "enough");
  EXPECT_EQ(visits, 1);
}

}  // namespace
}  // namespace reprise
