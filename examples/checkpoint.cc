#include "examples/checkpoint.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

namespace example {

namespace {

using reprise::BranchInfo;
using reprise::Step;

constexpr std::uint64_t kMagic = 0x31'54'50'4B'43'4C'50'58;  // "XPLCKPT1"

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

struct Header {
  std::uint64_t magic = kMagic;
  std::int64_t step = 0;
  std::uint64_t random_state = 0;
  std::uint64_t weights = 0;
};

bool WriteFloats(const std::vector<float>& values, std::FILE* file) {
  return std::fwrite(values.data(), sizeof(float), values.size(), file) == values.size();
}

bool ReadFloats(std::FILE* file, std::vector<float>* values) {
  return std::fread(values->data(), sizeof(float), values->size(), file) == values->size();
}

bool Write(const Checkpoint& checkpoint, std::FILE* file) {
  const Header header{kMagic, checkpoint.step, checkpoint.random_state, checkpoint.weights.size()};
  return std::fwrite(&header, sizeof header, 1, file) == 1 &&
         WriteFloats(checkpoint.weights, file) && WriteFloats(checkpoint.mean, file) &&
         WriteFloats(checkpoint.variance, file) && std::fflush(file) == 0 &&
         fsync(fileno(file)) == 0;
}

std::string FileName(std::uint32_t branch, Step step) {
  return "branch-" + std::to_string(branch) + "-step-" + std::to_string(step);
}

// The newest step <= `through` with a checkpoint of the branch itself.
std::optional<Step> NewestStep(const std::filesystem::path& folder, std::uint32_t branch,
                               Step through) {
  const std::string prefix = "branch-" + std::to_string(branch) + "-step-";
  std::optional<Step> newest;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix) || entry.path().has_extension()) continue;
    const Step step = std::strtoll(name.c_str() + prefix.size(), nullptr, 10);
    if (step <= through && (!newest || step > *newest)) newest = step;
  }
  return newest;
}

std::optional<Checkpoint> Load(const std::filesystem::path& path) {
  const File file(std::fopen(path.c_str(), "rb"));
  Header header;
  if (!file || std::fread(&header, sizeof header, 1, file.get()) != 1) return std::nullopt;
  if (header.magic != kMagic || header.weights > (1U << 24)) return std::nullopt;
  Checkpoint checkpoint{header.step, header.random_state, {}, {}, {}};
  for (auto* values : {&checkpoint.weights, &checkpoint.mean, &checkpoint.variance}) {
    values->resize(header.weights);
    if (!ReadFloats(file.get(), values)) return std::nullopt;
  }
  return checkpoint;
}

}  // namespace

std::filesystem::path CheckpointFolder(const std::filesystem::path& root,
                                       const reprise::RunInfo& run) {
  return root / (run.run_id + "." + run.uid.substr(0, 8));
}

bool SaveCheckpoint(const Checkpoint& checkpoint, const std::filesystem::path& folder,
                    std::uint32_t branch) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const std::filesystem::path path = folder / FileName(branch, checkpoint.step);
  const std::filesystem::path unfinished = path.string() + ".new";
  {
    const File file(std::fopen(unfinished.c_str(), "wb"));
    if (!file || !Write(checkpoint, file.get())) return false;
  }
  std::filesystem::rename(unfinished, path, error);
  return !error;
}

std::optional<Checkpoint> FindCheckpoint(const reprise::Store& store,
                                         const std::filesystem::path& root, const std::string& run,
                                         Step through) {
  std::string id = run;
  std::optional<std::uint32_t> ordinal;  // the head first
  while (true) {
    const auto lineage = store.ReadLineage(id);
    if (!lineage) return std::nullopt;
    const BranchInfo& branch = lineage->branches[ordinal.value_or(lineage->run.branch)];
    const std::filesystem::path folder = CheckpointFolder(root, lineage->run);
    if (const auto step = NewestStep(folder, branch.ordinal, through)) {
      return Load(folder / FileName(branch.ordinal, *step));
    }
    if (!branch.base || branch.base->deleted) return std::nullopt;
    // On with the branch that this one started on, up to where it left it.
    through = std::min(through, branch.base->step);
    id = branch.base->project + "/" + branch.base->run_id;
    ordinal = branch.base->branch;
  }
}

}  // namespace example
