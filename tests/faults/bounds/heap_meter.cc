#include "tests/faults/bounds/heap_meter.h"

#include <malloc.h>

#include <atomic>
#include <cerrno>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define REPRISE_HEAP_IS_METERED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define REPRISE_HEAP_IS_METERED 0
#endif
#endif
#ifndef REPRISE_HEAP_IS_METERED
#define REPRISE_HEAP_IS_METERED 1
#endif

namespace reprise {

namespace {

std::atomic<std::size_t> now{0};
std::atomic<std::size_t> most{0};

}  // namespace

bool HeapIsMetered() { return REPRISE_HEAP_IS_METERED == 1; }

std::size_t HeapPeakOf(const std::function<void()>& work) {
  const std::size_t before = now;
  most = before;
  work();
  return most - before;
}

}  // namespace reprise

#if REPRISE_HEAP_IS_METERED

namespace {

void* Count(void* memory) {
  const std::size_t size = malloc_usable_size(memory);
  const std::size_t total = reprise::now.fetch_add(size) + size;
  std::size_t seen = reprise::most.load();
  while (total > seen && !reprise::most.compare_exchange_weak(seen, total)) {
  }
  return memory;
}

void Uncount(void* memory) { reprise::now.fetch_sub(malloc_usable_size(memory)); }

}  // namespace

// NOLINTBEGIN: the C library's names, and its way with memory
extern "C" {

void* __libc_malloc(std::size_t size);
void __libc_free(void* memory);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) noexcept { return Count(__libc_malloc(size)); }

void free(void* memory) noexcept {
  Uncount(memory);
  __libc_free(memory);
}

void* calloc(std::size_t count, std::size_t size) noexcept {
  return Count(__libc_calloc(count, size));
}

void* realloc(void* memory, std::size_t size) noexcept {
  const std::size_t before = malloc_usable_size(memory);
  void* const moved = __libc_realloc(memory, size);
  if (moved == nullptr && size != 0) return nullptr;
  reprise::now.fetch_sub(before);
  return Count(moved);
}

void* memalign(std::size_t alignment, std::size_t size) noexcept {
  return Count(__libc_memalign(alignment, size));
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return memalign(alignment, size);
}

int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  *memory = memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}

}  // extern "C"
// NOLINTEND

#endif
