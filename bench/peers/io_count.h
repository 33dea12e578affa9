// What this process has asked of the kernel so far.
#ifndef REPRISE_BENCH_PEERS_IO_COUNT_H_
#define REPRISE_BENCH_PEERS_IO_COUNT_H_

#include <cstdint>

namespace reprise::bench {

struct IoCount {
  std::uint64_t writes = 0;  // write(2) and its like
  std::uint64_t syncs = 0;   // fsync(2), fdatasync(2); not writes to files opened with O_DSYNC
  double cpu_seconds = 0;    // of all threads, in the kernel as well
};

IoCount CountIo();

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_PEERS_IO_COUNT_H_
