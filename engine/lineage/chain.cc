#include "engine/lineage/chain.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "format/try.h"

namespace reprise {

namespace {

tl::unexpected<Status> Damaged(const BranchNode& node, std::string_view what) {
  return Fail(Code::kCorrupt,
              fmt::format("branch record is damaged: branch {} of {} (depth {}, fork step {}) {}; "
                          "run 'reprise rebuild-catalog'",
                          node.id.ordinal, ToHex(node.id.uid), node.depth, node.fork_step, what));
}

bool Owns(const BranchNode& node, Step step) { return node.fork_step < step; }

// What holds for each node by itself. A root must jump to itself, all others further up.
Status CheckNode(const BranchNode& node) {
  const bool is_root = node.depth == 0;
  const bool whole = is_root ? !node.has_parent && node.fork_step == kNoStep && node.jump == node.id
                             : node.has_parent && node.fork_step >= 0 && node.jump != node.id &&
                                   node.parent != node.id;
  if (!whole) return Damaged(node, "contradicts itself").value();
  return {};
}

// What holds between a node and an ancestor of it that must stand at `depth`.
Status CheckAncestor(const BranchNode& node, const BranchNode& ancestor, std::uint32_t depth) {
  if (ancestor.depth != depth) {
    return Damaged(ancestor, fmt::format("should have depth {} above branch {} at depth {}", depth,
                                         node.id.ordinal, node.depth))
        .value();
  }
  if (ancestor.fork_step >= node.fork_step) {
    return Damaged(ancestor, fmt::format("has a descendant {} that forks no later, at step {}",
                                         node.id.ordinal, node.fork_step))
        .value();
  }
  return {};
}

Result<BranchNode> ReadAncestor(const BranchNode& node, const BranchId& id, std::uint32_t depth,
                                const NodeLookup& lookup) {
  REPRISE_TRY_ASSIGN(BranchNode ancestor, lookup(id));
  if (ancestor.id != id) return Damaged(ancestor, "stands in another's place");
  REPRISE_TRY(CheckNode(ancestor));
  REPRISE_TRY(CheckAncestor(node, ancestor, depth));
  return ancestor;
}

Result<BranchNode> ReadParent(const BranchNode& node, const NodeLookup& lookup) {
  return ReadAncestor(node, node.parent, node.depth - 1, lookup);
}

Result<BranchNode> ReadJump(const BranchNode& node, const NodeLookup& lookup) {
  return ReadAncestor(node, node.jump, JumpDepth(node.depth), lookup);
}

Status CheckStep(Step step, Step least) {
  if (step >= least) return {};
  return Status::Error(
      Code::kInvalidArgument,
      fmt::format("step {} does not exist: steps begin at 0; name a step >= {}", step, least));
}

}  // namespace

// Depths count in skew binary, whose digits weigh 2^k - 1; a node jumps over as many nodes as the
// last digit of its depth weighs.
std::uint32_t JumpDepth(std::uint32_t depth) {
  std::uint32_t rest = depth;
  std::uint32_t weight = 0;
  while (rest > 0) {
    const auto digits = static_cast<int>(std::bit_width(std::uint64_t{rest} + 1)) - 1;
    weight = static_cast<std::uint32_t>((std::uint64_t{1} << digits) - 1);
    rest -= weight;
  }
  return depth - weight;
}

BranchNode MakeRoot(const BranchId& id) {
  BranchNode node;
  node.id = id;
  node.jump = id;
  return node;
}

Result<BranchNode> MakeNode(const BranchId& id, const BranchId& asked_parent, Step fork_step,
                            const NodeLookup& lookup) {
  REPRISE_TRY(CheckStep(fork_step, kNoStep));
  if (fork_step == kNoStep) return MakeRoot(id);
  REPRISE_TRY_ASSIGN(const BranchNode asked, lookup(asked_parent));
  if (asked.id != asked_parent) return Damaged(asked, "stands in another's place");
  REPRISE_TRY_ASSIGN(const BranchNode owner, FindOwner(asked, fork_step, lookup));
  if (owner.id == id) {
    return Fail(Code::kInvalidArgument,
                fmt::format("branch {} cannot be its own parent: at step {}; give it a new ordinal",
                            id.ordinal, fork_step));
  }
  if (owner.depth == std::numeric_limits<std::uint32_t>::max()) {
    return Damaged(owner, "is deeper than branches can be");
  }

  BranchNode node{id, true, owner.id, fork_step, owner.depth + 1, owner.id};
  if (JumpDepth(node.depth) != owner.depth) {
    REPRISE_TRY_ASSIGN(const BranchNode over, ReadJump(owner, lookup));
    node.jump = over.jump;
  }
  return node;
}

// Jumps while the target does not own the step either, else goes to the parent. A target that owns
// it is remembered: jumps of the nodes below never pass it, so most end there and need no lookup.
Result<BranchNode> FindOwner(const BranchNode& start, Step step, const NodeLookup& lookup) {
  REPRISE_TRY(CheckStep(step, 0));
  REPRISE_TRY(CheckNode(start));
  BranchNode node = start;
  std::optional<BranchNode> owner;  // the nearest one known
  while (!Owns(node, step)) {
    if (!owner || node.jump != owner->id) {
      REPRISE_TRY_ASSIGN(const BranchNode target, ReadJump(node, lookup));
      if (!Owns(target, step)) {
        node = target;
        continue;
      }
      owner = target;
    }
    if (node.parent == owner->id) {
      REPRISE_TRY(CheckAncestor(node, *owner, node.depth - 1));
      return *owner;
    }
    REPRISE_TRY_ASSIGN(node, ReadParent(node, lookup));
  }
  return node;
}

Result<std::vector<Piece>> Flatten(const BranchNode& node, Step cut, const NodeLookup& lookup) {
  REPRISE_TRY(CheckStep(cut, kNoStep));
  return FlattenRange(node, {0, cut}, lookup);
}

Result<std::vector<Piece>> FlattenRange(const BranchNode& node, StepRange range,
                                        const NodeLookup& lookup) {
  std::vector<Piece> pieces;
  const Step first = std::max<Step>(range.first, 0);
  if (first > range.last) return pieces;
  REPRISE_TRY_ASSIGN(BranchNode owner, FindOwner(node, range.last, lookup));
  Step last = range.last;
  while (!Owns(owner, first)) {
    pieces.push_back({owner.id, {owner.fork_step + 1, last}});
    last = owner.fork_step;
    REPRISE_TRY_ASSIGN(owner, ReadParent(owner, lookup));
  }
  pieces.push_back({owner.id, {first, last}});
  std::reverse(pieces.begin(), pieces.end());
  return pieces;
}

}  // namespace reprise
