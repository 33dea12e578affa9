#include "format/plan_memory.h"

namespace reprise {
namespace {

// About 1 MiB of them. A run with more keys has few rows of each in a segment.
constexpr std::size_t kMostColumns = 4096;

}  // namespace

ColumnPlans* PlanMemory::Of(std::string_view key, Type type) {
  Columns& columns = columns_[static_cast<std::size_t>(type)];
  const auto found = columns.find(key);
  if (found != columns.end()) return &found->second;
  if (size_ == kMostColumns) return nullptr;
  ++size_;
  return &columns[std::string(key)];
}

}  // namespace reprise
