// Does one hot path, for scripts/bench_check.sh to count its instructions under callgrind.
//
//   hot_paths               the codec's kernels in use; then the paths: name, count, units
//   hot_paths NAME COUNT    does it
#include "bench/bands/hot_paths.h"

#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "bench/bench_store.h"
#include "format/codec_kernels.h"

namespace reprise::bench {
namespace {

std::vector<HotPath> AllPaths() {
  std::vector<HotPath> all = RunPaths();
  for (HotPath& path : ValuePaths()) all.push_back(std::move(path));
  return all;
}

void Print() {
  std::printf("kernels %s\n", Kernels().target);
  for (const HotPath& path : AllPaths()) {
    std::printf("%s %" PRIu64 " %" PRIu64 "\n", path.name.c_str(), path.count,
                path.count * path.units_each);
  }
}

std::uint64_t ParseCount(std::string_view text) {
  std::uint64_t count = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), count).ptr;
  if (end != text.data() + text.size()) GiveUp("no count: " + std::string(text));
  return count;
}

void Do(std::string_view name, std::uint64_t count) {
  for (const HotPath& path : AllPaths()) {
    if (path.name == name) return path.run(count);
  }
  GiveUp("no hot path: " + std::string(name));
}

}  // namespace

std::vector<double> DrawLosses(std::size_t count) {
  std::mt19937_64 random(1);
  std::vector<double> losses(count);
  double level = 2.5;
  for (double& loss : losses) {
    level *= 0.99999;
    loss = level * (1 + 0.1 * static_cast<double>(random() >> 11U) * 0x1p-53);
  }
  return losses;
}

std::vector<double> DrawFloatLosses(std::size_t count) {
  std::vector<double> losses = DrawLosses(count);
  for (double& loss : losses) loss = static_cast<double>(static_cast<float>(loss));
  return losses;
}

}  // namespace reprise::bench

int main(int argc, char** argv) {
  if (argc == 1) {
    reprise::bench::Print();
  } else if (argc == 3) {
    reprise::bench::Do(argv[1], reprise::bench::ParseCount(argv[2]));
  } else {
    reprise::bench::GiveUp("usage: hot_paths [NAME COUNT]");
  }
}
