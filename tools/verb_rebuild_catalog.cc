#include <CLI/CLI.hpp>

#include "reprise/verify.h"
#include "tools/command.h"
#include "tools/store_path.h"

namespace reprise::tools {
namespace {

int Rebuild(const Invocation& invocation) {
  const Status status = RebuildCatalog(FindStorePath(invocation.store));
  return status.ok() ? kExitDone : Report(status);
}

}  // namespace

void AddRebuildCatalog(CLI::App* app, Invocation* invocation) {
  CLI::App* verb = app->add_subcommand(
      "rebuild-catalog", "Build the catalog anew from logs and packs; the old one is kept aside");
  verb->callback([=] { invocation->run = [=] { return Rebuild(*invocation); }; });
}

}  // namespace reprise::tools
