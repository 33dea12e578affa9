// Early return on failure: the two macros of the code base.
//
//   REPRISE_TRY(file.Sync());                          // Status or Result<T>, value dropped
//   REPRISE_TRY_ASSIGN(auto size, file.Size());        // Result<T>, value kept
//
// Both work in functions that return Status or Result<U>.
#ifndef REPRISE_FORMAT_TRY_H_
#define REPRISE_FORMAT_TRY_H_

#include <utility>

#include "reprise/status.h"

namespace reprise::internal {

// Converts to whichever of Status and Result<U> the enclosing function returns.
struct Failure {
  Status status;
  // NOLINTBEGIN(google-explicit-constructor): conversion is what it is for
  operator Status() && { return std::move(status); }
  template <typename T>
  operator Result<T>() && {
    return tl::unexpected<Status>(std::move(status));
  }
  // NOLINTEND(google-explicit-constructor)
};

inline bool IsOk(const Status& status) { return status.ok(); }
template <typename T>
bool IsOk(const Result<T>& result) {
  return result.has_value();
}
inline Failure ToFailure(Status&& status) { return {std::move(status)}; }
template <typename T>
Failure ToFailure(Result<T> result) {
  return {std::move(result).error()};
}

}  // namespace reprise::internal

#define REPRISE_CONCAT_(a, b) a##b
#define REPRISE_CONCAT(a, b) REPRISE_CONCAT_(a, b)

// Named by a counter, so that a lambda inside `expr` may use the macro too.
#define REPRISE_TRY_(tmp, expr)                                                                 \
  do {                                                                                          \
    auto tmp = (expr);                                                                          \
    if (!::reprise::internal::IsOk(tmp)) return ::reprise::internal::ToFailure(std::move(tmp)); \
  } while (false)
#define REPRISE_TRY(expr) REPRISE_TRY_(REPRISE_CONCAT(reprise_try_, __COUNTER__), expr)

#define REPRISE_TRY_ASSIGN_(tmp, lhs, expr)                                    \
  auto tmp = (expr);                                                           \
  if (!tmp.has_value()) return ::reprise::internal::ToFailure(std::move(tmp)); \
  lhs = std::move(tmp).value()
#define REPRISE_TRY_ASSIGN(lhs, ...) \
  REPRISE_TRY_ASSIGN_(REPRISE_CONCAT(reprise_result_, __COUNTER__), lhs, (__VA_ARGS__))

#endif  // REPRISE_FORMAT_TRY_H_
