// What verify says of a catalog that is missing, damaged, old or wrong, and what it checks without
// one.
#include <gmock/gmock.h>
#include <stdlib.h>

#include <optional>
#include <string>

#include "format/superblock.h"
#include "reprise/repair.h"
#include "tests/engine/store/forger.h"
#include "tests/engine/store/store_fixture.h"

namespace reprise {
namespace {

using ::testing::ElementsAre;

class VerifyCatalogTest : public StoreFixture {
 protected:
  void SetUp() override { MakeStore(); }

  static ChangeBody Name(const std::string& name) {
    MetadataSet body;
    body.name = name;
    return body;
  }

  // No page of it can be read.
  void WipeCatalog() {
    const std::string file = path() + "/catalog.1";
    WriteFile(file, std::string(ReadFile(file).size(), '\0'));
  }
};

// No directory for temporary files while it lives.
class NoTemporaryFiles {
 public:
  explicit NoTemporaryFiles(const std::string& file) {
    const char* chosen = getenv("TMPDIR");
    if (chosen != nullptr) chosen_ = chosen;
    setenv("TMPDIR", file.c_str(), 1);
  }
  ~NoTemporaryFiles() {
    if (chosen_) {
      setenv("TMPDIR", chosen_->c_str(), 1);
    } else {
      unsetenv("TMPDIR");
    }
  }
  NoTemporaryFiles(const NoTemporaryFiles&) = delete;
  NoTemporaryFiles& operator=(const NoTemporaryFiles&) = delete;

 private:
  std::optional<std::string> chosen_;
};

TEST_F(VerifyCatalogTest, TellsThatThereIsNoneAndChecksTheRest) {
  for (const char* name : {"catalog.1", "catalog.1-lock", "catalog.lock"}) {
    std::filesystem::remove(path() + "/" + name);
  }
  EXPECT_TRUE(FindsOnly(
      {Severity::kCatalog, "catalog.missing", "catalog.lock", 0, "", kNoSteps, "rebuild-catalog"}));
  const VerifyReport report = Check();
  EXPECT_EQ(report.ExitCode(), 3);
  EXPECT_EQ(report.values, 360U);
}

TEST_F(VerifyCatalogTest, TellsDamageAndChecksTheRest) {
  WipeCatalog();
  EXPECT_TRUE(
      FindsOnly({Severity::kCatalog, "catalog.damaged", "catalog.1", 0, "", kNoSteps, "page"}));
  const VerifyReport report = Check();
  EXPECT_EQ(report.ExitCode(), 3);
  EXPECT_EQ(report.values, 360U);
}

TEST_F(VerifyCatalogTest, TellsTheFirstEntryThatDiffers) {
  {
    Forger forger(path());
    Change change = forger.Next(forger.Uid("a"), Name("in-the-files"));
    forger.PutInPack(change);
    change.body = Name("in-the-catalog");
    forger.PutInCatalog(change);
  }
  const VerifyReport report = Check();
  ASSERT_THAT(Codes(report), ElementsAre("catalog.differs")) << Text(report);
  EXPECT_TRUE(IsFinding(report.findings[0], {Severity::kCatalog, "catalog.differs", "catalog.1", 0,
                                             "", kNoSteps, "name='in-the-catalog'"}));
  EXPECT_THAT(report.findings[0].message, ::testing::HasSubstr("name='in-the-files'"));
}

// Also by one session: it cannot have died twice before a commit.
TEST_F(VerifyCatalogTest, TellsThatItIsOlderThanTheChanges) {
  {
    Forger forger(path());
    forger.PutInPack(forger.Next(forger.Uid("a"), Name("one")));
    forger.PutInPack(forger.Next(forger.Uid("a"), Name("two")));
  }
  EXPECT_TRUE(FindsOnly({Severity::kCatalog, "catalog.stale", "catalog.1", 0, "", kNoSteps,
                         "run 'reprise rebuild-catalog'"}));
}

TEST_F(VerifyCatalogTest, NotesATransactionThatWasNotCommitted) {
  {
    Forger forger(path());
    forger.PutInLog(forger.Next(forger.Uid("a"), Name("one")));
  }
  const VerifyReport report = Check();
  ASSERT_THAT(Codes(report), ElementsAre("change.uncommitted", "session.dead")) << Text(report);
  EXPECT_TRUE(
      IsFinding(report.findings[0],
                {Severity::kNote, "change.uncommitted", "catalog.1", 0, "", kNoSteps,
                 "before it could commit or acknowledge change 11; nothing is to be done"}));
}

// What is in a pack alone was committed once: nobody will do it again.
TEST_F(VerifyCatalogTest, TellsOfOneChangeThatNoLogHasAnyMore) {
  {
    Forger forger(path());
    forger.PutInPack(forger.Next(forger.Uid("a"), Name("one")));
  }
  EXPECT_TRUE(FindsOnly({Severity::kCatalog, "catalog.stale", "catalog.1", 0, "", kNoSteps,
                         "its last change is 10, theirs 11; run 'reprise rebuild-catalog'"}));
  ASSERT_TRUE(RebuildCatalog(path()).ok());
  EXPECT_EQ(Check().ExitCode(), 0);
}

// Where to make another catalog is not the store's affair: nothing of it is called damaged.
TEST_F(VerifyCatalogTest, SaysThatItCouldNotBeCompared) {
  const NoTemporaryFiles none(path() + "/STORE");
  EXPECT_TRUE(FindsOnly(
      {Severity::kIncomplete, "catalog.not_compared", "catalog.1", 0, "", kNoSteps, "set TMPDIR"}));
  EXPECT_EQ(Check().ExitCode(), 5);
  EXPECT_EQ(CheckAt(VerifyDepth::kChecksums).ExitCode(), 0) << "makes none";
  LeaveDamaged();
}

// What a newer release allows older ones is to read.
TEST_F(VerifyCatalogTest, IsNotBuiltAnewInAStoreThatOnlyANewerReleaseMayWrite) {
  Superblock superblock = DecodeSuperblock(ReadFile(path() + "/STORE")).value();
  superblock.ro_compat |= std::uint64_t{1} << 40;
  WriteFile(path() + "/STORE", EncodeSuperblock(superblock));
  EXPECT_EQ(RebuildCatalog(path()).code(), Code::kUnsupportedVersion);
  EXPECT_EQ(Repair(path(), {.apply = true}).error().code(), Code::kUnsupportedVersion);
  EXPECT_TRUE(Store::Open(path(), {.read_only = true}).has_value());
  LeaveDamaged();
}

TEST_F(VerifyCatalogTest, SaysThatHistoriesCouldNotBeChecked) {
  WipeCatalog();
  const NoTemporaryFiles none(path() + "/STORE");
  const VerifyReport report = Check();
  ASSERT_THAT(Codes(report), ElementsAre("catalog.damaged", "history.not_checked")) << Text(report);
  EXPECT_TRUE(IsFinding(report.findings[1], {Severity::kIncomplete, "history.not_checked", "", 0,
                                             "", kNoSteps, "set TMPDIR"}));
}

}  // namespace
}  // namespace reprise
