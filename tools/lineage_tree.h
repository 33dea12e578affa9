// Forks and rewinds drawn as a forest.
#ifndef REPRISE_TOOLS_LINEAGE_TREE_H_
#define REPRISE_TOOLS_LINEAGE_TREE_H_

#include <string>
#include <vector>

#include "reprise/run_info.h"

namespace reprise::tools {

// The forest of `runs`, project by project:
//
//   home/demo
//   └─ baseline  finished  4,000 rows to step 3,999
//      ├─ @0  archived  3,501 own rows to step 3,500
//      │  └─ short-lr  running  2,600 rows to step 2,599, forked at step 1,200
//      └─ @1  head      1,999 own rows to step 3,999, from @0 at step 2,000
//
// A run hangs under the branch it was forked from; one whose parent is not among `runs` is a root.
// A run that was never rewound shows no branches. Each run is drawn once.
std::string DrawForest(const std::vector<Lineage>& runs);

// Only the run at `runs[root]` and what was forked from it, directly or through others.
std::string DrawTree(const std::vector<Lineage>& runs, std::size_t root);

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_LINEAGE_TREE_H_
