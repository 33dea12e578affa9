// Packs on a fake disk, with short verbs to write and read them.
#ifndef REPRISE_TESTS_ENGINE_SEGMENT_SEGMENT_FIXTURE_H_
#define REPRISE_TESTS_ENGINE_SEGMENT_SEGMENT_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/segment/pack_reader.h"
#include "engine/segment/pack_writer.h"
#include "format/events.h"
#include "tests/engine/log/fake_disk.h"
#include "tests/support/random_rows.h"

namespace reprise {

class PackClock final : public Clock {
 public:
  TimeMicros Now() override { return 1'700'000'000'000'000 + (ticks_++ << 20); }
  std::uint64_t BootNanos() override { return 1; }

 private:
  std::int64_t ticks_ = 0;
};

class PackRandom final : public Random {
 public:
  std::uint64_t Next64() override { return 0x9E3779B97F4A7C15 * next_++; }

 private:
  std::uint64_t next_ = 1;
};

// What a scan met.
struct Scanned {
  std::vector<SegmentRef> segments;
  std::vector<std::string> changes;
  int continues = 0;
  std::vector<PackDamage> damage;
};

class SegmentFixture : public ::testing::Test {
 protected:
  SegmentFixture() {
    io_.clock = &clock_;
    io_.random = &random_;
    options_.session = 7;
    options_.store_uuid = std::string(16, 'u');
    facts_.branch = {{1, 2}, 3};
    facts_.generation = 5;
    facts_.sealed_at = 1'700'000'000'000'000;
  }

  std::unique_ptr<PackWriter> MakeWriter() { return PackWriter::Make(io_, packs_, options_); }

  // The input refers to `rows`.
  SegmentInput InputOf(const RowBatch& rows) const { return {facts_, &rows, nullptr}; }

  std::shared_ptr<PackFile> OpenPack(std::uint64_t pack) {
    auto opened = PackFile::Open(packs_, pack);
    EXPECT_TRUE(opened.has_value()) << opened.error().ToString();
    return opened.value_or(nullptr);
  }
  Result<std::shared_ptr<const SegmentReader>> OpenSegment(const SegmentRef& ref) {
    auto pack = PackFile::Open(packs_, ref.pack);
    if (!pack.has_value()) return Fail(pack.error());
    return SegmentReader::Open(*pack, ref);
  }
  std::uint64_t OnlyPack() {
    const auto ids = ListPacks(packs_);
    EXPECT_EQ(ids->size(), 1u);
    return ids->front();
  }
  std::string& BytesOf(std::uint64_t pack) { return disk_.files.at(PackFileName(pack))->bytes; }

  Result<Scanned> Scan(std::uint64_t pack) {
    auto opened = PackFile::Open(packs_, pack);
    if (!opened.has_value()) return Fail(opened.error());
    Scanned scanned;
    const Status status = (*opened)->Scan(
        [&](const PackFrame& frame) {
          if (frame.kind == FrameKind::kSegment) scanned.segments.push_back(frame.ref);
          if (frame.kind == FrameKind::kContinues) ++scanned.continues;
          if (frame.kind != FrameKind::kEvents) return Status();
          return ForEachEvent(frame.payload, [&](std::string_view change) {
            scanned.changes.emplace_back(change);
            return Status();
          });
        },
        [&](const PackDamage& damage) {
          scanned.damage.push_back(damage);
          return Status();
        });
    if (!status.ok()) return Fail(status);
    return scanned;
  }

  FakeDisk disk_;
  FakeDirectory packs_{disk_};
  PackClock clock_;
  PackRandom random_;
  Io io_;
  PackWriterOptions options_;
  SegmentFacts facts_;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_ENGINE_SEGMENT_SEGMENT_FIXTURE_H_
