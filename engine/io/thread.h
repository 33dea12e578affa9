// A background thread that leaves the host program's signals alone.
#ifndef REPRISE_ENGINE_IO_THREAD_H_
#define REPRISE_ENGINE_IO_THREAD_H_

#include <pthread.h>

#include <functional>

#include "engine/io/fork_guard.h"
#include "reprise/status.h"

namespace reprise {

// One thread, joined by the destructor. Whoever owns it must have told the function to return
// before that, or the destructor waits for ever.
//
// All signals are blocked in the thread, so the host's handlers never run there and SIGXFSZ cannot
// kill the process; the exceptions are those by which a fault of the thread itself is reported
// (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS).
// In a child of fork(2) the thread does not exist and the destructor does not wait.
// Thread safety: thread-compatible.
class Thread {
 public:
  Thread() = default;
  ~Thread() { Join(); }
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  // Runs `body`, which must not throw, in a new thread. `name` shows in ps and debuggers, at most
  // 15 characters. kIoError if the system has no more threads, kInvalidArgument if one runs.
  Status Start(const char* name, std::function<void()> body);
  // Waits for the thread to return. Does nothing if none runs.
  void Join();
  bool started() const { return started_; }

 private:
  pthread_t thread_{};
  bool started_ = false;
  ForkGuard fork_guard_;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_IO_THREAD_H_
