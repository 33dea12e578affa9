// A library to be preloaded: makes calls fail by which a catalog's data file is written, as LMDB
// makes them, whatever the program does otherwise.
//
// msync(2) is not among them: the catalog is not mapped for writing.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "tests/faults/preload/fault_order.h"

namespace {

using reprise::FaultOrder;

FaultOrder* MapOrder() {
  const char* path = std::getenv(reprise::kFaultOrderVariable);
  const int fd = path == nullptr ? -1 : open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return nullptr;
  void* mapped = mmap(nullptr, sizeof(FaultOrder), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  return mapped == MAP_FAILED ? nullptr : static_cast<FaultOrder*>(mapped);
}

// "catalog.12" or "catalog.building", in whatever directory; neither the control file nor LMDB's
// lock.
bool IsDataFile(std::string_view path) {
  constexpr std::string_view kPrefix = "/catalog.";
  const std::size_t at = path.rfind(kPrefix);
  if (at == std::string_view::npos) return false;
  const std::string_view rest = path.substr(at + kPrefix.size());
  const bool is_number = rest.find_first_not_of("0123456789") == std::string_view::npos;
  return !rest.empty() && (is_number || rest == "building");
}

bool IsDataFile(int fd) {
  std::array<char, 64> link{};
  std::array<char, 4096> path{};
  (void)std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link.data(), path.data(), path.size());
  return size > 0 && IsDataFile(std::string_view(path.data(), static_cast<std::size_t>(size)));
}

// With errno set, if the call is to fail.
bool Fails(int fd) {
  static FaultOrder* const order = MapOrder();
  const int before = errno;
  const bool is_meant = order != nullptr && IsDataFile(fd);
  errno = before;
  if (!is_meant) return false;
  const std::uint64_t number = order->calls++;
  const bool fails = number == order->first || (order->sticky != 0 && number > order->first);
  if (!fails || order->over != 0) return false;
  ++order->fired;
  errno = order->error;
  return true;
}

// The function that this one stands in front of.
template <typename Function>
Function Next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

// Named and typed as in the C library; the names with 64 are those that programs for large files
// are linked to.
extern "C" {

#define REPRISE_EXPORT __attribute__((visibility("default")))

REPRISE_EXPORT ssize_t write(int fd, const void* bytes, size_t size) {
  static const auto next = Next<ssize_t (*)(int, const void*, size_t)>("write");
  return Fails(fd) ? -1 : next(fd, bytes, size);
}

REPRISE_EXPORT ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  static const auto next = Next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return Fails(fd) ? -1 : next(fd, bytes, size, offset);
}

REPRISE_EXPORT ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
  static const auto next = Next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  return Fails(fd) ? -1 : next(fd, bytes, size, offset);
}

REPRISE_EXPORT ssize_t writev(int fd, const iovec* parts, int count) {
  static const auto next = Next<ssize_t (*)(int, const iovec*, int)>("writev");
  return Fails(fd) ? -1 : next(fd, parts, count);
}

REPRISE_EXPORT ssize_t pwritev(int fd, const iovec* parts, int count, off_t offset) {
  static const auto next = Next<ssize_t (*)(int, const iovec*, int, off_t)>("pwritev");
  return Fails(fd) ? -1 : next(fd, parts, count, offset);
}

REPRISE_EXPORT ssize_t pwritev64(int fd, const iovec* parts, int count, off64_t offset) {
  static const auto next = Next<ssize_t (*)(int, const iovec*, int, off64_t)>("pwritev64");
  return Fails(fd) ? -1 : next(fd, parts, count, offset);
}

REPRISE_EXPORT int fdatasync(int fd) {
  static const auto next = Next<int (*)(int)>("fdatasync");
  return Fails(fd) ? -1 : next(fd);
}

REPRISE_EXPORT int fsync(int fd) {
  static const auto next = Next<int (*)(int)>("fsync");
  return Fails(fd) ? -1 : next(fd);
}

REPRISE_EXPORT int ftruncate(int fd, off_t size) noexcept {
  static const auto next = Next<int (*)(int, off_t)>("ftruncate");
  return Fails(fd) ? -1 : next(fd, size);
}

REPRISE_EXPORT int ftruncate64(int fd, off64_t size) noexcept {
  static const auto next = Next<int (*)(int, off64_t)>("ftruncate64");
  return Fails(fd) ? -1 : next(fd, size);
}

}  // extern "C"
