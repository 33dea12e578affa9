// A writer that goes while it cannot seal: its rows are the session's then, or the next one's.
#include <gtest/gtest.h>

#include "tests/faults/crash/store_recovery.h"
#include "tests/faults/crash/workload.h"

namespace reprise {
namespace {

class DroppedWriter : public ::testing::Test {
 protected:
  // Three rows that are nowhere but in the log.
  void LogRows() {
    store_ = work_.Open(Durability::kProcess).value();
    ASSERT_TRUE(work_.Start(store_, "a").ok());
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(work_.Log(store_, "a", Value(i)).ok());
  }
  void FillDisk() { work_.disk().SetCapacity(work_.disk().state().Bytes()); }
  void MakeRoom() { work_.disk().SetCapacity(~std::uint64_t{0}); }
  // What the next session shows.
  void ExpectRows() {
    const auto found = RecoverAndLook(work_.world().io(), work_.path(), false, Recovery::kAdopt);
    ASSERT_TRUE(found) << found.error().ToString();
    EXPECT_EQ(work_.oracle().FindFault(*found, Crash::kKill, 0), "");
    EXPECT_NE(found->at("a").find("  2 at "), std::string::npos) << found->at("a");
  }

  Workload work_{1, nullptr};
  int store_ = 0;
};

TEST_F(DroppedWriter, OnAFullDiskLosesNothingThoughTheStoreIsClosedWhenThereIsRoom) {
  LogRows();
  FillDisk();
  work_.DropWriters();
  MakeRoom();
  EXPECT_TRUE(work_.Close(store_).ok());
  ExpectRows();
}

TEST_F(DroppedWriter, LeavesItsRowsToTheNextSessionIfTheStoreIsClosedOnAFullDisk) {
  LogRows();
  FillDisk();
  work_.DropWriters();
  EXPECT_EQ(work_.Close(store_).code(), Code::kNoSpace);
  MakeRoom();
  ExpectRows();
}

TEST_F(DroppedWriter, KeepsItsLogFileWhenTheSessionGoesOnToAnother) {
  LogRows();
  FillDisk();
  work_.DropWriters();
  MakeRoom();
  ASSERT_TRUE(work_.Start(store_, "b").ok());
  ASSERT_TRUE(work_.Rotate(store_).ok());
  work_.Kill();
  ExpectRows();
}

}  // namespace
}  // namespace reprise
