// The file `catalog.lock`, open: its lock and what it says (format/catalog_control.h).
//
// Who writes to the catalog holds the lock shared, for one write transaction and no longer: a
// process that keeps a store open for days must not keep others from rebuilding a damaged
// catalog. Who builds a new catalog file holds it exclusively.
// Not thread-safe: a lock belongs to the open file, so each Control has one user at a time.
#ifndef REPRISE_ENGINE_CATALOG_CONTROL_H_
#define REPRISE_ENGINE_CATALOG_CONTROL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/io/directory.h"
#include "format/catalog_control.h"

namespace reprise {

class Control {
 public:
  // kNotFound if there is none.
  static Result<Control> Open(Directory& directory, OpenMode mode);
  // Made if there is none; it says nothing then.
  static Result<Control> OpenOrCreate(Directory& directory);

  Status Lock(LockKind kind) { return file_->Lock(kind); }
  Status Unlock() { return file_->Unlock(); }

  // kCorrupt if it says nothing, or nothing that verifies.
  Result<CatalogControl> Read();
  // Durable when it returns, if `durable`.
  Status Write(const CatalogControl& control, bool durable);

 private:
  explicit Control(std::unique_ptr<File> file) : file_(std::move(file)) {}

  std::unique_ptr<File> file_;
};

// Holds the lock while it lives.
class ControlLock {
 public:
  static Result<ControlLock> Take(Control& control, LockKind kind);
  ControlLock(ControlLock&& other) noexcept : control_(std::exchange(other.control_, nullptr)) {}
  ControlLock& operator=(ControlLock&&) = delete;
  ~ControlLock();

 private:
  explicit ControlLock(Control& control) : control_(&control) {}

  Control* control_;
};

// "catalog.<generation>".
std::string CatalogFileName(std::uint64_t generation);
// The generations that catalog files in the directory have, rising.
Result<std::vector<std::uint64_t>> CatalogFiles(Directory& directory);

}  // namespace reprise

#endif  // REPRISE_ENGINE_CATALOG_CONTROL_H_
