#include "engine/io/open_to_all.h"

#include <sys/stat.h>

#include <cerrno>

#include "engine/io/errors.h"

namespace reprise {

Result<bool> IsOpenToAll(const Directory& directory) {
  struct stat facts {};
  if (stat(directory.path().c_str(), &facts) == 0) return (facts.st_mode & S_IWOTH) != 0;
  return Fail(ErrnoStatus(errno, "stat", directory.path()));
}

}  // namespace reprise
