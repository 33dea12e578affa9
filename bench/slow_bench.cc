// The column codec on inputs made against it: what it encodes at least, whatever comes.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "bench/bench_store.h"
#include "bench/clocks.h"
#include "bench/slow_inputs.h"
#include "format/column.h"

namespace reprise::bench {
namespace {

// One turn encodes as often as takes about this long; the best of some turns stands, since what
// else the machine does only adds. Inputs take turns, so that no slow moment has all of one's.
constexpr double kTurnSeconds = 8e-4;
constexpr int kTurns = 5;

class EncodedInput {
 public:
  explicit EncodedInput(const SlowInput& input)
      : name_(input.name),
        texts_(input.texts()),
        bytes_(input.bytes()),
        view_{input.type, std::max(input.bits.size(), texts_.size()), input.bits, texts_} {
    Encode();
    Column decoded;
    Must(DecodeColumn(chunk_, view_.type, view_.rows, &decoded));
    for (std::size_t i = 0; i < view_.rows; ++i) {
      if (!(decoded.value(i) == view_.value(i))) GiveUp(input.name + " came back differently");
    }
  }

  void TakeTurn() {
    const double once = SecondsOf(1);
    least_ = std::min({least_, once, SecondsOf(1 + static_cast<int>(kTurnSeconds / once))});
  }
  // In the best turn.
  double BytesPerSecond() const { return static_cast<double>(bytes_) / least_; }
  const std::string& name() const { return name_; }

 private:
  void Encode() {
    chunk_.clear();
    EncodeColumn(view_, &chunk_);
  }
  double SecondsOf(int times) {
    const double begin = ThreadCpuSeconds();
    for (int i = 0; i < times; ++i) Encode();
    return (ThreadCpuSeconds() - begin) / times;
  }

  std::string name_;
  std::vector<std::string_view> texts_;
  std::size_t bytes_;
  ColumnView view_;
  std::string chunk_;
  double least_ = std::numeric_limits<double>::infinity();  // seconds
};

// Bytes of input for a second of CPU time of the thread; a counter for each input.
void EncodeSlowest(benchmark::State& state) {
  static const std::vector<SlowInput> made = MakeSlowInputs();
  double slowest = std::numeric_limits<double>::infinity();
  for (auto unused : state) {
    std::vector<EncodedInput> inputs(made.begin(), made.end());
    for (int turn = 0; turn < kTurns; ++turn) {
      for (EncodedInput& input : inputs) input.TakeTurn();
    }
    for (const EncodedInput& input : inputs) {
      const double speed = input.BytesPerSecond();
      state.counters["of " + input.name()] = speed;
      slowest = std::min(slowest, speed);
    }
  }
  state.counters["slowest"] = slowest;
  state.counters["inputs"] = static_cast<double>(made.size());
}
BENCHMARK(EncodeSlowest)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace reprise::bench
