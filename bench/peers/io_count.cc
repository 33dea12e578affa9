// The kernel counts writes, but not syncs: so this program's fsync and fdatasync, which libraries
// call as well, are the ones below.
#include "bench/peers/io_count.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <string>

#include "bench/bench_store.h"

namespace reprise::bench {

namespace {

std::atomic<std::uint64_t> syncs{0};

int CountedSync(long call, int descriptor) {
  syncs.fetch_add(1, std::memory_order_relaxed);
  return static_cast<int>(::syscall(call, descriptor));
}

std::uint64_t CountWrites() {
  std::ifstream file("/proc/self/io");
  std::string name;
  std::uint64_t count = 0;
  while (file >> name >> count) {
    if (name == "syscw:") return count;
  }
  GiveUp("/proc/self/io has no syscw");
}

double CpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

IoCount CountIo() { return {CountWrites(), syncs.load(), CpuSeconds()}; }

}  // namespace reprise::bench

extern "C" {
__attribute__((visibility("default"))) int fsync(int descriptor) {
  return reprise::bench::CountedSync(SYS_fsync, descriptor);
}
__attribute__((visibility("default"))) int fdatasync(int descriptor) {
  return reprise::bench::CountedSync(SYS_fdatasync, descriptor);
}
}
