#include <CLI/CLI.hpp>
#include <memory>

#include "format/try.h"
#include "tools/command.h"
#include "tools/lineage_tree.h"

namespace reprise::tools {
namespace {

Result<std::vector<Lineage>> ReadLineages(const Store& store) {
  REPRISE_TRY_ASSIGN(const std::vector<RunInfo> runs, store.ListRuns());
  std::vector<Lineage> lineages;
  for (const RunInfo& run : runs) {
    Result<Lineage> lineage = store.ReadLineage(run.project + "/" + run.run_id);
    // A run that was deleted since the list was read is simply gone.
    if (!lineage.has_value() && lineage.error().code() == Code::kNotFound) continue;
    if (!lineage.has_value()) return Fail(lineage.error());
    lineages.push_back(std::move(*lineage));
  }
  return lineages;
}

Result<std::string> Draw(const Store& store, const std::string& run) {
  REPRISE_TRY_ASSIGN(const std::vector<Lineage> lineages, ReadLineages(store));
  if (run.empty()) return DrawForest(lineages);
  REPRISE_TRY_ASSIGN(const RunInfo root, store.ReadRun(run));
  for (std::size_t i = 0; i < lineages.size(); ++i) {
    if (lineages[i].run.uid == root.uid) return DrawTree(lineages, i);
  }
  return Fail(Code::kNotFound, "run was deleted meanwhile: '" + run + "'");
}

int Tree(const Invocation& invocation, const std::string& run) {
  const Result<Store> store = OpenStore(invocation, Access::kRead);
  if (!store.has_value()) return Report(store.error());
  const Result<std::string> drawing = Draw(*store, run);
  if (!drawing.has_value()) return Report(drawing.error());
  Print(*drawing);
  return kExitDone;
}

}  // namespace

void AddTree(CLI::App* app, Invocation* invocation) {
  auto run = std::make_shared<std::string>();
  CLI::App* verb = app->add_subcommand("tree", "Draw runs with their rewinds and forks");
  verb->add_option("RUN", *run, "Only this run and what was forked from it");
  verb->callback([=] { invocation->run = [=] { return Tree(*invocation, *run); }; });
}

}  // namespace reprise::tools
