// Numbers made against the encoder: slow_inputs.h.
#ifndef REPRISE_BENCH_SLOW_NUMBERS_H_
#define REPRISE_BENCH_SLOW_NUMBERS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "reprise/value.h"

namespace reprise::bench {

struct NumberRule {
  const char* name;
  Type type;
  // The bits of value i of a column of `values`.
  std::function<std::uint64_t(std::size_t i, std::size_t values)> at;
};

std::vector<NumberRule> SlowNumbers();

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_SLOW_NUMBERS_H_
