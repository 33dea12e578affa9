// What a reader sees: the pieces that make one history, frozen when it was opened.
#ifndef REPRISE_ENGINE_HISTORY_SNAPSHOT_H_
#define REPRISE_ENGINE_HISTORY_SNAPSHOT_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/catalog/catalog.h"
#include "engine/io/directory.h"
#include "engine/segment/pack_reader.h"
#include "format/row_batch.h"
#include "reprise/value.h"

namespace reprise {

// Where snapshots are read from. Borrowed.
struct SnapshotSource {
  Catalog* catalog = nullptr;
  Directory* packs = nullptr;
  Directory* logs = nullptr;
  std::string boot_id;  // of the boot that runs now, 16 bytes
};

// How much of a history a snapshot holds. All but kAll leave explicit values out.
enum class SnapshotExtent : std::uint8_t {
  kAll,
  kEnd,    // only the last piece that has a segment and those after it: a segment knows the number
           // and the summaries of all rows before it
  kPlace,  // no piece: the branch, the lease, and what is committed
};

// What a writer in this process knows of the branch it writes.
struct CommittedHead {
  BranchId branch;
  Generation generation = 0;
  Step step = kNoStep;  // the last committed one
};

// Which history: a branch (the head if `ordinal` is absent), cut after `step` if there is one.
struct SnapshotTarget {
  RunUid uid;
  std::optional<std::uint32_t> ordinal;
  std::optional<Step> step;
  bool even_deleted = false;  // a deleted run's rows, which a fork needs
  bool sealed_only = false;   // leaves live rows out
  SnapshotExtent extent = SnapshotExtent::kAll;
  std::optional<CommittedHead>
      known{};  // with kPlace: spares the look into the log, while it holds
};

// The rows of one branch that are visible.
struct SnapshotPiece {
  BranchId branch;
  StepRange steps;
  std::vector<SegmentRef> segments;      // those that overlap `steps`, in step order
  std::shared_ptr<const RowBatch> tail;  // live rows, above all segments; null if there are none
};

struct Snapshot {
  RunRecord run;
  std::string project;  // "entity/project"
  BranchRecord branch;
  LeaseRecord lease;
  std::vector<SnapshotPiece> pieces;  // root first
  std::optional<Step> open_step;      // the last row of the last piece, if it is still open
  Step last_step = kNoStep;           // visible, the open row included
  Step last_committed = kNoStep;      // rows or the place forked or rewound to
  // Explicit summary values visible here, in the order in which they take effect.
  std::vector<ExplicitRecord> explicit_values;
  // Every pack that a piece needs, held open, or why it cannot be: its segments are lost, and those
  // of the others are not.
  std::map<std::uint64_t, Result<std::shared_ptr<PackFile>>> packs;
};

// Takes a snapshot (open-history protocol: read the catalog, open the files, read live rows, check
// that nothing moved meanwhile, else begin again). kOutOfRange: `step` is above the last committed
// one, which the message names.
Result<std::shared_ptr<const Snapshot>> OpenSnapshot(const SnapshotSource& source,
                                                     const SnapshotTarget& target);

// The segments of a snapshot, opened when first asked for and kept. Thread-safe.
class SegmentCache {
 public:
  explicit SegmentCache(std::shared_ptr<const Snapshot> snapshot)
      : snapshot_(std::move(snapshot)) {}

  Result<std::shared_ptr<const SegmentReader>> Get(const SegmentRef& ref) const;
  const Snapshot& snapshot() const { return *snapshot_; }

 private:
  using Place = std::pair<std::uint64_t, std::uint64_t>;  // pack, offset

  std::shared_ptr<const Snapshot> snapshot_;
  mutable std::mutex mutex_;
  mutable std::map<Place, std::shared_ptr<const SegmentReader>> readers_;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_HISTORY_SNAPSHOT_H_
