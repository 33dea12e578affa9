// The lock file by which a session shows that it lives: `log/<session>.lock`. It is empty as long
// as the session's own process has it; who adopts the session writes a byte, so that others can
// tell a living session from one that is being adopted.
#ifndef REPRISE_ENGINE_RUN_SESSION_LOCK_H_
#define REPRISE_ENGINE_RUN_SESSION_LOCK_H_

#include <memory>
#include <string>

#include "engine/io/directory.h"
#include "format/ids.h"
#include "reprise/status.h"

namespace reprise {

// Held from construction to destruction, by an OFD lock: the kernel gives it up when the process
// ends, however it ends.
class SessionLock {
 public:
  // Makes the file under a temporary name, locks it, and renames it into place.
  static Result<std::unique_ptr<SessionLock>> Create(Directory& logs, SessionId session);
  // Takes over the lock of a session that died; null if somebody holds it.
  static Result<std::unique_ptr<SessionLock>> Adopt(Directory& logs, SessionId session);

  // Removes the file; the lock itself goes with the object.
  Status Remove();

 private:
  SessionLock(Directory& logs, std::string name, std::unique_ptr<File> file)
      : logs_(logs), name_(std::move(name)), file_(std::move(file)) {}

  Directory& logs_;
  std::string name_;
  std::unique_ptr<File> file_;
};

// Whether some process holds the session's lock: its own, or one that adopts it.
Result<bool> IsSessionAlive(Directory& logs, SessionId session);
// Whether its own process holds it. For the moment between an adopter's lock and its mark a dead
// one passes for alive.
Result<bool> IsOwnerAlive(Directory& logs, SessionId session);

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_SESSION_LOCK_H_
