#include <CLI/CLI.hpp>
#include <memory>

#include "tools/command.h"

namespace reprise::tools {
namespace {

struct Arguments {
  std::string run;
  int exit_code = 0;
};

int Finish(const Invocation& invocation, const Arguments& arguments) {
  Result<Store> store = OpenStore(invocation, Access::kWrite);
  if (!store.has_value()) return Report(store.error());
  const Status status = store->Finish(arguments.run, arguments.exit_code);
  return status.ok() ? kExitDone : Report(status);
}

}  // namespace

void AddFinish(CLI::App* app, Invocation* invocation) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* verb = app->add_subcommand("finish", "Finish a run that nobody writes");
  verb->add_option("RUN", arguments->run, "[[entity/]project/]run-id")->required();
  verb->add_option("--exit-code", arguments->exit_code, "0: finished (default); else: failed");
  verb->callback([=] { invocation->run = [=] { return Finish(*invocation, *arguments); }; });
}

}  // namespace reprise::tools
