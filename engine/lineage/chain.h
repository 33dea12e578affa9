// Chains of branches: which branch owns a step, and which pieces make up a visible history.
//
// A branch shows its parent's rows up to its fork step and then its own. Nodes are normalised:
// the parent owns the fork step, so fork steps rise strictly from the root down, and "who owns
// step s" is the nearest node up the chain whose fork step lies below s. Each node also points
// to an ancestor further up (Myers, "An applicative random-access stack", 1983), so the search
// takes O(log depth) lookups and a new node O(1) beyond it, whatever the history.
//
// Nodes come from storage and are not trusted: depths and fork steps are checked at every hop and
// must fall, so damaged ones give kCorrupt, never an endless loop. A failure of the lookup itself
// is returned as it is.
//
// Pure functions; safe from any thread as far as the lookup is.
#ifndef REPRISE_ENGINE_LINEAGE_CHAIN_H_
#define REPRISE_ENGINE_LINEAGE_CHAIN_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "format/branch_node.h"
#include "format/ids.h"
#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise {

// Reads the node of a branch that exists.
using NodeLookup = std::function<Result<BranchNode>(const BranchId&)>;

// The node of a branch `id` that has neither parent nor inherited rows.
BranchNode MakeRoot(const BranchId& id);

// The node of a new branch `id` that shows what `asked_parent` shows up to `fork_step`. Its parent
// is the branch that owns `fork_step`: `asked_parent` or one of its ancestors. From kNoStep
// nothing is inherited, and the node is a root.
// kInvalidArgument for a step below kNoStep, or if `id` would be its own ancestor.
// At most 3 * log2(depth) + 3 lookups; 2 where `asked_parent` owns the step.
Result<BranchNode> MakeNode(const BranchId& id, const BranchId& asked_parent, Step fork_step,
                            const NodeLookup& lookup);

// The branch in `node`'s chain that owns `step`: `node` itself or an ancestor. Whether a row was
// ever logged there is not its business. kInvalidArgument for a negative step.
// At most 3 * log2(depth) + 1 lookups.
Result<BranchNode> FindOwner(const BranchNode& node, Step step, const NodeLookup& lookup);

// Steps that one branch contributes to a history; never empty.
struct Piece {
  BranchId branch;
  StepRange steps;

  friend bool operator==(const Piece&, const Piece&) = default;
};

// The pieces that make up the history visible at `node` up to and including `cut`, root first.
// They are disjoint, rise, and cover 0..cut; none for kNoStep. One lookup an ancestor.
Result<std::vector<Piece>> Flatten(const BranchNode& node, Step cut, const NodeLookup& lookup);

// The same for a range of steps: covers exactly its steps >= 0. Finds the range's end in
// O(log depth) lookups and then takes one for each piece.
Result<std::vector<Piece>> FlattenRange(const BranchNode& node, StepRange range,
                                        const NodeLookup& lookup);

// The depth of the jump target of a node at `depth`: a function of the depth alone (0 at 0).
std::uint32_t JumpDepth(std::uint32_t depth);

}  // namespace reprise

#endif  // REPRISE_ENGINE_LINEAGE_CHAIN_H_
