// What looking through a whole store takes: a few bytes for each change, however large the change.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/io/io.h"
#include "engine/segment/pack_writer.h"
#include "engine/store/gathered_changes.h"
#include "engine/store/layout.h"
#include "format/change.h"
#include "reprise/verify.h"
#include "tests/faults/bounds/heap_meter.h"
#include "tests/support/temp_dir.h"

namespace reprise {
namespace {

constexpr std::size_t kMib = std::size_t{1} << 20;

// A store whose packs hold changes that were made one after the other by a session that is gone.
class StoreOfChanges {
 public:
  explicit StoreOfChanges(const std::string& path)
      : path_(path), layout_(MakeLayout(SystemIo(), path).value()) {
    PackWriterOptions options;
    options.session = 99;
    options.store_uuid = layout_.uuid;
    packs_ = PackWriter::Make(SystemIo(), *layout_.packs, options);
  }

  const std::string& path() const { return path_; }
  std::size_t changes() const { return last_; }

  void Add(const RunUid& uid, ChangeBody body) {
    Change change;
    change.number = ++last_;
    change.session = 99;
    change.boot_nanos = last_;
    change.uid = uid;
    change.body = std::move(body);
    encoded_.push_back(EncodeChange(change));
    bytes_ += encoded_.back().size();
    if (bytes_ > 4 * kMib) Flush();
  }

  void AddRun(std::uint64_t number) {
    const RunUid uid{7, number};
    RunCreated body;
    body.entity = "somebody";
    body.project = "something";
    body.run_id = fmt::format("run-{:08}", number);
    body.name = "a name";
    body.node = RootNode(uid);
    Add(uid, body);
  }

  // Builds the catalog too, so that nothing is to be found. How much memory that takes (bytes).
  std::size_t Finish() {
    Flush();
    EXPECT_TRUE(packs_->Close().ok());
    return HeapPeakOf([&] { EXPECT_TRUE(RebuildCatalog(path_).ok()); });
  }

 private:
  void Flush() {
    EXPECT_TRUE(packs_->AppendEvents(encoded_).ok());
    encoded_.clear();
    bytes_ = 0;
  }

  const std::string path_;
  StoreLayout layout_;
  std::unique_ptr<PackWriter> packs_;
  std::vector<std::string> encoded_;
  std::size_t bytes_ = 0;
  ChangeNumber last_ = 0;
};

std::size_t PeakOfVerify(const StoreOfChanges& store, VerifyDepth depth) {
  return HeapPeakOf([&] {
    const auto report = Verify(store.path(), {.depth = depth});
    ASSERT_TRUE(report.has_value()) << report.error().ToString();
    EXPECT_TRUE(report->findings.empty()) << report->findings[0].message;
  });
}

// One run whose notes are set again and again: the changes are large, what they say is not.
void SetNotes(StoreOfChanges* store, std::size_t changes) {
  store->AddRun(0);
  MetadataSet body;
  while (store->changes() < changes) {
    body.notes = fmt::format("{:0800}", store->changes());
    store->Add({7, 0}, body);
  }
}

class StoreBounds : public ::testing::Test {
 protected:
  // As many bytes for each change or run that `many` has above `few`.
  static std::size_t GrowthOf(std::size_t few, std::size_t many, std::size_t items) {
    return many < few ? 0 : (many - few) / items;
  }

  void SetUp() override { REPRISE_SKIP_UNLESS_METERED(); }

  TempDir temp_;
  StoreOfChanges few_{temp_.Of("few")};
  StoreOfChanges many_{temp_.Of("many")};
};

// More than a window of changes of 900 bytes: what is kept of each is where it lies.
TEST_F(StoreBounds, ALargeChangeCostsAsLittleAsASmallOne) {
  constexpr std::size_t window = GatheredChanges::kWindowBytes;
  constexpr std::size_t added = 40'000;
  SetNotes(&few_, 40'000);
  SetNotes(&many_, 40'000 + added);
  const std::size_t few_rebuilt = few_.Finish();
  const std::size_t many_rebuilt = many_.Finish();
  EXPECT_LT(few_rebuilt, window + 24 * kMib);
  EXPECT_LE(GrowthOf(few_rebuilt, many_rebuilt, added), 64U);
  for (const VerifyDepth depth : {VerifyDepth::kChecksums, VerifyDepth::kDeep}) {
    const std::size_t few = PeakOfVerify(few_, depth);
    const std::size_t many = PeakOfVerify(many_, depth);
    EXPECT_LT(few, window + 24 * kMib) << VerifyDepthName(depth);
    EXPECT_LE(GrowthOf(few, many, added), 64U) << VerifyDepthName(depth);
  }
}

// Verify keeps what each run is; a rebuild does not, it has the catalog for that. Both have less
// than a window of changes here, and so all of them in it.
TEST_F(StoreBounds, ARunCostsLittleMoreThanAKilobyte) {
  constexpr std::size_t added = 20'000;
  for (std::uint64_t run = 0; run < 5'000 + added; ++run) {
    if (run < 5'000) few_.AddRun(run);
    many_.AddRun(run);
  }
  const std::size_t few_rebuilt = few_.Finish();
  EXPECT_LE(GrowthOf(few_rebuilt, many_.Finish(), added), 768U);
  for (const VerifyDepth depth : {VerifyDepth::kChecksums, VerifyDepth::kDeep}) {
    const std::size_t few = PeakOfVerify(few_, depth);
    EXPECT_LE(GrowthOf(few, PeakOfVerify(many_, depth), added), 1280U) << VerifyDepthName(depth);
  }
}

}  // namespace
}  // namespace reprise
