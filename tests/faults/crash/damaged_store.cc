#include "tests/faults/crash/damaged_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "format/try.h"
#include "tests/faults/crash/workload.h"

namespace reprise {

namespace {

// What a session leaves that ended in good order: segments, branches, changes in a pack.
Status MakeSegments(Workload& work) {
  REPRISE_TRY_ASSIGN(const int store, work.Open(Durability::kProcess));
  REPRISE_TRY(work.Start(store, "a"));
  REPRISE_TRY(work.LogRows(store, "a", 3));
  REPRISE_TRY(work.Seal(store, "a"));
  REPRISE_TRY(work.Append(store, "a", 5));
  REPRISE_TRY(work.Seal(store, "a"));
  REPRISE_TRY(work.Fork(store, "a", 3, "a-fork"));
  REPRISE_TRY(work.Configure(store, "a", {{"lr", Value(1e-3)}}));
  REPRISE_TRY(work.Rewind(store, "a", 1));
  REPRISE_TRY(work.LogRows(store, "a", 2));
  REPRISE_TRY(work.Start(store, "a-fork"));
  REPRISE_TRY(work.LogRows(store, "a-fork", 2));
  REPRISE_TRY(work.Finish(store, "a-fork", 0));
  REPRISE_TRY(work.Start(store, "c"));
  REPRISE_TRY(work.LogRows(store, "c", 2));
  REPRISE_TRY(work.Annotate(store, "c", "name", "notes"));
  for (const char* run : {"a", "c"}) REPRISE_TRY(work.Finish(store, run, 0));
  return work.Close(store);
}

// Rows that are only in the logs of two processes; `sealed` is their disk when the last of them
// that may be damaged was on stable storage.
Status MakeLogs(Workload& work, DiskState* sealed) {
  REPRISE_TRY_ASSIGN(const int first, work.Open(Durability::kProcess));
  REPRISE_TRY_ASSIGN(const int second, work.Open(Durability::kProcess));
  REPRISE_TRY(work.Start(first, "a"));
  REPRISE_TRY(work.Start(second, "c"));
  REPRISE_TRY(work.LogRows(first, "a", 3));
  REPRISE_TRY(work.LogAt(second, "c", 30, {{"x", Value(1)}, {"y", Value("two")}}, {}));
  REPRISE_TRY(work.LogAt(second, "c", 30, {{"x", Value(2)}}, true));
  REPRISE_TRY(work.LogRows(second, "c", 2));
  REPRISE_TRY(work.Rewind(first, "a", 2));
  REPRISE_TRY(work.LogRows(first, "a", 2));
  REPRISE_TRY(work.Sync(first));
  REPRISE_TRY(work.Sync(second));
  *sealed = work.disk().state();
  for (int i = 0; i < 2; ++i) {
    REPRISE_TRY(work.LogRows(first, "a", 1));
    REPRISE_TRY(work.LogRows(second, "c", 1));
    // A change at the end, so that its number tells of each one that is lost before it.
    REPRISE_TRY(work.Annotate(first, "c", "name", fmt::format("notes{}", i)));
    REPRISE_TRY(work.Sync(first));
    REPRISE_TRY(work.Sync(second));
  }
  return {};
}

Status MakeStore(Workload& work, CrashImage* whole, DiskState* sealed) {
  REPRISE_TRY(MakeSegments(work));
  REPRISE_TRY(MakeLogs(work, sealed));
  work.Kill();
  whole->disk = work.disk().state();
  whole->disk.Settle();
  whole->catalog = std::make_shared<const CatalogCopy>(ReadCatalogFiles(work.path()));
  whole->crash = Crash::kKill;
  return {};
}

// A file that may be damaged, up to some byte.
struct Place {
  std::string name;
  Inode inode = kNoInode;  // kNoInode: the catalog's
  std::size_t end = 0;
};

void AddFiles(const DiskState& disk, const std::string& directory, std::vector<Place>* places) {
  const Inode store = disk.directories.at(kRootInode).names.at(std::string(kStoreName).substr(1));
  Inode at = store;
  if (!directory.empty()) at = disk.directories.at(store).names.at(directory);
  for (const auto& [name, inode] : disk.directories.at(at).names) {
    const auto file = disk.files.find(inode);
    if (file == disk.files.end() || file->second.bytes.empty()) continue;
    places->push_back({directory + "/" + name, inode, file->second.bytes.size()});
  }
}

void AddCatalog(const CatalogCopy& catalog, std::vector<Place>* places) {
  for (const auto& [name, bytes] : catalog) places->push_back({name, kNoInode, bytes.size()});
}

std::vector<Place> PlacesOf(DamageTarget target, const CrashImage& whole, const DiskState& sealed) {
  std::vector<Place> places;
  const bool any = target == DamageTarget::kTwoFiles;
  if (any || target == DamageTarget::kLog) AddFiles(sealed, "log", &places);
  if (any || target == DamageTarget::kPack) AddFiles(whole.disk, "packs", &places);
  if (any || target == DamageTarget::kSuperblock) AddFiles(whole.disk, "", &places);
  if (any || target == DamageTarget::kCatalog) AddCatalog(*whole.catalog, &places);
  return places;
}

// Flips a byte or makes up to 512 of them zero; a file that is no log may also be cut short.
std::string DamageBytes(const Place& place, FakeRandom& random, std::string* bytes) {
  const std::size_t at = random.Next64() % place.end;
  const std::size_t length = std::min<std::size_t>(1 + random.Next64() % 512, place.end - at);
  const std::uint64_t kind = random.Next64() % 8;
  if (kind == 0 && place.end == bytes->size()) {
    bytes->resize(at);
    return fmt::format("{} ends at byte {}", place.name, at);
  }
  if (kind < 3) {
    bytes->replace(at, length, length, '\0');
    return fmt::format("{} has {} zeros at byte {}", place.name, length, at);
  }
  (*bytes)[at] = static_cast<char>(~(*bytes)[at]);
  return fmt::format("{} has byte {} flipped", place.name, at);
}

std::string Damage(const Place& place, FakeRandom& random, CrashImage* image) {
  if (place.inode == kNoInode) {
    auto copy = std::make_shared<CatalogCopy>(*image->catalog);
    const std::string what = DamageBytes(place, random, &copy->at(place.name));
    image->catalog = std::move(copy);
    return what;
  }
  FileState& file = image->disk.files.at(place.inode);
  const std::string what = DamageBytes(place, random, &file.bytes);
  file.durable = file.bytes;
  return what;
}

}  // namespace

std::string DamageTargetName(DamageTarget target) {
  switch (target) {
    case DamageTarget::kLog:
      return "log";
    case DamageTarget::kPack:
      return "pack";
    case DamageTarget::kSuperblock:
      return "superblock";
    case DamageTarget::kCatalog:
      return "catalog";
    case DamageTarget::kTwoFiles:
      return "two_files";
  }
  return "?";
}

Result<DamagedStore> MakeDamagedStore(DamageTarget target, std::uint64_t seed) {
  Workload work(seed, nullptr);
  DamagedStore store;
  DiskState sealed;
  REPRISE_TRY(MakeStore(work, &store.whole, &sealed));
  store.damaged = store.whole;
  std::vector<Place> places = PlacesOf(target, store.whole, sealed);
  FakeRandom random(~seed);
  const int count = target == DamageTarget::kTwoFiles ? 2 : 1;
  for (int i = 0; i < count; ++i) {
    const std::size_t chosen = random.Next64() % places.size();
    store.what += (i == 0 ? "" : ", ") + Damage(places[chosen], random, &store.damaged);
    places.erase(places.begin() + static_cast<std::ptrdiff_t>(chosen));
  }
  return store;
}

}  // namespace reprise
