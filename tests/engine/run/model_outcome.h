// Whether a call ended as the model says: empty if so, else a sentence.
#ifndef REPRISE_TESTS_ENGINE_RUN_MODEL_OUTCOME_H_
#define REPRISE_TESTS_ENGINE_RUN_MODEL_OUTCOME_H_

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "reprise/status.h"

namespace reprise {

inline std::string Compare(Code is, std::string_view message, Code should) {
  if (is == should) return "";
  return fmt::format("gave {} ({}) and should give {}", CodeName(is), message, CodeName(should));
}
inline std::string Compare(const Status& is, Code should) {
  return Compare(is.code(), is.message(), should);
}
template <typename T>
std::string Compare(const Result<T>& is, Code should) {
  return is ? Compare(Code::kOk, "", should) : Compare(is.error(), should);
}

}  // namespace reprise

#endif  // REPRISE_TESTS_ENGINE_RUN_MODEL_OUTCOME_H_
