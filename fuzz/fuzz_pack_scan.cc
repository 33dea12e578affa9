// A pack of frames, some damaged (made_pack.h), looked through from its beginning. Input: the
// pieces.
#include "engine/segment/pack_scan.h"
#include "engine/segment/pack_writer.h"
#include "format/events.h"
#include "fuzz/made_pack.h"
#include "fuzz/input_directory.h"

namespace reprise::fuzz {
namespace {

struct Met {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  bool damage = false;
  FrameKind kind = FrameKind::kSegment;

  friend bool operator==(const Met&, const Met&) = default;
};

std::vector<Met> Scan(PackFile& pack) {
  std::vector<Met> met;
  const Status scanned = pack.Scan(
      [&](const PackFrame& frame) {
        met.push_back({frame.ref.offset, frame.ref.length, false, frame.kind});
        if (frame.kind != FrameKind::kEvents) return Status();
        return ForEachEvent(frame.payload, [](std::string_view) { return Status(); });
      },
      [&](const PackDamage& damage) {
        Require(!damage.message.empty(), "damage is told");
        met.push_back({damage.offset, damage.length, true, FrameKind::kSegment});
        return Status();
      });
  Require(scanned.ok(), "a scan goes on behind damage");
  return met;
}

// Frames and damage lie one behind the other and leave nothing out but what a session has named.
void RequireCover(const std::vector<Met>& met, std::uint64_t size) {
  std::uint64_t end = kPackHeaderSize;
  for (const Met& one : met) {
    const bool names = !one.damage && one.kind == FrameKind::kContinues;
    Require(names ? one.offset >= end : one.offset == end, "nothing is left out or met twice");
    end = one.offset + one.length;
  }
  Require(end == size, "a scan ends where the file does");
}

void RequireFrames(const MadePack& made, const std::vector<Met>& met) {
  std::size_t next = 0;
  for (const MadeFrame& frame : made.frames) {
    if (!made.IsWhole(frame)) continue;
    while (next < met.size() && met[next].damage) ++next;
    Require(next < met.size() && met[next].offset == frame.offset &&
                met[next].length == frame.bytes.size() && met[next].kind == frame.kind,
            "every whole frame is met, also behind damage");
    ++next;
  }
  while (next < met.size() && met[next].damage) ++next;
  Require(next == met.size(), "nothing else is taken for a frame");
}

void RequireEnd(const MadePack& made, File* file) {
  const PackSpan span{file, kMadePackFileId, kMadePack, made.bytes.size()};
  const Result<std::uint64_t> end = EndOfFrames(span);
  Require(end.has_value() && *end <= made.bytes.size(), "frames end in the file");
  for (const MadeFrame& frame : made.frames) {
    Require(!made.IsWhole(frame) || frame.end() <= *end, "no whole frame is beyond the end");
  }
}

void Try(FuzzInput input) {
  const MadePack made = MakePack(&input);
  MemoryDirectory packs;
  std::string& bytes = packs.files()[PackFileName(kMadePack)] = made.bytes;
  const auto pack = PackFile::Open(packs, kMadePack);
  Require(pack.has_value(), "a pack with a whole header opens");
  const std::vector<Met> met = Scan(**pack);
  Require(Scan(**pack) == met, "a pack is the same each time");
  RequireCover(met, made.bytes.size());
  RequireFrames(made, met);
  MemoryFile file("pack", &bytes);
  RequireEnd(made, &file);
}

}  // namespace
}  // namespace reprise::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::fuzz::Try(reprise::fuzz::FuzzInput(data, size));
  return 0;
}
