// Time that passes, and time that is computed.
#ifndef REPRISE_BENCH_CLOCKS_H_
#define REPRISE_BENCH_CLOCKS_H_

#include <chrono>

namespace reprise::bench {

// Runs from its making on.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }
  double micros() const { return seconds() * 1e6; }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

// What all threads of this process have computed so far, in the kernel as well.
double ProcessCpuSeconds();
// What the calling thread has.
double ThreadCpuSeconds();

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_CLOCKS_H_
