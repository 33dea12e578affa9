// Protocols, the catalog: rules 15 to 17.
#include <gtest/gtest.h>

#include "tests/engine/protocols/protocol_fixture.h"

namespace reprise {
namespace {

using Protocol15 = Protocol;
using Protocol16 = Protocol;
using Protocol17 = Protocol;

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

TEST_F(Protocol15, AfterAnotherBootOnlyACatalogThatWasLeftCleanIsOpened) {
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

TEST_F(Protocol15, ACatalogThatIsGoneIsRebuiltFromLogsAndPacks) {
  {
    RunWriter run = Start("a", {.config = {{"lr", 1}}, .tags = {{"t"}}});
    LogSteps(run, 0, 9);
    ASSERT_TRUE(run.Rewind(4).ok());
    LogSteps(run, 5, 6);
    ASSERT_TRUE(run.Finish().ok());
  }
  CloseStore();
  int removed = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path())) {
    if (!entry.path().filename().string().starts_with("catalog")) continue;
    std::filesystem::remove_all(entry.path());
    ++removed;
  }
  ASSERT_GT(removed, 0);
  Reopen();
  EXPECT_EQ(StepsOf("a"), (std::vector<Step>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(StepsOf("a@0").size(), 10u);
  EXPECT_EQ(ConfigOf("a"), (Lines{"lr=1"}));
  EXPECT_EQ(InfoOf("a").tags, (std::vector<std::string>{"t"}));
}

TEST_F(Protocol16, WhoHasTheStoreOpenGoesOnWithARebuiltCatalog) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 5);
  const auto history = store().OpenHistory(At("a"));
  ASSERT_TRUE(history);
  Store other = Another();
  ASSERT_TRUE(other.ReadRun("a"));
  ASSERT_EQ(RunInChild([&] { return RebuildCatalog(path()).ok() ? 0 : 1; }), 0);
  EXPECT_EQ(CodeOf(other.ReadRun("a")), Code::kOk);
  EXPECT_TRUE(other.SetMetadata("a", {.notes = "after the rebuild"}).ok());
  EXPECT_TRUE(other.Close().ok());
  ASSERT_TRUE(run.Rewind(3).ok());
  LogSteps(run, 4, 6);
  EXPECT_EQ(StepsOf("a").size(), 7u);
  EXPECT_EQ(history->ReadSeries("x")->values.size(), 6u);
  EXPECT_TRUE(run.Finish().ok());
  Reopen();
  EXPECT_EQ(StepsOf("a").size(), 7u);
  EXPECT_EQ(InfoOf("a").notes, "after the rebuild") << "the change went to the new catalog";
}

TEST_F(Protocol16, ANewFileHasItsNameOnDiskBeforeItIsThePresentOne) {
  ASSERT_TRUE(std::filesystem::create_directory(dir().Of("alone")));
  RecordedDirectory directory(recorder_, "",
                              SystemIo().files->OpenDirectory(dir().Of("alone")).value());
  const CatalogOptions options{false, std::string(16, 'u'), std::string(16, 'b')};
  ASSERT_TRUE(BuildCatalog(directory, nullptr, options, {}).ok());
  const Events events = recorder_.Take();
  const std::size_t renamed = Find(events, "rename catalog.1");
  const std::size_t name_synced = Find(events, "sync ", "sync ", renamed);
  const std::size_t told = Find(events, "write catalog.lock");
  EXPECT_LT(renamed, name_synced) << Joined(events);
  EXPECT_LT(name_synced, told) << Joined(events);
  EXPECT_LT(told, Find(events, "sync catalog.lock", "", told)) << Joined(events);
  EXPECT_LT(Find(events, "sync catalog.lock", "", told), events.size()) << Joined(events);
}

TEST_F(Protocol16, ADamagedCatalogIsFoundBeforeItIsOpened) {
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
TEST_F(Protocol17, ARebuiltCatalogIsTheLiveOne) {
  RunWriter a = Start("a", {.config = {{"lr", 0.1}}, .tags = {{"x", "y"}}});
  LogSteps(a, 0, 20);
  ASSERT_TRUE(a.SetSummary("best", 3).ok());
  ASSERT_TRUE(a.Rewind(10).ok());
  ASSERT_TRUE(a.UpdateConfig({{"lr", 0.2}}).ok());
  LogSteps(a, 11, 12);
  ASSERT_TRUE(a.SetSummary("gone", 1).ok());
  ASSERT_TRUE(a.RemoveSummary("gone").ok());
  ASSERT_TRUE(store().Fork(At("a@0?_step=15"), Named("b")));
  ASSERT_TRUE(store().SetMetadata("b", {.notes = "n", .add_tags = {"t"}}).ok());
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
  const auto catalog = DumpCatalog(path());
  ASSERT_TRUE(catalog);
  EXPECT_GT(std::count(catalog->begin(), catalog->end(), '\n'), 15);
  EXPECT_EQ(FindRebuildDifference(path()), "");
}

}  // namespace
}  // namespace reprise
