#include "engine/store/gather.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>
#include <tuple>
#include <utility>

#include "engine/log/log_reader.h"
#include "engine/segment/pack_reader.h"
#include "engine/segment/pack_writer.h"
#include "engine/store/layout.h"
#include "format/events.h"
#include "format/try.h"

namespace reprise {

namespace {

// Changes of one write transaction: they share the moment at which it numbered them.
using Transaction = std::pair<SessionId, std::uint64_t>;

Transaction TransactionOf(const Change& change) { return {change.session, change.boot_nanos}; }

// Collects changes from wherever they lie, and never stops at one that cannot be read.
class Gatherer {
 public:
  explicit Gatherer(const std::function<void(GatherProblem)>& on_problem)
      : on_problem_(on_problem) {}

  Status ReadLogs(Directory& logs, std::string_view boot_id);
  Status ReadPacks(Directory& packs);
  std::vector<Change> Take();

 private:
  void ReadSession(Directory& logs, SessionId session, std::string_view boot_id);
  void ReadPack(Directory& packs, std::uint64_t pack);
  void ReadEvents(const std::string& file, const PackFrame& frame);
  void Add(std::string_view bytes, const std::string& file, std::uint64_t offset);
  void Report(const std::string& file, std::uint64_t offset, Status status,
              bool is_change = false) {
    if (on_problem_) on_problem_({file, offset, std::move(status), is_change});
  }
  void ReportDamage(const std::string& file, std::uint64_t offset, std::string message) {
    Report(file, offset, Status::Error(Code::kCorrupt, std::move(message)));
  }

  const std::function<void(GatherProblem)>& on_problem_;
  std::vector<Change> found_;
};

Status Gatherer::ReadLogs(Directory& logs, std::string_view boot_id) {
  REPRISE_TRY_ASSIGN(const auto sessions, ListSessions(logs));
  for (const SessionId session : sessions) ReadSession(logs, session, boot_id);
  return {};
}

void Gatherer::ReadSession(Directory& logs, SessionId session, std::string_view boot_id) {
  const std::string place = fmt::format("{}/{}", kLogsName, ToHex(session));
  const auto reports =
      ScanChanges(logs, session, boot_id, [&](const LoggedChange& change) -> Status {
        Add(change.bytes, place, 0);
        return {};
      });
  if (!reports) return Report(place, 0, reports.error());
  for (const LogFileReport& report : *reports) {
    if (report.end != LogEnd::kCorrupt) continue;
    ReportDamage(fmt::format("{}/{}", kLogsName, report.name), report.valid_bytes, report.message);
  }
}

Status Gatherer::ReadPacks(Directory& packs) {
  REPRISE_TRY_ASSIGN(const auto ids, ListPacks(packs));
  for (const std::uint64_t id : ids) ReadPack(packs, id);
  return {};
}

void Gatherer::ReadPack(Directory& packs, std::uint64_t pack) {
  const std::string path = fmt::format("{}/{}", kPacksName, PackFileName(pack));
  const auto file = PackFile::Open(packs, pack);
  if (!file) return Report(path, 0, file.error());
  const auto on_frame = [&](const PackFrame& frame) -> Status {
    if (frame.kind == PackFrame::Kind::kEvents) ReadEvents(path, frame);
    return {};
  };
  const auto on_damage = [&](const PackDamage& damage) -> Status {
    ReportDamage(path, damage.offset, damage.message);
    return {};
  };
  const Status scanned = (*file)->Scan(on_frame, on_damage);
  if (!scanned.ok()) Report(path, 0, scanned);
}

void Gatherer::ReadEvents(const std::string& file, const PackFrame& frame) {
  const Status read = ForEachEvent(frame.payload, [&](std::string_view bytes) -> Status {
    Add(bytes, file, frame.ref.offset);
    return {};
  });
  if (!read.ok()) Report(file, frame.ref.offset, read);
}

void Gatherer::Add(std::string_view bytes, const std::string& file, std::uint64_t offset) {
  auto change = DecodeChange(bytes);
  if (!change) return Report(file, offset, change.error(), true);
  found_.push_back(std::move(*change));
}

// Of the records of one number, sorted by time, the last of those not abandoned is true. The others
// abandon their transactions: one is committed whole or not at all, so whatever followed them in
// it, at higher numbers, never became true either.
const Change* Choose(std::span<const Change> candidates, std::set<Transaction>* abandoned) {
  const Change* chosen = nullptr;
  for (const Change& candidate : candidates) {
    if (!abandoned->contains(TransactionOf(candidate))) chosen = &candidate;
  }
  if (chosen == nullptr) return nullptr;
  for (const Change& candidate : candidates) {
    const Transaction transaction = TransactionOf(candidate);
    if (transaction != TransactionOf(*chosen)) abandoned->insert(transaction);
  }
  return chosen;
}

void EraseVoid(std::vector<Change>* changes) {
  const std::vector<ChangeRange> ranges = VoidRanges(*changes);
  if (ranges.empty()) return;
  std::erase_if(*changes, [&](const Change& change) {
    return SkipVoid(ranges, change.number) != change.number;
  });
}

std::vector<Change> Gatherer::Take() {
  std::sort(found_.begin(), found_.end(), [](const Change& a, const Change& b) {
    return std::tie(a.number, a.boot_nanos, a.session) <
           std::tie(b.number, b.boot_nanos, b.session);
  });
  std::vector<Change> changes;
  std::set<Transaction> abandoned;
  for (std::size_t first = 0; first < found_.size();) {
    std::size_t end = first;
    while (end < found_.size() && found_[end].number == found_[first].number) ++end;
    const Change* chosen = Choose(std::span(found_).subspan(first, end - first), &abandoned);
    if (chosen != nullptr) changes.push_back(*chosen);
    first = end;
  }
  found_.clear();
  EraseVoid(&changes);
  return changes;
}

}  // namespace

Result<std::vector<Change>> CollectChanges(Directory& logs, Directory& packs,
                                           std::string_view boot_id,
                                           const std::function<void(GatherProblem)>& on_problem) {
  Gatherer gatherer(on_problem);
  // Logs first: what is moved from a log to a pack meanwhile is then met at least once.
  REPRISE_TRY(gatherer.ReadLogs(logs, boot_id));
  REPRISE_TRY(gatherer.ReadPacks(packs));
  return gatherer.Take();
}

// Of the file itself: reading it again gives the same.
bool IsDamage(const Status& status) {
  const Code code = status.code();
  return code == Code::kCorrupt || code == Code::kUnsupportedVersion || code == Code::kNotFound;
}

std::vector<ChangeRange> VoidRanges(const std::vector<Change>& changes) {
  std::vector<ChangeRange> all;
  for (const Change& change : changes) {
    const auto* gap = std::get_if<GapRecorded>(&change.body);
    if (gap != nullptr) all.insert(all.end(), gap->changes.begin(), gap->changes.end());
  }
  std::sort(all.begin(), all.end(),
            [](const ChangeRange& a, const ChangeRange& b) { return a.first < b.first; });
  std::vector<ChangeRange> ranges;
  for (const ChangeRange& range : all) {
    if (ranges.empty() || range.first - 1 > ranges.back().last) {
      ranges.push_back(range);
    } else {
      ranges.back().last = std::max(ranges.back().last, range.last);
    }
  }
  return ranges;
}

ChangeNumber SkipVoid(const std::vector<ChangeRange>& ranges, ChangeNumber number) {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), number,
                       [](ChangeNumber n, const ChangeRange& range) { return n < range.first; });
  if (after == ranges.begin() || number > std::prev(after)->last) return number;
  return std::prev(after)->last + 1;
}

Status CheckContiguous(const std::vector<Change>& changes) {
  const std::vector<ChangeRange> ranges = VoidRanges(changes);
  ChangeNumber expected = 1;
  for (const Change& change : changes) {
    expected = SkipVoid(ranges, expected);
    if (change.number != expected) {
      return Status::Error(
          Code::kCorrupt,
          fmt::format("change {} is in no log and no pack (the next one there is {}, the last {}); "
                      "restore the file that held it from a copy, or run 'reprise repair'",
                      expected, change.number, changes.back().number));
    }
    ++expected;
  }
  return {};
}

Result<std::vector<Change>> GatherChanges(Directory& logs, Directory& packs,
                                          std::string_view boot_id,
                                          const std::function<void(GatherProblem)>& on_problem) {
  // A disk that refuses to be read now has not lost anything: what it holds must not be left out.
  Status unread;
  REPRISE_TRY_ASSIGN(auto changes, CollectChanges(logs, packs, boot_id, [&](GatherProblem problem) {
                       if (unread.ok() && !IsDamage(problem.status)) unread = problem.status;
                       if (on_problem) on_problem(std::move(problem));
                     }));
  REPRISE_TRY(unread);
  REPRISE_TRY(CheckContiguous(changes));
  return changes;
}

}  // namespace reprise
