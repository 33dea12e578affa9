#include "engine/io/errors.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace reprise {
namespace {

std::string_view AdviceFor(Code code, int error) {
  if (code == Code::kNoSpace) return "; free space or raise the limit, then try again";
  if (error == EACCES || error == EPERM) return "; check the owner and the permissions";
  if (error == EROFS) return "; open the store read-only";
  if (error == EMFILE || error == ENFILE) return "; raise the limit on open files";
  return "";
}

std::string TextOf(int error) {
  const char* name = strerrorname_np(error);
  const char* text = strerrordesc_np(error);
  if (name == nullptr || text == nullptr) return fmt::format("errno {}", error);
  return fmt::format("{}: {}", name, text);
}

}  // namespace

Code CodeOfErrno(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return Code::kNoSpace;
    case ENOENT:
      return Code::kNotFound;
    case EEXIST:
      return Code::kAlreadyExists;
    case ENAMETOOLONG:
      return Code::kInvalidArgument;
    default:
      return Code::kIoError;
  }
}

Status ErrnoStatus(int error, std::string_view call, std::string_view path,
                   std::string_view where) {
  const Code code = CodeOfErrno(error);
  return ErrnoStatus(code, error, call, path, where, AdviceFor(code, error));
}

Status ErrnoStatus(Code code, int error, std::string_view call, std::string_view path,
                   std::string_view where, std::string_view advice) {
  return Status::Error(code, fmt::format("{} failed: '{}'{}{} ({}){}", call, path,
                                         where.empty() ? "" : " ", where, TextOf(error), advice));
}

}  // namespace reprise
