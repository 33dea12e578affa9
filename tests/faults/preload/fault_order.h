// What the test program orders of the library that it preloads into another one, and what that did.
#ifndef REPRISE_TESTS_FAULTS_PRELOAD_FAULT_ORDER_H_
#define REPRISE_TESTS_FAULTS_PRELOAD_FAULT_ORDER_H_

#include <atomic>
#include <cstdint>

namespace reprise {

// Names a file that both map.
inline constexpr const char* kFaultOrderVariable = "REPRISE_FAULT_ORDER";

struct FaultOrder {
  std::uint64_t first = ~std::uint64_t{0};  // the number of the call that fails, from 0
  std::int32_t error = 0;
  std::uint32_t sticky = 0;  // all after it fail too, until `over`

  std::atomic<std::uint32_t> over{0};   // nothing fails any more
  std::atomic<std::uint64_t> calls{0};  // that could have failed
  std::atomic<std::uint64_t> fired{0};  // that did
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_PRELOAD_FAULT_ORDER_H_
