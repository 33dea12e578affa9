// Room on the disk, taken or asked for before it is needed, where a write could not say that there
// is none: files that are mapped, and libraries that tell a full disk from a broken one badly.
#ifndef REPRISE_ENGINE_IO_DISK_ROOM_H_
#define REPRISE_ENGINE_IO_DISK_ROOM_H_

#include <cstdint>
#include <string>

namespace reprise {

// Makes the file if it is not there, and gives it blocks for its first `bytes` bytes, which are
// zeros where nothing was written. 0, or the errno of a disk that has no room; whatever else is
// wrong is the file's next user's to meet, as is a file system that cannot say it beforehand.
// POSIX record locks that this process holds on the file end.
int AllocateFile(const std::string& path, std::uint64_t bytes);

// Whether the disk would refuse `bytes` bytes more behind the end of an open file. False also where
// the file system cannot say.
bool IsDiskFull(int file, std::uint64_t bytes);

}  // namespace reprise

#endif  // REPRISE_ENGINE_IO_DISK_ROOM_H_
