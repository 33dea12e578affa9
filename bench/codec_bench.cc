// The column codec: bytes a value, and how fast it encodes and decodes.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstring>
#include <functional>
#include <numeric>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/bench_store.h"
#include "bench/codec_suite.h"
#include "format/codec_kernels.h"
#include "format/column.h"
#include "format/number_text.h"

namespace reprise::bench {
namespace {

constexpr std::size_t kLimitBytes = std::size_t{64} << 20;

ColumnView ViewOf(const SuiteColumn& column) {
  ColumnView view;
  view.type = column.type;
  view.rows = column.bits.size();
  view.bits = column.bits;
  return view;
}

std::string Encoded(const SuiteColumn& column) {
  std::string chunk;
  EncodeColumn(ViewOf(column), &chunk);
  return chunk;
}

// Of a chunk that gives back every bit.
double BytesPerValue(const SuiteColumn& column) {
  const std::string chunk = Encoded(column);
  Column decoded;
  Must(DecodeColumn(chunk, column.type, column.bits.size(), &decoded));
  if (decoded.bits != column.bits) GiveUp(column.name + " came back differently");
  return static_cast<double>(chunk.size()) / static_cast<double>(column.bits.size());
}

double SecondsOf(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// The best of some tries: what the machine does beside only adds.
double BestSeconds(const std::function<void()>& work) {
  double best = SecondsOf(work);
  for (int i = 0; i < 8; ++i) best = std::min(best, SecondsOf(work));
  return best;
}

const std::vector<SuiteColumn>& TheSuite() {
  static const std::vector<SuiteColumn> suite = MakeCodecSuite();
  return suite;
}

void Encode(benchmark::State& state, const SuiteColumn& column) {
  std::string chunk;
  for (auto unused : state) {
    chunk.clear();
    EncodeColumn(ViewOf(column), &chunk);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(column.bits.size() * 8));
  state.counters["bytes_per_value"] = BytesPerValue(column);
}

void Decode(benchmark::State& state, const SuiteColumn& column) {
  const std::string chunk = Encoded(column);
  Column decoded;
  for (auto unused : state) {
    Must(DecodeColumn(chunk, column.type, column.bits.size(), &decoded));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(column.bits.size() * 8));
}

// 2,000 histograms as trackers log them: JSON with 64 counts, and 65 edges on a line.
std::vector<std::string> Histograms() {
  std::mt19937_64 random(1);
  std::vector<std::string> texts(2000);
  for (std::string& text : texts) {
    const double first = -1 - static_cast<double>(random() % 10'000) / 30'000;
    const double step = (1 - first) / 64;
    text = R"({"_type": "histogram", "values": [)";
    for (std::uint64_t i = 0; i < 64; ++i) {
      PrintNumber(random() % 30 * i * (64 - i) / 64, NumberStyle::kInteger, &text);
      text += i < 63 ? ", " : R"(], "bins": [)";
    }
    for (std::uint64_t i = 0; i <= 64; ++i) {
      const double edge = i == 64 ? 1 : static_cast<double>(i) * step + first;
      PrintNumber(std::bit_cast<std::uint64_t>(edge), NumberStyle::kPython, &text);
      text += i < 64 ? ", " : "]}";
    }
  }
  return texts;
}

struct TextColumn {
  std::vector<std::string> owned = Histograms();
  std::vector<std::string_view> texts{owned.begin(), owned.end()};
  std::size_t bytes =
      std::accumulate(owned.begin(), owned.end(), std::size_t{0},
                      [](std::size_t sum, const std::string& text) { return sum + text.size(); });

  ColumnView view() const { return {Type::kJson, texts.size(), {}, texts}; }
};

// Bytes a second are those of the text.
void EncodeHistograms(benchmark::State& state) {
  const TextColumn column;
  std::string chunk;
  for (auto unused : state) {
    chunk.clear();
    EncodeColumn(column.view(), &chunk);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(column.bytes));
  const auto rows = static_cast<double>(column.texts.size());
  state.counters["text_bytes_per_row"] = static_cast<double>(column.bytes) / rows;
  state.counters["bytes_per_row"] = static_cast<double>(chunk.size()) / rows;
}

void DecodeHistograms(benchmark::State& state) {
  const TextColumn column;
  std::string chunk;
  EncodeColumn(column.view(), &chunk);
  Column decoded;
  for (auto unused : state) {
    Must(DecodeColumn(chunk, Type::kJson, column.texts.size(), &decoded));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(column.bytes));
}

double MemcpySpeed() {
  const std::vector<char> from(kLimitBytes, 'x');
  std::vector<char> to(kLimitBytes);
  const double seconds = BestSeconds([&] {
    std::memcpy(to.data(), from.data(), kLimitBytes);
    benchmark::ClobberMemory();
  });
  return static_cast<double>(kLimitBytes) / seconds;
}

double DecodeSpeed(const SuiteColumn& column) {
  const std::string chunk = Encoded(column);
  Column decoded;
  const double seconds =
      BestSeconds([&] { Must(DecodeColumn(chunk, column.type, column.bits.size(), &decoded)); });
  return static_cast<double>(column.bits.size() * 8) / seconds;
}

// The whole suite: the mean size, and the median decoder against copying 64 MiB.
void Suite(benchmark::State& state) {
  double bytes = 0;
  std::vector<double> speeds;
  for (auto unused : state) {
    bytes = 0;
    speeds.clear();
    for (const SuiteColumn& column : TheSuite()) {
      bytes += BytesPerValue(column);
      speeds.push_back(DecodeSpeed(column));
    }
  }
  state.counters["mean_bytes_per_value"] = bytes / static_cast<double>(TheSuite().size());
  const double median = Median(std::move(speeds));
  state.counters["median_decode_GB_per_s"] = median / 1e9;
  state.counters["median_decode_of_memcpy"] = median / MemcpySpeed();
  state.SetLabel(Kernels().target);
}

// Values chosen against the encoder.
std::vector<SuiteColumn> HostileColumns() {
  constexpr std::uint64_t kInverse = 0xF1DE'83E1'9937'733D;  // of the dictionary's multiplier
  std::mt19937_64 random(1);
  SuiteColumn noise{"random bits", Type::kDouble, {}};
  SuiteColumn collide{"4,000 numbers that collide", Type::kInt64, {}};
  SuiteColumn mixed{"decimals between noise", Type::kDouble, {}};
  for (std::size_t i = 0; i < kSuiteRows; ++i) {
    noise.bits.push_back(random());
    collide.bits.push_back((random() % 4000) * kInverse);
    const double decimal = static_cast<double>(random() % 1000) / 1000;
    mixed.bits.push_back(i % 8 == 0 ? random() : std::bit_cast<std::uint64_t>(decimal));
  }
  return {std::move(noise), std::move(collide), std::move(mixed)};
}

// A program that is built for certain kernels has no others.
void CheckKernels() {
#ifdef REPRISE_BENCH_KERNELS
  if (Kernels().target != std::string_view(REPRISE_BENCH_KERNELS)) GiveUp("not the kernels asked");
#endif
}

void RegisterAll() {
  static const std::vector<SuiteColumn> hostile = HostileColumns();
  benchmark::RegisterBenchmark("Suite", Suite)->Iterations(1)->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("Encode/histograms", EncodeHistograms);
  benchmark::RegisterBenchmark("Decode/histograms", DecodeHistograms);
  for (const auto* columns : {&TheSuite(), &hostile}) {
    for (const SuiteColumn& column : *columns) {
      benchmark::RegisterBenchmark(("Encode/" + column.name).c_str(),
                                   [&column](benchmark::State& state) { Encode(state, column); });
      benchmark::RegisterBenchmark(("Decode/" + column.name).c_str(),
                                   [&column](benchmark::State& state) { Decode(state, column); });
    }
  }
}

}  // namespace
}  // namespace reprise::bench

int main(int argc, char** argv) {
  reprise::bench::CheckKernels();
  reprise::bench::RegisterAll();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
