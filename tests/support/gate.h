// Lets processes wait for each other.
#ifndef REPRISE_TESTS_SUPPORT_GATE_H_
#define REPRISE_TESTS_SUPPORT_GATE_H_

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace reprise {

// Made before fork(2); one process opens it, another waits for that. Each opening lets one through.
class Gate {
 public:
  Gate() {
    if (pipe(ends_) == 0) return;
    std::perror("pipe");
    std::abort();
  }
  ~Gate() {
    close(ends_[0]);
    close(ends_[1]);
  }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  bool Open() const { return write(ends_[1], "!", 1) == 1; }
  bool Wait() const {
    char byte = 0;
    return read(ends_[0], &byte, 1) == 1;
  }

 private:
  int ends_[2];
};

}  // namespace reprise

#endif  // REPRISE_TESTS_SUPPORT_GATE_H_
