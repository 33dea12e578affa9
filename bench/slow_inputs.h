// Columns made to be slow to encode: values that a guess of the encoder fits almost, and texts that
// are almost templates. What training programs log is in codec_suite.h.
//
// The smallest has 64 numbers, or 1 KiB of text: below that, what a column costs by itself counts.
#ifndef REPRISE_BENCH_SLOW_INPUTS_H_
#define REPRISE_BENCH_SLOW_INPUTS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "format/column.h"
#include "reprise/value.h"

namespace reprise::bench {

struct SlowInput {
  std::string name;  // "almost float32, 64 values"
  Type type = Type::kDouble;
  std::vector<std::uint64_t> bits;  // of numbers
  std::string blob;                 // of kJson and kString: all texts, as a column has them
  std::vector<std::size_t> ends;    // where they end in it

  void Add(std::string_view text);
  std::vector<std::string_view> texts() const;
  // 8 for each number, or what the texts have.
  std::size_t bytes() const { return bits.size() * sizeof(std::uint64_t) + blob.size(); }
};

// All kinds, each in several sizes. Drawn from fixed seeds.
std::vector<SlowInput> MakeSlowInputs();

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_SLOW_INPUTS_H_
