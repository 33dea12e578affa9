// Texts made against the encoder: slow_inputs.h.
#ifndef REPRISE_BENCH_SLOW_TEXTS_H_
#define REPRISE_BENCH_SLOW_TEXTS_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace reprise::bench {

struct TextRule {
  std::string name;
  std::function<std::string(std::size_t row)> at;
};

// Texts of words and bytes, of some lengths.
std::vector<TextRule> SlowTexts();
// Texts of numbers, as JSON has them.
std::vector<TextRule> SlowLists();

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_SLOW_TEXTS_H_
