// What bench/peers/clients.py runs beside the peers' clients: the same rows into a store of
// Reprise, and one curve out of it, as a user's program would.
#include <cmath>
#include <string_view>

#include "bench/bench_store.h"
#include "reprise/store.h"

namespace reprise::bench {
namespace {

constexpr int kRows = 10'000;
constexpr int kKeys = 10;
constexpr int kReadKey = 3;

std::string KeyOf(int key) { return "group/metric_000" + std::to_string(key); }

double ValueOf(int key, int step) {
  const double value = (1 + key / 10.0) * std::exp(-step / 3000.0);
  return std::round(value * 1e6) / 1e6;
}

void LogRun(const std::string& path) {
  Store store = Must(Store::Open(path));
  RunWriter run = Must(store.StartRun({.run_id = "run"}));
  std::vector<std::string> keys;
  keys.reserve(kKeys);
  for (int key = 0; key < kKeys; ++key) keys.push_back(KeyOf(key));
  for (int step = 0; step < kRows; ++step) {
    std::vector<Field> fields;
    fields.reserve(kKeys);
    for (int key = 0; key < kKeys; ++key) {
      fields.push_back({keys[static_cast<std::size_t>(key)], ValueOf(key, step)});
    }
    Must(run.Log(fields));
  }
  Must(run.Finish());
}

void ReadCurve(const std::string& path) {
  const Store store = Must(Store::Open(path, {.create = false, .read_only = true}));
  const History history = Must(store.OpenHistory({"run", {}, {}}));
  const NumericSeries curve = Must(history.ReadNumbers(KeyOf(kReadKey)));
  if (curve.values.size() != kRows) GiveUp("rows are missing");
  for (int step = 0; step < kRows; ++step) {
    if (curve.values[static_cast<std::size_t>(step)] != ValueOf(kReadKey, step)) {
      GiveUp("a value is not the one that was logged");
    }
  }
}

}  // namespace
}  // namespace reprise::bench

int main(int argc, char** argv) {
  if (argc != 3) reprise::bench::GiveUp("usage: reprise_client log|read FOLDER");
  const std::string path = std::string(argv[2]) + "/store";
  std::string_view(argv[1]) == "log" ? reprise::bench::LogRun(path)
                                     : reprise::bench::ReadCurve(path);
  return 0;
}
