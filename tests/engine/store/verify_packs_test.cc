// What verify says of packs: frames that are damaged, cut short, newer, or named by no change.
#include <gmock/gmock.h>

#include "format/pack.h"
#include "tests/engine/store/forger.h"
#include "tests/engine/store/store_fixture.h"

namespace reprise {
namespace {

using ::testing::ElementsAre;

class VerifyPacks : public StoreFixture {
 protected:
  void SetUp() override { MakeRun("a"); }

  // A segment of three rows that no change names.
  static SegmentRef AppendStray(Forger* forger) {
    return forger->Append(forger->FactsOf(forger->Uid("a"), 0), RowsAt({0, 1, 2}));
  }
  static void Rename(Forger* forger, const std::string& name) {
    MetadataSet body;
    body.name = name;
    forger->Make(forger->Uid("a"), body);
  }

  // Another pack of this store, that begins so.
  std::string AddPack(std::string_view bytes) {
    const std::string name = "packs/" + PackFileName(kOtherPack);
    WriteFile(path() + "/" + name, bytes);
    return name;
  }
  PackHeader HeaderOfOnlyPack() const {
    return DecodePackHeader(ReadFile(FileIn("packs", ".pack"))).value();
  }

  static constexpr std::uint64_t kOtherPack = 1;
};

TEST_F(VerifyPacks, NotesASegmentThatNoChangeNames) {
  SegmentRef stray;
  {
    Forger forger(path());
    stray = AppendStray(&forger);
  }
  EXPECT_TRUE(FindsOnly({Severity::kNote,
                         "pack.unreferenced_segment",
                         OnlyPack(),
                         stray.offset,
                         "e/p/a@0",
                         {0, 2},
                         "a segment was never published: branch 0",
                         {},
                         stray.length}));
}

TEST_F(VerifyPacks, SaysNothingOfASegmentThatALiveWriterMayYetPublish) {
  Store store = Store::Open(path()).value();
  const RunWriter run = Start(store, "live");
  {
    Forger forger(path());
    forger.Append(forger.FactsOf(forger.Uid("live"), 0), RowsAt({0, 1, 2}));
    EXPECT_THAT(Codes(Check()), ElementsAre());
  }
  LeaveDamaged();
}

TEST_F(VerifyPacks, NotesDamageInASegmentThatNoChangeNames) {
  SegmentRef stray;
  {
    Forger forger(path());
    stray = AppendStray(&forger);
  }
  FlipByte(FileIn("packs", ".pack"), stray.offset + kFrameHeaderSize);
  EXPECT_TRUE(FindsOnly({Severity::kNote,
                         "segment.damaged_unreferenced",
                         OnlyPack(),
                         stray.offset,
                         "e/p/a@0",
                         {0, 2},
                         "nothing is to be done",
                         {},
                         stray.length}));
}

TEST_F(VerifyPacks, NotesAFrameThatWasCutShort) {
  SegmentRef stray;
  {
    Forger forger(path());
    stray = AppendStray(&forger);
  }
  const std::string pack = FileIn("packs", ".pack");
  std::filesystem::resize_file(pack, stray.offset + stray.length - 1);
  EXPECT_TRUE(FindsOnly({Severity::kNote,
                         "pack.torn_tail",
                         OnlyPack(),
                         stray.offset,
                         "",
                         kNoSteps,
                         "frame is cut short",
                         {},
                         stray.length - 1}));
}

TEST_F(VerifyPacks, SaysNothingOfTheEndOfAPackThatIsBeingWritten) {
  Forger forger(path());
  const SegmentRef stray = AppendStray(&forger);
  const std::string pack = FileIn("packs", ".pack");
  std::filesystem::resize_file(pack, stray.offset + stray.length - 1);
  EXPECT_THAT(Codes(Check()), ElementsAre());
  LeaveDamaged();
}

// No change is missing, so nothing that was acknowledged can have been there.
TEST_F(VerifyPacks, NotesDamageWhereNothingWasKept) {
  SegmentRef stray;
  {
    Forger forger(path());
    stray = AppendStray(&forger);
    Rename(&forger, "later");
  }
  FlipByte(FileIn("packs", ".pack"), stray.offset);
  EXPECT_TRUE(FindsOnly({Severity::kNote, "pack.damaged", OnlyPack(), stray.offset, "", kNoSteps,
                         "frame at byte " + std::to_string(stray.offset)}));
}

TEST_F(VerifyPacks, TellsDamageThatTookAChange) {
  {
    Forger forger(path());
    Rename(&forger, "one");
    Rename(&forger, "two");
  }
  const std::vector<PackFrame> frames = Frames();
  const std::uint64_t damaged = frames[frames.size() - 2].ref.offset;
  FlipByte(FileIn("packs", ".pack"), damaged + kFrameHeaderSize);
  const VerifyReport report = Check();
  ASSERT_THAT(Codes(report), ElementsAre("change.missing", "pack.damaged")) << Text(report);
  EXPECT_TRUE(IsFinding(report.findings[0], {Severity::kLost, "change.missing", "", 0, "", kNoSteps,
                                             "no log and no pack has change 4"}));
  EXPECT_TRUE(IsFinding(report.findings[1], {Severity::kLost, "pack.damaged", OnlyPack(), damaged,
                                             "", kNoSteps, "events checksum mismatch"}));
}

// A whole segment is of no use without the change that names it; the catalog knows that there was
// one.
TEST_F(VerifyPacks, TellsSegmentsWhoseChangesAreMissing) {
  SegmentRef segment;
  {
    Forger forger(path());
    segment = AppendStray(&forger);
    forger.Publish(segment);
  }
  const std::uint64_t damaged = Frames().back().ref.offset;
  FlipByte(FileIn("packs", ".pack"), damaged);
  const VerifyReport report = Check();
  ASSERT_THAT(Codes(report),
              ElementsAre("change.missing", "pack.damaged", "pack.unreferenced_segment"))
      << Text(report);
  EXPECT_TRUE(IsFinding(report.findings[1], {Severity::kLost, "pack.damaged", OnlyPack(), damaged,
                                             "", kNoSteps, "frame"}));
  EXPECT_TRUE(IsFinding(report.findings[2], {Severity::kLost,
                                             "pack.unreferenced_segment",
                                             OnlyPack(),
                                             segment.offset,
                                             "e/p/a@0",
                                             {0, 2},
                                             "no change that is left names a segment"}));
}

TEST_F(VerifyPacks, NotesAPackWhoseMakerDiedBeforeItHadAHeader) {
  const std::string header = EncodePackHeader(HeaderOfOnlyPack());
  const std::string name = AddPack(header.substr(0, 20));
  EXPECT_TRUE(FindsOnly(
      {Severity::kNote, "pack.unreadable", name, 0, "", kNoSteps, "nothing is to be done"}));
}

// All that names what was in it was in it too.
TEST_F(VerifyPacks, TellsAPackWhoseHeaderIsDamaged) {
  FlipByte(FileIn("packs", ".pack"), 20);
  const VerifyReport report = Check();
  ASSERT_THAT(Codes(report), ElementsAre("change.missing", "pack.unreadable")) << Text(report);
  EXPECT_TRUE(IsFinding(report.findings[1], {Severity::kLost, "pack.unreadable", OnlyPack(), 0, "",
                                             kNoSteps, "checksum mismatch"}));
}

TEST_F(VerifyPacks, NamesAPackOfANewerRelease) {
  PackHeader header = HeaderOfOnlyPack();
  header.pack = kOtherPack;
  header.read_version = header.write_version = kPackReadVersion + 1;
  const std::string name = AddPack(EncodePackHeader(header));
  EXPECT_TRUE(FindsOnly({Severity::kVersion, "pack.unreadable", name, 0, "", kNoSteps, "upgrade"}));
}

TEST_F(VerifyPacks, NamesAFrameOfANewerRelease) {
  PackHeader header = HeaderOfOnlyPack();
  header.pack = kOtherPack;
  FrameHeader frame;
  frame.kind = static_cast<FrameKind>(9);
  const std::string name =
      AddPack(EncodePackHeader(header) + EncodeFrameHeader(frame, header.file_id, kPackHeaderSize));
  EXPECT_TRUE(FindsOnly(
      {Severity::kVersion, "pack.unreadable", name, 0, "", kNoSteps, "frame at byte 64"}));
}

}  // namespace
}  // namespace reprise
