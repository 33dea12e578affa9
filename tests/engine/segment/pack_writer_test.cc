// Which pack a session writes to, and what it does when the disk fails.
#include <random>

#include "tests/engine/segment/segment_fixture.h"
#include "tests/support/temp_dir.h"

namespace reprise {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PackWriting : public SegmentFixture {
 protected:
  Status Append(PackWriter& writer, const std::string& change) {
    return writer.AppendEvents(std::vector<std::string>{change});
  }

  // Of everything, if no sync failed before.
  static Status Sync(PackWriter& writer) { return writer.Sync(writer.Mark()); }
  std::vector<std::uint64_t> Packs() { return ListPacks(packs_).value(); }
  std::function<Status(std::string_view)> FailOnce(Code code) {
    return [code, done = false](std::string_view) mutable {
      if (std::exchange(done, true)) return Status();
      return Status::Error(code, "as the test wants");
    };
  }

  const RowBatch rows_ = RandomRows(3, {}).Make();
};

TEST_F(PackWriting, TouchesNoFileBeforeTheFirstFrame) {
  const auto writer = MakeWriter();
  EXPECT_TRUE(writer->AppendEvents({}).ok());
  EXPECT_TRUE(Sync(*writer).ok());
  EXPECT_TRUE(writer->Close().ok());
  EXPECT_THAT(disk_.files, IsEmpty());
}

TEST_F(PackWriting, SaysWhereSegmentsAreAndScanFindsThemThere) {
  const auto writer = MakeWriter();
  const SegmentRef first = writer->AppendSegment(InputOf(rows_)).value();
  ASSERT_TRUE(writer->AppendEvents(std::vector<std::string>{"one", "", "three"}).ok());
  const SegmentRef second = writer->AppendSegment(InputOf(rows_)).value();
  EXPECT_EQ(first.rows, rows_.rows());
  EXPECT_EQ(first.first, rows_.first_step());
  EXPECT_EQ(first.last, rows_.last_step());
  EXPECT_EQ(first.branch, facts_.branch);
  EXPECT_EQ(first.generation, facts_.generation);
  const auto scanned = Scan(OnlyPack());
  ASSERT_TRUE(scanned.has_value()) << scanned.error().ToString();
  EXPECT_THAT(scanned->segments, ElementsAre(first, second));
  EXPECT_THAT(scanned->changes, ElementsAre("one", "", "three"));
  EXPECT_THAT(scanned->damage, IsEmpty());
}

TEST_F(PackWriting, SyncsANewPacksDirectoryOnce) {
  const auto writer = MakeWriter();
  ASSERT_TRUE(Append(*writer, "a").ok());
  ASSERT_TRUE(Sync(*writer).ok());
  EXPECT_EQ(disk_.directory_syncs, 1);
  ASSERT_TRUE(Append(*writer, "b").ok());
  ASSERT_TRUE(Sync(*writer).ok());
  ASSERT_TRUE(Sync(*writer).ok());
  EXPECT_EQ(disk_.directory_syncs, 1);
  EXPECT_EQ(disk_.syncs, 3) << "the header, and each frame";
  EXPECT_EQ(disk_.files.begin()->second->durable, disk_.files.begin()->second->bytes);
}

TEST_F(PackWriting, ContinuesAtTheNextBlockWithoutChangingWhatIsThere) {
  ASSERT_TRUE(Append(*MakeWriter(), "first session").ok());
  const std::string before = BytesOf(OnlyPack());
  const auto writer = MakeWriter();
  const SegmentRef ref = writer->AppendSegment(InputOf(rows_)).value();
  EXPECT_EQ(ref.offset, kPackBlockBytes + kFrameHeaderSize);
  EXPECT_TRUE(BytesOf(OnlyPack()).starts_with(before));
  const auto scanned = Scan(OnlyPack());
  EXPECT_EQ(scanned->continues, 1);
  EXPECT_THAT(scanned->segments, ElementsAre(ref));
  EXPECT_THAT(scanned->damage, IsEmpty());
  EXPECT_TRUE((*OpenSegment(ref))->VerifyBytes().ok());
}

// Whoever made it may have died before its header and its name were on disk.
TEST_F(PackWriting, ContinuingAPackSyncsItsHeaderAndItsName) {
  ASSERT_TRUE(Append(*MakeWriter(), "first session").ok());
  disk_.files.begin()->second->durable.clear();
  const int before = disk_.directory_syncs;
  const auto writer = MakeWriter();
  disk_.write_offsets.clear();
  ASSERT_TRUE(Append(*writer, "second session").ok());
  EXPECT_EQ(disk_.write_offsets, (std::vector<std::uint64_t>{0, kPackBlockBytes}));
  ASSERT_TRUE(Sync(*writer).ok());
  EXPECT_EQ(disk_.directory_syncs, before + 1);
}

TEST_F(PackWriting, NoFrameIsWrittenBeforeTheHeaderIsOnDisk) {
  disk_.on_write = [this](std::string_view) {
    const FakeDisk::Content& pack = *disk_.files.begin()->second;
    EXPECT_TRUE(pack.bytes.empty() || pack.durable.size() >= kPackHeaderSize);
    return Status();
  };
  ASSERT_TRUE(Append(*MakeWriter(), "a").ok());
}

TEST_F(PackWriting, ContinuesAfterATornTailAndNamesIt) {
  for (const std::size_t kept : {1u, 50u, 76u, 100u, 500u}) {
    SCOPED_TRACE(kept);
    disk_.files.clear();
    auto dead = MakeWriter();
    ASSERT_TRUE(Append(*dead, "whole").ok());
    const std::size_t whole = BytesOf(OnlyPack()).size();
    ASSERT_TRUE(dead->AppendSegment(InputOf(rows_)).has_value());
    BytesOf(OnlyPack()).resize(whole + kept);
    const std::string torn = BytesOf(OnlyPack());
    dead.reset();
    ASSERT_THAT(Scan(OnlyPack())->damage, SizeIs(1));
    // What follows is longer than the torn segment was to be: its header alone would hide it.
    auto next = MakeWriter();
    ASSERT_TRUE(Append(*next, "second session").ok());
    std::vector<SegmentRef> refs;
    for (int i = 0; i < 5; ++i) refs.push_back(next->AppendSegment(InputOf(rows_)).value());
    next.reset();
    ASSERT_TRUE(Append(*MakeWriter(), "third session").ok());
    const auto scanned = Scan(OnlyPack());
    EXPECT_EQ(scanned->segments, refs);
    EXPECT_THAT(scanned->changes, ElementsAre("whole", "second session", "third session"));
    EXPECT_THAT(scanned->damage, IsEmpty());
    EXPECT_EQ(BytesOf(OnlyPack()).substr(0, torn.size()), torn) << "nothing is overwritten";
  }
}

TEST_F(PackWriting, AFullPackIsLeftForANewOneAndSyncReachesBoth) {
  options_.pack_bytes = 8192;
  const auto writer = MakeWriter();
  std::mt19937_64 random(1);
  std::string large;  // what no compression makes smaller
  while (large.size() < 9000) large.push_back(static_cast<char>(random()));
  ASSERT_TRUE(Append(*writer, large).ok());
  ASSERT_TRUE(Append(*writer, "second pack").ok());
  ASSERT_THAT(Packs(), SizeIs(2));
  ASSERT_TRUE(Sync(*writer).ok());
  for (const auto& [name, file] : disk_.files) EXPECT_EQ(file->durable, file->bytes) << name;
  EXPECT_THAT(Scan(Packs()[0])->changes, ElementsAre(large));
  EXPECT_THAT(Scan(Packs()[1])->changes, ElementsAre("second pack"));
}

TEST_F(PackWriting, ContinuesNoPackOfAnotherStoreNorADamagedOne) {
  ASSERT_TRUE(Append(*MakeWriter(), "ours").ok());
  options_.store_uuid = std::string(16, 'v');
  ASSERT_TRUE(Append(*MakeWriter(), "theirs").ok());
  ASSERT_THAT(Packs(), SizeIs(2));
  BytesOf(Packs()[1])[20] ^= 1;
  ASSERT_TRUE(Append(*MakeWriter(), "theirs again").ok());
  EXPECT_THAT(Packs(), SizeIs(3));
}

TEST_F(PackWriting, APackWhoseSyncFailedIsNotWrittenAgain) {
  const auto writer = MakeWriter();
  ASSERT_TRUE(Append(*writer, "lost").ok());
  disk_.on_sync = FailOnce(Code::kIoError);
  EXPECT_EQ(Sync(*writer).code(), Code::kIoError);
  const std::string before = BytesOf(Packs()[0]);
  ASSERT_TRUE(Append(*writer, "again").ok());
  EXPECT_EQ(BytesOf(Packs()[0]), before);
  EXPECT_TRUE(Sync(*writer).ok());
  EXPECT_TRUE(writer->Close().ok());
  for (const auto& [name, file] : disk_.files) EXPECT_EQ(file->syncs_after_failure, 0) << name;
}

TEST_F(PackWriting, APackWhoseDirectoryCouldNotBeSyncedIsNotWrittenAgain) {
  const auto writer = MakeWriter();
  ASSERT_TRUE(Append(*writer, "lost").ok());
  disk_.on_sync = [](std::string_view file) {
    return file.empty() ? Status::Error(Code::kIoError, "no") : Status();
  };
  EXPECT_EQ(Sync(*writer).code(), Code::kIoError);
  const std::string before = BytesOf(Packs()[0]);
  disk_.on_sync = nullptr;
  ASSERT_TRUE(Append(*writer, "again").ok());
  EXPECT_EQ(BytesOf(Packs()[0]), before);
  EXPECT_TRUE(Sync(*writer).ok());
}

// One thread's failed sync takes another's frames with it, which must not be told that they are
// safe.
TEST_F(PackWriting, ASyncFailsForAllWhoAppendedBeforeAnotherThreadsFailed) {
  const auto writer = MakeWriter();
  const PackMark mine = writer->Mark();
  ASSERT_TRUE(Append(*writer, "mine").ok());
  disk_.on_sync = FailOnce(Code::kIoError);
  EXPECT_EQ(writer->Sync(writer->Mark()).code(), Code::kIoError);
  EXPECT_EQ(writer->Sync(mine).code(), Code::kIoError);
  const PackMark again = writer->Mark();
  ASSERT_TRUE(Append(*writer, "mine again").ok());
  EXPECT_EQ(writer->Sync(mine).code(), Code::kIoError);
  EXPECT_TRUE(writer->Sync(again).ok());
}

TEST_F(PackWriting, AFailedWriteLeavesEarlierFramesToTheNextSync) {
  const auto writer = MakeWriter();
  ASSERT_TRUE(Append(*writer, "kept").ok());
  disk_.torn_bytes = 10;
  disk_.on_write = FailOnce(Code::kIoError);
  EXPECT_EQ(Append(*writer, "lost").code(), Code::kIoError);
  ASSERT_TRUE(Append(*writer, "again").ok());
  ASSERT_TRUE(Sync(*writer).ok());
  std::vector<std::string> durable;
  for (const std::uint64_t pack : Packs()) {
    auto& file = *disk_.files.at(PackFileName(pack));
    EXPECT_EQ(file.durable, file.bytes);
    const Scanned scanned = Scan(pack).value();
    durable.insert(durable.end(), scanned.changes.begin(), scanned.changes.end());
  }
  EXPECT_THAT(durable, ::testing::UnorderedElementsAre("kept", "again"));
}

TEST_F(PackWriting, OnAFullDiskTheNextTryGoesToTheSamePlace) {
  for (const std::size_t torn : {0u, 1u, 76u, 90u}) {
    SCOPED_TRACE(torn);
    disk_.files.clear();
    const auto writer = MakeWriter();
    ASSERT_TRUE(Append(*writer, "kept").ok());
    disk_.torn_bytes = torn;
    disk_.on_write = FailOnce(Code::kNoSpace);
    EXPECT_EQ(Append(*writer, "too much, for now").code(), Code::kNoSpace);
    ASSERT_TRUE(Append(*writer, "too much, for now").ok());
    const auto scanned = Scan(OnlyPack());
    EXPECT_THAT(scanned->changes, ElementsAre("kept", "too much, for now"));
    EXPECT_THAT(scanned->damage, IsEmpty());
  }
}

TEST_F(PackWriting, ADiskTooFullForAPackLeavesNoFile) {
  disk_.on_write = [](std::string_view) { return Status::Error(Code::kNoSpace, "full"); };
  const auto writer = MakeWriter();
  EXPECT_EQ(Append(*writer, "a").code(), Code::kNoSpace);
  EXPECT_EQ(Append(*writer, "a").code(), Code::kNoSpace);
  EXPECT_THAT(disk_.files, IsEmpty());
}

TEST_F(PackWriting, AClosedWriterRefuses) {
  const auto writer = MakeWriter();
  ASSERT_TRUE(Append(*writer, "a").ok());
  ASSERT_TRUE(writer->Close().ok());
  EXPECT_TRUE(writer->Close().ok());
  EXPECT_EQ(Append(*writer, "b").code(), Code::kClosed);
  EXPECT_EQ(Sync(*writer).code(), Code::kClosed);
}

// Locks need real files.
class PackSharing : public ::testing::Test {
 protected:
  PackSharing() : packs_(SystemIo().files->OpenDirectory(temp_.path()).value()) {
    options_.store_uuid = std::string(16, 'u');
  }
  std::unique_ptr<PackWriter> MakeWriter() {
    return PackWriter::Make(SystemIo(), *packs_, options_);
  }
  static Status Append(PackWriter& writer) {
    return writer.AppendEvents(std::vector<std::string>{"change"});
  }
  std::size_t Packs() { return ListPacks(*packs_)->size(); }

  const TempDir temp_;
  const std::unique_ptr<Directory> packs_;
  PackWriterOptions options_;
};

TEST_F(PackSharing, TwoWritersTakeDifferentPacks) {
  const auto first = MakeWriter();
  const auto second = MakeWriter();
  ASSERT_TRUE(Append(*first).ok());
  ASSERT_TRUE(Append(*second).ok());
  EXPECT_EQ(Packs(), 2u);
}

TEST_F(PackSharing, AThousandSessionsOneAfterTheOtherShareOnePack) {
  for (int i = 0; i < 1000; ++i) {
    const auto writer = MakeWriter();
    ASSERT_TRUE(Append(*writer).ok());
    if (i % 2 == 0) {
      ASSERT_TRUE(writer->Close().ok());  // the others just end
    }
  }
  EXPECT_EQ(Packs(), 1u);
}

TEST_F(PackSharing, APackStaysReadableAfterItsNameIsGone) {
  const auto writer = MakeWriter();
  ASSERT_TRUE(Append(*writer).ok());
  const std::uint64_t id = ListPacks(*packs_)->front();
  const auto pack = PackFile::Open(*packs_, id).value();
  ASSERT_TRUE(packs_->Remove(PackFileName(id)).ok());
  int frames = 0;
  const auto count = [&](const PackFrame&) {
    ++frames;
    return Status();
  };
  EXPECT_TRUE(pack->Scan(count, [](const PackDamage&) { return Status(); }).ok());
  EXPECT_EQ(frames, 1);
  EXPECT_EQ(PackFile::Open(*packs_, id).error().code(), Code::kNotFound);
}

}  // namespace
}  // namespace reprise
