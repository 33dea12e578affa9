#include <CLI/CLI.hpp>
#include <memory>

#include "tools/command.h"
#include "tools/run_text.h"

namespace reprise::tools {
namespace {

struct Arguments {
  std::string moment;
  bool strict = false;
};

int PrintConfig(const Invocation& invocation, const Arguments& arguments) {
  const Result<Moment> moment = ParseMoment(arguments.moment);
  if (!moment.has_value()) return ReportUsage(moment.error());
  const Result<Store> store = OpenStore(invocation, Access::kRead);
  if (!store.has_value()) return Report(store.error());
  const Result<Config> config = store->ReadConfig(*moment);
  if (!config.has_value()) return Report(config.error());
  Print(ConfigJson(*config, arguments.strict ? NonFinite::kString : NonFinite::kBare));
  return kExitDone;
}

}  // namespace

void AddConfig(CLI::App* app, Invocation* invocation) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* verb = app->add_subcommand("config", "Print a run's config as JSON, by path");
  verb->add_option("RUN", arguments->moment, "[[entity/]project/]run-id[@branch]")->required();
  verb->add_flag("--strict-json", arguments->strict, "NaN and infinities as strings");
  verb->callback([=] { invocation->run = [=] { return PrintConfig(*invocation, *arguments); }; });
}

}  // namespace reprise::tools
