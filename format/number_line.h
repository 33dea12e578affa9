// Lists of doubles that lie on a line, as the edges of a histogram do: what a line through the
// first and the last number gives for the others, and what is left to add.
//
// The rules are those of the programs that made the lists, so that mostly nothing is left.
#ifndef REPRISE_FORMAT_NUMBER_LINE_H_
#define REPRISE_FORMAT_NUMBER_LINE_H_

#include <array>
#include <cstdint>
#include <span>

#include "reprise/status.h"

namespace reprise {

// How the line is computed (format/column.md). Stored on disk: the values never change.
enum class LineRule : std::uint8_t {
  kNone = 0,     // no line
  kDouble = 1,   // in doubles
  kRounded = 2,  // in doubles, each number rounded to float32
  kFloat = 3,    // in float32
  kLanes = 4,    // in float32, from the nearer end, eight numbers at a time
};
inline constexpr int kLineRuleCount = 5;
inline constexpr std::array<LineRule, 4> kLineRules = {LineRule::kDouble, LineRule::kRounded,
                                                       LineRule::kFloat, LineRule::kLanes};

// All but the first rule work on float32 values only, and on none that is subnormal or not finite.
inline bool TakesFloat32(LineRule rule) { return rule > LineRule::kDouble; }
bool AreFloat32(std::span<const std::uint64_t> doubles);

// Replaces each number of a list by what it adds to the line from the first to the last, in steps
// of its type. Requires at least one number, and AreFloat32 where the rule takes such.
void SubtractLine(LineRule rule, std::span<std::uint64_t> numbers);

// The inverse. Fails with kCorrupt where the rule takes float32 values and an end is none,
// or a subnormal one.
Status AddLine(LineRule rule, std::uint64_t first, std::uint64_t last,
               std::span<std::uint64_t> numbers);

}  // namespace reprise

#endif  // REPRISE_FORMAT_NUMBER_LINE_H_
