// The whole catalog as text, for comparing two of them and for people.
#include <fmt/format.h>

#include <array>

#include "engine/catalog/view.h"
#include "format/try.h"

namespace reprise {
namespace {

std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte < 0x20 || byte == 0x7f || c == '\'' || c == '\\') {
      quoted += fmt::format("\\x{:02x}", byte);
    } else {
      quoted.push_back(c);
    }
  }
  return quoted + "'";
}

std::string Hex(std::string_view bytes) {
  std::string hex;
  for (const char c : bytes) hex += fmt::format("{:02x}", static_cast<std::uint8_t>(c));
  return hex;
}

std::string Text(const BranchId& id) { return fmt::format("{}@{}", ToHex(id.uid), id.ordinal); }

std::string Text(const std::optional<StoredMoment>& moment) {
  return moment ? fmt::format("{}?_step={}", Text(moment->branch), moment->step) : "none";
}

std::string Text(const std::optional<Fence>& fence) {
  if (!fence) return "none";
  return fmt::format("{}/{}/{}", ToHex(fence->session), fence->generation, fence->sequence);
}

// Type and bits, so that no two values look alike.
std::string Text(const Value& value) {
  const int type = static_cast<int>(value.type());
  return IsText(value.type()) ? fmt::format("{}:{}", type, Quoted(value.text()))
                              : fmt::format("{}:{:x}", type, value.bits());
}

std::string Text(const ConfigEntries& config) {
  std::string text = "{";
  for (const auto& [path, value] : config) text += fmt::format("{}={} ", Quoted(path), Text(value));
  if (text.back() == ' ') text.pop_back();
  return text + "}";
}

std::string Text(const std::vector<std::string>& tags) {
  std::string text = "[";
  for (const std::string& tag : tags) text += Quoted(tag) + " ";
  if (text.back() == ' ') text.pop_back();
  return text + "]";
}

std::string Text(const Holder& holder) {
  return fmt::format("session={} pid={} host={} boot={} since={}", ToHex(holder.session),
                     holder.pid, Quoted(holder.host), Hex(holder.boot_id), holder.since);
}

std::string Text(const BranchNode& node) {
  return fmt::format("parent={} fork_step={} depth={} jump={}",
                     node.has_parent ? Text(node.parent) : "none", node.fork_step, node.depth,
                     Text(node.jump));
}

std::string Line(const MetaRecord& meta) {
  return fmt::format("store={} change={} projects={}", Hex(meta.store_uuid), meta.change,
                     meta.projects);
}

std::string Line(const ProjectRecord& project) {
  return fmt::format("number={} entity={} name={} runs={}", project.number, Quoted(project.entity),
                     Quoted(project.name), project.runs);
}

std::string Line(const RunRecord& run) {
  const std::string exit_code = run.exit_code ? fmt::format("{}", *run.exit_code) : "none";
  return fmt::format(
      "{} project={} id={} created_by={} name={} notes={} tags={} group={} job_type={} created={} "
      "updated={} state={} exit_code={} head={} generation={} forked_from={} deleted={} config={}",
      ToHex(run.uid), run.project, Quoted(run.run_id), run.created_by, Quoted(run.name),
      Quoted(run.notes), Text(run.tags), Quoted(run.group), Quoted(run.job_type), run.created,
      run.updated, run.state, exit_code, run.head, run.generation, Text(run.forked_from),
      run.deleted, Text(run.config));
}

std::string Line(const BranchRecord& branch) {
  return fmt::format(
      "{} kind={} {} asked={} values_from={} values_before={} created={} archived={} "
      "archived_at={} archived_state={} archived_config={}",
      Text(branch.node.id), static_cast<int>(branch.kind), Text(branch.node), Text(branch.asked),
      Text(branch.values_from), branch.values_before, branch.created, branch.archived,
      branch.archived_at, branch.archived_state, Text(branch.archived_config));
}

std::string Line(const SegmentRecord& segment) {
  return fmt::format("pack={} offset={} length={} last={} rows={} generation={}", segment.pack,
                     segment.offset, segment.length, segment.last, segment.rows,
                     segment.generation);
}

std::string Line(const SessionRecord& session) {
  return fmt::format("{} last_change={}", Text(session.holder), session.last_change);
}

std::string Line(const ExplicitRecord& value) {
  return fmt::format("step={} key={} value={}", value.step, Quoted(value.key),
                     value.value ? Text(*value.value) : "removed");
}

std::string Text(const std::vector<ChangeRange>& ranges) {
  std::string text = "[";
  for (const ChangeRange& range : ranges) text += fmt::format("{}..{} ", range.first, range.last);
  if (text.back() == ' ') text.pop_back();
  return text + "]";
}

std::string Line(const GapRecord& record) {
  const GapRecorded& gap = record.gap;
  return fmt::format(
      "reason={} branch={} stream={} positions={}..{} rows={} keys={} session={} changes={} "
      "time={}",
      GapReasonName(gap.reason), gap.branch, static_cast<int>(gap.stream), gap.first, gap.last,
      gap.rows, Text(gap.keys), ToHex(gap.session), Text(gap.changes), record.time);
}

std::string LeaseLine(const LeaseRecord& lease, bool rebuildable) {
  return fmt::format("generation={} pending={}{}{}", lease.generation, Text(lease.pending),
                     rebuildable ? "" : " ", rebuildable ? "" : Text(lease.holder));
}

template <typename Record>
Result<std::string> RecordLine(std::string_view payload) {
  Record record;
  REPRISE_TRY(DecodeRecord(payload, &record));
  return Line(record);
}

Result<std::string> UidLine(std::string_view payload) {
  REPRISE_TRY_ASSIGN(const RunUid uid, DecodeUid(payload));
  return ToHex(uid);
}

Result<std::string> ValueLine(Table table, std::string_view payload, bool rebuildable) {
  switch (table) {
    case Table::kMeta:
      return RecordLine<MetaRecord>(payload);
    case Table::kProjects:
      return RecordLine<ProjectRecord>(payload);
    case Table::kRuns:
      return RecordLine<RunRecord>(payload);
    case Table::kBranches:
      return RecordLine<BranchRecord>(payload);
    case Table::kSegments:
      return RecordLine<SegmentRecord>(payload);
    case Table::kSessions:
      return RecordLine<SessionRecord>(payload);
    case Table::kExplicit:
      return RecordLine<ExplicitRecord>(payload);
    case Table::kGaps:
      return RecordLine<GapRecord>(payload);
    case Table::kRunIds:
    case Table::kForks:
      return UidLine(payload);
    case Table::kSum:
    case Table::kProjectNames:
    case Table::kHeld:
      return std::string();
    case Table::kLeases:
      break;
  }
  LeaseRecord lease;
  REPRISE_TRY(DecodeRecord(payload, &lease));
  return LeaseLine(lease, rebuildable);
}

std::string_view TableName(Table table) {
  static constexpr std::array<std::string_view, 15> kNames = {
      "none",     "meta",     "projects", "project_names", "run_ids",
      "runs",     "branches", "segments", "leases",        "sessions",
      "explicit", "forks",    "held",     "of_runs",       "gaps"};
  return kNames[static_cast<std::size_t>(table)];
}

bool IsTable(Table table) {
  return (table >= Table::kMeta && table <= Table::kHeld) || table == Table::kGaps;
}

// A key without its table.
std::string KeyText(std::string_view key) {
  if (key[0] != static_cast<char>(kOfRuns)) return Hex(key.substr(1));
  constexpr std::size_t kUid = 2 * sizeof(std::uint64_t);
  return Hex(key.substr(1, kUid)) + Hex(key.substr(1 + kUid + 1));
}

}  // namespace

Status DumpTables(Txn& txn, bool rebuildable, const std::function<void(std::string_view)>& line) {
  return txn.ScanAll([&](std::string_view key, std::string_view payload) -> Result<bool> {
    const Table table = TableOf(key);
    if (table == Table::kSum) return true;  // of the file, not of what it says
    if (!IsTable(table)) {
      return Fail(Code::kCorrupt, fmt::format("catalog holds an entry of no table: key {}; rebuild "
                                              "the catalog",
                                              Hex(key)));
    }
    if (rebuildable && (table == Table::kSessions || table == Table::kHeld)) return true;
    REPRISE_TRY_ASSIGN(const std::string value, ValueLine(table, payload, rebuildable));
    line(fmt::format("{} {} {}", TableName(table), KeyText(key), value));
    return true;
  });
}

}  // namespace reprise
