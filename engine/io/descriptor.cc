// The list of open descriptors and the fork(2) handlers over it.
//
// Opening and listing, and closing and unlisting, are each done under the list's mutex, which the
// prepare handler also takes: a fork(2) in another thread sees a descriptor either open and listed
// or not at all. The price is that opens and closes of one process run one after the other.
#include "engine/io/descriptor.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>

#include "engine/io/fork_guard.h"

namespace reprise {

// Never destroyed, because descriptors of static lifetime may be closed after any destructor.
struct DescriptorList {
  static inline constinit std::mutex mutex;
  static inline constinit Descriptor* first = nullptr;

  static void Add(Descriptor* entry) {
    entry->next_ = first;
    if (first != nullptr) first->previous_ = entry;
    first = entry;
    entry->listed_ = true;
  }

  static void Drop(Descriptor* entry) {
    (entry->previous_ != nullptr ? entry->previous_->next_ : first) = entry->next_;
    if (entry->next_ != nullptr) entry->next_->previous_ = entry->previous_;
    entry->previous_ = entry->next_ = nullptr;
    entry->listed_ = false;
  }

  static void BeforeFork() { mutex.lock(); }
  static void AfterForkInParent() { mutex.unlock(); }
  // Only what is async-signal-safe: the child of a threaded process may do no more.
  static void AfterForkInChild() {
    internal::fork_depth.fetch_add(1, std::memory_order_relaxed);
    for (Descriptor* entry = first; entry != nullptr; entry = entry->next_) {
      close(entry->fd_.exchange(-1, std::memory_order_relaxed));
    }
    mutex.unlock();
  }
};

namespace internal {

bool WatchForks() {
  static const bool watching =
      pthread_atfork(&DescriptorList::BeforeFork, &DescriptorList::AfterForkInParent,
                     &DescriptorList::AfterForkInChild) == 0;
  return watching;
}

}  // namespace internal

int Descriptor::Open(int directory, const char* path, int flags, mode_t mode) {
  if (!internal::WatchForks()) return ENOMEM;
  const std::lock_guard lock(DescriptorList::mutex);
  int fd = -1;
  do {
    fd = openat(directory, path, flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return errno;
  fd_.store(fd, std::memory_order_relaxed);
  DescriptorList::Add(this);
  return 0;
}

void Descriptor::Close() {
  if (!listed_) return;
  const std::lock_guard lock(DescriptorList::mutex);
  DescriptorList::Drop(this);
  const int fd = fd_.exchange(-1, std::memory_order_relaxed);
  // Not repeated on EINTR: Linux has released the descriptor by then.
  if (fd >= 0) close(fd);
}

}  // namespace reprise
