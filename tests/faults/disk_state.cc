#include "tests/faults/disk_state.h"

#include <algorithm>
#include <set>
#include <utility>

namespace reprise {

namespace {

void Write(const DiskEffect& effect, FileState* file) {
  PutBytes(&file->bytes, effect.offset, effect.bytes);
  file->pending.push_back({effect.offset, effect.bytes});
}

// What an earlier sync gave up stays where it is, between cache and disk.
void Sync(FileState* file) {
  for (const FileState::Write& write : file->pending) {
    if (!write.gave_up) PutBytes(&file->durable, write.offset, write.bytes);
  }
  std::erase_if(file->pending, [](const FileState::Write& write) { return !write.gave_up; });
}

void GiveUp(FileState* file) {
  for (FileState::Write& write : file->pending) write.gave_up = true;
}

void SyncNames(DirectoryState* directory) {
  directory->durable = directory->names;
  directory->pending.clear();
}

void ChangeNames(const DirectoryState::Change& change, DirectoryState* directory) {
  directory->pending.push_back(change);
  ApplyChange(change, &directory->names);
}

void AddNamed(const DiskState& state, Inode directory, std::set<Inode>* named) {
  named->insert(directory);
  for (const auto& [name, inode] : state.directories.at(directory).names) {
    if (state.directories.contains(inode)) {
      AddNamed(state, inode, named);
    } else {
      named->insert(inode);
    }
  }
}

}  // namespace

void PutBytes(std::string* to, std::uint64_t offset, std::string_view bytes) {
  if (bytes.empty()) return;
  if (to->size() < offset + bytes.size()) to->resize(offset + bytes.size());
  std::copy(bytes.begin(), bytes.end(), to->begin() + static_cast<std::ptrdiff_t>(offset));
}

void ApplyChange(const DirectoryState::Change& change, std::map<std::string, Inode>* names) {
  // Another file may have the name by now.
  const auto found = names->find(change.removed);
  if (found != names->end() && found->second == change.target) names->erase(found);
  if (!change.added.empty()) (*names)[change.added] = change.target;
}

void DiskState::Apply(const DiskEffect& effect) {
  using Kind = DiskEffect::Kind;
  switch (effect.kind) {
    case Kind::kWrite:
      return Write(effect, &files.at(effect.inode));
    case Kind::kSync:
      return Sync(&files.at(effect.inode));
    case Kind::kFailedSync:
      return GiveUp(&files.at(effect.inode));
    case Kind::kSyncNames:
      return SyncNames(&directories.at(effect.inode));
    case Kind::kCreate:
      files[effect.target];
      break;
    case Kind::kMakeDirectory:
      directories[effect.target];
      break;
    case Kind::kMove:
      ChangeNames({"", effect.to, effect.target}, &directories.at(effect.other));
      return ChangeNames({effect.from, "", effect.target}, &directories.at(effect.inode));
    case Kind::kRename:
    case Kind::kRemove:
      break;
  }
  ChangeNames({effect.from, effect.to, effect.target}, &directories.at(effect.inode));
}

void DiskState::Settle() {
  std::set<Inode> named;
  AddNamed(*this, kRootInode, &named);
  std::erase_if(files, [&](const auto& file) { return !named.contains(file.first); });
  std::erase_if(directories, [&](const auto& entry) { return !named.contains(entry.first); });
  for (auto& [inode, file] : files) {
    file.durable = file.bytes;
    file.pending.clear();
  }
  for (auto& [inode, directory] : directories) SyncNames(&directory);
}

std::uint64_t DiskState::Bytes() const {
  std::set<Inode> named;
  AddNamed(*this, kRootInode, &named);
  std::uint64_t bytes = 0;
  for (const auto& [inode, file] : files) {
    if (named.contains(inode)) bytes += file.bytes.size();
  }
  return bytes;
}

}  // namespace reprise
