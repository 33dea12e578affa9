// Waiting for what another thread or process does in its own time.
#ifndef REPRISE_TESTS_SUPPORT_EVENTUALLY_H_
#define REPRISE_TESTS_SUPPORT_EVENTUALLY_H_

#include <chrono>
#include <thread>

namespace reprise {

// Whether `condition` comes to hold; asked again and again, for so long that a slow machine does
// not matter.
template <typename Condition>
bool Eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace reprise

#endif  // REPRISE_TESTS_SUPPORT_EVENTUALLY_H_
