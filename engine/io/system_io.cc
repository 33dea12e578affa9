// The real outside world.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <ctime>
#include <string_view>

#include "engine/io/errors.h"
#include "engine/io/io.h"
#include "engine/io/system_directory.h"
#include "format/try.h"

namespace reprise {
namespace {

constexpr mode_t kDirectoryMode = 0700;
constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

std::int64_t NanosOf(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * kNanosPerSecond + now.tv_nsec;
}

// "/" for "/a", "." for "a", "a/b" for "a/b/c".
std::string ParentOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == path.npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool IsDirectory(const std::string& path) {
  struct stat facts {};
  return stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
}

class SystemFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<Directory>> OpenDirectory(const std::string& path) override {
    REPRISE_TRY(CheckPath(path));
    return SystemDirectory::OpenAt(AT_FDCWD, path.c_str(), 0, path);
  }

  Status MakeDirectories(const std::string& path) override {
    REPRISE_TRY(CheckPath(path));
    std::size_t end = 0;
    while (end < path.size()) {
      const std::size_t begin = path.find_first_not_of('/', end);
      if (begin == path.npos) break;
      end = std::min(path.find('/', begin), path.size());
      REPRISE_TRY(MakeOne(path.substr(0, end)));
    }
    return SyncIfReadable(ParentOf(path.substr(0, path.find_last_not_of('/') + 1)));
  }

 private:
  static Status CheckPath(const std::string& path) {
    if (!path.empty() && path.find('\0') == path.npos) return {};
    return Status::Error(Code::kInvalidArgument,
                         fmt::format("'{}' is not a path; give the directory of the store", path));
  }

  Status MakeOne(const std::string& path) {
    const bool made = mkdir(path.c_str(), kDirectoryMode) == 0;
    const int error = errno;
    if (made) return SyncDirectory(ParentOf(path));
    // Whatever mkdir says, a directory that is there is what was asked for.
    if (IsDirectory(path)) return {};
    return ErrnoStatus(error, "mkdir", path);
  }

  // A directory that was there may have been made by somebody who failed, or has not come so far,
  // to sync its name. Who may not read the one above it has not made it.
  Status SyncIfReadable(const std::string& path) {
    const auto directory = OpenDirectory(path);
    return directory ? (*directory)->Sync() : Status();
  }

  Status SyncDirectory(const std::string& path) {
    REPRISE_TRY_ASSIGN(const auto directory, OpenDirectory(path));
    return directory->Sync();
  }
};

class SystemClock final : public Clock {
 public:
  TimeMicros Now() override { return NanosOf(CLOCK_REALTIME) / 1000; }
  std::uint64_t BootNanos() override { return static_cast<std::uint64_t>(NanosOf(CLOCK_BOOTTIME)); }
};

class SystemRandom final : public Random {
 public:
  std::uint64_t Next64() override {
    std::uint64_t value = 0;
    while (getrandom(&value, sizeof(value), 0) != sizeof(value)) {
      if (errno != EINTR) return FromClocks();
    }
    return value;
  }

 private:
  // Where a sandbox forbids getrandom(2): distinct for all practical purposes, though guessable.
  std::uint64_t FromClocks() {
    std::uint64_t x = static_cast<std::uint64_t>(NanosOf(CLOCK_REALTIME));
    x = Mix(x ^ static_cast<std::uint64_t>(getpid()));
    x = Mix(x ^ static_cast<std::uint64_t>(NanosOf(CLOCK_BOOTTIME)));
    return Mix(x ^ calls_.fetch_add(1, std::memory_order_relaxed));
  }

  // The finalizer of SplitMix64: every input bit reaches every output bit.
  static std::uint64_t Mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
  }

  std::atomic<std::uint64_t> calls_{0};
};

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// The text form of a UUID; zero unless it has exactly 32 digits.
std::array<std::uint8_t, 16> ParseUuid(std::string_view text) {
  std::array<std::uint8_t, 16> id{};
  std::size_t digits = 0;
  for (const char c : text) {
    const int digit = HexDigit(c);
    if (digit < 0) continue;
    if (digits == 32) return {};
    auto& byte = id[digits / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | digit);
    ++digits;
  }
  return digits == 32 ? id : std::array<std::uint8_t, 16>{};
}

std::array<std::uint8_t, 16> ReadBootId() {
  Descriptor file;
  if (file.Open(AT_FDCWD, "/proc/sys/kernel/random/boot_id", O_RDONLY) != 0) return {};
  char text[64];
  const ssize_t size = read(file.get(), text, sizeof(text));
  return size > 0 ? ParseUuid({text, static_cast<std::size_t>(size)})
                  : std::array<std::uint8_t, 16>{};
}

class SystemMachine final : public Machine {
 public:
  Host Self() override {
    char name[HOST_NAME_MAX + 1] = {};
    if (gethostname(name, HOST_NAME_MAX) != 0) name[0] = '\0';
    return {getpid(), name, ReadBootId()};
  }
};

}  // namespace

const Io& SystemIo() {
  // Never destroyed: stores of static lifetime may use them until the process ends.
  static const Io* const io =
      new Io{new SystemFileSystem, new SystemClock, new SystemRandom, new SystemMachine};
  return *io;
}

}  // namespace reprise
