// Protocols, catalog and readers: rules 15 to 18 and 20.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/engine/protocols/protocol_fixture.h"

namespace reprise {
namespace {

// What opening the store's catalog says, on the boot that runs now or on another.
Code OpenCatalogOf(const std::string& store_path, bool same_boot) {
  std::string uuid;
  std::string boot;
  {
    const auto context = OpenContext(store_path, {});
    uuid = (*context)->uuid;
    boot = (*context)->boot_id;
  }
  if (!same_boot) boot = std::string(16, 'z');
  const auto root = SystemIo().files->OpenDirectory(store_path);
  const auto opened = OpenCatalog(**root, {false, uuid, boot});
  return opened ? Code::kOk : opened.error().code();
}

TEST_F(Protocol, Rule15_AfterAnotherBootOnlyACatalogThatWasLeftCleanIsOpened) {
  MakeRun("a", 3);
  CloseStore();
  EXPECT_EQ(OpenCatalogOf(path(), true), Code::kOk);
  EXPECT_EQ(OpenCatalogOf(path(), false), Code::kOk) << "the last one to leave marks it clean";
  ASSERT_TRUE(WriterDies("b", 0, 3));
  EXPECT_EQ(OpenCatalogOf(path(), true), Code::kOk) << "a killed process leaves it whole";
  EXPECT_EQ(OpenCatalogOf(path(), false), Code::kCorrupt)
      << "it was not synced, so it is to be rebuilt";
  Reopen();
  EXPECT_EQ(Start("b").next_step(), 4);
}

TEST_F(Protocol, Rule16_WhoHasTheStoreOpenFollowsARebuiltCatalog) {
  MakeRun("a", 3);
  Store reader = Another();
  ASSERT_TRUE(reader.ReadRun("a"));
  CloseStore();
  ASSERT_TRUE(RebuildCatalog(path()).ok());
  EXPECT_EQ(CodeOf(reader.ReadRun("a")), Code::kOk);
  Metadata metadata;
  metadata.notes = "after the rebuild";
  EXPECT_TRUE(reader.SetMetadata("a", metadata).ok());
  Reopen();
  EXPECT_EQ(InfoOf("a").notes, "after the rebuild") << "the change went to the new catalog";
  EXPECT_TRUE(reader.Close().ok());
}

TEST_F(Protocol, Rule16_ADamagedCatalogIsFoundBeforeItIsOpened) {
  MakeRun("a", 30);
  CloseStore();
  for (const auto& entry : std::filesystem::directory_iterator(path())) {
    const std::string name = entry.path().filename();
    if (!name.starts_with("catalog.") || name.ends_with("lock")) continue;
    std::string bytes = ReadFile(entry.path());
    for (std::size_t i = 8192; i < bytes.size(); i += 4096) bytes[i + 16] ^= 0x5A;
    WriteFile(entry.path(), bytes);
  }
  Reopen();  // SIGBUS, a crash or silence would end the test here
  EXPECT_EQ(StepsOf("a").size(), 31u);
}

// A store in which everything has happened.
TEST_F(Protocol, Rule17_ARebuiltCatalogIsTheLiveOne) {
  RunOptions options;
  options.config = {{"lr", 0.1}};
  options.tags = {"x", "y"};
  RunWriter a = Start("a", options);
  LogSteps(a, 0, 20);
  ASSERT_TRUE(a.SetSummary("best", 3).ok());
  ASSERT_TRUE(a.Rewind(10).ok());
  ASSERT_TRUE(a.UpdateConfig({{"lr", 0.2}}).ok());
  LogSteps(a, 11, 12);
  ASSERT_TRUE(store().Fork(At("a@0?_step=15"), Named("b")));
  auto taker = store().StartRun(TakeoverOf("a"));
  ASSERT_TRUE(taker);
  LogSteps(*taker, 13, 15);
  ASSERT_TRUE(taker->Finish(1).ok());
  ASSERT_TRUE(store().Restore(At("a@0")));
  MakeRun("c", 4);
  ASSERT_TRUE(store().Delete("c").ok());
  MakeRun("c", 2);
  ASSERT_TRUE(WriterDies("d", 0, 9));
  { const RunWriter resumed = Start("d"); }
  CloseStore();
  const auto before = DumpCatalog(path());
  ASSERT_TRUE(RebuildCatalog(path()).ok());
  const auto after = DumpCatalog(path());
  ASSERT_TRUE(before && after);
  EXPECT_GT(std::count(before->begin(), before->end(), '\n'), 15);
  EXPECT_EQ(*before, *after);
}

// Rows say of which round they are, so that a mixture of two branches would show.
TEST_F(Protocol, Rule18_ASnapshotIsOneMomentWhateverIsWrittenMeanwhile) {
  Options options;
  options.memory_budget_bytes = std::size_t{1} << 20;  // sealed now and then
  Reopen(options);
  RunWriter run = Start("a");
  std::atomic<bool> done = false;
  std::atomic<int> snapshots = 0;
  // Goes on until it was looked at a few times, however slow the reader is.
  std::thread writer([&] {
    const std::string filler(2000, 'f');
    for (int round = 0; round < 6 || (snapshots < 4 && round < 2000); ++round) {
      for (Step step = run.next_step(); step < 300; ++step) {
        EXPECT_TRUE(run.Log({{"round", round}, {"filler", filler}}));
      }
      EXPECT_TRUE(run.Rewind(50 * (round % 3)).ok());
    }
    done = true;
  });
  Store reader = Another();
  while (!done) {
    const auto history = reader.OpenHistory(At("a"));
    ASSERT_TRUE(history) << history.error().ToString();
    const auto rounds = history->ReadNumbers("round");
    if (!rounds) continue;  // nothing logged yet
    for (std::size_t i = 0; i < rounds->steps.size(); ++i) {
      ASSERT_EQ(rounds->steps[i], static_cast<Step>(i)) << "a row is missing";
      const double before = rounds->values[i == 0 ? 0 : i - 1];
      ASSERT_LE(before, rounds->values[i]) << "branches are mixed";
    }
    ASSERT_EQ(rounds->steps.back(), history->last_step());
    ++snapshots;
  }
  writer.join();
  EXPECT_GT(snapshots, 3);
  ASSERT_TRUE(run.Finish().ok());
  EXPECT_TRUE(reader.Close().ok());
}

TEST_F(Protocol, Rule18_AnOpenHistoryKeepsItsFiles) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 9);
  const auto history = store().OpenHistory(At("a"));
  ASSERT_TRUE(history);
  ASSERT_TRUE(run.Rewind(2).ok());
  ASSERT_TRUE(run.Finish().ok());
  ASSERT_TRUE(store().Delete("a").ok());
  CloseStore();  // the log that the rows were in is gone
  const auto series = history->ReadNumbers("x");
  ASSERT_TRUE(series) << series.error().ToString();
  EXPECT_EQ(series->steps.size(), 10u);
}

TEST_F(Protocol, Rule20_TheStateOfADeadHolderIsDerivedWhenRead) {
  ASSERT_TRUE(WriterDies("a", 0, 3));
  Options options;
  options.read_only = true;
  const Store reader = Another(options);
  const ChangeNumber before = LastChange();
  const auto info = reader.ReadRun("a");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->state, RunState::kCrashed);
  EXPECT_EQ(LastChange(), before) << "a reader must not write what it derived";
  { const RunWriter other = Start("a"); }
  EXPECT_GT(LastChange(), before);
}

}  // namespace
}  // namespace reprise
