#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "reprise/verify.h"
#include "tools/command.h"
#include "tools/json_writer.h"
#include "tools/run_text.h"
#include "tools/store_path.h"
#include "tools/table.h"

namespace reprise::tools {
namespace {

std::uint64_t TotalBytes(const StoreStat& stat) {
  return stat.superblock_bytes + stat.log_bytes + stat.pack_bytes + stat.catalog_bytes;
}

std::string StatTable(const StoreStat& stat) {
  Table table;
  table.AddColumn("");
  table.AddColumn("", Table::Align::kRight);
  const auto bytes = [&](const char* name, std::uint64_t n) {
    table.AddRow({name, FormatBytes(n)});
  };
  const auto count = [&](const char* name, std::uint64_t n) {
    table.AddRow({name, FormatCount(n)});
  };
  bytes("superblock", stat.superblock_bytes);
  bytes("logs", stat.log_bytes);
  bytes("packs", stat.pack_bytes);
  bytes("  of these, segments", stat.segment_bytes);
  bytes("    of these, cells", stat.cell_bytes);
  bytes("  'reclaim' gives back", stat.reclaimable_bytes);
  bytes("catalog", stat.catalog_bytes);
  bytes("total", TotalBytes(stat));
  count("runs", stat.runs);
  count("segments", stat.segments);
  count("rows", stat.rows);
  count("values", stat.values);
  if (stat.values > 0) {
    const double each = static_cast<double>(stat.segment_bytes) / static_cast<double>(stat.values);
    table.AddRow({"segment bytes per value", fmt::format("{:.2f}", each)});
  }
  return table.Render(TerminalWidth());
}

std::string StatJson(const StoreStat& stat) {
  const auto count = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
  JsonObject object(NonFinite::kString);
  object.Add("superblock_bytes", count(stat.superblock_bytes))
      .Add("log_bytes", count(stat.log_bytes))
      .Add("pack_bytes", count(stat.pack_bytes))
      .Add("segment_bytes", count(stat.segment_bytes))
      .Add("cell_bytes", count(stat.cell_bytes))
      .Add("reclaimable_bytes", count(stat.reclaimable_bytes))
      .Add("catalog_bytes", count(stat.catalog_bytes))
      .Add("total_bytes", count(TotalBytes(stat)))
      .Add("runs", count(stat.runs))
      .Add("segments", count(stat.segments))
      .Add("rows", count(stat.rows))
      .Add("values", count(stat.values));
  return std::move(object).Finish() + "\n";
}

int PrintStat(const Invocation& invocation, bool json) {
  const Result<StoreStat> stat = ReadStoreStat(FindStorePath(invocation.store));
  if (!stat.has_value()) return Report(stat.error());
  Print(json ? StatJson(*stat) : StatTable(*stat));
  return kExitDone;
}

}  // namespace

void AddStat(CLI::App* app, Invocation* invocation) {
  auto json = std::make_shared<bool>(false);
  CLI::App* verb = app->add_subcommand("stat", "Where the bytes of the store are");
  verb->add_flag("--json", *json, "As one JSON object");
  verb->callback([=] { invocation->run = [=] { return PrintStat(*invocation, *json); }; });
}

}  // namespace reprise::tools
