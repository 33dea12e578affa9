// Builds the large stores that scale_bench reads, once: they stay.
//
//   scale_stores DIRECTORY
//
// `many-runs`: 1,000,000 runs of 3 rows of 5 keys (REPRISE_SCALE_RUNS: another number).
// `long-run`: one run of 100,000,000 steps (REPRISE_SCALE_STEPS).
// What building took is in NAME.json beside the store; a store that has one is not built again.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "bench/bench_store.h"
#include "bench/child_figures.h"
#include "bench/scale_work.h"

namespace reprise::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kThreads = 64;

std::uint64_t Setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

void WriteJson(const fs::path& path, const Figures& figures) {
  std::ofstream file(path);
  const char* separator = "{";
  for (const auto& [name, value] : figures) {
    file << separator << '"' << name << "\": " << value;
    separator = ", ";
  }
  file << "}\n";
}

using Work = std::function<void(const std::string& path, Figures* figures)>;

void Build(const fs::path& directory, const std::string& name, const Work& work) {
  const fs::path store = directory / name;
  const fs::path facts = directory / (name + ".json");
  if (fs::exists(facts)) return;
  fs::remove_all(store);
  std::printf("building %s\n", store.c_str());
  WriteJson(facts, RunInChild([&](Figures* figures) { work(store.string(), figures); }));
}

}  // namespace
}  // namespace reprise::bench

int main(int argc, char** argv) {
  using namespace reprise::bench;
  if (argc != 2) GiveUp("usage: scale_stores DIRECTORY");
  const fs::path directory = argv[1];
  fs::create_directories(directory);
  const std::uint64_t runs = Setting("REPRISE_SCALE_RUNS", 1'000'000);
  const std::uint64_t steps = Setting("REPRISE_SCALE_STEPS", 100'000'000);
  Build(directory, "many-runs", [&](const std::string& path, Figures* figures) {
    (*figures)["runs"] = static_cast<double>(runs);
    WriteManyRuns(path, runs, kThreads, figures);
  });
  Build(directory, "long-run", [&](const std::string& path, Figures* figures) {
    (*figures)["steps"] = static_cast<double>(steps);
    WriteLongRun(path, steps, figures);
  });
  return 0;
}
