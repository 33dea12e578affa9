// A branch as a pointer into the forest of all branches.
#ifndef REPRISE_FORMAT_BRANCH_NODE_H_
#define REPRISE_FORMAT_BRANCH_NODE_H_

#include <cstdint>

#include "format/ids.h"
#include "reprise/value.h"

namespace reprise {

// One line of history: everything its parent shows up to `fork_step`, then its own rows.
// Normalised: the parent owns `fork_step` (lineage/chain.h), so fork steps rise along a chain.
struct BranchNode {
  BranchId id;
  bool has_parent = false;
  BranchId parent;
  Step fork_step = kNoStep;  // the last inherited step; kNoStep where there is no parent
  std::uint32_t depth = 0;   // parents up to the root
  BranchId jump;             // an ancestor further up (Myers 1983); itself at the root

  friend bool operator==(const BranchNode&, const BranchNode&) = default;
};

// Branch 0 of a run that starts empty.
inline BranchNode RootNode(const RunUid& uid) {
  BranchNode node;
  node.id = {uid, 0};
  node.jump = node.id;
  return node;
}

}  // namespace reprise

#endif  // REPRISE_FORMAT_BRANCH_NODE_H_
