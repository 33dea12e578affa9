#include "engine/io/directory.h"

#include <fmt/format.h>

namespace reprise {

bool IsFileName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == name.npos &&
         name.find('\0') == name.npos;
}

Status CheckFileName(std::string_view name) {
  if (IsFileName(name)) return {};
  return Status::Error(Code::kInvalidArgument,
                       fmt::format("'{}' is not the name of a file in a directory; give one "
                                   "component without '/'",
                                   name));
}

}  // namespace reprise
