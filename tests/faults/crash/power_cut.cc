#include "tests/faults/crash/power_cut.h"

#include <algorithm>

namespace reprise {

namespace {

constexpr std::size_t kSector = 512;
constexpr std::size_t kMostSubsets = 10;

// Sectors are those of the file, so a write may begin and end in the middle of one.
void PutSectors(const FileState::Write& write, std::uint64_t mask, std::string* bytes) {
  std::size_t at = 0;
  while (at < write.bytes.size()) {
    const std::uint64_t sector = (write.offset + at) / kSector;
    const std::size_t end =
        std::min<std::size_t>(write.bytes.size(), (sector + 1) * kSector - write.offset);
    const bool kept = (mask >> (sector % 64) & 1) != 0;
    if (kept) {
      PutBytes(bytes, write.offset + at, std::string_view(write.bytes).substr(at, end - at));
    }
    at = end;
  }
}

void Put(const FileState::Write& write, const WriteFate& fate, std::string* bytes) {
  switch (fate.kind) {
    case WriteFate::Kind::kKept:
      return PutBytes(bytes, write.offset, write.bytes);
    case WriteFate::Kind::kLost:
      return;
    case WriteFate::Kind::kPrefix:
      return PutBytes(bytes, write.offset, std::string_view(write.bytes).substr(0, fate.detail));
    case WriteFate::Kind::kSectors:
      return PutSectors(write, fate.detail, bytes);
  }
}

void CutFile(const FileFate& fate, FileState* file) {
  const std::size_t size = file->bytes.size();
  file->bytes = file->durable;
  for (std::size_t i = 0; i < file->pending.size(); ++i) {
    Put(file->pending[i], fate.writes[i], &file->bytes);
  }
  if (fate.keeps_size) file->bytes.resize(size);
}

FileFate AllOf(const FileState& file, bool kept) {
  FileFate fate;
  const auto kind = kept ? WriteFate::Kind::kKept : WriteFate::Kind::kLost;
  fate.writes.assign(file.pending.size(), {kind, 0});
  return fate;
}

// One write is torn after so many bytes, those before it are kept, those after it maybe.
FileFate TornFate(const FileState& file, std::size_t torn, std::size_t bytes, bool keeps_rest) {
  FileFate fate = AllOf(file, true);
  fate.writes[torn] = {WriteFate::Kind::kPrefix, bytes};
  for (std::size_t i = torn + 1; i < file.pending.size(); ++i) {
    if (!keeps_rest) fate.writes[i].kind = WriteFate::Kind::kLost;
  }
  return fate;
}

void CutNames(const std::vector<bool>& kept, DirectoryState* directory) {
  directory->names = directory->durable;
  for (std::size_t i = 0; i < directory->pending.size(); ++i) {
    if (kept[i]) ApplyChange(directory->pending[i], &directory->names);
  }
}

using Wants = std::function<bool()>;
using Visit = std::function<void(const PowerCut&)>;

// Of `count` things the last up to 10 in all combinations; those before are kept.
std::uint64_t CountSubsets(std::size_t count) {
  return std::uint64_t{1} << std::min(count, kMostSubsets);
}
bool IsKept(std::size_t i, std::size_t count, std::uint64_t subset) {
  const std::size_t first = count > kMostSubsets ? count - kMostSubsets : 0;
  return i < first || (subset >> (i - first) & 1) != 0;
}

class CutMaker {
 public:
  CutMaker(const DiskState& disk, const Wants& wants, const Visit& visit)
      : disk_(disk), wants_(wants), visit_(visit) {}

  void Run() {
    for (const bool rest : {true, false}) {
      Offer([&] { return PowerCut{rest, rest}; });
      Offer([&] { return PowerCut{rest, !rest}; });
      for (const auto& [inode, file] : disk_.files) {
        if (file.pending.empty()) continue;
        Subsets(inode, file, rest);
        Tears(inode, file, rest);
      }
      for (const auto& [inode, directory] : disk_.directories) Names(inode, directory, rest);
    }
  }

 private:
  template <typename Make>
  void Offer(const Make& make) {
    if (wants_()) visit_(make());
  }

  void Subsets(Inode inode, const FileState& file, bool rest) {
    const std::size_t count = file.pending.size();
    for (std::uint64_t subset = 0; subset < CountSubsets(count); ++subset) {
      for (const bool keeps_size : {false, true}) {
        Offer([&] {
          FileFate fate = AllOf(file, true);
          for (std::size_t i = 0; i < count; ++i) {
            if (!IsKept(i, count, subset)) fate.writes[i].kind = WriteFate::Kind::kLost;
          }
          return CutOf(inode, std::move(fate), keeps_size, rest);
        });
      }
    }
  }

  void Tears(Inode inode, const FileState& file, bool rest) {
    for (std::size_t torn = 0; torn < file.pending.size(); ++torn) {
      for (std::size_t bytes = 1; bytes < file.pending[torn].bytes.size(); ++bytes) {
        for (const bool keeps_size : {false, true}) {
          Offer([&] {
            return CutOf(inode, TornFate(file, torn, bytes, keeps_size), keeps_size, rest);
          });
        }
      }
    }
  }

  void Names(Inode inode, const DirectoryState& directory, bool rest) {
    const std::size_t count = directory.pending.size();
    if (count == 0) return;
    for (std::uint64_t subset = 0; subset < CountSubsets(count); ++subset) {
      Offer([&] {
        PowerCut cut{rest, true};
        for (std::size_t i = 0; i < count; ++i) {
          cut.names[inode].push_back(IsKept(i, count, subset));
        }
        return cut;
      });
    }
  }

  static PowerCut CutOf(Inode inode, FileFate fate, bool keeps_size, bool rest) {
    PowerCut cut{rest, true};
    fate.keeps_size = keeps_size;
    cut.files[inode] = std::move(fate);
    return cut;
  }

  const DiskState& disk_;
  const Wants& wants_;
  const Visit& visit_;
};

WriteFate RandomFate(const FileState::Write& write, std::uint64_t chance) {
  switch (chance % 8) {
    case 0:
      return {WriteFate::Kind::kPrefix, chance / 8 % (write.bytes.size() + 1)};
    case 1:
      return {WriteFate::Kind::kPrefix, chance / 8 % (write.bytes.size() / kSector + 1) * kSector};
    case 2:
      return {WriteFate::Kind::kSectors, chance};
    case 3:
    case 4:
      return {WriteFate::Kind::kLost, 0};
    default:
      return {WriteFate::Kind::kKept, 0};
  }
}

}  // namespace

DiskState AfterCut(const DiskState& disk, const PowerCut& cut) {
  DiskState after = disk;
  for (auto& [inode, file] : after.files) {
    if (file.pending.empty()) continue;
    const auto named = cut.files.find(inode);
    CutFile(named == cut.files.end() ? AllOf(file, cut.keeps_writes) : named->second, &file);
  }
  for (auto& [inode, directory] : after.directories) {
    if (directory.pending.empty()) continue;
    const auto named = cut.names.find(inode);
    const std::vector<bool> all(directory.pending.size(), cut.keeps_names);
    CutNames(named == cut.names.end() ? all : named->second, &directory);
  }
  after.Settle();
  return after;
}

void ForEachCut(const DiskState& disk, const std::function<bool()>& wants,
                const std::function<void(const PowerCut&)>& visit) {
  CutMaker(disk, wants, visit).Run();
}

PowerCut RandomCut(const DiskState& disk, const std::function<std::uint64_t()>& random) {
  PowerCut cut;
  for (const auto& [inode, file] : disk.files) {
    FileFate fate;
    for (const FileState::Write& write : file.pending) {
      fate.writes.push_back(RandomFate(write, random()));
    }
    fate.keeps_size = random() % 2 == 0;
    cut.files[inode] = std::move(fate);
  }
  for (const auto& [inode, directory] : disk.directories) {
    auto& kept = cut.names[inode];
    for (std::size_t i = 0; i < directory.pending.size(); ++i) kept.push_back(random() % 3 != 0);
  }
  return cut;
}

}  // namespace reprise
