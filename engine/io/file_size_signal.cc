#include "engine/io/file_size_signal.h"

#include <sys/resource.h>

#include <cerrno>
#include <ctime>

namespace reprise {
namespace {

sigset_t OnlyFileSizeSignal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGXFSZ);
  return set;
}

bool IsPending() {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, SIGXFSZ) == 1;
}

void TakePending() {
  const sigset_t set = OnlyFileSizeSignal();
  const timespec no_wait{};
  while (sigtimedwait(&set, nullptr, &no_wait) < 0 && errno == EINTR) {
  }
}

}  // namespace

bool HasFileSizeLimit() {
  rlimit limit{};
  return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

FileSizeSignalBlock::FileSizeSignalBlock() {
  const sigset_t set = OnlyFileSizeSignal();
  pthread_sigmask(SIG_BLOCK, &set, &before_);
  was_pending_ = IsPending();
}

FileSizeSignalBlock::~FileSizeSignalBlock() {
  if (!was_pending_ && IsPending()) TakePending();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace reprise
