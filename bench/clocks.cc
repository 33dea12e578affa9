#include "bench/clocks.h"

#include <time.h>

namespace reprise::bench {

namespace {

double SecondsOn(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

double ProcessCpuSeconds() { return SecondsOn(CLOCK_PROCESS_CPUTIME_ID); }
double ThreadCpuSeconds() { return SecondsOn(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace reprise::bench
