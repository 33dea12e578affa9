// Which texts of a column are distinct, and in which order they sort.
#ifndef REPRISE_FORMAT_DISTINCT_TEXT_H_
#define REPRISE_FORMAT_DISTINCT_TEXT_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace reprise {

// Distinct texts, and for every row which one it has.
struct DistinctTexts {
  std::vector<std::string_view> texts;
  std::vector<std::uint64_t> ranks;
};

// In order of appearance. Nothing where the texts were chosen to collide in a hash table.
std::optional<DistinctTexts> FindDistinctTexts(std::span<const std::string_view> texts);

// Sorts the texts by their bytes and renumbers the ranks.
void SortTexts(DistinctTexts* distinct);

// Bytes that a text has in common with another at its begin.
std::size_t SharedPrefix(std::string_view a, std::string_view b);

}  // namespace reprise

#endif  // REPRISE_FORMAT_DISTINCT_TEXT_H_
