#include <CLI/CLI.hpp>
#include <memory>

#include "reprise/verify.h"
#include "tools/command.h"
#include "tools/escape.h"

namespace reprise::tools {
namespace {

int Dump(const std::string& path) {
  const Status status = DumpFile(path, [](const std::string& line) { Print(Escape(line) + "\n"); });
  return status.ok() ? kExitDone : Report(status);
}

}  // namespace

void AddDump(CLI::App* app, Invocation* invocation) {
  auto path = std::make_shared<std::string>();
  CLI::App* verb = app->add_subcommand(
      "dump", "Decode a file of a store as far as it can be, a line a structure");
  verb->add_option("FILE", *path, "A superblock, log, pack or catalog file")->required();
  verb->callback([=] { invocation->run = [=] { return Dump(*path); }; });
}

}  // namespace reprise::tools
