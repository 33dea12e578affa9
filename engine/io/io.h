// The outside world as the engine sees it: file system, clocks, randomness, and the machine.
//
// Everything in the engine that needs one of them is given an Io, so that a test can decide what
// the disk does, what time it is, which boot it is, and what chance says.
#ifndef REPRISE_ENGINE_IO_IO_H_
#define REPRISE_ENGINE_IO_IO_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "engine/io/directory.h"
#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise {

// Where paths, which users give, become directories, which the engine works in.
// Thread safety: all methods, from any thread.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // Opens an existing directory. Symbolic links in `path` are followed: they are the user's own.
  virtual Result<std::unique_ptr<Directory>> OpenDirectory(const std::string& path) = 0;
  // Makes `path` and whatever is missing above it, durably; ok if it is there already.
  virtual Status MakeDirectories(const std::string& path) = 0;
};

// Thread safety: all methods, from any thread.
class Clock {
 public:
  virtual ~Clock() = default;

  // The time of day. It may jump, also backwards: data, never a basis for a decision.
  virtual TimeMicros Now() = 0;
  // Nanoseconds since the machine started, suspended time included. Never goes back.
  virtual std::uint64_t BootNanos() = 0;
};

// Thread safety: all methods, from any thread.
class Random {
 public:
  virtual ~Random() = default;

  // 64 bits that no other process has been given: good for names and identities.
  virtual std::uint64_t Next64() = 0;
};

// Which process on which start of which machine.
struct Host {
  std::int64_t pid = 0;  // as this process's own PID namespace counts
  std::string name;
  std::array<std::uint8_t, 16> boot_id{};  // differs after every start; zero if unknown
};

// Thread safety: all methods, from any thread.
class Machine {
 public:
  virtual ~Machine() = default;

  // Read anew at each call, so it is right in a child of fork(2) too.
  virtual Host Self() = 0;
};

// All of them, borrowed: they outlive every store. Cheap to copy.
struct Io {
  FileSystem* files = nullptr;
  Clock* clock = nullptr;
  Random* random = nullptr;
  Machine* machine = nullptr;
};

// The real ones. Valid until the process ends.
const Io& SystemIo();

}  // namespace reprise

#endif  // REPRISE_ENGINE_IO_IO_H_
