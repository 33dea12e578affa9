// The operations whose instructions are counted, so that a slower one is seen on any machine.
//
// A path does what it is asked for `count` times, after the same preparation whatever the count:
// the difference between two counts is the operations' own. Work in the background is part of a
// path that waits for it.
#ifndef REPRISE_BENCH_BANDS_HOT_PATHS_H_
#define REPRISE_BENCH_BANDS_HOT_PATHS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace reprise::bench {

struct HotPath {
  std::string name;
  std::uint64_t count;       // that a difference is taken over
  std::uint64_t units_each;  // what instructions are counted per: 1, or values a count
  std::function<void(std::uint64_t count)> run;
};

// Logging, rewinding, reading: through the public API, in stores of their own.
std::vector<HotPath> RunPaths();
// Sealing and decoding values.
std::vector<HotPath> ValuePaths();

// A falling loss with noise, the same everywhere; full doubles.
std::vector<double> DrawLosses(std::size_t count);
// What training computes.
std::vector<double> DrawFloatLosses(std::size_t count);

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_BANDS_HOT_PATHS_H_
