#include "engine/io/thread.h"

#include <fmt/format.h>

#include <csignal>
#include <cstring>
#include <memory>

#include "engine/io/errors.h"

namespace reprise {
namespace {

void* Run(void* argument) {
  const std::unique_ptr<std::function<void()>> body(static_cast<std::function<void()>*>(argument));
  (*body)();
  return nullptr;
}

// Blocked synchronous faults would kill the process past the host's crash reporter.
sigset_t SignalsOfOthers() {
  sigset_t set;
  sigfillset(&set);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS}) {
    sigdelset(&set, fault);
  }
  return set;
}

}  // namespace

Status Thread::Start(const char* name, std::function<void()> body) {
  if (started_) {
    return Status::Error(Code::kInvalidArgument,
                         fmt::format("thread '{}' cannot start: one runs already", name));
  }
  auto argument = std::make_unique<std::function<void()>>(std::move(body));
  const sigset_t blocked = SignalsOfOthers();
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const int error = pthread_create(&thread_, nullptr, &Run, argument.get());
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error != 0) return ErrnoStatus(Code::kIoError, error, "pthread_create", name, "", "");
  static_cast<void>(argument.release());  // the thread owns it now
  pthread_setname_np(thread_, name);
  fork_guard_ = ForkGuard();
  started_ = true;
  return {};
}

void Thread::Join() {
  if (!started_) return;
  started_ = false;
  if (!fork_guard_.crossed()) pthread_join(thread_, nullptr);
}

}  // namespace reprise
