#include "tests/faults/sweep/log_oracle.h"

#include <utility>

#include "format/bytes.h"
#include "format/log_file.h"

namespace reprise {

LogOracle::LogOracle(std::string sound, Boot boot) : sound_(std::move(sound)), boot_(boot) {
  std::size_t offset = kLogHeaderSize;
  while (offset + kGroupHeaderSize <= sound_.size()) {
    const char* header = sound_.data() + offset;
    groups_.push_back(
        {offset, LoadLittle<std::uint64_t>(header + 16), LoadLittle<std::uint64_t>(header + 32)});
    offset += kGroupHeaderSize + LoadLittle<std::uint32_t>(header + 8);
  }
  groups_.push_back({offset, 0, 0});
}

bool LogOracle::IsWhole(std::string_view damaged, std::size_t group) const {
  const std::size_t first = groups_[group].offset;
  const std::size_t size = groups_[group + 1].offset - first;
  return damaged.size() >= first + size &&
         damaged.substr(first, size) == std::string_view(sound_).substr(first, size);
}

std::optional<std::size_t> LogOracle::TornAfter(std::string_view damaged) const {
  const std::string_view sound(sound_);
  const bool zeros = damaged.find_first_not_of('\0') == std::string_view::npos;
  if (damaged.size() < kLogHeaderSize || zeros) return 0;
  if (damaged.substr(0, kLogHeaderSize) != sound.substr(0, kLogHeaderSize)) return std::nullopt;
  std::size_t first_bad = 0;
  while (first_bad < groups() && IsWhole(damaged, first_bad)) ++first_bad;
  for (std::size_t i = first_bad + 1; i < groups(); ++i) {
    if (!IsWhole(damaged, i)) continue;
    const bool was_durable = groups_[i].durable_upto >= groups_[first_bad].sequence;
    if (boot_ == Boot::kSame || was_durable) return std::nullopt;
  }
  return first_bad;
}

}  // namespace reprise
