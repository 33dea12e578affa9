// Errors are values: Status says why an operation failed, Result<T> is a T or that reason.
//
// Nothing in Reprise throws across the API (std::bad_alloc aside), prints, or aborts.
//
// Thread safety: const access from any thread; copies share the message.
#ifndef REPRISE_STATUS_H_
#define REPRISE_STATUS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace reprise {

// Why an operation failed, at the grain at which a caller reacts differently.
// Values are stable: they appear in tool reports.
enum class Code : std::uint8_t {
  kOk = 0,
  kInvalidArgument = 1,     // fix the call; the same call cannot succeed later
  kNotFound = 2,            // the named store, run, branch or key does not exist
  kAlreadyExists = 3,       // the name is taken
  kOutOfOrder = 4,          // the step is not above the head's; nothing was written
  kFenced = 5,              // another writer took the run over; reopen it to continue
  kNoSpace = 6,             // the disk is full; nothing was acknowledged, try again later
  kIoError = 7,             // the operating system refused; the message carries errno's text
  kCorrupt = 8,             // stored bytes fail a check; run `reprise verify`
  kUnsupportedVersion = 9,  // written by a newer release; upgrade this reader
  kClosed = 10,             // the handle was closed, poisoned, or crossed a fork(2)
  kInternal = 11,           // a bug in this library
  kBusy = 12,               // another living writer holds the run
  kOutOfRange = 13,         // the step is not in the visible history
};

// The code's stable name, such as "out_of_order".
std::string_view CodeName(Code code);

// Success, or a Code and a sentence for people:
// what happened: where (facts); what to do. Success costs one null pointer.
class [[nodiscard]] Status {
 public:
  Status() noexcept = default;
  static Status Error(Code code, std::string message);

  bool ok() const noexcept { return rep_ == nullptr; }
  Code code() const noexcept { return ok() ? Code::kOk : rep_->code; }
  // Empty for success. The wording is not part of the API: it may change in any release.
  std::string_view message() const noexcept;
  // "code_name: message", or "ok".
  std::string ToString() const;

 private:
  struct Rep {
    Code code;
    std::string message;
  };
  std::shared_ptr<const Rep> rep_;
};

// A T, or the Status that explains its absence. value() requires has_value().
template <typename T>
using Result = tl::expected<T, Status>;

// What a function that returns Result<T> returns for failure.
inline tl::unexpected<Status> Fail(Code code, std::string message) {
  return tl::unexpected<Status>(Status::Error(code, std::move(message)));
}
inline tl::unexpected<Status> Fail(Status status) {
  return tl::unexpected<Status>(std::move(status));
}

}  // namespace reprise

#endif  // REPRISE_STATUS_H_
