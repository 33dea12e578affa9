#include "engine/catalog/page_walk.h"

#include <gtest/gtest.h>
#include <lmdb.h>

#include <atomic>
#include <random>
#include <thread>

#include "engine/catalog/keys.h"
#include "engine/catalog/page_layout.h"
#include "tests/engine/catalog/catalog_fixture.h"
#include "tests/support/child_process.h"
#include "tests/support/file_bytes.h"

namespace reprise {
namespace {

constexpr std::size_t kPage = 4096;

class PageWalkTest : public CatalogTest {
 protected:
  // A file with a tree of some depth, overflow pages and free pages, left clean and closed.
  void MakeFile() {
    for (std::uint64_t n = 1; n <= 60; ++n) {
      MustApply(n, NewRun(n, "run-" + std::to_string(n), {{"text", std::string(n * 150, 'x')}}));
    }
    for (std::uint64_t n = 1; n <= 60; n += 3) MustApply(n, RunDeleted());
    dump_ = Dump(false);
    ASSERT_TRUE(catalog_->MarkClean().ok());
    catalog_.reset();
    bytes_ = ReadFile(dir_.Of("catalog.1"));
    control_ = ReadFile(dir_.Of("catalog.lock"));
  }

  void Store(std::string_view bytes) {
    WriteFile(dir_.Of("catalog.1"), bytes);
    WriteFile(dir_.Of("catalog.lock"), control_);
  }
  Result<PageWalk> Walk() {
    const std::unique_ptr<File> file = *dir_.directory().Open("catalog.1", OpenMode::kRead);
    return WalkPages(*file);
  }
  // In a boot of its own, so that the file is looked through first: 0 if it is refused, or reads
  // fail, or everything reads as it was; 1 if something else is served.
  int OpenAndCompare() {
    dir_.options().boot_id = std::string(16, 'z');
    const std::unique_ptr<Directory> directory = *SystemIo().files->OpenDirectory(dir_.path());
    const Result<std::shared_ptr<Catalog>> opened = OpenCatalog(*directory, dir_.options());
    if (!opened.has_value()) return 0;
    std::string dump;
    const Status status = (*opened)->Read([&](CatalogView& view) {
      dump.clear();
      return view.Dump(false, [&](std::string_view line) { dump += std::string(line) + "\n"; });
    });
    return !status.ok() || dump == dump_ ? 0 : 1;
  }

  std::string bytes_;
  std::string control_;
  std::string dump_;
};

TEST_F(PageWalkTest, PassesWhatLmdbWrote) {
  MakeFile();
  const Result<PageWalk> walk = Walk();
  ASSERT_TRUE(walk.has_value()) << walk.error().ToString();
  EXPECT_EQ(walk->page_size, 4096U);
  EXPECT_EQ(walk->transaction, 1U + 60 + 20);
  EXPECT_GT(walk->entries, 60U * 2);  // of a run and of its branch
  EXPECT_LE(walk->pages, bytes_.size() / 4096);
}

TEST_F(PageWalkTest, PassesAfterEveryCommit) {
  for (std::uint64_t n = 1; n <= 200; ++n) {
    MustApply(n,
              NewRun(n, "run-" + std::to_string(n), {{"text", std::string(n * 37 % 9000, 'x')}}));
    if (n % 3 == 0) MustApply(n - 1, RunDeleted());
    const Result<PageWalk> walk = Walk();
    ASSERT_TRUE(walk.has_value()) << n << walk.error().ToString();
  }
}

// So many that their own tree has branch pages.
TEST_F(PageWalkTest, PassesFreePagesOfManyCommitsThatAReaderKeeps) {
  MustApply(1, NewRun(1, "first"));
  const Status read = catalog_->Read([&](CatalogView&) -> Status {
    std::thread([&] {
      for (std::uint64_t n = 2; n <= 200; ++n) MustApply(n, NewRun(n, "run-" + std::to_string(n)));
    }).join();
    return {};
  });
  ASSERT_TRUE(read.ok()) << read.ToString();
  const Result<PageWalk> walk = Walk();
  ASSERT_TRUE(walk.has_value()) << walk.error().ToString();
}

TEST_F(PageWalkTest, PassesWhatABuildMade) {
  for (std::uint64_t n = 1; n <= 300; ++n) MustApply(n, NewRun(n, "run-" + std::to_string(n)));
  catalog_.reset();
  ASSERT_TRUE(dir_.Build(changes_).ok());
  const std::unique_ptr<File> file = *dir_.directory().Open("catalog.2", OpenMode::kRead);
  const Result<PageWalk> walk = WalkPages(*file);
  ASSERT_TRUE(walk.has_value()) << walk.error().ToString();
}

TEST_F(PageWalkTest, RefusesFilesThatAreNone) {
  MakeFile();
  for (const std::size_t size : {0U, 1U, 100U, 4096U, 8191U, 8192U, 3U * 4096}) {
    Store(std::string_view(bytes_).substr(0, size));
    EXPECT_EQ(Walk().error().code(), Code::kCorrupt) << size;
  }
  Store(std::string(bytes_.size(), '\0'));
  EXPECT_EQ(Walk().error().code(), Code::kCorrupt);
  Store(std::string(bytes_.size(), '\xff'));
  EXPECT_EQ(Walk().error().code(), Code::kCorrupt);
}

// A walk over all entries would meet each of them, and a search for a key would not.
TEST_F(PageWalkTest, RefusesATreeInWhichKeysAreNotWhereTheyAreLookedFor) {
  MakeFile();
  int moved = 0;
  for (std::size_t page = 2 * kPage; page < bytes_.size(); page += kPage) {
    const std::string_view header = std::string_view(bytes_).substr(page, kPage);
    if (lmdb_page::Load16(header, lmdb_page::kFlagsAt) != lmdb_page::kBranch) continue;
    // The key that parts the first two pages below becomes larger than the one it stands for.
    const std::size_t node = lmdb_page::Load16(header, lmdb_page::kHeaderSize + 2);
    const std::size_t key_size = lmdb_page::Load16(header, node + lmdb_page::kNodeKeySizeAt);
    ++bytes_[page + node + lmdb_page::kNodeHeaderSize + key_size - 1];
    ++moved;
  }
  ASSERT_GT(moved, 0);
  Store(bytes_);
  const Result<PageWalk> walk = Walk();
  ASSERT_FALSE(walk.has_value());
  EXPECT_EQ(walk.error().code(), Code::kCorrupt);
  EXPECT_NE(walk.error().message().find("a key too small"), std::string_view::npos)
      << walk.error().ToString();
}

// Changes the file behind the catalog's back, by LMDB itself, so that all pages are in order.
class RawCatalog {
 public:
  explicit RawCatalog(const std::string& path) {
    EXPECT_EQ(mdb_env_create(&env_), 0);
    EXPECT_EQ(mdb_env_open(env_, path.c_str(), MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC, 0600), 0);
    EXPECT_EQ(mdb_txn_begin(env_, nullptr, 0, &txn_), 0);
    EXPECT_EQ(mdb_dbi_open(txn_, nullptr, 0, &table_), 0);
  }
  ~RawCatalog() {
    EXPECT_EQ(mdb_txn_commit(txn_), 0);
    mdb_env_close(env_);
  }
  RawCatalog(const RawCatalog&) = delete;
  RawCatalog& operator=(const RawCatalog&) = delete;

  std::string Get(const Key& key) {
    MDB_val name = ToVal(key.view());
    MDB_val value{};
    EXPECT_EQ(mdb_get(txn_, table_, &name, &value), 0);
    return {static_cast<const char*>(value.mv_data), value.mv_size};
  }
  void Put(const Key& key, std::string_view stored) {
    MDB_val name = ToVal(key.view());
    MDB_val value = ToVal(stored);
    EXPECT_EQ(mdb_put(txn_, table_, &name, &value, 0), 0);
  }
  void Delete(const Key& key) {
    MDB_val name = ToVal(key.view());
    EXPECT_EQ(mdb_del(txn_, table_, &name, nullptr), 0);
  }

 private:
  static MDB_val ToVal(std::string_view bytes) {
    return {bytes.size(), const_cast<char*>(bytes.data())};
  }

  MDB_env* env_ = nullptr;
  MDB_txn* txn_ = nullptr;
  MDB_dbi table_ = 0;
};

class OlderValueTest : public PageWalkTest {
 protected:
  void SetUp() override {
    PageWalkTest::SetUp();
    MakeFile();
  }
  std::string Stored(const Key& key) { return RawCatalog(dir_.Of("catalog.1")).Get(key); }
  void ExpectRefused() {
    const Result<PageWalk> walk = Walk();
    ASSERT_FALSE(walk.has_value());
    EXPECT_NE(walk.error().message().find("some values are older"), std::string_view::npos)
        << walk.error().ToString();
    EXPECT_EQ(OpenAndCompare(), 0);
  }
};

TEST_F(OlderValueTest, IsNoticedThoughItVerifies) {
  const Key run = RunKey(Uid(2));
  const std::string older = Stored(run);
  dir_.options().boot_id = std::string(16, 'y');
  catalog_ = *OpenCatalog(dir_.directory(), dir_.options());
  MetadataSet named;
  named.name = "another";
  MustApply(2, named);
  catalog_.reset();
  ASSERT_TRUE(Walk().has_value());
  const std::string newer = Stored(run);
  ASSERT_NE(newer, older);
  RawCatalog(dir_.Of("catalog.1")).Put(run, older);
  ExpectRefused();
  RawCatalog(dir_.Of("catalog.1")).Put(run, newer);
  EXPECT_TRUE(Walk().has_value());
}

TEST_F(OlderValueTest, MayBeOneThatWasNotThereYet) {
  RawCatalog(dir_.Of("catalog.1")).Delete(BranchKey({Uid(2), 0}));
  ExpectRefused();
}

TEST_F(OlderValueTest, TheSumItselfMustBeThere) {
  RawCatalog(dir_.Of("catalog.1")).Delete(SumKey());
  ExpectRefused();
}

// Whatever byte is flipped, the process lives, and serves what was there or nothing.
TEST_F(PageWalkTest, NoFlipCrashesOrChangesAnAnswer) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  MakeFile();
  const int exit = RunInChild([&] {
    std::mt19937 random(seed);
    for (int round = 0; round < 1500; ++round) {
      // Half of them where structure is: in the first bytes of a page.
      const std::size_t page = random() % (bytes_.size() / 4096) * 4096;
      const std::size_t at = page + random() % (round % 2 == 0 ? 64 : 4096);
      std::string damaged = bytes_;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << random() % 8));
      Store(damaged);
      if (OpenAndCompare() != 0) return 1;
    }
    return 0;
  });
  EXPECT_EQ(exit, 0);
}

// Lookups of the name that was there would find nothing, and nobody would know.
TEST_F(PageWalkTest, RefusesAKeyThatIsNotItsValues) {
  MakeFile();
  std::string damaged = bytes_;
  for (std::size_t at = damaged.find("run-17"); at != std::string::npos;
       at = damaged.find("run-17", at)) {
    damaged[at + 5] = '8';  // still between its neighbours
  }
  Store(damaged);
  EXPECT_FALSE(Walk().has_value());
}

// The number of a transaction says which of the two meta pages counts.
TEST_F(PageWalkTest, RefusesAnOlderTreeThatWasMadeTheNewest) {
  constexpr std::size_t kNumberAt = 16 + 128;  // in a meta page
  MakeFile();
  for (const std::size_t page : {0U, 4096U}) {
    for (std::size_t bit = 0; bit < 64; ++bit) {
      std::string damaged = bytes_;
      char& byte = damaged[page + kNumberAt + bit / 8];
      byte = static_cast<char>(byte ^ (1 << bit % 8));
      Store(damaged);
      EXPECT_FALSE(Walk().has_value()) << "bit " << bit << " of page " << page;
    }
  }
}

TEST_F(PageWalkTest, RefusesDamageSinceTheFileWasLookedThrough) {
  MakeFile();
  std::string damaged = bytes_;
  for (std::size_t at = 4096 * 2; at < damaged.size(); ++at) damaged[at] ^= '\x10';
  Store(damaged);
  EXPECT_FALSE(dir_.Open().has_value());
}

TEST_F(PageWalkTest, PassesWhatIsBeingWritten) {
  std::atomic<bool> done = false;
  std::thread walker([&] {
    const std::unique_ptr<File> file = *dir_.directory().Open("catalog.1", OpenMode::kRead);
    while (!done) {
      const Status status = WalkPagesBesideWriters(*file);
      EXPECT_TRUE(status.ok()) << status.ToString();
    }
  });
  for (std::uint64_t n = 1; n <= 1500; ++n) MustApply(n, NewRun(n, "run-" + std::to_string(n)));
  done = true;
  walker.join();
}

TEST_F(PageWalkTest, EmptiedFileIsEmptyForWhoHasItOpen) {
  MustApply(1, NewRun(1, "one"));
  MustApply(1, Lease(1, 77));
  LeaseReading last;
  EXPECT_EQ(catalog_->LeaseGeneration(Uid(1), &last), 1U);
  const std::unique_ptr<File> file = *dir_.directory().Open("catalog.1", OpenMode::kReadWrite);
  ASSERT_TRUE(EmptyPages(*file).ok());
  const Status status = catalog_->Read([](CatalogView&) { return Status(); });
  EXPECT_EQ(status.code(), Code::kCorrupt);
  EXPECT_EQ(catalog_->LeaseGeneration(Uid(1), &last).error().code(), Code::kCorrupt);
}

TEST_F(PageWalkTest, AFileOfAnyLengthCanBeEmptied) {
  for (const std::size_t length : {0U, 3U, 100U, 4096U, 4200U}) {
    const std::unique_ptr<File> file = *dir_.directory().Create("cut" + std::to_string(length));
    ASSERT_TRUE(file->WriteAt(0, std::string(length, 'x')).ok());
    EXPECT_TRUE(EmptyPages(*file).ok()) << length;
  }
}

}  // namespace
}  // namespace reprise
