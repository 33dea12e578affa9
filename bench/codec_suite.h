// Columns as training runs log them, drawn from fixed seeds: what the codec is measured on beside
// real runs, so that no trick on one file counts.
#ifndef REPRISE_BENCH_CODEC_SUITE_H_
#define REPRISE_BENCH_CODEC_SUITE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "reprise/value.h"

namespace reprise::bench {

inline constexpr std::size_t kSuiteRows = 65'536;

struct SuiteColumn {
  std::string name;
  Type type = Type::kDouble;        // or kInt64
  std::vector<std::uint64_t> bits;  // kSuiteRows values
};

// 40 columns.
std::vector<SuiteColumn> MakeCodecSuite();

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_CODEC_SUITE_H_
