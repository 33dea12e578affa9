// A pack that a fuzzer builds: its frames have the checksums that belong to them, and some are
// damaged afterwards.
#ifndef REPRISE_FUZZ_MADE_PACK_H_
#define REPRISE_FUZZ_MADE_PACK_H_

#include <string>
#include <vector>

#include "format/pack.h"
#include "fuzz/fuzz_input.h"

namespace reprise::fuzz {

inline constexpr std::uint64_t kMadePack = 7;
inline constexpr std::uint64_t kMadePackFileId = 0x0FED'CBA9'8765'4321;

// The header that a made pack begins with.
std::string MadePackHeader();

struct MadeFrame {
  std::size_t offset = 0;
  FrameKind kind = FrameKind::kSegment;
  std::string bytes;  // as they were before the damage

  std::size_t end() const { return offset + bytes.size(); }
};

struct MadePack {
  std::string bytes;
  std::vector<MadeFrame> frames;

  // Whether what a scan looks at is as it was made: all of the frame, of a segment the frame's
  // header and the segment's footer.
  bool IsWhole(const MadeFrame& frame) const;
};

// Takes pieces until the input ends: a kind (u8), then
//   0  a segment's frame: rows - 1 (u8), first step (u8), what is before the footer, a size (u16)
//      and bytes
//   1  an events frame: how many changes (u8), and a size (u8) and bytes for each
//   2  bytes that are no frame: a size (u8) and bytes
//   3  another session begins, at the next block
//   4  damage in the last frame: where (u16), what is changed (u8)
MadePack MakePack(FuzzInput* input);

}  // namespace reprise::fuzz

#endif  // REPRISE_FUZZ_MADE_PACK_H_
