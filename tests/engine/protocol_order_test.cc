// The order in which bytes become true: syncs that must come before what refers to them.
#include <gtest/gtest.h>

#include "engine/store/store_impl.h"
#include "tests/support/run_fixture.h"
#include "tests/support/watched_directory.h"

namespace reprise {
namespace {

// A store whose log and packs are watched, and that syncs nothing of its own accord.
class WatchedStore : public RunFixture {
 protected:
  void SetUp() override {
    CloseStore();
    Options options;
    options.durability = Durability::kNone;
    options.sync_interval_ms = 3'600'000;
    auto context = std::const_pointer_cast<StoreContext>(OpenContext(path(), options).value());
    catalog_ = context->catalog.get();
    context->logs = std::make_unique<WatchedDirectory>(std::move(context->logs), logs_);
    context->packs = std::make_unique<WatchedDirectory>(std::move(context->packs), packs_);
    watched_.emplace(std::make_shared<Store::Impl>(std::move(context)));
  }
  void TearDown() override {
    EXPECT_TRUE(watched_->Close().ok());
    watched_.reset();
    RunFixture::TearDown();
  }

  Store& watched() { return *watched_; }
  RunWriter StartWatched() {
    return watched().StartRun({.run_id = "r", .resume = Resume::kAllow}).value();
  }
  // What the catalog says now, as text.
  std::string Published() {
    std::string text;
    const Status read = catalog_->Read([&](CatalogView& view) -> Status {
      text.clear();
      return view.Dump(true, [&](std::string_view line) { text.append(line).push_back('\n'); });
    });
    EXPECT_TRUE(read.ok()) << read.ToString();
    return text;
  }

  // The call changes the catalog, and had synced the log before it did.
  template <typename Call>
  void ExpectSyncBeforePublish(const char* name, Call call) {
    const std::string before = Published();
    const int syncs = logs_.syncs();
    std::string at_last_sync;
    logs_.before_sync = [&](const std::string&) { at_last_sync = Published(); };
    call();
    logs_.before_sync = nullptr;
    EXPECT_NE(Published(), before) << name;
    EXPECT_GT(logs_.syncs(), syncs) << name;
    EXPECT_EQ(at_last_sync, before) << name << " was published before it was synced";
    EXPECT_FALSE(logs_.HasUnsyncedBytes()) << name;
  }

  Watch logs_;
  Watch packs_;

 private:
  Catalog* catalog_ = nullptr;
  std::optional<Store> watched_;
};
using Protocol03 = WatchedStore;
using Protocol04 = WatchedStore;
using Protocol12OnDisk = WatchedStore;

TEST_F(Protocol03, ChangesAreOnDiskBeforeTheCatalogShowsThem) {
  std::optional<RunWriter> run;
  ExpectSyncBeforePublish("start", [&] { run.emplace(StartWatched()); });
  LogSteps(*run, 0, 5);
  ExpectSyncBeforePublish("rewind", [&] { EXPECT_TRUE(run->Rewind(3).ok()); });
  ExpectSyncBeforePublish("config", [&] { EXPECT_TRUE(run->UpdateConfig({{"a", 1}}).ok()); });
  ExpectSyncBeforePublish("summary", [&] { EXPECT_TRUE(run->SetSummary("a", 1).ok()); });
  ExpectSyncBeforePublish("metadata",
                          [&] { EXPECT_TRUE(watched().SetMetadata("r", {.notes = "n"}).ok()); });
  ExpectSyncBeforePublish("fork", [&] { EXPECT_TRUE(watched().Fork(At("r"))); });
  ASSERT_TRUE(run->Finish().ok());
  ExpectSyncBeforePublish("delete", [&] { EXPECT_TRUE(watched().Delete("r").ok()); });
}

TEST_F(Protocol04, ABranchIsDurableOnlyAfterTheRowsItBeginsWith) {
  RunWriter run = StartWatched();
  LogSteps(run, 0, 5);
  ASSERT_TRUE(run.Rewind(3).ok());
  EXPECT_FALSE(logs_.HasUnsyncedBytes());
}

TEST_F(Protocol04, AForkOfAnotherSessionsRowsSyncsTheirLog) {
  Reopen({.durability = Durability::kProcess, .sync_interval_ms = 3'600'000});
  RunWriter parent = Start("p");
  LogSteps(parent, 0, 5);
  std::vector<std::string> synced;
  logs_.before_sync = [&](const std::string& file) { synced.push_back(file); };
  ASSERT_TRUE(watched().Fork(At("p"), {.run_id = "f"}));
  logs_.before_sync = nullptr;
  std::sort(synced.begin(), synced.end());
  const auto different = std::unique(synced.begin(), synced.end()) - synced.begin();
  EXPECT_EQ(different, 2) << "the parent's log and the fork's";
}

TEST_F(Protocol12OnDisk, ASegmentIsOnDiskBeforeItIsPublished) {
  RunWriter run = StartWatched();
  LogSteps(run, 0, 5);
  int log_syncs = 0;
  logs_.before_sync = [&](const std::string&) {
    ++log_syncs;
    EXPECT_FALSE(packs_.HasUnsyncedBytes());
  };
  ASSERT_TRUE(run.Finish().ok());
  logs_.before_sync = nullptr;
  EXPECT_GE(log_syncs, 1);
  EXPECT_GE(packs_.syncs(), 1);
}

}  // namespace
}  // namespace reprise
