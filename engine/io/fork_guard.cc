#include "engine/io/fork_guard.h"

namespace reprise {

Status InheritedOverFork() {
  return Status::Error(Code::kClosed,
                       "handle was inherited over fork(2); open the store anew in this process");
}

}  // namespace reprise
