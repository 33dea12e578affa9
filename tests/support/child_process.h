// Running part of a test in a child process, to see what kills it and what fork(2) leaves behind.
#ifndef REPRISE_TESTS_SUPPORT_CHILD_PROCESS_H_
#define REPRISE_TESTS_SUPPORT_CHILD_PROCESS_H_

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace reprise {

// Whether the background threads of this process's stores are all asleep.
inline bool BackgroundSleeps() {
  std::error_code gone;  // threads may end while they are looked at
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", gone)) {
    std::string stat;
    std::getline(std::ifstream(task.path() / "stat"), stat);
    const std::size_t name_end = stat.rfind(") ");
    const bool is_ours = stat.find("(reprise)") != std::string::npos;
    if (is_ours && name_end != std::string::npos && stat[name_end + 2] != 'S') return false;
  }
  return true;
}

// The sanitizers of g++ 12 leave a child the locks of their allocator as they are at fork(2): one
// that another thread holds then is held for ever. (That of the C library deals with it.)
inline void LetBackgroundSleep() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  for (int i = 0; i < 500 && !BackgroundSleeps(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
#endif
}

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
  LetBackgroundSleep();
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
