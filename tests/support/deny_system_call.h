// Making one system call fail in this process, as an old kernel or a sandbox does.
#ifndef REPRISE_TESTS_SUPPORT_DENY_SYSTEM_CALL_H_
#define REPRISE_TESTS_SUPPORT_DENY_SYSTEM_CALL_H_

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cstddef>
#include <cstdint>

namespace reprise {

// From now on, in this thread and those it starts, system call `number` fails with `error`. There
// is no way back, so call it in a child process. False if the kernel has no seccomp filters.
inline bool DenySystemCall(long number, int error) {
  const auto call = static_cast<std::uint32_t>(number);
  const auto failure = SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error);
  sock_filter code[] = {
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, call},
      {BPF_RET | BPF_K, 0, 0, failure},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
  };
  const sock_fprog program{4, code};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace reprise

#endif  // REPRISE_TESTS_SUPPORT_DENY_SYSTEM_CALL_H_
