// What suited the numbers of earlier segments of a run, so that the next segment need not search
// anew: a column of 4,096 rows is encoded three times as fast.
//
// A memory changes which of several good encodings is chosen, never what is decoded.
#ifndef REPRISE_FORMAT_PLAN_MEMORY_H_
#define REPRISE_FORMAT_PLAN_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "format/vector_codec.h"
#include "reprise/value.h"

namespace reprise {

// Of one column.
struct ColumnPlans {
  VectorPlans plans;            // none: nothing is known
  double bytes_a_row = 0;       // that they gave when they were chosen
  bool has_dictionary = false;  // a dictionary was smaller then
  int uses = 0;                 // since then
};

// Of one run's columns. Not thread-safe.
class PlanMemory {
 public:
  ColumnPlans* steps() { return &steps_; }
  ColumnPlans* times() { return &times_; }
  // Of a key's values of one type; null for more keys than are remembered. Valid while the memory
  // lives.
  ColumnPlans* Of(std::string_view key, Type type);

 private:
  using Columns = std::map<std::string, ColumnPlans, std::less<>>;

  ColumnPlans steps_;
  ColumnPlans times_;
  Columns columns_[kTypeCount];  // by type
  std::size_t size_ = 0;
};

}  // namespace reprise

#endif  // REPRISE_FORMAT_PLAN_MEMORY_H_
