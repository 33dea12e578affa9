#include <CLI/CLI.hpp>
#include <memory>

#include "tools/command.h"

namespace reprise::tools {
namespace {

struct Arguments {
  std::vector<std::string> runs;
  bool takeover = false;
};

int Rm(const Invocation& invocation, const Arguments& arguments) {
  Result<Store> store = OpenStore(invocation, Access::kWrite);
  if (!store.has_value()) return Report(store.error());
  const Takeover takeover = arguments.takeover ? Takeover::kTake : Takeover::kRefuse;
  int exit_status = kExitDone;
  for (const std::string& run : arguments.runs) {
    const Status status = store->Delete(run, takeover);
    if (!status.ok()) exit_status = Report(status);
  }
  return exit_status;
}

}  // namespace

void AddRm(CLI::App* app, Invocation* invocation) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* verb = app->add_subcommand("rm", "Delete runs; rows that a living fork needs stay");
  verb->add_option("RUN", arguments->runs, "[[entity/]project/]run-id")->required();
  verb->add_flag("--takeover", arguments->takeover, "Even if a living process writes it");
  verb->callback([=] { invocation->run = [=] { return Rm(*invocation, *arguments); }; });
}

}  // namespace reprise::tools
