// A file descriptor that does not survive fork(2).
#ifndef REPRISE_ENGINE_IO_DESCRIPTOR_H_
#define REPRISE_ENGINE_IO_DESCRIPTOR_H_

#include <sys/types.h>

#include <atomic>

namespace reprise {

// Owns at most one open descriptor. All of them are on a list of the process; in a child of
// fork(2) every one is closed before fork(2) returns there, so that the child cannot keep a lock
// of the parent's alive.
//
// Thread safety: get() from any thread; Open and Close by the owner.
class Descriptor {
 public:
  Descriptor() = default;
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  // openat(2) with O_CLOEXEC added; 0, or errno. Must not be open already.
  int Open(int directory, const char* path, int flags, mode_t mode = 0);
  void Close();

  // -1 if never opened, closed, or inherited over fork(2).
  int get() const { return fd_.load(std::memory_order_relaxed); }

 private:
  friend struct DescriptorList;

  std::atomic<int> fd_{-1};
  Descriptor* previous_ = nullptr;
  Descriptor* next_ = nullptr;
  bool listed_ = false;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_IO_DESCRIPTOR_H_
