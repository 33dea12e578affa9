#include "engine/store/gather.h"

#include <fmt/format.h>

#include <utility>

#include "engine/log/log_reader.h"
#include "engine/segment/pack_reader.h"
#include "engine/segment/pack_writer.h"
#include "engine/store/layout.h"
#include "format/events.h"
#include "format/try.h"

namespace reprise {

namespace {

// Collects changes from wherever they lie, and never stops at one that cannot be read.
class Gatherer {
 public:
  Gatherer(Directory& packs, const std::function<void(GatherProblem)>& on_problem)
      : packs_(packs), on_problem_(on_problem), found_(packs) {}

  Status ReadLogs(Directory& logs, std::string_view boot_id);
  Status ReadPacks();
  GatheredChanges Take() {
    found_.Choose();
    return std::move(found_);
  }

 private:
  void ReadSession(Directory& logs, SessionId session, std::string_view boot_id);
  void ReadPack(std::uint64_t pack);
  void ReadEvents(const std::string& file, const PackFrame& frame);
  void AddLogged(std::string_view bytes, const std::string& file);
  void Report(const std::string& file, std::uint64_t offset, Status status,
              bool is_change = false) {
    if (on_problem_) on_problem_({file, offset, std::move(status), is_change});
  }
  void ReportDamage(const std::string& file, std::uint64_t offset, std::string message) {
    Report(file, offset, Status::Error(Code::kCorrupt, std::move(message)));
  }

  Directory& packs_;
  const std::function<void(GatherProblem)>& on_problem_;
  GatheredChanges found_;
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
        AddLogged(change.bytes, place);
        return {};
      });
  if (!reports) return Report(place, 0, reports.error());
  for (const LogFileReport& report : *reports) {
    if (report.end != LogEnd::kCorrupt) continue;
    ReportDamage(fmt::format("{}/{}", kLogsName, report.name), report.valid_bytes, report.message);
  }
}

void Gatherer::AddLogged(std::string_view bytes, const std::string& file) {
  const auto change = DecodeChange(bytes);
  if (!change) return Report(file, 0, change.error(), true);
  found_.AddLogged(*change, bytes);
}

Status Gatherer::ReadPacks() {
  REPRISE_TRY_ASSIGN(const auto ids, ListPacks(packs_));
  for (const std::uint64_t id : ids) ReadPack(id);
  return {};
}

void Gatherer::ReadPack(std::uint64_t pack) {
  const std::string path = fmt::format("{}/{}", kPacksName, PackFileName(pack));
  const auto file = PackFile::Open(packs_, pack);
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
  const SegmentRef& ref = frame.ref;
  std::uint32_t ordinal = 0;
  const Status read = ForEachEvent(frame.payload, [&](std::string_view bytes) -> Status {
    const auto change = DecodeChange(bytes);
    if (change) {
      found_.AddPacked(*change, bytes, ref.pack, ref.offset, ordinal);
    } else {
      Report(file, ref.offset, change.error(), true);
    }
    ++ordinal;
    return {};
  });
  if (!read.ok()) Report(file, ref.offset, read);
}

}  // namespace

Result<GatheredChanges> CollectChanges(Directory& logs, Directory& packs, std::string_view boot_id,
                                       const std::function<void(GatherProblem)>& on_problem) {
  Gatherer gatherer(packs, on_problem);
  // Logs first: what is moved from a log to a pack meanwhile is then met at least once.
  REPRISE_TRY(gatherer.ReadLogs(logs, boot_id));
  REPRISE_TRY(gatherer.ReadPacks());
  return gatherer.Take();
}

bool IsDamage(const Status& status) {
  const Code code = status.code();
  return code == Code::kCorrupt || code == Code::kUnsupportedVersion || code == Code::kNotFound;
}

Status CheckContiguous(const GatheredChanges& changes) {
  ChangeNumber expected = 1;
  for (const ChangePlace& place : changes.places()) {
    expected = SkipVoid(changes.void_ranges(), expected);
    if (place.number != expected) {
      return Status::Error(
          Code::kCorrupt,
          fmt::format("change {} is in no log and no pack (the next one there is {}, the last {}); "
                      "restore the file that held it from a copy, or run 'reprise repair'",
                      expected, place.number, changes.last()));
    }
    ++expected;
  }
  return {};
}

Result<GatheredChanges> GatherChanges(Directory& logs, Directory& packs, std::string_view boot_id,
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
