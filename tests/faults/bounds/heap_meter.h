// How much memory this process takes from malloc. Of all threads, LMDB and zlib included; mapped
// files are not in it. The program that links this has its own malloc, which counts and passes on
// to the C library's.
//
// Nothing is counted under sanitizers, which have theirs: tests skip there.
#ifndef REPRISE_TESTS_FAULTS_BOUNDS_HEAP_METER_H_
#define REPRISE_TESTS_FAULTS_BOUNDS_HEAP_METER_H_

#include <cstddef>
#include <functional>

namespace reprise {

// Whether it counts.
bool HeapIsMetered();

// The most memory (bytes) that was allocated at once during `work`, above what was before.
std::size_t HeapPeakOf(const std::function<void()>& work);

}  // namespace reprise

// Not a failure, and not silent: what is not measured here is measured in the other builds.
#define REPRISE_SKIP_UNLESS_METERED() \
  if (!HeapIsMetered()) GTEST_SKIP() << "a sanitizer's memory says nothing of ours"

#endif  // REPRISE_TESTS_FAULTS_BOUNDS_HEAP_METER_H_
