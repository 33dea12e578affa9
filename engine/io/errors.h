// errno as a Status.
#ifndef REPRISE_ENGINE_IO_ERRORS_H_
#define REPRISE_ENGINE_IO_ERRORS_H_

#include <string>
#include <string_view>

#include "reprise/status.h"

namespace reprise {

// kNoSpace for ENOSPC, EDQUOT and EFBIG; kNotFound for ENOENT; kAlreadyExists for EEXIST;
// kInvalidArgument for ENAMETOOLONG; kIoError for all else.
Code CodeOfErrno(int error);

// "<call> failed: '<path>' <where> (ENOSPC: No space left on device); <what to do>".
// `where` may be empty.
Status ErrnoStatus(int error, std::string_view call, std::string_view path,
                   std::string_view where = {});
// The same with a code of the caller's choice and its own advice.
Status ErrnoStatus(Code code, int error, std::string_view call, std::string_view path,
                   std::string_view where, std::string_view advice);

}  // namespace reprise

#endif  // REPRISE_ENGINE_IO_ERRORS_H_
