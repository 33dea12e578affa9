// What all changes together say of each run: the catalog's truth, found without a catalog.
//
// Verify judges everything else by it. Changes that contradict those before them are left out, so
// one damaged run does not hide the others.
#ifndef REPRISE_ENGINE_STORE_CHANGE_FOLD_H_
#define REPRISE_ENGINE_STORE_CHANGE_FOLD_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/store/place_set.h"
#include "format/branch_node.h"
#include "format/change.h"
#include "format/ids.h"
#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise {

struct FoldedBranch {
  BranchNode node;
  // The segments that are in force, by stream and first position.
  std::map<std::pair<Stream, std::int64_t>, SegmentRef> segments;

  // The last sealed step, kNoStep if there is none.
  Step sealed_upto() const;
};

struct FoldedRun {
  std::string name;            // "entity/project/id"
  std::uint32_t id_begin = 0;  // in the name
  std::vector<FoldedBranch> branches;
  Generation generation = 0;
  SessionId holder = 0;  // 0: nobody
  std::optional<Fence> pending;
  // The last groups whose rows count, of holders that were fenced.
  std::map<std::pair<SessionId, Generation>, Sequence> fences;
  bool deleted = false;
  bool contradicted = false;  // a change of it was left out
};

// Memory: some 500 bytes for a run of one branch, and some 150 for each segment in force.
// Thread-compatible.
class ChangeFold {
 public:
  ChangeFold() = default;
  ChangeFold(const ChangeFold&) = delete;  // names are found through pointers to runs
  ChangeFold& operator=(const ChangeFold&) = delete;
  ChangeFold(ChangeFold&&) = default;
  ChangeFold& operator=(ChangeFold&&) = default;
  ~ChangeFold() = default;

  // kCorrupt, and nothing changed but the run's `contradicted`: the change is not possible after
  // those before it.
  Status Apply(const Change& change);

  const std::map<RunUid, FoldedRun>& runs() const { return runs_; }
  // What repairs found lost, in order; uid 0: of the store.
  const std::vector<std::pair<RunUid, GapRecorded>>& gaps() const { return gaps_; }
  const FoldedRun* Find(const RunUid& uid) const;
  const FoldedBranch* Find(const BranchId& id) const;
  // Whether any change, legal or not, named a segment there: also one that was replaced since.
  bool WasPublished(std::uint64_t pack, std::uint64_t offset) const {
    return published_.Contains(pack, offset);
  }
  // "entity/project/id@branch".
  std::string Name(const BranchId& id) const;

 private:
  Status Fold(const Change& change, const RunCreated& body);
  Status Fold(const Change& change, const LeaseGranted& body);
  Status Fold(const Change& change, const FenceSet& body);
  Status Fold(const Change& change, const LeaseReleased& body);
  Status Fold(const Change& change, const ConfigMerged& body);
  Status Fold(const Change& change, const SummarySet& body);
  Status Fold(const Change& change, const BranchMade& body);
  Status Fold(const Change& change, const MetadataSet& body);
  Status Fold(const Change& change, const Sealed& body);
  Status Fold(const Change& change, const RunDeleted& body);
  Status Fold(const Change& change, const GapRecorded& body);

  // Takes what the gap drops out of force, and puts in its place what remains.
  Status DropSegments(const Change& change, const GapRecorded& body);
  Result<FoldedRun*> LivingRun(const Change& change);
  // Whether `node` is the one that a moment makes.
  Status CheckNode(const Change& change, const BranchNode& node,
                   const std::optional<StoredMoment>& asked) const;
  Status CheckSegment(const Change& change, const FoldedRun& run, const SegmentRef& segment) const;

  struct ByName {
    bool operator()(const FoldedRun* a, const FoldedRun* b) const;
  };

  std::map<RunUid, FoldedRun> runs_;
  std::set<const FoldedRun*, ByName> living_;
  PlaceSet published_;
  std::vector<std::pair<RunUid, GapRecorded>> gaps_;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_STORE_CHANGE_FOLD_H_
