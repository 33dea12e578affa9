// Opening, rebuilding, replacing, growing: the catalog as a file.
#include "engine/catalog/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <thread>

#include "engine/catalog/env.h"
#include "tests/engine/catalog/catalog_fixture.h"
#include "tests/support/file_bytes.h"

namespace reprise {
namespace {

using testing::HasSubstr;

class CatalogFileTest : public CatalogTest {
 protected:
  // A history with some of everything.
  void MakeHistory(unsigned seed, int changes) {
    std::mt19937 random(seed);
    std::uint64_t runs = 0;
    for (int i = 0; i < changes; ++i) {
      const std::uint64_t run = runs == 0 ? 0 : 1 + random() % runs;
      // Refused ones are no part of the history.
      static_cast<void>(RandomChange(random(), run, &runs));
    }
  }

  Status RandomChange(std::uint64_t dice, std::uint64_t run, std::uint64_t* runs) {
    const std::uint64_t next = *runs + 1;
    const std::string id = "run-" + std::to_string(next % 20);
    if (run == 0 || dice % 9 == 0) return Counted(Apply(next, NewRun(next, id)), runs);
    const RunRecord record = Run(run);
    switch (dice % 9) {
      case 1:
        return Counted(Apply(next, Fork(next, id, {Branch(run, 0), 7}, {{"f", 1}})), runs);
      case 2:
        return Apply(run, Lease(record.generation + 1, 77 + dice % 3));
      case 3:
        return Apply(run, LeaseReleased{record.generation, 2, 0});
      case 4:
        return Apply(run, ConfigMerged{{{"k" + std::to_string(dice % 5), 1.5}}});
      case 5:
        return Apply(run, SummarySet{record.head, 3, "best", 0.5});
      case 6:
        return Apply(run, Rewind(run, record.head + 1, 5));
      case 7:
        return Apply(run, Sealed{{Segment(Branch(run, record.head),
                                          static_cast<std::int64_t>(changes_.size()),
                                          static_cast<std::int64_t>(changes_.size()), 1)}});
      default:
        return dice % 2 == 0 ? Apply(run, RunDeleted())
                             : Apply(run, MetadataSet{"n", {}, {}, {}, {}});
    }
  }
  static Status Counted(Status status, std::uint64_t* runs) {
    if (status.ok()) ++*runs;
    return status;
  }

  std::string CatalogPath(int generation) const {
    return dir_.Of("catalog." + std::to_string(generation));
  }
};

TEST_F(CatalogFileTest, FoldingTheSameChangesTwiceGivesTheSameTables) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  MakeHistory(seed, 400);
  CatalogDir first;
  CatalogDir second;
  ASSERT_TRUE(first.Build(changes_).ok());
  ASSERT_TRUE(second.Build(changes_).ok());
  EXPECT_EQ(DumpOf(**first.Open(), false), DumpOf(**second.Open(), false));
}

TEST_F(CatalogFileTest, RebuiltOneEqualsTheLiveOne) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  MakeHistory(seed, 400);
  CatalogDir rebuilt;
  ASSERT_TRUE(rebuilt.Build(changes_).ok());
  EXPECT_EQ(DumpOf(**rebuilt.Open(), true), Dump(true));
}

TEST_F(CatalogFileTest, IsThereAgainAfterClosing) {
  MustApply(1, NewRun(1, "one"));
  const std::string dump = Dump(false);
  catalog_.reset();
  EXPECT_EQ(DumpOf(**dir_.Open(), false), dump);
}

TEST_F(CatalogFileTest, IsNotFoundWhereThereIsNone) {
  CatalogDir empty;
  EXPECT_EQ(empty.Open().error().code(), Code::kNotFound);
  EXPECT_EQ(CatalogGeneration(empty.directory()), 0U);
}

TEST_F(CatalogFileTest, OfAnotherStoreIsRefused) {
  dir_.options().store_uuid = std::string(16, 'x');
  EXPECT_EQ(dir_.Open().error().code(), Code::kCorrupt);
}

TEST_F(CatalogFileTest, WriteThatFailsChangesNothing) {
  MustApply(1, NewRun(1, "one"));
  const std::string dump = Dump(false);
  const Status status = catalog_->Write([](CatalogUpdate& update) -> Status {
    const Change change{2, 77, 1, 5, Uid(2), NewRun(2, "two")};
    EXPECT_TRUE(update.Apply(change).ok());
    EXPECT_TRUE(update.GetRun(Uid(2))->has_value());  // sees its own changes
    return Status::Error(Code::kBusy, "no");
  });
  EXPECT_EQ(status.code(), Code::kBusy);
  EXPECT_EQ(Dump(false), dump);
}

TEST_F(CatalogFileTest, AfterARebootIsTrustedOnlyIfItWasLeftClean) {
  MustApply(1, NewRun(1, "one"));
  const std::string dump = Dump(false);
  ASSERT_TRUE(catalog_->MarkClean().ok());
  catalog_.reset();
  dir_.options().boot_id = std::string(16, 'c');
  catalog_ = *dir_.Open();
  EXPECT_EQ(Dump(false), dump);
  MustApply(2, NewRun(2, "two"));  // unclean from here on
  catalog_.reset();
  dir_.options().boot_id = std::string(16, 'd');
  const auto untrusted = dir_.Open();
  EXPECT_EQ(untrusted.error().code(), Code::kCorrupt);
  EXPECT_THAT(std::string(untrusted.error().message()), HasSubstr("clean"));
  ASSERT_TRUE(dir_.Build(changes_).ok());
  catalog_ = *dir_.Open();
  EXPECT_EQ(Run(2).run_id, "two");
}

TEST_F(CatalogFileTest, CopyOfADirectoryInUseIsNotTrusted) {
  MustApply(1, NewRun(1, "one"));
  CatalogDir copy;
  for (const std::string name : {"catalog.1", "catalog.lock"}) {
    std::filesystem::copy_file(dir_.Of(name), copy.Of(name));
  }
  EXPECT_EQ(copy.Open().error().code(), Code::kCorrupt);
}

TEST_F(CatalogFileTest, RebuildReachesWhoHasTheOldOneOpen) {
  MustApply(1, NewRun(1, "one"));
  MustApply(1, Lease(1, 77));
  std::shared_ptr<Catalog> other = *dir_.Open();
  LeaseReading last;
  EXPECT_EQ(other->LeaseGeneration(Uid(1), &last), 1U);
  ASSERT_TRUE(dir_.Build(changes_).ok());
  EXPECT_FALSE(std::filesystem::exists(CatalogPath(1)));
  MustApply(1, Lease(2, 78));
  EXPECT_EQ(other->LeaseGeneration(Uid(1), &last), 2U);
  EXPECT_EQ(DumpOf(*other, false), Dump(false));
}

TEST_F(CatalogFileTest, IsReadAgainThoughItIsReplacedTwiceMeanwhile) {
  MustApply(1, NewRun(1, "one"));
  int replaced = 0;
  const Status read = catalog_->Read([&](CatalogView&) -> Status {
    if (replaced == 2) return {};
    ++replaced;
    EXPECT_TRUE(dir_.Build(changes_).ok());
    return Status::Error(Code::kCorrupt, "emptied while it was read");
  });
  EXPECT_TRUE(read.ok()) << read.ToString();
}

TEST_F(CatalogFileTest, ALeaseReadBeforeIsReadAgainAfterACommit) {
  MustApply(1, NewRun(1, "one"));
  MustApply(1, Lease(1, 77));
  LeaseReading last;
  EXPECT_EQ(catalog_->LeaseGeneration(Uid(1), &last), 1U);
  EXPECT_EQ(catalog_->LeaseGeneration(Uid(1), &last), 1U);
  const std::uint64_t seen = last.transaction;
  MustApply(1, Lease(2, 78));
  EXPECT_EQ(catalog_->LeaseGeneration(Uid(1), &last), 2U);
  EXPECT_GT(last.transaction, seen);
}

TEST_F(CatalogFileTest, IsBuiltOnlyIfNobodyElseDid) {
  MustApply(1, NewRun(1, "one"));
  CatalogBuild build;
  build.replaces = 0;
  ASSERT_TRUE(BuildCatalog(dir_.directory(), nullptr, dir_.options(), build).ok());
  EXPECT_EQ(CatalogGeneration(dir_.directory()), 1U);
  EXPECT_EQ(Run(1).run_id, "one");
}

TEST_F(CatalogFileTest, BuildLeavesOutWhatContradictsIfAllowedTo) {
  MustApply(1, NewRun(1, "one"));
  MustApply(2, NewRun(2, "two"));
  changes_.push_back({5, 77, 1, 5, Uid(9), RunDeleted()});
  changes_.push_back({9, 77, 1, 6, Uid(2), ConfigMerged{{{"a", 1}}}});
  EXPECT_EQ(dir_.Build(changes_).code(), Code::kInternal);
  std::vector<ChangeNumber> left_out;
  CatalogBuild build;
  build.replaces = *CatalogGeneration(dir_.directory());
  build.changes = [&] { return StreamOfAll(changes_); };
  build.left_out = [&](const Change& change, const Status&) { left_out.push_back(change.number); };
  ASSERT_TRUE(BuildCatalog(dir_.directory(), nullptr, dir_.options(), build).ok());
  EXPECT_THAT(left_out, testing::ElementsAre(5U));
  EXPECT_EQ(Ask([](CatalogView& view) { return view.Meta(); }).change, 9U);
}

TEST_F(CatalogFileTest, OldFileGoesToQuarantine) {
  ASSERT_TRUE(dir_.directory().MakeDirectory("quarantine").ok());
  const std::unique_ptr<Directory> quarantine = *dir_.directory().OpenDirectory("quarantine");
  CatalogBuild build;
  build.replaces = 1;
  ASSERT_TRUE(BuildCatalog(dir_.directory(), quarantine.get(), dir_.options(), build).ok());
  EXPECT_TRUE(std::filesystem::exists(dir_.Of("quarantine/catalog.1")));
  EXPECT_TRUE(std::filesystem::exists(CatalogPath(2)));
}

TEST_F(CatalogFileTest, ReadsButDoesNotWriteWhenOpenedForReading) {
  MustApply(1, NewRun(1, "one"));
  dir_.options().read_only = true;
  const std::shared_ptr<Catalog> reader = *dir_.Open();
  EXPECT_EQ(DumpOf(*reader, false), Dump(false));
  EXPECT_EQ(reader->Write([](CatalogUpdate&) { return Status(); }).code(), Code::kInvalidArgument);
}

TEST_F(CatalogFileTest, GrowsWhenItsMapIsFull) {
  CatalogDir small;
  Env::SetFirstMapSize(std::size_t{64} << 10);
  ASSERT_TRUE(small.Build().ok());
  Env::SetFirstMapSize(kFirstMapSize);
  const std::shared_ptr<Catalog> one = *small.Open();
  int calls = 0;
  for (std::uint64_t n = 1; n <= 20; ++n) {
    const Status status = one->Write([&](CatalogUpdate& update) {
      ++calls;
      const Change change{
          n, 77,     1,
          5, Uid(n), NewRun(n, "run-" + std::to_string(n), {{"text", std::string(50000, 'x')}})};
      return update.Apply(change);
    });
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  EXPECT_GT(calls, 20);  // ran again at least once
  EXPECT_EQ((DumpOf(*one, true).size()) / 50000, 20U);
}

TEST_F(CatalogFileTest, BuildGrowsItsMapToo) {
  for (std::uint64_t n = 1; n <= 20; ++n) {
    MustApply(n, NewRun(n, "run-" + std::to_string(n), {{"text", std::string(50000, 'x')}}));
  }
  CatalogDir small;
  Env::SetFirstMapSize(std::size_t{64} << 10);
  const Status status = small.Build(changes_);
  Env::SetFirstMapSize(kFirstMapSize);
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(DumpOf(**small.Open(), true), Dump(true));
}

TEST_F(CatalogFileTest, ThreadsReadWhileOneWrites) {
  MustApply(1, NewRun(1, "one"));
  MustApply(1, Lease(1, 77));
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        EXPECT_EQ(catalog_->LeaseGeneration(Uid(1)), 1U);
        const Status status = catalog_->Read([](CatalogView& view) -> Status {
          const auto run = view.GetRun(Uid(1));
          return run.has_value() ? Status() : run.error();
        });
        EXPECT_TRUE(status.ok()) << status.ToString();
      }
    });
  }
  for (int i = 0; i < 300; ++i) MustApply(1, ConfigMerged{{{"i", i}}});
  done = true;
  for (std::thread& reader : readers) reader.join();
}

TEST_F(CatalogFileTest, DamagedValueIsNeverServed) {
  MustApply(1, NewRun(1, "needle-in-the-pages"));
  ASSERT_TRUE(catalog_->MarkClean().ok());
  std::string bytes = ReadFile(CatalogPath(1));
  std::size_t found = 0;
  for (std::size_t at = bytes.find("needle"); at != std::string::npos;
       at = bytes.find("needle", at + 1)) {
    bytes[at] = 'N';
    ++found;
  }
  ASSERT_GT(found, 0U);
  WriteFile(CatalogPath(1), bytes);  // under the open catalog
  const Status status = catalog_->Read([](CatalogView& view) -> Status {
    const auto run = view.GetRun(Uid(1));
    return run.has_value() ? Status() : run.error();
  });
  EXPECT_EQ(status.code(), Code::kCorrupt);
  EXPECT_THAT(std::string(status.message()), HasSubstr("computed"));
  catalog_.reset();
  EXPECT_EQ(dir_.Open().error().code(), Code::kCorrupt);
  EXPECT_EQ(CheckCatalog(dir_.directory()).code(), Code::kCorrupt);
}

TEST_F(CatalogFileTest, AfterAnErrorOfLmdbNothingIsAnsweredUntilItIsOpenedAnew) {
  constexpr std::size_t kMetas = std::size_t{2} * 4096;
  MustApply(1, NewRun(1, "one"));
  const auto code_of_read = [&] {
    return catalog_
        ->Read([](CatalogView& view) -> Status {
          const auto run = view.GetRun(Uid(1));
          return run.has_value() ? Status() : run.error();
        })
        .code();
  };
  ASSERT_EQ(code_of_read(), Code::kOk);
  const std::string sound = ReadFile(CatalogPath(1)).substr(kMetas);
  const auto file = *dir_.directory().Open("catalog.1", OpenMode::kReadWrite);
  ASSERT_TRUE(file->WriteAt(kMetas, std::string(sound.size(), '\0')).ok());
  EXPECT_EQ(code_of_read(), Code::kCorrupt);
  ASSERT_TRUE(file->WriteAt(kMetas, sound).ok());
  EXPECT_EQ(code_of_read(), Code::kCorrupt) << "what it has read since is not to be trusted";
  catalog_.reset();
  catalog_ = *dir_.Open();
  EXPECT_EQ(code_of_read(), Code::kOk);
}

TEST_F(CatalogFileTest, CheckPassesASoundOne) {
  MustApply(1, NewRun(1, "one"));
  EXPECT_TRUE(CheckCatalog(dir_.directory()).ok());
}

}  // namespace
}  // namespace reprise
