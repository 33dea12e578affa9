// The fold of changes into the tables: format/catalog.md says what each change does.
#ifndef REPRISE_ENGINE_CATALOG_APPLY_H_
#define REPRISE_ENGINE_CATALOG_APPLY_H_

#include "engine/catalog/txn.h"
#include "engine/catalog/view.h"
#include "format/change.h"

namespace reprise {

// Folds changes into the tables of one transaction. Same changes, same tables: nothing but the
// change and the tables decides. A change is checked wholly before it writes anything, so after
// kInternal (it contradicts the tables) they are as they were; other errors leave a transaction
// that must be aborted. Not thread-safe.
class Folder {
 public:
  explicit Folder(Txn& txn) : txn_(txn), view_(txn) {}

  // The change's number must be above the last one's.
  Status Apply(const Change& change);

 private:
  Status Dispatch(const RunCreated& body);
  Status Dispatch(const LeaseGranted& body);
  Status Dispatch(const FenceSet& body);
  Status Dispatch(const LeaseReleased& body);
  Status Dispatch(const ConfigMerged& body);
  Status Dispatch(const SummarySet& body);
  Status Dispatch(const BranchMade& body);
  Status Dispatch(const MetadataSet& body);
  Status Dispatch(const Sealed& body);
  Status Dispatch(const RunDeleted& body);
  Status Dispatch(const GapRecorded& body);

  Result<RunRecord> LivingRun();
  Result<LeaseRecord> Lease();
  Status PutRun(RunRecord run);
  Status PutLease(const LeaseRecord& lease);
  Status CheckNewRun(const RunCreated& body);
  Status CheckParent(const BranchNode& node);
  Result<ProjectRecord> ProjectOf(const RunCreated& body);
  Result<ConfigEntries> ConfigAt(const BranchId& branch);
  Result<bool> HasExplicitValues(const BranchId& branch);
  // A branch that this change makes at the moment asked for.
  Result<BranchRecord> NewBranch(const BranchNode& node, const std::optional<StoredMoment>& asked);
  Status PutNewRun(const RunCreated& body, const ProjectRecord& project, RunRecord run);
  Status CheckSegment(const SegmentRef& segment, Generation generation);
  Status ReplaceSegments(const SegmentRef& segment);
  Result<bool> OnlyMoves(const Sealed& body);
  Status CheckDropped(const GapRecorded& body);
  Status CheckInPlace(const GapRecorded& body, Generation generation);
  Status DropSegments(const GapRecorded& body);
  Status NoteSession();

  // The change contradicts the tables.
  Status Contradiction(std::string_view why) const;

  Txn& txn_;
  ReadView view_;
  MetaRecord meta_;
  const Change* change_ = nullptr;
};

// `config` with `entries` merged in: a leaf replaces the leaf of its path, every leaf below it,
// and a leaf above it.
ConfigEntries MergeConfig(ConfigEntries config, const ConfigEntries& entries);

}  // namespace reprise

#endif  // REPRISE_ENGINE_CATALOG_APPLY_H_
