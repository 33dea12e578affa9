#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "tools/command.h"
#include "tools/json_writer.h"
#include "tools/table.h"

namespace reprise::tools {
namespace {

std::string ToText(const ReclaimReport& report) {
  std::string text = fmt::format("gave back {}: {} packs written anew\n",
                                 FormatBytes(report.bytes_freed), report.packs_rewritten);
  if (report.packs_in_use > 0) {
    text += fmt::format("{} packs are being written and stay as they are\n", report.packs_in_use);
  }
  if (report.packs_damaged > 0) {
    text += fmt::format("{} packs are damaged and stay as they are: 'reprise verify' tells more\n",
                        report.packs_damaged);
  }
  return text;
}

std::string ToJson(const ReclaimReport& report) {
  const auto count = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
  JsonObject object(NonFinite::kString);
  object.Add("bytes_freed", count(report.bytes_freed))
      .Add("packs_rewritten", count(report.packs_rewritten))
      .Add("packs_in_use", count(report.packs_in_use))
      .Add("packs_damaged", count(report.packs_damaged));
  return std::move(object).Finish() + "\n";
}

int PrintReclaim(const Invocation& invocation, bool json) {
  Result<Store> store = OpenStore(invocation, Access::kWrite);
  if (!store.has_value()) return Report(store.error());
  const Result<ReclaimReport> report = store->Reclaim();
  if (!report.has_value()) return Report(report.error());
  Print(json ? ToJson(*report) : ToText(*report));
  return kExitDone;
}

}  // namespace

void AddReclaim(CLI::App* app, Invocation* invocation) {
  auto json = std::make_shared<bool>(false);
  CLI::App* verb =
      app->add_subcommand("reclaim", "Give back the bytes of deleted runs and of merged segments");
  verb->add_flag("--json", *json, "As one JSON object");
  verb->callback([=] { invocation->run = [=] { return PrintReclaim(*invocation, *json); }; });
}

}  // namespace reprise::tools
