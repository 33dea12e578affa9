#include "tools/command.h"

#include <fmt/format.h>

#include <cstdio>

#include "tools/escape.h"
#include "tools/store_path.h"

namespace reprise::tools {

Result<Store> OpenStore(const Invocation& invocation, Access access, Durability durability) {
  Options options;
  options.durability = durability;
  options.create = access == Access::kCreate;
  options.read_only = access == Access::kRead;
  return Store::Open(FindStorePath(invocation.store), options);
}

int Report(const Status& status) {
  Note(fmt::format("reprise: {}", status.message()));
  return status.code() == Code::kInternal ? kExitInternal : kExitRefused;
}

int ReportUsage(const Status& status) {
  Report(status);
  return kExitUsage;
}

void Print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void Note(std::string_view text) {
  const std::string line = Escape(text) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace reprise::tools
