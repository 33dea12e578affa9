// Reprise and its peers, given the same rows: what a log takes, what is on disk, what readings
// take.
//
// Operations come one after another, and of each the peers, so that those to be compared are
// measured within a short time. What was read is compared with what was logged before it is timed.
#include <benchmark/benchmark.h>
#include <lmdb.h>
#include <rocksdb/version.h>
#include <sqlite3.h>

#include <bit>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>

#include "bench/peers/io_count.h"
#include "bench/peers/peer.h"
#include "bench/run_input.h"

namespace reprise::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeys = 10;
constexpr std::size_t kRows = 100'000;
constexpr std::size_t kRewoundRows = 10'000;
constexpr std::size_t kSyncedRows = 200;
constexpr int kLimitAppends = 20;
constexpr std::size_t kBuckets = 1000;
constexpr StepRange kRange{50'000, 50'999};
constexpr std::size_t kReadKey = 3;
constexpr double kReadSeconds = 0.1;  // a repetition reads for about as long

const PeerList& Peers() {
  static const PeerList peers = [] {
    PeerList all;
    AddReprise(&all);
    AddMlflow(&all);
    AddTrackio(&all);
    AddAim(&all);
    AddPlainRocksdb(&all);
    AddTfevents(&all);
    AddWandb(&all);
    AddLmdb(&all);
    return all;
  }();
  return peers;
}

const RunInput& Made() {
  static const RunInput run = MadeRun(kKeys, kRows);
  return run;
}

const std::optional<RunInput>& Pythia() {
  static const std::optional<RunInput> run = PythiaRun();
  return run;
}

std::string NewDirectory() {
  static int made = 0;
  return MakeDirectory("peer-" + std::to_string(made++));
}

std::uint64_t BytesIn(const std::string& directory) {
  std::uint64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  return bytes;
}

double Seconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

void LogAll(PeerWriter* writer, const RunInput& run) {
  for (std::size_t row = 0; row < run.rows(); ++row) {
    writer->Log({run.steps[row], run.times[row], run.Row(row)});
  }
}

double Kept(const Peer& peer, double value) {
  return peer.info().float32 ? static_cast<float>(value) : value;
}

bool IsSame(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

// As the peer can know it at best.
NumericSeries Expected(const Peer& peer, const RunInput& run, std::size_t key, StepRange range) {
  NumericSeries curve = run.Curve(key, range);
  for (double& value : curve.values) value = Kept(peer, value);
  return curve;
}

void MustBeSame(const Peer& peer, const std::string& what, bool same) {
  if (!same) GiveUp(peer.info().name + ": " + what + " is not what was logged");
}

bool IsSameCurve(const NumericSeries& a, const NumericSeries& b) {
  return a.steps == b.steps &&
         std::equal(a.values.begin(), a.values.end(), b.values.begin(), b.values.end(), IsSame);
}

void CheckLast(const Peer& peer, const RunInput& run, PeerReader* reader) {
  std::vector<double> expected;
  for (const double value : run.Row(run.rows() - 1)) expected.push_back(Kept(peer, value));
  const std::vector<double> last = reader->ReadLast();
  MustBeSame(peer, "the last row",
             std::equal(last.begin(), last.end(), expected.begin(), expected.end(), IsSame));
}

void CheckCurve(const Peer& peer, const RunInput& run, std::size_t key, PeerReader* reader) {
  const NumericSeries expected = Expected(peer, run, key, {});
  MustBeSame(peer, run.keys[key], IsSameCurve(reader->ReadCurve(key), expected));
}

// All curves, and the last values.
void CheckRun(const Peer& peer, const RunInput& run, PeerReader* reader) {
  for (std::size_t key = 0; key < run.keys.size(); ++key) CheckCurve(peer, run, key, reader);
  CheckLast(peer, run, reader);
}

// The same for one key, where all would take longer than what is measured.
void CheckQuickly(Peer* peer, const RunInput& run, const std::string& directory) {
  const auto reader = peer->OpenReader(directory, run.keys);
  CheckCurve(*peer, run, run.keys.size() - 1, reader.get());
  CheckLast(*peer, run, reader.get());
}

void CheckReading(const Peer& peer, const RunInput& run, PeerReader* reader) {
  CheckRun(peer, run, reader);
  const NumericSeries whole = Expected(peer, run, kReadKey, {});
  MustBeSame(peer, "a range",
             IsSameCurve(reader->ReadRange(kReadKey, kRange), CutOf(whole, kRange)));
  const BucketRule rule({run.steps.front(), run.steps.back()}, kBuckets);
  MustBeSame(peer, "a sample", reader->Sample(kReadKey, rule) == SampleOf(whole, rule));
}

// A peer's finished run, made when first asked for and then kept.
struct FinishedRun {
  std::string directory;
  double bytes_a_value = 0;
};

FinishedRun MakeRun(Peer* peer, const RunInput& run) {
  FinishedRun made{.directory = NewDirectory()};
  const auto writer = peer->OpenWriter(made.directory, run.keys, Flush::kBulk);
  LogAll(writer.get(), run);
  writer->Finish();
  return made;
}

const FinishedRun& Finished(Peer* peer, const RunInput& run) {
  static std::map<std::pair<const Peer*, const RunInput*>, FinishedRun> runs;
  const auto [at, is_new] = runs.try_emplace({peer, &run});
  if (is_new) {
    at->second = MakeRun(peer, run);
    const auto values = static_cast<double>(run.values.size());
    at->second.bytes_a_value = static_cast<double>(BytesIn(at->second.directory)) / values;
    const auto reader = peer->OpenReader(at->second.directory, run.keys);
    &run == &Made() ? CheckReading(*peer, run, reader.get()) : CheckRun(*peer, run, reader.get());
  }
  return at->second;
}

// What an append with an fdatasync takes right now: a disk may be ten times slower a minute later.
double LimitMicros() {
  static SyncedFile file(NewDirectory() + "/limit");
  std::vector<double> micros;
  for (int i = 0; i < kLimitAppends; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    file.Append(256);
    micros.push_back(Seconds(std::chrono::steady_clock::now() - begin) * 1e6);
  }
  return Median(std::move(micros));
}

// `run` into a new store of the peer's, once.
void LogOnce(benchmark::State& state, Peer* peer, const RunInput& run, Flush flush) {
  const std::string directory = NewDirectory();
  double log_seconds = 0;
  double all_seconds = 0;
  IoCount before, after;
  for (auto unused : state) {
    auto writer = peer->OpenWriter(directory, run.keys, flush);
    before = CountIo();
    const auto begin = std::chrono::steady_clock::now();
    LogAll(writer.get(), run);
    log_seconds = Seconds(std::chrono::steady_clock::now() - begin);
    writer->Finish();
    writer.reset();
    all_seconds = Seconds(std::chrono::steady_clock::now() - begin);
    after = CountIo();
    state.SetIterationTime(log_seconds);
  }
  CheckQuickly(peer, run, directory);
  fs::remove_all(directory);
  const auto rows = static_cast<double>(run.rows());
  const auto syncs = static_cast<double>(after.syncs - before.syncs);
  const bool synced = flush == Flush::kEachLog;
  if (synced && syncs < rows) GiveUp(peer->info().name + " did not sync each log");
  if (synced) state.counters["limit_us"] = LimitMicros();
  state.counters["rows"] = rows;
  state.counters["log_us"] = log_seconds * 1e6 / rows;
  state.counters["all_us"] = all_seconds * 1e6 / rows;
  state.counters["cpu_us"] = (after.cpu_seconds - before.cpu_seconds) * 1e6 / rows;
  state.counters["writes"] = static_cast<double>(after.writes - before.writes) / rows;
  state.counters["syncs"] = syncs / rows;
}

using Reading = std::function<void(PeerReader*)>;

void Read(benchmark::State& state, Peer* peer, const RunInput& run, const Reading& reading) {
  const FinishedRun& finished = Finished(peer, run);
  const auto reader = peer->OpenReader(finished.directory, run.keys);
  for (auto unused : state) reading(reader.get());
  state.counters["bytes_a_value"] = finished.bytes_a_value;
}

// Opens a finished run to go on with it, until the next step is known.
void ResumeOnce(benchmark::State& state, Peer* peer) {
  const FinishedRun& finished = Finished(peer, Made());
  for (auto unused : state) {
    const auto begin = std::chrono::steady_clock::now();
    const auto writer = peer->OpenWriter(finished.directory, Made().keys, Flush::kOwn);
    const Step next = writer->next_step();
    state.SetIterationTime(Seconds(std::chrono::steady_clock::now() - begin));
    MustBeSame(*peer, "the next step", next == static_cast<Step>(kRows));
    writer->Finish();
  }
}

// Back to the middle of a run, on stable storage where the peer knows how.
void RewindOnce(benchmark::State& state, Peer* peer) {
  static const RunInput run = Made().Head(kRewoundRows);
  const FinishedRun made = MakeRun(peer, run);
  const bool syncs = peer->info().syncs_each_log;
  for (auto unused : state) {
    auto writer = peer->OpenWriter(made.directory, run.keys, syncs ? Flush::kEachLog : Flush::kOwn);
    const auto begin = std::chrono::steady_clock::now();
    writer->Rewind(kRewoundRows / 2 - 1);
    state.SetIterationTime(Seconds(std::chrono::steady_clock::now() - begin));
    MustBeSame(*peer, "the step after a rewind", writer->next_step() == kRewoundRows / 2);
    writer->Finish();
  }
  state.counters["limit_us"] = LimitMicros();
  const RunInput half = run.Head(kRewoundRows / 2);
  CheckQuickly(peer, half, made.directory);
  fs::remove_all(made.directory);
}

using Benchmark = benchmark::internal::Benchmark;

Benchmark* Register(const std::string& operation, const Peer& peer,
                    const std::function<void(benchmark::State&)>& run) {
  return benchmark::RegisterBenchmark((operation + "/" + peer.info().name).c_str(), run);
}

void RegisterLogs(const std::string& name, const RunInput& run, Flush flush) {
  for (const auto& peer : Peers()) {
    const PeerInfo& info = peer->info();
    const bool wanted = flush == Flush::kEachLog ? info.syncs_each_log : info.logs;
    if (!wanted) continue;
    const std::size_t rows = flush == Flush::kEachLog ? kSyncedRows : info.log_rows;
    Register(name, *peer,
             [p = peer.get(), head = run.Head(rows), flush](benchmark::State& state) {
               LogOnce(state, p, head, flush);
             })
        ->Iterations(1)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  }
}

void RegisterReading(const std::string& name, const RunInput& run, const Reading& reading) {
  for (const auto& peer : Peers()) {
    if (!peer->info().reads) continue;
    Register(
        name, *peer,
        [p = peer.get(), &run, reading](benchmark::State& state) { Read(state, p, run, reading); })
        ->MinTime(kReadSeconds)
        ->UseRealTime()
        ->Unit(benchmark::kMicrosecond);
  }
}

void RegisterReadings() {
  RegisterReading("curve", Made(), [](PeerReader* reader) {
    benchmark::DoNotOptimize(reader->ReadCurve(kReadKey));
  });
  RegisterReading("range", Made(), [](PeerReader* reader) {
    benchmark::DoNotOptimize(reader->ReadRange(kReadKey, kRange));
  });
  RegisterReading("sample", Made(), [](PeerReader* reader) {
    const BucketRule rule({0, kRows - 1}, kBuckets);
    benchmark::DoNotOptimize(reader->Sample(kReadKey, rule));
  });
  RegisterReading("last", Made(),
                  [](PeerReader* reader) { benchmark::DoNotOptimize(reader->ReadLast()); });
}

void RegisterChanges() {
  using Change = void (*)(benchmark::State&, Peer*);
  const auto all = [](const std::string& name, Change change, int iterations) {
    for (const auto& peer : Peers()) {
      if (!peer->info().reads || !peer->info().logs) continue;
      Register(name, *peer, [p = peer.get(), change](benchmark::State& state) { change(state, p); })
          ->Iterations(iterations)
          ->UseManualTime()
          ->Unit(benchmark::kMicrosecond);
    }
  };
  all("resume", ResumeOnce, 3);
  all("rewind", RewindOnce, 1);
}

void RegisterPythia() {
  if (!Pythia()) return;
  RegisterLogs("real_log", *Pythia(), Flush::kOwn);
  RegisterReading("real_curve", *Pythia(),
                  [](PeerReader* reader) { benchmark::DoNotOptimize(reader->ReadCurve(0)); });
}

std::string NameOf(Safety safety) {
  if (safety == Safety::kNothing) return "nothing";
  return safety == Safety::kKill ? "kill" : "power cut";
}

// What the page says beside the figures.
void AddContext() {
  benchmark::AddCustomContext("sqlite", sqlite3_libversion());
  benchmark::AddCustomContext("rocksdb", std::to_string(ROCKSDB_MAJOR) + "." +
                                             std::to_string(ROCKSDB_MINOR) + "." +
                                             std::to_string(ROCKSDB_PATCH));
  benchmark::AddCustomContext("lmdb", std::to_string(MDB_VERSION_MAJOR) + "." +
                                          std::to_string(MDB_VERSION_MINOR) + "." +
                                          std::to_string(MDB_VERSION_PATCH));
  if (Pythia()) benchmark::AddCustomContext("pythia_rows", std::to_string(Pythia()->rows()));
  for (const auto& peer : Peers()) {
    const PeerInfo& info = peer->info();
    benchmark::AddCustomContext("settings:" + info.name, info.settings);
    benchmark::AddCustomContext("safe_from:" + info.name, NameOf(info.safe_from));
    const std::string durable = info.syncs_each_log ? "; on stable storage" : "; not synced";
    if (!info.rewind.empty()) {
      benchmark::AddCustomContext("rewind:" + info.name, info.rewind + durable);
    }
  }
}

void RegisterAll() {
  RegisterLogs("log", Made(), Flush::kOwn);
  RegisterLogs("log_synced", Made(), Flush::kEachLog);
  RegisterReadings();
  RegisterChanges();
  RegisterPythia();
}

}  // namespace
}  // namespace reprise::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  reprise::bench::AddContext();
  reprise::bench::RegisterAll();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
