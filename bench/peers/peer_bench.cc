// Reprise and its peers, given the same rows: what a log takes, what is on disk, what readings
// take.
//
// Operations come one after another, and of each the peers, so that those to be compared are
// measured within a short time. What was read is compared with what was logged before it is timed.
#include <benchmark/benchmark.h>
#include <lmdb.h>
#include <rocksdb/version.h>
#include <sqlite3.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>

#include "bench/clocks.h"
#include "bench/peers/io_count.h"
#include "bench/peers/peer.h"
#include "bench/peers/peer_checks.h"
#include "bench/peers/peer_runs.h"

namespace reprise::bench {
namespace {

constexpr std::size_t kSyncedRows = 100;
constexpr std::size_t kLeastRows = 3;
constexpr int kLimitAppends = 20;
constexpr double kReadSeconds = 0.1;  // a repetition reads for about as long
constexpr Step kMiddle = kChangedRows / 2 - 1;

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

// What an append with an fdatasync takes right now: a disk may be ten times slower a minute later.
double LimitMicros() {
  static SyncedFile file(MakeDirectory("limit") + "/file");
  std::vector<double> micros;
  for (int i = 0; i < kLimitAppends; ++i) {
    const Stopwatch watch;
    file.Append(256);
    micros.push_back(watch.micros());
  }
  return Median(std::move(micros));
}

// `run` into a new store of the peer's, once.
void LogOnce(benchmark::State& state, Peer* peer, const RunInput& run, Flush flush) {
  const ScratchDirectory directory("logged");
  double log_us = 0;
  double all_us = 0;
  IoCount before, after;
  for (auto unused : state) {
    auto writer = peer->OpenWriter(directory.path(), run.keys, flush);
    before = CountIo();
    const Stopwatch watch;
    LogAll(writer.get(), run);
    log_us = watch.micros();
    writer->Finish();
    writer.reset();
    all_us = watch.micros();
    after = CountIo();
    state.SetIterationTime(log_us * 1e-6);
  }
  CheckQuickly(peer, run, directory.path(), Which::kRun);
  const auto rows = static_cast<double>(run.rows());
  const auto syncs = static_cast<double>(after.syncs - before.syncs);
  const bool synced = flush == Flush::kEachLog;
  if (synced && syncs < rows) GiveUp(peer->info().name + " did not sync each log");
  if (synced) state.counters["limit_us"] = LimitMicros();
  state.counters["rows"] = rows;
  state.counters["log_us"] = log_us / rows;
  state.counters["all_us"] = all_us / rows;
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
    const Stopwatch watch;
    const auto writer = peer->OpenWriter(finished.directory, Made().keys, Flush::kOwn);
    const Step next = writer->next_step();
    state.SetIterationTime(watch.seconds());
    MustBeSame(*peer, "the next step", next == static_cast<Step>(kMadeRows));
    writer->Finish();
  }
}

// On stable storage where the peer knows how.
std::unique_ptr<PeerWriter> OpenToChange(Peer* peer, const CopiedRun& copy) {
  const Flush flush = peer->info().syncs_each_log ? Flush::kEachLog : Flush::kOwn;
  return peer->OpenWriter(copy.path(), Changed().keys, flush);
}

const RunInput& FirstHalf() {
  static const RunInput half = Changed().Head(kMiddle + 1);
  return half;
}

// Back to the middle of a run.
void RewindOnce(benchmark::State& state, Peer* peer) {
  const CopiedRun copy(Finished(peer, Changed()));
  for (auto unused : state) {
    const auto writer = OpenToChange(peer, copy);
    const Stopwatch watch;
    writer->Rewind(kMiddle);
    state.SetIterationTime(watch.seconds());
    MustBeSame(*peer, "the step after a rewind", writer->next_step() == kMiddle + 1);
    writer->Finish();
  }
  state.counters["limit_us"] = LimitMicros();
  CheckQuickly(peer, FirstHalf(), copy.path(), Which::kRun);
}

// A run of its own from the middle of one, which stays as it is.
void ForkOnce(benchmark::State& state, Peer* peer) {
  const CopiedRun copy(Finished(peer, Changed()));
  for (auto unused : state) {
    const auto writer = OpenToChange(peer, copy);
    const Stopwatch watch;
    writer->Fork(kMiddle);
    state.SetIterationTime(watch.seconds());
    MustBeSame(*peer, "the step of who was forked", writer->next_step() == kChangedRows);
    writer->Finish();
  }
  state.counters["limit_us"] = LimitMicros();
  CheckQuickly(peer, FirstHalf(), copy.path(), Which::kFork);
  CheckQuickly(peer, Changed(), copy.path(), Which::kRun);
}

using Benchmark = benchmark::internal::Benchmark;

Benchmark* Register(const std::string& operation, const Peer& peer,
                    const std::function<void(benchmark::State&)>& run) {
  return benchmark::RegisterBenchmark((operation + "/" + peer.info().name).c_str(), run);
}

// How many rows of so many keys are logged: so that it takes less time than of 10 keys.
std::size_t LoggedRows(const PeerInfo& info, std::size_t keys, Flush flush) {
  if (flush == Flush::kEachLog) return kSyncedRows;
  if (keys == kMadeKeys) return info.log_rows;
  const std::size_t rows = info.log_rows * kMadeKeys / std::max(keys, kMadeKeys);
  return std::max(rows / (keys > 100 ? 4 : 2), kLeastRows);
}

void RegisterLogs(const std::string& name, const RunInput& run, Flush flush, std::size_t keys) {
  for (const auto& peer : Peers()) {
    const PeerInfo& info = peer->info();
    const bool wanted = flush == Flush::kEachLog ? info.syncs_each_log : info.logs;
    if (!wanted) continue;
    const std::size_t rows = LoggedRows(info, keys, flush);
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
    benchmark::DoNotOptimize(reader->ReadRange(kReadKey, kReadSteps));
  });
  RegisterReading("sample", Made(), [](PeerReader* reader) {
    const BucketRule rule({0, kMadeRows - 1}, kReadBuckets);
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
  all("fork", ForkOnce, 1);
}

void RegisterPythia() {
  if (!Pythia()) return;
  RegisterLogs("real_log", *Pythia(), Flush::kOwn, kMadeKeys);
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
    if (info.rewind.empty()) continue;
    benchmark::AddCustomContext("rewind:" + info.name, info.rewind + durable);
    benchmark::AddCustomContext("fork:" + info.name, info.fork + durable);
  }
}

void RegisterAll() {
  RegisterLogs("log", Made(), Flush::kOwn, kMadeKeys);
  for (const std::size_t keys : {1U, 100U, 1000U}) {
    RegisterLogs("log_" + std::to_string(keys), MadeOf(keys), Flush::kOwn, keys);
  }
  RegisterLogs("log_synced", Made(), Flush::kEachLog, kMadeKeys);
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
