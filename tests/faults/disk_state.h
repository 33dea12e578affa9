// What is on a disk: as a running system sees it, and as far as a power cut must leave it alone.
#ifndef REPRISE_TESTS_FAULTS_DISK_STATE_H_
#define REPRISE_TESTS_FAULTS_DISK_STATE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/faults/disk_effect.h"

namespace reprise {

// Bytes and size are synced together, as fdatasync(2) does it.
struct FileState {
  struct Write {
    std::uint64_t offset = 0;
    std::string bytes;
    bool gave_up = false;  // a sync of it failed: no later one puts it on stable storage
  };

  std::string bytes;           // as it is read
  std::string durable;         // what a power cut leaves at least
  std::vector<Write> pending;  // in order
};

struct DirectoryState {
  // The file or directory lost the name `removed` and got `added`; empty: it had or got none.
  struct Change {
    std::string removed;
    std::string added;
    Inode target = kNoInode;
  };

  std::map<std::string, Inode> names;  // as they are seen
  std::map<std::string, Inode> durable;
  std::vector<Change> pending;  // in order
};

// A copyable value. Begins with an empty root directory.
struct DiskState {
  std::map<Inode, FileState> files;
  std::map<Inode, DirectoryState> directories{{kRootInode, {}}};

  // Something that was possible: names and inodes are there.
  void Apply(const DiskEffect& effect);
  // Everything is on stable storage, and what has no name is gone: as after a reboot.
  void Settle();
  // Of all files that have a name.
  std::uint64_t Bytes() const;
};

// Puts `bytes` at `offset`, with zeros where nothing was.
void PutBytes(std::string* to, std::uint64_t offset, std::string_view bytes);
// Makes one change of names.
void ApplyChange(const DirectoryState::Change& change, std::map<std::string, Inode>* names);

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_DISK_STATE_H_
