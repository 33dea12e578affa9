#include "tests/faults/crash/crash_image.h"

#include <functional>
#include <random>
#include <string_view>

#include "tests/faults/crash/power_cut.h"

namespace reprise {

namespace {

class Hasher {
 public:
  void Add(std::uint64_t number) {
    hash_ = (hash_ ^ number) * 0x9E3779B97F4A7C15U;
    hash_ ^= hash_ >> 29;
  }
  void Add(std::string_view bytes) { Add(std::hash<std::string_view>()(bytes)); }
  std::uint64_t hash() const { return hash_; }

 private:
  std::uint64_t hash_ = 1;
};

void AddDirectory(const DiskState& disk, Inode directory, Hasher* hasher) {
  for (const auto& [name, inode] : disk.directories.at(directory).names) {
    hasher->Add(name);
    if (disk.directories.contains(inode)) {
      AddDirectory(disk, inode, hasher);
    } else {
      hasher->Add(disk.files.at(inode).bytes);
    }
  }
  hasher->Add(std::uint64_t{0});
}

// Makes the images of one trace, in two rounds: one that counts those that could be made, and one
// that makes every so-manieth.
class ImageMaker {
 public:
  ImageMaker(const DiskTrace& trace, std::uint64_t count, std::uint64_t seed,
             const std::function<bool(const CrashImage&)>& visit)
      : trace_(trace), count_(count), random_(seed), visit_(visit) {}

  void Run() {
    Walk();
    total_ = offered_;
    counting_ = false;
    offered_ = random_() % (total_ / std::max<std::uint64_t>(count_, 1) + 1);
    Walk();
    for (int barren = 0; made_ < count_ && barren < 4;) {
      const std::uint64_t before = made_;
      WalkAtRandom();
      barren = made_ == before ? barren + 1 : 0;
    }
  }

 private:
  void Walk() {
    disk_ = trace_.before;
    for (at_ = 0;; ++at_) {
      KillImages();
      CutImages(at_);
      if (HadOther(at_)) CutImages(at_ - 1);
      if (at_ == trace_.effects.size()) return;
      disk_.Apply(trace_.effects[at_]);
    }
  }

  void WalkAtRandom() {
    disk_ = trace_.before;
    const std::uint64_t each = (count_ - made_) / (trace_.effects.size() + 1) + 1;
    for (at_ = 0; made_ < count_; ++at_) {
      for (std::uint64_t i = 0; i < each; ++i) {
        const std::size_t catalog = HadOther(at_) && random_() % 4 == 0 ? at_ - 1 : at_;
        Cut(RandomCut(disk_, [this] { return random_(); }), catalog);
      }
      if (at_ == trace_.effects.size()) return;
      disk_.Apply(trace_.effects[at_]);
    }
  }

  // Whether the next one that is offered is to be made.
  bool Wants() {
    ++offered_;
    if (counting_) return false;
    if (total_ <= count_) return true;
    return offered_ * count_ / total_ != (offered_ - 1) * count_ / total_;
  }

  // The catalog may be one transaction behind, or missing; the write that is going on may be done
  // in part.
  void KillImages() {
    if (Wants()) Kill(disk_, trace_.catalogs[at_], at_);
    if (Wants()) Kill(disk_, nullptr, at_);
    if (at_ > 0 && trace_.catalogs[at_ - 1] != trace_.catalogs[at_] && Wants()) {
      Kill(disk_, trace_.catalogs[at_ - 1], at_ - 1);
    }
    if (at_ == trace_.effects.size()) return;
    const DiskEffect& next = trace_.effects[at_];
    if (next.kind != DiskEffect::Kind::kWrite) return;
    for (std::size_t bytes = 1; bytes < next.bytes.size(); ++bytes) {
      if (Wants()) KillIn(next, bytes);
    }
  }

  void KillIn(const DiskEffect& write, std::size_t bytes) {
    DiskEffect part = write;
    part.bytes.resize(bytes);
    DiskState disk = disk_;
    disk.Apply(part);
    Kill(std::move(disk), trace_.catalogs[at_], at_);
  }

  void Kill(DiskState disk, std::shared_ptr<const CatalogCopy> catalog, std::size_t acknowledged) {
    Offer({std::move(disk), std::move(catalog), Crash::kKill, trace_.boot, acknowledged, at_});
  }

  // Whether another catalog that outlives a power cut was there when the last effect was done.
  bool HadOther(std::size_t at) const {
    return at > 0 && trace_.catalogs[at - 1] != trace_.catalogs[at] &&
           Outlives(trace_.catalogs[at - 1]);
  }

  // Only a catalog that was left clean does.
  static bool Outlives(const std::shared_ptr<const CatalogCopy>& catalog) {
    return catalog != nullptr && IsLeftClean(*catalog);
  }

  void CutImages(std::size_t catalog) {
    ForEachCut(
        disk_, [this] { return Wants(); },
        [this, catalog](const PowerCut& cut) { Cut(cut, catalog); });
  }

  // With the catalog as it was before that effect.
  void Cut(const PowerCut& cut, std::size_t at) {
    const auto next_boot = static_cast<std::uint8_t>(trace_.boot + 1);
    std::shared_ptr<const CatalogCopy> catalog = trace_.catalogs[at];
    if (!Outlives(catalog)) catalog = nullptr;
    Offer({AfterCut(disk_, cut), std::move(catalog), Crash::kPower, next_boot, at, at_});
  }

  void Offer(const CrashImage& image) {
    if (visit_(image)) ++made_;
  }

  const DiskTrace& trace_;
  const std::uint64_t count_;
  std::mt19937_64 random_;
  const std::function<bool(const CrashImage&)>& visit_;
  DiskState disk_;
  std::size_t at_ = 0;
  bool counting_ = true;
  std::uint64_t offered_ = 0;
  std::uint64_t total_ = 0;
  std::uint64_t made_ = 0;
};

}  // namespace

std::uint64_t CrashImage::Hash() const {
  Hasher hasher;
  AddDirectory(disk, kRootInode, &hasher);
  hasher.Add(std::uint64_t{boot});
  if (catalog != nullptr) {
    for (const auto& [name, bytes] : *catalog) {
      hasher.Add(name);
      hasher.Add(bytes);
    }
  }
  return hasher.hash();
}

void ForEachImage(const DiskTrace& trace, std::uint64_t count, std::uint64_t seed,
                  const std::function<bool(const CrashImage&)>& visit) {
  ImageMaker(trace, count, seed, visit).Run();
}

}  // namespace reprise
