// Patched frame of reference: integers as `base` plus a few bits each; the few that do not fit
// have their high part in a patch list.
//
// With d = value - base (modulo 2^64), the low `width` bits of d are packed for every value. A
// value is patched if the rest, high = d >> width (arithmetic), is not 0.
#ifndef REPRISE_FORMAT_FRAME_OF_REFERENCE_H_
#define REPRISE_FORMAT_FRAME_OF_REFERENCE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "format/bytes.h"
#include "format/patch_list.h"
#include "reprise/status.h"

namespace reprise {

// How one vector's integers are framed.
struct Frame {
  std::uint64_t base = 0;
  int width = 0;          // 0..64
  PatchShape patches;     // high parts that are not 0; none if width is 64
  std::size_t bytes = 0;  // what the frame's header, values and patches take
};

// Chooses a frame close to the smallest, in time linear in the values. At least one value.
Frame ChooseFrame(std::span<const std::uint64_t> values);

// Appends the frame's header after its width, which the caller stores.
void AppendFrameHeader(const Frame& frame, std::string* out);

// At most this many values in front may be left out of a frame.
inline constexpr std::size_t kMaxUnframed = 3;

// Appends the packed values and the patches. Values before `first` are not stored, but a full
// vector keeps room for them.
void AppendFrameValues(const Frame& frame, std::span<const std::uint64_t> values, std::size_t first,
                       std::string* out);

// Reads what the two functions above wrote. Sets values[first..]; those before are untouched.
Status ReadFrameHeader(bool patched, std::size_t rows, ByteReader* reader, Frame* frame);
Status ReadFrameValues(const Frame& frame, std::size_t first, ByteReader* reader,
                       std::span<std::uint64_t> values);

}  // namespace reprise

#endif  // REPRISE_FORMAT_FRAME_OF_REFERENCE_H_
