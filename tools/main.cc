// reprise: makes, fills, reads, rewinds, forks and checks stores of run histories.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "tools/command.h"

namespace reprise::tools {
namespace {

void AddVerbs(CLI::App* app, Invocation* invocation) {
  AddInit(app, invocation);
  AddLog(app, invocation);
  AddImport(app, invocation);
  AddLs(app, invocation);
  AddShow(app, invocation);
  AddHistory(app, invocation);
  AddSample(app, invocation);
  AddSummary(app, invocation);
  AddConfig(app, invocation);
  AddTree(app, invocation);
  AddRewind(app, invocation);
  AddSet(app, invocation);
  AddFinish(app, invocation);
  AddRm(app, invocation);
  AddReclaim(app, invocation);
  AddVerify(app, invocation);
  AddRepair(app, invocation);
  AddRebuildCatalog(app, invocation);
  AddDump(app, invocation);
  AddStat(app, invocation);
}

int Main(int argc, char** argv) {
  CLI::App app("The history of machine-learning runs: log, resume, rewind, fork, read.", "reprise");
  Invocation invocation;
  app.add_option("--store", invocation.store,
                 "The store; default: $REPRISE_STORE, else the nearest .reprise folder upward, "
                 "else ./.reprise")
      ->type_name("DIR");
  app.require_subcommand(1);
  app.fallthrough();
  AddVerbs(&app, &invocation);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  const int status = invocation.run();
  // A full disk behind standard output must not look like success.
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
  Note("reprise: cannot write to standard output");
  return status == kExitDone ? kExitRefused : status;
}

}  // namespace
}  // namespace reprise::tools

int main(int argc, char** argv) {
  try {
    return reprise::tools::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "reprise: out of resources (%s)\n", error.what());
    return reprise::tools::kExitInternal;
  }
}
