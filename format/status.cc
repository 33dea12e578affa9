#include "reprise/status.h"

#include <array>

namespace reprise {

std::string_view CodeName(Code code) {
  static constexpr std::array<std::string_view, 14> kNames = {
      "ok",     "invalid_argument", "not_found", "already_exists", "out_of_order",
      "fenced", "no_space",         "io_error",  "corrupt",        "unsupported_version",
      "closed", "internal",         "busy",      "out_of_range",
  };
  const auto index = static_cast<std::size_t>(code);
  return index < kNames.size() ? kNames[index] : "unknown";
}

Status Status::Error(Code code, std::string message) {
  Status status;
  status.rep_ = std::make_shared<const Rep>(Rep{code, std::move(message)});
  return status;
}

std::string_view Status::message() const noexcept {
  return ok() ? std::string_view() : std::string_view(rep_->message);
}

std::string Status::ToString() const {
  if (ok()) return "ok";
  std::string text(CodeName(code()));
  text += ": ";
  text += message();
  return text;
}

}  // namespace reprise
