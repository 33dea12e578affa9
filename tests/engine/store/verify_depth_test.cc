// What each depth of verify finds, and what it leaves to the next one.
#include <gmock/gmock.h>

#include <array>
#include <atomic>
#include <functional>
#include <thread>

#include "format/pack.h"
#include "format/segment_index.h"
#include "format/superblock.h"
#include "tests/engine/store/forger.h"
#include "tests/engine/store/store_fixture.h"

namespace reprise {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::array<VerifyDepth, 3> kDepths{VerifyDepth::kQuick, VerifyDepth::kChecksums,
                                             VerifyDepth::kDeep};

class VerifyDepthTest : public StoreFixture {
 protected:
  using Lists = std::vector<std::vector<std::string>>;

  // Codes of all findings: quick, checksums, deep.
  Lists CodesAtEach() {
    Lists codes;
    for (const VerifyDepth depth : kDepths) codes.push_back(Codes(CheckAt(depth)));
    LeaveDamaged();
    return codes;
  }
  std::vector<int> ExitCodesAtEach() {
    std::vector<int> codes;
    for (const VerifyDepth depth : kDepths) codes.push_back(CheckAt(depth).ExitCode());
    LeaveDamaged();
    return codes;
  }

  // A segment of the first branch of run "a".
  SegmentRef Publish(const std::vector<Step>& steps) {
    Forger forger(path());
    const SegmentRef segment = forger.Append(forger.FactsOf(forger.Uid("a"), 0), RowsAt(steps));
    forger.Publish(segment);
    return segment;
  }
  // The same change, but the files have another body than the catalog.
  void MakeApart(const ChangeBody& in_files, const ChangeBody& in_catalog) {
    Forger forger(path());
    Change change = forger.Next(forger.Uid("a"), in_files);
    forger.PutInPack(change);
    change.body = in_catalog;
    forger.PutInCatalog(change);
  }
  void FlipInRowsOf(const SegmentRef& segment) {
    FlipByte(path() + "/packs/" + PackFileName(segment.pack), segment.offset + kFrameHeaderSize);
  }
  static ChangeBody Name(const std::string& name) {
    MetadataSet body;
    body.name = name;
    return body;
  }
};

TEST_F(VerifyDepthTest, EachFindsNothingInASoundStoreAndSaysHowDeepItLooked) {
  MakeStore();
  for (const VerifyDepth depth : kDepths) {
    const VerifyReport report = CheckAt(depth);
    EXPECT_THAT(Codes(report), IsEmpty()) << Text(report);
    EXPECT_EQ(report.depth, depth);
    EXPECT_EQ(report.rows, 180U);
    EXPECT_EQ(report.values, depth == VerifyDepth::kDeep ? 360U : 0U);
  }
}

TEST_F(VerifyDepthTest, EachFindsNothingInAStoreThatIsBeingWritten) {
  Store store = Store::Open(path()).value();
  RunWriter run = Start(store, "live");
  LogRows(run, 10, 1.0);
  ASSERT_TRUE(run.Rewind(5).ok());
  LogRows(run, 10, 1.0);
  for (const VerifyDepth depth : kDepths) EXPECT_THAT(Codes(CheckAt(depth)), IsEmpty());
  EXPECT_TRUE(run.Finish().ok());
}

// The catalog and the files are read one after the other, and both move on meanwhile. A file that
// is just being made may be noted.
TEST_F(VerifyDepthTest, EachFindsNoDamageWhileAWriterIsAtWork) {
  Store store = Store::Open(path()).value();
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; i < 50; ++i) {
      RunWriter run = Start(store, std::to_string(i));
      LogRows(run, 5, 1.0);
      EXPECT_TRUE(run.Rewind(2).ok());
      EXPECT_TRUE(run.Finish().ok());
      const Status deleted = i % 5 == 4 ? store.Delete(std::to_string(i)) : Status();
      EXPECT_TRUE(deleted.ok()) << deleted.ToString();
    }
    done = true;
  });
  while (!done) {
    for (const VerifyDepth depth : kDepths) {
      const VerifyReport report = CheckAt(depth);
      EXPECT_LE(report.ExitCode(), 1) << VerifyDepthName(depth) << Text(report);
    }
  }
  writer.join();
}

TEST_F(VerifyDepthTest, ChecksumsAreTheDefault) {
  MakeStore();
  EXPECT_EQ(Verify(path())->depth, VerifyDepth::kChecksums);
}

TEST_F(VerifyDepthTest, EachHasItsName) {
  EXPECT_EQ(VerifyDepthName(VerifyDepth::kQuick), "quick");
  EXPECT_EQ(VerifyDepthName(VerifyDepth::kChecksums), "checksums");
  EXPECT_EQ(VerifyDepthName(VerifyDepth::kDeep), "deep");
}

// The rows of a segment, and the index that finds them, are not read when it has to be quick; all
// other bytes are.
TEST_F(VerifyDepthTest, QuickFindsDamageEverywhereButBetweenTheEndsOfSegments) {
  MakeStore();
  const std::string pack = FileIn("packs", ".pack");
  const std::string bytes = ReadFile(pack);
  const std::vector<SegmentRef> segments = Segments();
  const auto is_skipped = [&](std::uint64_t at) {
    return std::any_of(segments.begin(), segments.end(), [&](const SegmentRef& segment) {
      return at >= segment.offset + kFrameHeaderSize &&
             at < segment.offset + segment.length - kSegmentFooterSize;
    });
  };
  int skipped = 0;
  for (std::size_t at = 0; at < bytes.size(); at += 11) {
    FlipByte(pack, at);
    const int exit_code = CheckAt(VerifyDepth::kQuick).ExitCode();
    EXPECT_EQ(exit_code == 0, is_skipped(at)) << "byte " << at << ": " << exit_code;
    skipped += exit_code == 0 ? 1 : 0;
    WriteFile(pack, bytes);
  }
  EXPECT_GT(skipped, 100);
}

TEST_F(VerifyDepthTest, QuickReadsNothingBetweenTheEndsOfSegments) {
  MakeRun("a");
  const std::uint64_t before = CheckAt(VerifyDepth::kQuick).bytes;
  std::vector<Step> steps;
  for (Step step = 0; step < 20'000; ++step) steps.push_back(step * step);
  const SegmentRef segment = Publish(steps);
  const std::uint64_t quick = CheckAt(VerifyDepth::kQuick).bytes;
  EXPECT_LT(quick - before, kFrameHeaderSize + kSegmentFooterSize + 1000);
  EXPECT_EQ(CheckAt(VerifyDepth::kChecksums).bytes - quick,
            segment.length - kFrameHeaderSize - kSegmentFooterSize);
}

TEST_F(VerifyDepthTest, DamageInRowsIsLeftToChecksums) {
  MakeRun("a");
  FlipInRowsOf(Publish({0, 1, 2}));
  EXPECT_THAT(CodesAtEach(), ElementsAre(IsEmpty(), ElementsAre("segment.damaged"),
                                         ElementsAre("segment.damaged")));
  EXPECT_THAT(ExitCodesAtEach(), ElementsAre(0, 2, 2));
}

TEST_F(VerifyDepthTest, EachFindsASegmentThatIsNotWhatWasPublished) {
  MakeRun("a");
  {
    Forger forger(path());
    SegmentRef segment = forger.Append(forger.FactsOf(forger.Uid("a"), 0), RowsAt({0, 1, 2}));
    segment.rows = 2;
    forger.Publish(segment);
  }
  EXPECT_THAT(CodesAtEach(), ::testing::Each(ElementsAre("segment.damaged")));
}

TEST_F(VerifyDepthTest, RowsThatDoNotDecodeAreLeftToDeep) {
  MakeRun("a");
  Publish({0, 5, 3});
  EXPECT_THAT(CodesAtEach(), ElementsAre(IsEmpty(), IsEmpty(), ElementsAre("segment.undecodable")));
  EXPECT_THAT(ExitCodesAtEach(), ElementsAre(0, 0, 2));
}

TEST_F(VerifyDepthTest, SummariesThatAreNotOfTheRowsAreLeftToDeep) {
  MakeRun("a");
  Publish({0, 1, 2});
  Publish({3, 4});  // as if there were no rows before it
  EXPECT_THAT(CodesAtEach(),
              ElementsAre(IsEmpty(), IsEmpty(), ElementsAre("segment.summary_differs")));
}

TEST_F(VerifyDepthTest, WhatTheCatalogSaysOfARunIsLeftToDeep) {
  MakeStore();
  MakeApart(Name("in-the-files"), Name("in-the-catalog"));
  EXPECT_THAT(CodesAtEach(), ElementsAre(IsEmpty(), IsEmpty(), ElementsAre("catalog.differs")));
  EXPECT_THAT(ExitCodesAtEach(), ElementsAre(0, 0, 3));
}

TEST_F(VerifyDepthTest, WhereTheCatalogFindsRowsIsLeftToChecksums) {
  MakeRun("a");
  const SegmentRef segment = Publish({0, 1, 2});
  SegmentRef moved = segment;
  moved.offset += 8;
  MakeApart(Sealed{{segment}}, Sealed{{moved}});
  EXPECT_THAT(CodesAtEach(), ElementsAre(IsEmpty(), ElementsAre("catalog.differs"),
                                         ElementsAre("catalog.differs")));
  const VerifyReport report = CheckAt(VerifyDepth::kChecksums);
  EXPECT_EQ(report.ExitCode(), 3);
  EXPECT_TRUE(
      IsFinding(report.findings.at(0),
                {Severity::kCatalog, "catalog.differs", "catalog.1", 0, "", kNoSteps,
                 "found segment 0..2 of branch 0, 3 rows in " + std::to_string(segment.length) +
                     " bytes at byte " + std::to_string(moved.offset)}));
}

TEST_F(VerifyDepthTest, ChecksumsCompareEveryFieldOfASegment) {
  const std::vector<std::function<void(SegmentRef&)>> changes{
      [](SegmentRef& ref) { ++ref.pack; },   [](SegmentRef& ref) { ++ref.length; },
      [](SegmentRef& ref) { ++ref.first; },  [](SegmentRef& ref) { ++ref.last; },
      [](SegmentRef& ref) { ++ref.rows; },   [](SegmentRef& ref) { --ref.generation; },
      [](SegmentRef& ref) { ++ref.offset; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    std::filesystem::remove_all(path());
    MakeRun("a");
    SegmentRef segment;
    {
      Forger forger(path());
      segment = forger.Append(forger.FactsOf(forger.Uid("a"), 0), RowsAt({0, 1, 2}));
    }
    SegmentRef changed = segment;
    changes[i](changed);
    MakeApart(Sealed{{segment}}, Sealed{{changed}});
    EXPECT_THAT(Codes(CheckAt(VerifyDepth::kChecksums)), ElementsAre("catalog.differs")) << i;
  }
}

TEST_F(VerifyDepthTest, ChecksumsFindASegmentThatTheCatalogDoesNotHave) {
  MakeRun("a");
  SegmentRef segment;
  {
    Forger forger(path());
    segment = forger.Append(forger.FactsOf(forger.Uid("a"), 0), RowsAt({0, 1, 2}));
  }
  MakeApart(Sealed{{segment}}, Name("a"));
  const VerifyReport report = CheckAt(VerifyDepth::kChecksums);
  ASSERT_THAT(Codes(report), ElementsAre("catalog.differs"));
  EXPECT_THAT(report.findings[0].message,
              ::testing::HasSubstr("found nothing more of run e/p/a, expected segment 0..2"));
}

TEST_F(VerifyDepthTest, ChecksumsFindABranchThatTheCatalogDoesNotHave) {
  MakeRun("a");
  BranchMade made;
  {
    Forger forger(path());
    made.node = RootNode(forger.Uid("a"));
    made.node.id.ordinal = made.node.jump.ordinal = 1;
  }
  MakeApart(made, Name("a"));
  const VerifyReport report = CheckAt(VerifyDepth::kChecksums);
  ASSERT_THAT(Codes(report), ElementsAre("catalog.differs")) << Text(report);
  EXPECT_THAT(report.findings[0].message, ::testing::HasSubstr("expected branch 1 "));
}

TEST_F(VerifyDepthTest, ChecksumsFindALivingRunThatTheCatalogTakesForADeletedOne) {
  MakeRun("a");
  MakeApart(Name("a"), RunDeleted());
  const VerifyReport deleted = CheckAt(VerifyDepth::kChecksums);
  ASSERT_THAT(Codes(deleted), ElementsAre("catalog.differs")) << Text(deleted);
  EXPECT_THAT(deleted.findings[0].message,
              ::testing::HasSubstr("found nothing, expected run e/p/a"));
}

TEST_F(VerifyDepthTest, ChecksumsFindADeletedRunThatTheCatalogTakesForALivingOne) {
  MakeRun("a");
  MakeApart(RunDeleted(), Name("a"));
  const VerifyReport alive = CheckAt(VerifyDepth::kChecksums);
  ASSERT_THAT(Codes(alive), ElementsAre("catalog.differs")) << Text(alive);
  EXPECT_THAT(alive.findings[0].message,
              ::testing::HasSubstr("found run e/p/a, expected that it is deleted"));
}

TEST_F(VerifyDepthTest, ChecksumsFindARunThatNoChangeMade) {
  MakeRun("a");
  {
    Forger forger(path());
    Change change = forger.Next(forger.Uid("a"), Name("a"));
    forger.PutInPack(change);
    change.uid = {~std::uint64_t{0}, 7};
    RunCreated created;
    created.run_id = "b";
    created.node = RootNode(change.uid);
    change.body = created;
    forger.PutInCatalog(change);
  }
  const VerifyReport report = CheckAt(VerifyDepth::kChecksums);
  ASSERT_THAT(Codes(report), ElementsAre("catalog.differs")) << Text(report);
  EXPECT_THAT(report.findings[0].message, ::testing::HasSubstr("expected nothing of it"));
}

// Uids are compared whole.
TEST_F(VerifyDepthTest, ChecksumsFindAForkWhoseParentIsAnotherRunInTheCatalog) {
  MakeRun("a");
  {
    Forger forger(path());
    const std::uint64_t high = forger.Uid("a").high + 1;
    const auto run = [](const std::string& id, const BranchNode& node) {
      RunCreated created;
      created.run_id = id;
      created.node = node;
      return created;
    };
    for (const std::uint64_t low : {1U, 2U}) {
      forger.Make({high, low}, run("parent-" + std::to_string(low), RootNode({high, low})));
    }
    const auto fork_of = [&](std::uint64_t low) {
      const BranchId parent{{high, low}, 0};
      RunCreated fork = run("fork", {{{high + 1, 0}, 0}, true, parent, 0, 1, parent});
      fork.forked_from = StoredMoment{parent, 0};
      return fork;
    };
    Change change = forger.Next({high + 1, 0}, fork_of(1));
    forger.PutInPack(change);
    change.body = fork_of(2);
    forger.PutInCatalog(change);
  }
  const VerifyReport report = CheckAt(VerifyDepth::kChecksums);
  ASSERT_THAT(Codes(report), ElementsAre("catalog.differs")) << Text(report);
}

TEST_F(VerifyDepthTest, EachNotesASegmentWhoseChangeWasNotCommitted) {
  MakeRun("a");
  {
    Forger forger(path());
    const SegmentRef segment = forger.Append(forger.FactsOf(forger.Uid("a"), 0), RowsAt({0, 1}));
    forger.PutInLog(forger.Next(forger.Uid("a"), Sealed{{segment}}));
  }
  EXPECT_THAT(CodesAtEach(), ::testing::Each(ElementsAre("change.uncommitted", "session.dead")));
}

// Nobody reads them any more, and yet a disk that damages them is worth a note.
TEST_F(VerifyDepthTest, ChecksumsNoteDamageInSegmentsThatWereReplaced) {
  MakeRun("a");
  const SegmentRef replaced = Publish({0, 1, 2});
  Publish({0, 1, 2});
  FlipInRowsOf(replaced);
  EXPECT_THAT(CodesAtEach(), ElementsAre(IsEmpty(), ElementsAre("segment.damaged_unreferenced"),
                                         ElementsAre("segment.damaged_unreferenced")));
  EXPECT_THAT(ExitCodesAtEach(), ElementsAre(0, 1, 1));
}

TEST_F(VerifyDepthTest, ChecksumsNoteDamageInSegmentsOfDeletedRuns) {
  MakeRun("a");
  const SegmentRef segment = Publish({0, 1, 2});
  {
    Forger forger(path());
    forger.Make(forger.Uid("a"), RunDeleted());
  }
  FlipInRowsOf(segment);
  EXPECT_THAT(ExitCodesAtEach(), ElementsAre(0, 1, 1));
}

TEST_F(VerifyDepthTest, ChecksumsOfOneRunLeaveOutTheRowsOfOthers) {
  MakeRun("a");
  FlipInRowsOf(Publish({0, 1, 2}));
  MakeRun("b");
  EXPECT_EQ(Check({.depth = VerifyDepth::kChecksums, .run = "a"}).ExitCode(), 2);
  EXPECT_EQ(Check({.depth = VerifyDepth::kChecksums, .run = "b"}).ExitCode(), 0);
  LeaveDamaged();
}

// One damage for each exit code; what holds a store together is checked at every depth.
struct Damage {
  std::string name;
  std::function<void(const std::string& store)> make;
  int exit_code = 0;
};

void PrintTo(const Damage& damage, std::ostream* out) { *out << damage.name; }

std::string OnlyFileIn(const std::string& directory) {
  return std::filesystem::directory_iterator(directory)->path();
}

void MakeSuperblockNewer(const std::string& store) {
  Superblock superblock = DecodeSuperblock(ReadFile(store + "/STORE")).value();
  superblock.read_version = superblock.write_version = kStoreReadVersion + 1;
  WriteFile(store + "/STORE", EncodeSuperblock(superblock));
}

void CutPackShort(const std::string& store) {
  const std::string pack = OnlyFileIn(store + "/packs");
  std::filesystem::resize_file(pack, std::filesystem::file_size(pack) / 2);
}

void MakeLogAFile(const std::string& store) {
  std::filesystem::remove_all(store + "/log");
  WriteFile(store + "/log", "not a directory");
}

class EachDepth : public StoreFixture, public ::testing::WithParamInterface<Damage> {};

TEST_P(EachDepth, FindsIt) {
  MakeStore();
  GetParam().make(path());
  for (const VerifyDepth depth : kDepths) {
    const VerifyReport report = CheckAt(depth);
    EXPECT_EQ(report.ExitCode(), GetParam().exit_code) << VerifyDepthName(depth) << Text(report);
  }
}

INSTANTIATE_TEST_SUITE_P(
    , EachDepth,
    ::testing::Values(
        Damage{"AFileThatDoesNotBelong",
               [](const std::string& store) { WriteFile(store + "/notes.txt", "x"); }, 1},
        Damage{"ADamagedSuperblock",
               [](const std::string& store) { FlipByte(store + "/STORE", 40); }, 2},
        Damage{
            "AMissingPack",
            [](const std::string& store) { std::filesystem::remove(OnlyFileIn(store + "/packs")); },
            2},
        Damage{"APackCutShort", CutPackShort, 2},
        Damage{"ADamagedCatalogPage",
               [](const std::string& store) {
                 const std::string file = store + "/catalog.1";
                 WriteFile(file, std::string(ReadFile(file).size(), '\0'));
               },
               3},
        Damage{"ADamagedCatalogLock",
               [](const std::string& store) { FlipByte(store + "/catalog.lock", 20); }, 3},
        Damage{"AMissingCatalog",
               [](const std::string& store) { std::filesystem::remove(store + "/catalog.1"); }, 3},
        Damage{"ANewerFormat", MakeSuperblockNewer, 4},
        Damage{"ADirectoryThatCannotBeRead", MakeLogAFile, 74}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace reprise
