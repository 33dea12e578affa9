#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "tools/command.h"
#include "tools/escape.h"
#include "tools/store_path.h"

namespace reprise::tools {
namespace {

int Init(const std::string& path) {
  if (Store::Open(path, {.create = false, .read_only = true}).has_value()) {
    return Report(Status::Error(Code::kAlreadyExists, fmt::format("a store is there: '{}'", path)));
  }
  Result<Store> store = Store::Open(path);
  if (!store.has_value()) return Report(store.error());
  const Status closed = store->Close();
  if (!closed.ok()) return Report(closed);
  Print(fmt::format("{}\n", Escape(path)));
  return kExitDone;
}

}  // namespace

void AddInit(CLI::App* app, Invocation* invocation) {
  auto directory = std::make_shared<std::string>();
  CLI::App* verb = app->add_subcommand("init", "Make an empty store");
  verb->add_option("DIR", *directory, "Where; default: the store a command here would use");
  verb->callback([=] {
    invocation->run = [=] {
      const bool given = !directory->empty();
      return Init(given ? *directory : FindStorePath(invocation->store));
    };
  });
}

}  // namespace reprise::tools
