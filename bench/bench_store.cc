#include "bench/bench_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <random>
#include <thread>

namespace reprise::bench {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPageBytes = 4096;
constexpr std::uint64_t kRowsPerCall = 65'536;
constexpr auto kQuiet = std::chrono::seconds(3);  // background work comes up each second

fs::path ChosenDirectory() {
  const char* chosen = std::getenv("REPRISE_BENCH_DIR");
  return chosen != nullptr ? fs::path(chosen) : fs::temp_directory_path();
}

// Made when first asked for, removed when the program ends.
class OwnDirectory {
 public:
  OwnDirectory() : path_(ChosenDirectory() / Name()) {
    std::error_code error;
    fs::create_directories(path_, error);
    if (error) GiveUp("cannot make " + path_.string() + ": " + error.message());
  }
  ~OwnDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  const fs::path& path() const { return path_; }

 private:
  static std::string Name() {
    std::random_device random;
    return "reprise-bench-" + std::to_string(random());
  }

  fs::path path_;
};

}  // namespace

void GiveUp(std::string_view reason) {
  std::fprintf(stderr, "benchmark stopped: %.*s\n", static_cast<int>(reason.size()), reason.data());
  std::exit(1);
}

std::string MakeDirectory(std::string_view name) {
  static const OwnDirectory own;
  const fs::path made = own.path() / name;
  std::error_code error;
  if (!fs::create_directory(made, error)) GiveUp("cannot make " + made.string());
  return made.string();
}

ScratchDirectory::ScratchDirectory(std::string_view name) {
  static std::atomic<int> made = 0;
  path_ = MakeDirectory(std::string(name) + "-" + std::to_string(made++));
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::uint64_t BytesIn(const std::string& directory) {
  constexpr off_t kStatBlock = 512;
  std::uint64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    struct stat facts {};
    if (!entry.is_regular_file() || stat(entry.path().c_str(), &facts) != 0) continue;
    bytes += static_cast<std::uint64_t>(std::min(facts.st_size, facts.st_blocks * kStatBlock));
  }
  return bytes;
}

RunWriter StartOrResume(Store& store, const std::string& run_id) {
  RunOptions options;
  options.run_id = run_id;
  options.resume = Resume::kAllow;
  return Must(store.StartRun(options));
}

void AppendRows(RunWriter& run, std::uint64_t rows, const std::function<double(Step)>& value) {
  std::vector<Step> steps;
  std::vector<double> values;
  for (std::uint64_t done = 0; done < rows; done += steps.size()) {
    steps.resize(std::min(kRowsPerCall, rows - done));
    std::iota(steps.begin(), steps.end(), run.next_step());
    values.clear();
    for (const Step step : steps) {
      values.push_back(value ? value(step) : 1.0 / static_cast<double>(step + 1));
    }
    ColumnBatch::Column loss;
    loss.key = "loss";
    loss.doubles = values;
    ColumnBatch batch;
    batch.steps = steps;
    batch.columns = {&loss, 1};
    Must(run.AppendColumns(batch));
  }
}

void Deepen(RunWriter& run, std::uint32_t branches) {
  for (std::uint32_t i = 0; i < branches; ++i) {
    const Step step = Must(run.Log({{"loss", 0.5}}));
    Must(run.Rewind(step));
  }
}

std::uint64_t LogBytes(const std::string& path) {
  std::uint64_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(path) / "log")) {
    std::error_code gone;  // files are removed by the store's background thread
    const auto size = entry.file_size(gone);
    if (!gone && entry.path().extension() == ".log") bytes += size;
  }
  return bytes;
}

void WaitUntilQuiet(const std::string& path) {
  std::uint64_t before = 0;
  for (std::uint64_t now = LogBytes(path); now != before; now = LogBytes(path)) {
    before = now;
    std::this_thread::sleep_for(kQuiet);
  }
}

std::string ReadCatalog(const std::string& path) {
  for (const auto& entry : fs::directory_iterator(path)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("catalog") || name.ends_with("lock")) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  GiveUp("no catalog in " + path);
}

std::uint64_t DifferingPages(std::string_view before, std::string_view after) {
  std::uint64_t pages = 0;
  for (std::size_t at = 0; at < after.size(); at += kPageBytes) {
    const std::string_view was = before.substr(std::min(at, before.size()), kPageBytes);
    pages += after.substr(at, kPageBytes) == was ? 0U : 1U;
  }
  return pages;
}

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

SyncedFile::SyncedFile(const std::string& path)
    : descriptor_(::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600)) {
  if (descriptor_ < 0) GiveUp("cannot open " + path);
}

SyncedFile::~SyncedFile() { ::close(descriptor_); }

void SyncedFile::Append(std::size_t bytes) {
  const std::string content(bytes, 'x');
  const bool done = ::write(descriptor_, content.data(), bytes) == static_cast<ssize_t>(bytes) &&
                    ::fdatasync(descriptor_) == 0;
  if (!done) GiveUp("cannot write and sync a file");
}

}  // namespace reprise::bench
