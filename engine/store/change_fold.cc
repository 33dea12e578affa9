#include "engine/store/change_fold.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <string_view>
#include <utility>

#include "engine/lineage/chain.h"
#include "format/try.h"

namespace reprise {

namespace {

Status Contradiction(const Change& change, std::string_view why) {
  return Status::Error(
      Code::kCorrupt,
      fmt::format("a change contradicts those before it: number {} ({} of run {}): {}; restore "
                  "the log or pack that held the others from a copy",
                  change.number, ChangeName(change), ToHex(change.uid), why));
}

}  // namespace

Step FoldedBranch::sealed_upto() const {
  // History comes first in the order of streams, so its last segment is before all others.
  const auto after = segments.lower_bound({Stream::kSystem, std::numeric_limits<Step>::min()});
  return after == segments.begin() ? kNoStep : std::prev(after)->second.last;
}

// By project, then id: names of damaged changes may have a '/' anywhere.
bool ChangeFold::ByName::operator()(const FoldedRun* a, const FoldedRun* b) const {
  const auto parts = [](const FoldedRun* run) {
    const std::string_view name = run->name;
    return std::pair(name.substr(0, run->id_begin), name.substr(run->id_begin));
  };
  return parts(a) < parts(b);
}

const FoldedRun* ChangeFold::Find(const RunUid& uid) const {
  const auto found = runs_.find(uid);
  return found == runs_.end() ? nullptr : &found->second;
}

const FoldedBranch* ChangeFold::Find(const BranchId& id) const {
  const FoldedRun* run = Find(id.uid);
  if (run == nullptr || id.ordinal >= run->branches.size()) return nullptr;
  return &run->branches[id.ordinal];
}

std::string ChangeFold::Name(const BranchId& id) const {
  const FoldedRun* run = Find(id.uid);
  return fmt::format("{}@{}", run == nullptr ? ToHex(id.uid) : run->name, id.ordinal);
}

Status ChangeFold::Apply(const Change& change) {
  Status applied = std::visit([&](const auto& body) { return Fold(change, body); }, change.body);
  const auto run = runs_.find(change.uid);
  if (!applied.ok() && run != runs_.end()) run->second.contradicted = true;
  return applied;
}

Result<FoldedRun*> ChangeFold::LivingRun(const Change& change) {
  const auto found = runs_.find(change.uid);
  if (found == runs_.end()) return Fail(Contradiction(change, "there is no such run"));
  if (found->second.deleted) return Fail(Contradiction(change, "the run is deleted"));
  return &found->second;
}

Status ChangeFold::CheckNode(const Change& change, const BranchNode& node,
                             const std::optional<StoredMoment>& asked) const {
  const auto lookup = [&](const BranchId& id) -> Result<BranchNode> {
    const FoldedBranch* branch = Find(id);
    if (branch != nullptr) return branch->node;
    return Fail(Contradiction(change, fmt::format("there is no branch {}", Name(id))));
  };
  BranchNode expected = MakeRoot(node.id);
  if (asked) {
    REPRISE_TRY_ASSIGN(expected, MakeNode(node.id, asked->branch, asked->step, lookup));
  }
  if (node == expected) return {};
  return Contradiction(
      change,
      fmt::format("its branch should continue {} after step {}, not {} after {}",
                  Name(expected.parent), expected.fork_step, Name(node.parent), node.fork_step));
}

Status ChangeFold::Fold(const Change& change, const RunCreated& body) {
  if (Find(change.uid) != nullptr) return Contradiction(change, "the run exists already");
  if (body.node.id != BranchId{change.uid, 0}) {
    return Contradiction(change, "its first branch is another run's");
  }
  REPRISE_TRY(CheckNode(change, body.node, body.forked_from));
  const std::string project = body.entity + "/" + body.project + "/";
  FoldedRun run;
  run.name = project + body.run_id;
  run.id_begin = static_cast<std::uint32_t>(project.size());
  if (living_.contains(&run)) return Contradiction(change, "another living run has its id");
  run.branches.push_back({body.node, {}});
  living_.insert(&runs_.emplace(change.uid, std::move(run)).first->second);
  return {};
}

Status ChangeFold::Fold(const Change& change, const LeaseGranted& body) {
  REPRISE_TRY_ASSIGN(FoldedRun * run, LivingRun(change));
  if (body.generation != run->generation + 1) {
    return Contradiction(
        change, fmt::format("generation {} cannot follow {}", body.generation, run->generation));
  }
  run->generation = body.generation;
  run->holder = body.holder.session;
  if (!body.fence) return {};
  if (body.fence->sequence == kOpenFence) {
    run->pending = body.fence;
  } else {
    run->fences[{body.fence->session, body.fence->generation}] = body.fence->sequence;
  }
  return {};
}

Status ChangeFold::Fold(const Change& change, const FenceSet& body) {
  REPRISE_TRY_ASSIGN(FoldedRun * run, LivingRun(change));
  if (!run->pending || run->pending->session != body.fence.session ||
      run->pending->generation != body.fence.generation) {
    return Contradiction(change, "no such fence is open");
  }
  run->pending.reset();
  run->fences[{body.fence.session, body.fence.generation}] = body.fence.sequence;
  return {};
}

Status ChangeFold::Fold(const Change& change, const LeaseReleased& body) {
  REPRISE_TRY_ASSIGN(FoldedRun * run, LivingRun(change));
  if (body.generation != run->generation) {
    return Contradiction(change, fmt::format("generation {} is not the holder's, {}",
                                             body.generation, run->generation));
  }
  run->holder = 0;
  return {};
}

Status ChangeFold::Fold(const Change& change, const ConfigMerged&) {
  REPRISE_TRY(LivingRun(change));
  return {};
}

Status ChangeFold::Fold(const Change& change, const MetadataSet&) {
  REPRISE_TRY(LivingRun(change));
  return {};
}

Status ChangeFold::Fold(const Change& change, const SummarySet& body) {
  REPRISE_TRY_ASSIGN(const FoldedRun* run, LivingRun(change));
  if (body.branch < run->branches.size()) return {};
  return Contradiction(change, fmt::format("there is no branch {}", body.branch));
}

Status ChangeFold::Fold(const Change& change, const BranchMade& body) {
  REPRISE_TRY_ASSIGN(FoldedRun * run, LivingRun(change));
  if (body.node.id.uid != change.uid || body.node.id.ordinal != run->branches.size()) {
    return Contradiction(change, fmt::format("branch {} is not the next one, {}",
                                             body.node.id.ordinal, run->branches.size()));
  }
  REPRISE_TRY(CheckNode(change, body.node, body.asked));
  run->branches.push_back({body.node, {}});
  return {};
}

Status ChangeFold::CheckSegment(const Change& change, const FoldedRun& run,
                                const SegmentRef& segment) const {
  const auto contradiction = [&](std::string_view why) {
    return Contradiction(change, fmt::format("segment {}..{} of branch {} {}", segment.first,
                                             segment.last, segment.branch.ordinal, why));
  };
  if (segment.branch.uid != change.uid || segment.branch.ordinal >= run.branches.size()) {
    return contradiction("belongs to no branch of the run");
  }
  if (segment.first > segment.last || segment.rows == 0) return contradiction("is empty");
  if (segment.generation > run.generation) return contradiction("is of a lease not granted yet");
  const FoldedBranch& branch = run.branches[segment.branch.ordinal];
  if (segment.stream == Stream::kHistory && segment.first <= branch.node.fork_step) {
    return contradiction(
        fmt::format("begins before its branch does, at {}", branch.node.fork_step + 1));
  }
  auto present = branch.segments.upper_bound({segment.stream, segment.first});
  if (present != branch.segments.begin()) --present;
  for (; present != branch.segments.end(); ++present) {
    const SegmentRef& old = present->second;
    if (old.stream != segment.stream || old.last < segment.first) continue;
    if (old.first > segment.last) break;
    if (old.first < segment.first || old.last > segment.last) {
      return contradiction(fmt::format("overlaps segment {}..{}", old.first, old.last));
    }
  }
  return {};
}

namespace {

// Whether each segment takes the place of one with the same rows, as when packs are rewritten.
bool OnlyMoves(const FoldedRun& run, const Sealed& body) {
  return std::all_of(body.segments.begin(), body.segments.end(), [&](const SegmentRef& segment) {
    if (segment.branch.ordinal >= run.branches.size()) return false;
    const auto& present = run.branches[segment.branch.ordinal].segments;
    const auto found = present.find({segment.stream, segment.first});
    return found != present.end() && IsSameRows(found->second, segment);
  });
}

}  // namespace

Status ChangeFold::Fold(const Change& change, const Sealed& body) {
  for (const SegmentRef& segment : body.segments) {
    published_.Add(segment.pack, segment.offset);
  }
  const auto found = runs_.find(change.uid);
  if (found == runs_.end()) return Contradiction(change, "there is no such run");
  FoldedRun* const run = &found->second;
  if (run->deleted && !OnlyMoves(*run, body)) return Contradiction(change, "the run is deleted");
  for (const SegmentRef& segment : body.segments) {
    REPRISE_TRY(CheckSegment(change, *run, segment));
    auto& segments = run->branches[segment.branch.ordinal].segments;
    // Those that it was merged from are inside it.
    const auto first = segments.lower_bound({segment.stream, segment.first});
    const auto end = segments.upper_bound({segment.stream, segment.last});
    segments.erase(first, end);
    segments[{segment.stream, segment.first}] = segment;
  }
  return {};
}

Status ChangeFold::Fold(const Change& change, const RunDeleted&) {
  REPRISE_TRY_ASSIGN(FoldedRun * run, LivingRun(change));
  run->deleted = true;
  ++run->generation;  // fences whoever still writes
  run->holder = 0;
  run->pending.reset();
  living_.erase(run);
  return {};
}

Status ChangeFold::DropSegments(const Change& change, const GapRecorded& body) {
  REPRISE_TRY_ASSIGN(FoldedRun * run, LivingRun(change));
  for (const SegmentRef& dropped : body.dropped) {
    const FoldedBranch* branch = Find(dropped.branch);
    const bool own = branch != nullptr && dropped.branch.uid == change.uid;
    const auto place = std::pair(dropped.stream, dropped.first);
    if (own && branch->segments.contains(place) && branch->segments.at(place) == dropped) continue;
    return Contradiction(
        change, fmt::format("segment {}..{} is not in force", dropped.first, dropped.last));
  }
  for (const SegmentRef& dropped : body.dropped) {
    run->branches[dropped.branch.ordinal].segments.erase({dropped.stream, dropped.first});
  }
  for (const SegmentRef& segment : body.segments) {
    REPRISE_TRY(CheckSegment(change, *run, segment));
    run->branches[segment.branch.ordinal].segments[{segment.stream, segment.first}] = segment;
  }
  return {};
}

Status ChangeFold::Fold(const Change& change, const GapRecorded& body) {
  for (const SegmentRef& segment : body.segments) {
    published_.Add(segment.pack, segment.offset);
  }
  if (!body.dropped.empty() || !body.segments.empty()) REPRISE_TRY(DropSegments(change, body));
  gaps_.emplace_back(change.uid, body);
  return {};
}

}  // namespace reprise
