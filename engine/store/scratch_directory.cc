#include "engine/store/scratch_directory.h"

#include <fmt/format.h>

#include "engine/io/environment.h"
#include "format/try.h"

namespace reprise {

namespace {

Result<std::unique_ptr<ScratchDirectory>> MakeIn(const Io& io, const std::string& root) {
  REPRISE_TRY_ASSIGN(auto parent, io.files->OpenDirectory(root));
  std::string name = fmt::format("reprise-{:016x}", io.random->Next64());
  REPRISE_TRY(parent->MakeDirectory(name));
  REPRISE_TRY_ASSIGN(auto directory, parent->OpenDirectory(name));
  return std::make_unique<ScratchDirectory>(std::move(parent), std::move(name),
                                            std::move(directory));
}

}  // namespace

Result<std::unique_ptr<ScratchDirectory>> ScratchDirectory::Make(const Io& io) {
  auto made = MakeIn(io, EnvironmentVariable("TMPDIR").value_or("/tmp"));
  if (made) return made;
  return Fail(made.error().code(),
              fmt::format("there is no place for temporary files: {}; set TMPDIR to a directory "
                          "with room",
                          made.error().message()));
}

// What cannot be removed stays in a place for temporary files: nobody needs to be told.
ScratchDirectory::~ScratchDirectory() {
  const auto names = directory_->List();
  if (!names) return;
  for (const std::string& name : *names) (void)directory_->Remove(name);
  (void)parent_->RemoveDirectory(name_);
}

}  // namespace reprise
