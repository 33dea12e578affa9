// A directory outside of any store, for a catalog that is built to be compared.
#ifndef REPRISE_ENGINE_STORE_SCRATCH_DIRECTORY_H_
#define REPRISE_ENGINE_STORE_SCRATCH_DIRECTORY_H_

#include <memory>
#include <string>
#include <utility>

#include "engine/io/directory.h"
#include "engine/io/io.h"
#include "reprise/status.h"

namespace reprise {

// Made under $TMPDIR, else /tmp; removed with the files in it by the destructor. What is open in
// it must be closed before that.
class ScratchDirectory {
 public:
  static Result<std::unique_ptr<ScratchDirectory>> Make(const Io& io);
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  Directory& directory() { return *directory_; }

  // What Make uses.
  ScratchDirectory(std::unique_ptr<Directory> parent, std::string name,
                   std::unique_ptr<Directory> directory)
      : parent_(std::move(parent)), name_(std::move(name)), directory_(std::move(directory)) {}

 private:
  std::unique_ptr<Directory> parent_;
  std::string name_;
  std::unique_ptr<Directory> directory_;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_SCRATCH_DIRECTORY_H_
