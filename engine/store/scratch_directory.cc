#include "engine/store/scratch_directory.h"

#include <fmt/format.h>

#include "engine/io/environment.h"
#include "format/try.h"

namespace reprise {

Result<std::unique_ptr<ScratchDirectory>> ScratchDirectory::Make(const Io& io) {
  const std::string root = EnvironmentVariable("TMPDIR").value_or("/tmp");
  REPRISE_TRY_ASSIGN(auto parent, io.files->OpenDirectory(root));
  std::string name = fmt::format("reprise-{:016x}", io.random->Next64());
  REPRISE_TRY(parent->MakeDirectory(name));
  REPRISE_TRY_ASSIGN(auto directory, parent->OpenDirectory(name));
  return std::make_unique<ScratchDirectory>(std::move(parent), std::move(name),
                                            std::move(directory));
}

// What cannot be removed stays in a place for temporary files: nobody needs to be told.
ScratchDirectory::~ScratchDirectory() {
  const auto names = directory_->List();
  if (!names) return;
  for (const std::string& name : *names) (void)directory_->Remove(name);
  (void)parent_->RemoveDirectory(name_);
}

}  // namespace reprise
