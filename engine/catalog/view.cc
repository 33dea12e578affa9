#include "engine/catalog/view.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "format/bytes.h"
#include "format/try.h"

namespace reprise {
namespace {

tl::unexpected<Status> Missing(std::string_view what) {
  return Fail(Code::kCorrupt,
              fmt::format("catalog contradicts itself: {}; rebuild the catalog", what));
}

// All records whose keys begin with `prefix`, in order.
template <typename Record>
Result<std::vector<Record>> GetRecords(Txn& txn, const Key& prefix) {
  std::vector<Record> records;
  REPRISE_TRY(txn.Scan(prefix, [&](std::string_view, std::string_view payload) -> Result<bool> {
    REPRISE_TRY(DecodeRecord(payload, &records.emplace_back()));
    return true;
  }));
  return records;
}

SegmentRef ToRef(const BranchId& branch, Stream stream, std::int64_t first,
                 const SegmentRecord& record) {
  return {record.pack, record.offset, record.length, branch,           stream,
          first,       record.last,   record.rows,   record.generation};
}

Result<SegmentRef> DecodeSegment(const BranchId& branch, Stream stream, std::string_view key,
                                 std::string_view payload) {
  SegmentRecord record;
  REPRISE_TRY(DecodeRecord(payload, &record));
  return ToRef(branch, stream, TrailingSigned64(key), record);
}

// Uids that are the values of keys which begin with `prefix`, from `from` on, at most `limit`.
Result<std::vector<RunUid>> GetUids(Txn& txn, const Key& prefix, const Key& from,
                                    std::size_t limit) {
  std::vector<RunUid> uids;
  if (limit == 0) return uids;
  REPRISE_TRY(
      txn.Scan(prefix, from, [&](std::string_view, std::string_view payload) -> Result<bool> {
        REPRISE_TRY_ASSIGN(const RunUid uid, DecodeUid(payload));
        uids.push_back(uid);
        return uids.size() < limit;
      }));
  return uids;
}

// The run with the greatest uid whose keys lie before `end`.
Result<std::optional<RunUid>> LastRunBefore(Txn& txn, const Key& end) {
  std::optional<RunUid> uid;
  REPRISE_TRY(txn.VisitLastBefore(AllOfRuns(), end.view(),
                                  [&](std::string_view key, std::string_view) -> Result<bool> {
                                    uid = RunOf(key);
                                    return false;
                                  }));
  return uid;
}

Status UnknownRun(const RunUid& uid) {
  return Status::Error(
      Code::kNotFound,
      fmt::format("run to continue after is unknown: uid {}; list from the start", ToHex(uid)));
}

// The segment of the branch that begins last before or at `position`.
Result<std::optional<SegmentRef>> SegmentAtOrBefore(Txn& txn, const BranchId& branch, Stream stream,
                                                    std::int64_t position) {
  const Key prefix = SegmentKeys(branch, stream);
  // The smallest string above the key of `position`.
  std::string end(SegmentKey(branch, stream, position).view());
  end.push_back('\0');
  std::optional<SegmentRef> found;
  REPRISE_TRY(txn.VisitLastBefore(
      prefix, end, [&](std::string_view key, std::string_view payload) -> Result<bool> {
        REPRISE_TRY_ASSIGN(found, DecodeSegment(branch, stream, key, payload));
        return false;
      }));
  return found;
}

}  // namespace

std::string EncodeUid(const RunUid& uid) {
  std::string bytes;
  ByteWriter out(&bytes);
  out.Fixed(uid.high);
  out.Fixed(uid.low);
  return bytes;
}

Result<RunUid> DecodeUid(std::string_view payload) {
  RunUid uid;
  ByteReader in(payload);
  in.Fixed(&uid.high);
  in.Fixed(&uid.low);
  if (!in.AtCleanEnd()) return Missing(fmt::format("a uid of {} bytes", payload.size()));
  return uid;
}

template <typename Record>
Result<std::optional<Record>> GetRecord(Txn& txn, const Key& key) {
  REPRISE_TRY_ASSIGN(const std::optional<std::string> payload, txn.Get(key));
  if (!payload) return std::nullopt;
  Record record;
  REPRISE_TRY(DecodeRecord(*payload, &record));
  return record;
}

template Result<std::optional<MetaRecord>> GetRecord(Txn&, const Key&);
template Result<std::optional<ProjectRecord>> GetRecord(Txn&, const Key&);
template Result<std::optional<RunRecord>> GetRecord(Txn&, const Key&);
template Result<std::optional<BranchRecord>> GetRecord(Txn&, const Key&);
template Result<std::optional<SegmentRecord>> GetRecord(Txn&, const Key&);
template Result<std::optional<LeaseRecord>> GetRecord(Txn&, const Key&);
template Result<std::optional<SessionRecord>> GetRecord(Txn&, const Key&);

template <typename Base>
Result<MetaRecord> TxnView<Base>::Meta() {
  REPRISE_TRY_ASSIGN(std::optional<MetaRecord> meta, GetRecord<MetaRecord>(txn_, MetaKey()));
  if (!meta) return Missing("it has no meta record");
  return *std::move(meta);
}

template <typename Base>
Result<std::optional<ProjectRecord>> TxnView<Base>::FindProject(std::string_view entity,
                                                                std::string_view name) {
  std::vector<std::uint32_t> candidates;
  REPRISE_TRY(txn_.Scan(ProjectNameKeys(entity, name),
                        [&](std::string_view key, std::string_view) -> Result<bool> {
                          candidates.push_back(TrailingNumber32(key));
                          return true;
                        }));
  for (const std::uint32_t number : candidates) {
    REPRISE_TRY_ASSIGN(std::optional<ProjectRecord> project, GetProject(number));
    if (!project) return Missing(fmt::format("project {} is named but not kept", number));
    if (project->entity == entity && project->name == name) return project;
  }
  return std::nullopt;
}

template <typename Base>
Result<std::optional<ProjectRecord>> TxnView<Base>::GetProject(std::uint32_t number) {
  return GetRecord<ProjectRecord>(txn_, ProjectKey(number));
}

template <typename Base>
Result<std::vector<ProjectRecord>> TxnView<Base>::Projects() {
  return GetRecords<ProjectRecord>(txn_, Key(Table::kProjects));
}

template <typename Base>
Result<std::optional<RunUid>> TxnView<Base>::FindRun(std::uint32_t project, std::string_view id) {
  REPRISE_TRY_ASSIGN(const std::optional<std::string> payload, txn_.Get(RunIdKey(project, id)));
  if (!payload) return std::nullopt;
  REPRISE_TRY_ASSIGN(const RunUid uid, DecodeUid(*payload));
  return uid;
}

template <typename Base>
Result<std::vector<RunUid>> TxnView<Base>::FindRunInAllProjects(std::string_view id) {
  std::vector<RunUid> uids;
  REPRISE_TRY_ASSIGN(const MetaRecord meta, Meta());
  for (std::uint32_t project = 1; project <= meta.projects; ++project) {
    REPRISE_TRY_ASSIGN(const std::optional<RunUid> uid, FindRun(project, id));
    if (uid) uids.push_back(*uid);
  }
  return uids;
}

template <typename Base>
Result<std::optional<RunRecord>> TxnView<Base>::GetRun(const RunUid& uid) {
  return GetRecord<RunRecord>(txn_, RunKey(uid));
}

template <typename Base>
Result<std::vector<RunUid>> TxnView<Base>::RecentRuns(std::optional<RunUid> before,
                                                      std::size_t limit) {
  std::vector<RunUid> uids;
  if (before) {
    REPRISE_TRY_ASSIGN(const bool known, txn_.Has(RunKey(*before)));
    if (!known) return Fail(UnknownRun(*before));
  }
  Key end = before ? AllOfRun(*before) : EndOfRuns();
  while (uids.size() < limit) {
    REPRISE_TRY_ASSIGN(const std::optional<RunUid> uid, LastRunBefore(txn_, end));
    if (!uid) break;
    REPRISE_TRY_ASSIGN(const std::optional<RunRecord> run, GetRun(*uid));
    if (!run) return Missing(fmt::format("run {} has tables but no record", ToHex(*uid)));
    if (!run->deleted) uids.push_back(*uid);
    end = AllOfRun(*uid);
  }
  return uids;
}

template <typename Base>
Result<std::optional<BranchRecord>> TxnView<Base>::GetBranch(const BranchId& id) {
  return GetRecord<BranchRecord>(txn_, BranchKey(id));
}

template <typename Base>
Result<std::vector<BranchRecord>> TxnView<Base>::Branches(const RunUid& uid) {
  return GetRecords<BranchRecord>(txn_, BranchKeys(uid));
}

template <typename Base>
Result<std::vector<SegmentRef>> TxnView<Base>::Segments(const BranchId& branch, Stream stream,
                                                        std::int64_t first, std::int64_t last) {
  std::vector<SegmentRef> segments;
  if (first > last) return segments;
  // Segments do not overlap, so at most one that begins before `first` reaches it.
  REPRISE_TRY_ASSIGN(const std::optional<SegmentRef> before,
                     SegmentAtOrBefore(txn_, branch, stream, first));
  const bool reaches = before && before->last >= first;
  if (reaches) segments.push_back(*before);
  REPRISE_TRY(txn_.Scan(SegmentKeys(branch, stream), SegmentKey(branch, stream, first),
                        [&](std::string_view key, std::string_view payload) -> Result<bool> {
                          const std::int64_t begins = TrailingSigned64(key);
                          if (begins > last) return false;
                          if (reaches && begins == before->first) return true;
                          REPRISE_TRY_ASSIGN(const SegmentRef segment,
                                             DecodeSegment(branch, stream, key, payload));
                          segments.push_back(segment);
                          return true;
                        }));
  return segments;
}

template <typename Base>
Result<std::optional<SegmentRef>> TxnView<Base>::LastSegment(const BranchId& branch,
                                                             Stream stream) {
  return SegmentAtOrBefore(txn_, branch, stream, std::numeric_limits<std::int64_t>::max());
}

template <typename Base>
Result<std::vector<SegmentRef>> TxnView<Base>::LastSegments(const BranchId& branch, Stream stream,
                                                            std::size_t most) {
  std::vector<SegmentRef> segments;
  std::int64_t position = std::numeric_limits<std::int64_t>::max();
  while (segments.size() < most) {
    REPRISE_TRY_ASSIGN(const auto segment, SegmentAtOrBefore(txn_, branch, stream, position));
    if (!segment) break;
    segments.push_back(*segment);
    if (segment->first == std::numeric_limits<std::int64_t>::min()) break;
    position = segment->first - 1;
  }
  return segments;
}

template <typename Base>
Result<std::optional<LeaseRecord>> TxnView<Base>::GetLease(const RunUid& uid) {
  REPRISE_TRY_ASSIGN(const auto named, GetRecord<LeaseRecord>(txn_, LeaseKey(uid)));
  if (named) return named;
  REPRISE_TRY_ASSIGN(const std::optional<RunRecord> run, GetRun(uid));
  if (!run || run->generation == 0) return std::nullopt;
  LeaseRecord free;
  free.generation = run->generation;
  return free;
}

template <typename Base>
Result<std::vector<RunUid>> TxnView<Base>::LeasesOf(SessionId session) {
  std::vector<RunUid> uids;
  REPRISE_TRY(
      txn_.Scan(HeldKeys(session), [&](std::string_view key, std::string_view) -> Result<bool> {
        uids.push_back(TrailingUid(key));
        return true;
      }));
  return uids;
}

template <typename Base>
Result<std::optional<SessionRecord>> TxnView<Base>::GetSession(SessionId session) {
  return GetRecord<SessionRecord>(txn_, SessionKey(session));
}

template <typename Base>
Result<std::vector<SessionRecord>> TxnView<Base>::Sessions() {
  return GetRecords<SessionRecord>(txn_, Key(Table::kSessions));
}

template <typename Base>
Result<std::vector<ExplicitRecord>> TxnView<Base>::ExplicitValues(const BranchId& branch,
                                                                  ChangeNumber end) {
  std::vector<ExplicitRecord> values;
  const Key first_hidden = ExplicitKey(branch, end);
  REPRISE_TRY(txn_.Scan(ExplicitKeys(branch),
                        [&](std::string_view key, std::string_view payload) -> Result<bool> {
                          if (key >= first_hidden.view()) return false;
                          REPRISE_TRY(DecodeRecord(payload, &values.emplace_back()));
                          return true;
                        }));
  return values;
}

template <typename Base>
Result<std::vector<GapRecord>> TxnView<Base>::Gaps(const RunUid& uid) {
  return GetRecords<GapRecord>(txn_, GapKeys(uid));
}

template <typename Base>
Result<std::vector<RunUid>> TxnView<Base>::Forks(const RunUid& uid) {
  const Key forks = ForkKeys(uid);
  return GetUids(txn_, forks, forks, std::numeric_limits<std::size_t>::max());
}

template <typename Base>
Status TxnView<Base>::Dump(bool rebuildable, const std::function<void(std::string_view)>& line) {
  return DumpTables(txn_, rebuildable, line);
}

template class TxnView<CatalogView>;
template class TxnView<CatalogUpdate>;

}  // namespace reprise
