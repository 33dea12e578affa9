// rewind, fork and restore: new heads and new runs from moments of old ones.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "tools/command.h"
#include "tools/escape.h"

namespace reprise::tools {
namespace {

struct Arguments {
  std::string moment;
  bool takeover = false;
  ForkOptions fork;
};

// Parses the moment, opens the store and hands both to `act`.
template <typename Act>
int WithMoment(const Invocation& invocation, const Arguments& arguments, Act act) {
  const Result<Moment> moment = ParseMoment(arguments.moment);
  if (!moment.has_value()) return ReportUsage(moment.error());
  Result<Store> store = OpenStore(invocation, Access::kWrite);
  if (!store.has_value()) return Report(store.error());
  return act(&*store, *moment);
}

Takeover TakeoverOf(const Arguments& arguments) {
  return arguments.takeover ? Takeover::kTake : Takeover::kRefuse;
}

int PrintBranch(const Moment& moment, const Result<std::uint32_t>& branch) {
  if (!branch.has_value()) return Report(branch.error());
  Print(fmt::format("{}@{}\n", Escape(moment.run), *branch));
  return kExitDone;
}

int Rewind(const Invocation& invocation, const Arguments& arguments) {
  return WithMoment(invocation, arguments, [&](Store* store, const Moment& moment) {
    if (!moment.step) {
      return ReportUsage(Status::Error(
          Code::kInvalidArgument,
          fmt::format("no step to rewind to: '{}'; write RUN?_step=N", arguments.moment)));
    }
    return PrintBranch(moment, store->Rewind(moment, TakeoverOf(arguments)));
  });
}

int Restore(const Invocation& invocation, const Arguments& arguments) {
  return WithMoment(invocation, arguments, [&](Store* store, const Moment& moment) {
    if (!moment.branch || moment.step) {
      return ReportUsage(Status::Error(
          Code::kInvalidArgument,
          fmt::format("not an archived branch: '{}'; write RUN@K", arguments.moment)));
    }
    return PrintBranch(moment, store->Restore(moment, TakeoverOf(arguments)));
  });
}

int Fork(const Invocation& invocation, const Arguments& arguments) {
  return WithMoment(invocation, arguments, [&](Store* store, const Moment& moment) {
    const Result<RunInfo> run = store->Fork(moment, arguments.fork);
    if (!run.has_value()) return Report(run.error());
    Print(fmt::format("{}/{}\n", Escape(run->project), Escape(run->run_id)));
    return kExitDone;
  });
}

void AddRewindVerb(CLI::App* app, Invocation* invocation) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* verb = app->add_subcommand(
      "rewind", "Keep the rows up to a step; the later ones become an archived branch");
  verb->add_option("MOMENT", arguments->moment, "RUN?_step=N; -1 keeps nothing")->required();
  verb->add_flag("--takeover", arguments->takeover, "Even if a living process writes the run");
  verb->callback([=] { invocation->run = [=] { return Rewind(*invocation, *arguments); }; });
}

void AddForkVerb(CLI::App* app, Invocation* invocation) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* verb = app->add_subcommand("fork", "Make a new run that shares rows up to a step");
  verb->add_option("MOMENT", arguments->moment, "RUN[@K]?_step=N; without a step, all rows")
      ->required();
  verb->add_option("--id", arguments->fork.run_id, "The new run's id; default: random");
  verb->add_option("--project", arguments->fork.project, "Its project; default: the parent's");
  verb->add_option("--name", arguments->fork.name, "Its display name; default: generated");
  verb->callback([=] { invocation->run = [=] { return Fork(*invocation, *arguments); }; });
}

void AddRestoreVerb(CLI::App* app, Invocation* invocation) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* verb =
      app->add_subcommand("restore", "Go on from the end of an archived branch (undo a rewind)");
  verb->add_option("BRANCH", arguments->moment, "RUN@K")->required();
  verb->add_flag("--takeover", arguments->takeover, "Even if a living process writes the run");
  verb->callback([=] { invocation->run = [=] { return Restore(*invocation, *arguments); }; });
}

}  // namespace

void AddRewind(CLI::App* app, Invocation* invocation) {
  AddRewindVerb(app, invocation);
  AddForkVerb(app, invocation);
  AddRestoreVerb(app, invocation);
}

}  // namespace reprise::tools
