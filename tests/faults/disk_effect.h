// What a call did to a disk: the words in which a disk in memory keeps and tells what happened.
#ifndef REPRISE_TESTS_FAULTS_DISK_EFFECT_H_
#define REPRISE_TESTS_FAULTS_DISK_EFFECT_H_

#include <cstdint>
#include <string>

namespace reprise {

// A file or a directory, whatever its names are; never used again for another one.
using Inode = std::uint32_t;
inline constexpr Inode kRootInode = 1;
inline constexpr Inode kNoInode = 0;

struct DiskEffect {
  enum class Kind : std::uint8_t {
    kWrite,          // `bytes` at `offset` of the file
    kSync,           // of the file
    kFailedSync,     // of the file: what waited may never reach the disk
    kCreate,         // in the directory, the file `target` as `to`
    kMakeDirectory,  // in the directory, the directory `target` as `to`
    kRename,         // in the directory, `target` from `from` to `to`
    kMove,           // `target`, called `from` in the directory, is called `to` in `other`
    kRemove,         // in the directory, `target`, which was called `from`
    kSyncNames,      // of the directory
  };

  Kind kind = Kind::kWrite;
  Inode inode = kNoInode;  // the file or the directory
  std::uint64_t offset = 0;
  std::string bytes{};
  Inode target = kNoInode;
  std::string from{};
  std::string to{};
  Inode other = kNoInode;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_DISK_EFFECT_H_
