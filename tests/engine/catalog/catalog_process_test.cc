// The catalog among processes: taking turns, dying inside a transaction, fork(2).
#include <gtest/gtest.h>
#include <signal.h>

#include "engine/catalog/env.h"
#include "tests/engine/catalog/catalog_fixture.h"
#include "tests/support/child_process.h"

namespace reprise {
namespace {

// Adds one leaf in a transaction of its own; the catalog may be another process's too.
Status AddLeaf(Catalog& catalog, const std::string& path) {
  return catalog.Write([&](CatalogUpdate& update) -> Status {
    const Result<ChangeNumber> number = update.NextNumber();
    if (!number.has_value()) return number.error();
    return update.Apply({*number, 77, 1, 5, Uid(1), ConfigMerged{{{path, 1}}}});
  });
}

// A store opened by a child of fork(2), in which what it inherited is closed.
class ChildCatalog {
 public:
  explicit ChildCatalog(CatalogDir& dir)
      : directory_(*SystemIo().files->OpenDirectory(dir.path())),
        catalog_(*OpenCatalog(*directory_, dir.options())) {}

  Catalog& operator*() { return *catalog_; }
  Catalog* operator->() { return catalog_.get(); }

 private:
  std::unique_ptr<Directory> directory_;
  std::shared_ptr<Catalog> catalog_;
};

class CatalogProcessTest : public CatalogTest {
 protected:
  void SetUp() override {
    CatalogTest::SetUp();
    MustApply(1, NewRun(1, "one"));
  }
};

TEST_F(CatalogProcessTest, WritersOfTwoProcessesTakeTurns) {
  constexpr int kChanges = 200;
  const auto write = [&](const std::string& who) {
    ChildCatalog catalog(dir_);
    for (int i = 0; i < kChanges; ++i) {
      if (!AddLeaf(*catalog, who + std::to_string(i)).ok()) return 3;
    }
    return 0;
  };
  const pid_t a = StartChild([&] { return write("a"); });
  const pid_t b = StartChild([&] { return write("b"); });
  EXPECT_EQ(write("c"), 0);
  EXPECT_EQ(WaitFor(a), 0);
  EXPECT_EQ(WaitFor(b), 0);
  EXPECT_EQ(Ask([](CatalogView& view) { return view.Meta(); }).change, 1U + 3 * kChanges);
  EXPECT_EQ(Run(1).config.size(), 3U * kChanges);
}

TEST_F(CatalogProcessTest, WriterKilledInsideItsTransactionLeavesNothing) {
  const std::string dump = Dump(false);
  const int exit = RunInChild([&] {
    ChildCatalog catalog(dir_);
    static_cast<void>(catalog->Write([&](CatalogUpdate& update) {
      static_cast<void>(update.Apply({2, 77, 1, 5, Uid(1), ConfigMerged{{{"x", 1}}}}));
      raise(SIGKILL);
      return Status();
    }));
    return 0;
  });
  EXPECT_EQ(exit, -SIGKILL);
  EXPECT_EQ(Dump(false), dump);
  EXPECT_TRUE(AddLeaf(*catalog_, "after").ok());
  EXPECT_EQ(Run(1).config, (ConfigEntries{{"after", 1}}));
}

TEST_F(CatalogProcessTest, InheritedCatalogIsInert) {
  const int exit = RunInChild([&] {
    const bool read = catalog_->Read([](CatalogView&) { return Status(); }).code() == Code::kClosed;
    const bool write =
        catalog_->Write([](CatalogUpdate&) { return Status(); }).code() == Code::kClosed;
    const bool lease = catalog_->LeaseGeneration(Uid(1)).error().code() == Code::kClosed;
    const bool clean = catalog_->MarkClean().code() == Code::kClosed;
    catalog_.reset();
    return read && write && lease && clean ? 0 : 1;
  });
  EXPECT_EQ(exit, 0);
  EXPECT_TRUE(AddLeaf(*catalog_, "parent").ok());
  EXPECT_EQ(Run(1).config.size(), 1U);
}

TEST_F(CatalogProcessTest, ChildMayOpenTheStoreAnew) {
  const int exit = RunInChild([&] {
    ChildCatalog catalog(dir_);
    return AddLeaf(*catalog, "child").ok() ? 0 : 1;
  });
  EXPECT_EQ(exit, 0);
  EXPECT_EQ(Run(1).config, (ConfigEntries{{"child", 1}}));
}

TEST_F(CatalogProcessTest, FollowsAMapThatAnotherProcessGrew) {
  Env::SetFirstMapSize(std::size_t{64} << 10);
  ASSERT_TRUE(dir_.Build(changes_).ok());
  Env::SetFirstMapSize(kFirstMapSize);
  EXPECT_EQ(Run(1).run_id, "one");  // open here, with the small map
  const int exit = RunInChild([&] {
    ChildCatalog catalog(dir_);
    for (int i = 0; i < 10; ++i) {
      if (!AddLeaf(*catalog, std::string(50000, static_cast<char>('a' + i))).ok()) return 1;
    }
    return 0;
  });
  EXPECT_EQ(exit, 0);
  EXPECT_EQ(Run(1).config.size(), 10U);
  EXPECT_EQ(catalog_->LeaseGeneration(Uid(1)), 0U);
  EXPECT_TRUE(AddLeaf(*catalog_, "parent").ok());
}

TEST_F(CatalogProcessTest, SlotsOfKilledReadersAreFreed) {
  // More than there are reader slots in all: each child dies inside a read transaction.
  for (int i = 0; i < 40; ++i) {
    const int exit = RunInChild([&] {
      ChildCatalog catalog(dir_);
      static_cast<void>(catalog->Read([](CatalogView&) {
        raise(SIGKILL);
        return Status();
      }));
      return 0;
    });
    ASSERT_EQ(exit, -SIGKILL);
  }
  EXPECT_TRUE(AddLeaf(*catalog_, "after").ok());
}

}  // namespace
}  // namespace reprise
