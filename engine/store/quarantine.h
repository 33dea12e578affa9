// Where a repair puts the bytes that it replaces: quarantine/<time>-<n>/, made when first needed.
#ifndef REPRISE_ENGINE_STORE_QUARANTINE_H_
#define REPRISE_ENGINE_STORE_QUARANTINE_H_

#include <memory>
#include <string>
#include <string_view>

#include "engine/io/directory.h"
#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise {

// Thread-compatible. `root`, the store's directory, must outlive it.
class Quarantine {
 public:
  Quarantine(Directory& root, TimeMicros now) : root_(root), now_(now) {}

  // Made and synced.
  Result<Directory*> Open();
  // Moves a file of `from` there; durable when it returns. Ok if there is no such file: it went
  // there in a repair that did not end.
  Status Move(Directory& from, std::string_view name);
  // Puts a file with these bytes there, durable.
  Status Keep(std::string_view name, std::string_view bytes);
  // Relative to the store; empty: nothing was put there.
  const std::string& path() const { return path_; }

 private:
  Directory& root_;
  const TimeMicros now_;
  std::unique_ptr<Directory> directory_;
  std::string path_;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_QUARANTINE_H_
