// Running part of a test in a child process, to see what kills it and what fork(2) leaves behind.
#ifndef REPRISE_TESTS_SUPPORT_CHILD_PROCESS_H_
#define REPRISE_TESTS_SUPPORT_CHILD_PROCESS_H_

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace reprise {

// Waits for the child `pid`: its exit code, or minus the signal that killed it.
inline int WaitFor(pid_t pid) {
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) return -1000;
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

// Forks a child that runs `body` and ends with the exit code that it returns; no destructor of
// the caller runs there.
template <typename Body>
pid_t StartChild(Body body) {
  const pid_t pid = fork();
  if (pid == 0) _exit(body());
  return pid;
}

template <typename Body>
int RunInChild(Body body) {
  return WaitFor(StartChild(body));
}

}  // namespace reprise

#endif  // REPRISE_TESTS_SUPPORT_CHILD_PROCESS_H_
