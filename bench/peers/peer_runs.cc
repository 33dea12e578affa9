#include "bench/peers/peer_runs.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <utility>

#include "bench/peers/peer_checks.h"

namespace reprise::bench {

namespace {

namespace fs = std::filesystem;

std::string NewDirectory() {
  static int made = 0;
  return MakeDirectory("peer-" + std::to_string(made++));
}

FinishedRun MakeRun(Peer* peer, const RunInput& run) {
  FinishedRun made{.directory = NewDirectory()};
  const auto writer = peer->OpenWriter(made.directory, run.keys, Flush::kBulk);
  LogAll(writer.get(), run);
  writer->Finish();
  return made;
}

void SyncFileSystemOf(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0 || ::syncfs(descriptor) != 0) GiveUp("cannot sync the file system of " + path);
  ::close(descriptor);
}

}  // namespace

const RunInput& Made() {
  static const RunInput run = MadeRun(kMadeKeys, kMadeRows);
  return run;
}

const RunInput& Changed() {
  static const RunInput run = Made().Head(kChangedRows);
  return run;
}

const RunInput& MadeOf(std::size_t keys) {
  static std::map<std::size_t, RunInput> runs;
  const auto [at, is_new] = runs.try_emplace(keys);
  if (is_new) at->second = MadeRun(keys, std::min(kMadeRows, kMadeRows * kMadeKeys / keys));
  return at->second;
}

const std::optional<RunInput>& Pythia() {
  static const std::optional<RunInput> run = PythiaRun();
  return run;
}

void LogAll(PeerWriter* writer, const RunInput& run) {
  for (std::size_t row = 0; row < run.rows(); ++row) {
    writer->Log({run.steps[row], run.times[row], run.Row(row)});
  }
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

CopiedRun::CopiedRun(const FinishedRun& run) : directory_("copied") {
  fs::copy(run.directory, path(), fs::copy_options::recursive);
  SyncFileSystemOf(path());
}

}  // namespace reprise::bench
