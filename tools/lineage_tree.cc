#include "tools/lineage_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "tools/escape.h"
#include "tools/run_text.h"

namespace reprise::tools {
namespace {

// A line with what hangs under it.
struct Node {
  std::string text;
  std::vector<Node> children;
};

// Chains of forks are drawn to this depth; what lies below hangs under a line of its own.
constexpr std::size_t kMaxDepth = 200;

std::string FullName(const std::string& project, const std::string& run_id) {
  return project + "/" + run_id;
}

class Forest {
 public:
  explicit Forest(const std::vector<Lineage>& runs) : runs_(runs) { FindParents(); }

  bool IsRoot(std::size_t i) const { return !has_parent_[i]; }
  Node RunNode(std::size_t index, const std::string& home, std::size_t depth) const;

 private:
  void FindParents();
  std::string RunText(const RunInfo& run, const std::string& home) const;
  Node BranchNode(std::size_t index, const BranchInfo& branch, std::size_t depth) const;
  std::vector<Node> ForkNodes(std::size_t index, std::uint32_t branch, std::size_t depth) const;

  const std::vector<Lineage>& runs_;
  // By the parent's index and its branch: the runs forked from there, oldest first.
  std::map<std::pair<std::size_t, std::uint32_t>, std::vector<std::size_t>> forks_;
  std::vector<bool> has_parent_;
};

void Forest::FindParents() {
  std::map<std::string, std::size_t> by_name;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    by_name[FullName(runs_[i].run.project, runs_[i].run.run_id)] = i;
  }
  has_parent_.assign(runs_.size(), false);
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const std::optional<Origin>& origin = runs_[i].run.forked_from;
    if (!origin || origin->deleted) continue;
    const auto parent = by_name.find(FullName(origin->project, origin->run_id));
    if (parent == by_name.end() || parent->second == i) continue;
    has_parent_[i] = true;
    forks_[{parent->second, origin->branch}].push_back(i);
  }
  for (auto& [place, children] : forks_) {
    std::stable_sort(children.begin(), children.end(), [&](std::size_t a, std::size_t b) {
      return runs_[a].run.created < runs_[b].run.created;
    });
  }
}

std::string Forest::RunText(const RunInfo& run, const std::string& home) const {
  const std::string project = run.project == home ? "" : run.project + "/";
  std::string text = fmt::format("{}{}  {}  {}", project, run.run_id, RunStateName(run.state),
                                 Plural(run.rows, "row"));
  if (run.last_step != kNoStep) text += fmt::format(" to step {}", FormatStep(run.last_step));
  if (!run.forked_from) return text;
  if (run.forked_from->deleted || run.forked_from->run_id.empty()) {
    return text + ", forked from " + FormatOrigin(*run.forked_from, home);
  }
  return text + fmt::format(", forked at step {}", FormatStep(run.forked_from->step));
}

std::string BranchText(const BranchInfo& branch, const RunInfo& run) {
  std::string text =
      fmt::format("@{}  {:<8}  {}", branch.ordinal, branch.archived ? "archived" : "head",
                  Plural(branch.own_rows, "own row"));
  if (branch.last_step != kNoStep) text += fmt::format(" to step {}", FormatStep(branch.last_step));
  // Branch 0 of a fork starts where the run's own line says.
  if (!branch.base || branch.ordinal == 0) return text;
  const bool own = branch.base->run_id == run.run_id && branch.base->project == run.project;
  return text + (own ? fmt::format(", from @{} at step {}", branch.base->branch,
                                   FormatStep(branch.base->step))
                     : ", from " + FormatOrigin(*branch.base, run.project));
}

Node Forest::BranchNode(std::size_t index, const BranchInfo& branch, std::size_t depth) const {
  return {BranchText(branch, runs_[index].run), ForkNodes(index, branch.ordinal, depth)};
}

std::vector<Node> Forest::ForkNodes(std::size_t index, std::uint32_t branch,
                                    std::size_t depth) const {
  std::vector<Node> nodes;
  const auto found = forks_.find({index, branch});
  if (found == forks_.end()) return nodes;
  if (depth >= kMaxDepth) {
    nodes.push_back({fmt::format("{} deeper", Plural(found->second.size(), "fork")), {}});
    return nodes;
  }
  for (const std::size_t fork : found->second) {
    nodes.push_back(RunNode(fork, runs_[index].run.project, depth + 1));
  }
  return nodes;
}

Node Forest::RunNode(std::size_t index, const std::string& home, std::size_t depth) const {
  const Lineage& lineage = runs_[index];
  Node node{RunText(lineage.run, home), {}};
  if (lineage.branches.size() < 2) {
    node.children = ForkNodes(index, lineage.run.branch, depth);
    return node;
  }
  for (const BranchInfo& branch : lineage.branches) {
    node.children.push_back(BranchNode(index, branch, depth));
  }
  return node;
}

void Draw(const Node& node, const std::string& indent, std::string* out) {
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const bool last = i + 1 == node.children.size();
    *out += indent + (last ? "└─ " : "├─ ") + Escape(node.children[i].text) + "\n";
    Draw(node.children[i], indent + (last ? "   " : "│  "), out);
  }
}

}  // namespace

std::string DrawForest(const std::vector<Lineage>& runs) {
  const Forest forest(runs);
  std::map<std::string, std::vector<std::size_t>> roots;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (forest.IsRoot(i)) roots[runs[i].run.project].push_back(i);
  }
  std::string out;
  for (auto& [project, indexes] : roots) {
    std::stable_sort(indexes.begin(), indexes.end(), [&](std::size_t a, std::size_t b) {
      return runs[a].run.created < runs[b].run.created;
    });
    Node top{project, {}};
    for (const std::size_t i : indexes) top.children.push_back(forest.RunNode(i, project, 0));
    out += Escape(project) + "\n";
    Draw(top, "", &out);
  }
  return out;
}

std::string DrawTree(const std::vector<Lineage>& runs, std::size_t root) {
  const Forest forest(runs);
  const Node node = forest.RunNode(root, "", 0);
  std::string out = Escape(node.text) + "\n";
  Draw(node, "", &out);
  return out;
}

}  // namespace reprise::tools
