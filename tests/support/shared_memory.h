// Memory that a test shares with the children it forks, and that outlives them.
#ifndef REPRISE_TESTS_SUPPORT_SHARED_MEMORY_H_
#define REPRISE_TESTS_SUPPORT_SHARED_MEMORY_H_

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <new>

namespace reprise {

// One T, value-initialised. What a process wrote before it was killed is there.
template <typename T>
class SharedMemory {
 public:
  SharedMemory() {
    void* memory =
        mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
      std::perror("mmap");
      std::abort();
    }
    shared_ = new (memory) T();
  }
  ~SharedMemory() { munmap(shared_, sizeof(T)); }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  T& operator*() const { return *shared_; }
  T* operator->() const { return shared_; }

 private:
  T* shared_;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_SUPPORT_SHARED_MEMORY_H_
