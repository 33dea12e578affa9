// All log files of a session as one log.
#include <fmt/format.h>

#include <algorithm>

#include "engine/log/log_names.h"
#include "engine/log/log_reader.h"
#include "format/try.h"

namespace reprise {

namespace {

// How often the files of a session are listed anew because one went away.
constexpr int kMaxAttempts = 100;

// A file of which nothing can be read.
LogFileReport Unreadable(const std::string& name, const Status& status) {
  LogFileReport report;
  report.name = name;
  ParseLogFileName(name, &report.session, &report.file);
  report.end = LogEnd::kCorrupt;
  report.message = std::string(status.message());
  return report;
}

// A file begins where the one before it ended, and that one was on disk by then. True: it does not.
bool CheckSeam(const LogHeader& next, LogFileReport* before) {
  const bool is_next = next.file == before->file + 1;
  if (!is_next) return false;
  if (next.first_sequence <= before->last_sequence + 1 || before->last_sequence == 0) return false;
  if (before->end == LogEnd::kCorrupt) return true;
  before->end = LogEnd::kCorrupt;
  before->message = fmt::format(
      "groups are missing: at byte {} (the next file begins with group {}, expected "
      "{}): '{}'",
      before->valid_bytes, next.first_sequence, before->last_sequence + 1, before->name);
  return true;
}

}  // namespace

Result<std::vector<LogFileReport>> ScanSession(Directory& directory, SessionId session,
                                               std::string_view boot_id, LogVisitor visitor) {
  REPRISE_TRY_ASSIGN(const std::vector<std::string> names, ListLogFiles(directory, session));
  std::vector<LogFileReport> reports;
  for (const std::string& name : names) {
    auto file = LogFile::Open(directory, name, boot_id);
    if (!file.has_value()) {
      const Code code = file.error().code();
      if (code != Code::kCorrupt) return Fail(file.error());
      reports.push_back(Unreadable(name, file.error()));
      if (visitor.on_lost) visitor.on_lost({});
      continue;
    }
    const LogHeader* header = (*file)->header();
    if (header != nullptr && !reports.empty() && CheckSeam(*header, &reports.back())) {
      if (visitor.on_lost) visitor.on_lost({});
    }
    REPRISE_TRY_ASSIGN(LogFileReport report, (*file)->Scan(visitor));
    visitor.after = std::max(visitor.after, report.last_sequence);
    reports.push_back(std::move(report));
  }
  return reports;
}

Result<std::vector<LogFileReport>> ScanChanges(
    Directory& directory, SessionId session, std::string_view boot_id,
    const std::function<Status(const LoggedChange&)>& on_change) {
  LogVisitor visitor;
  visitor.only = RunUid();  // rows are not wanted, and no run has this uid
  visitor.on_change = on_change;
  auto reports = ScanSession(directory, session, boot_id, visitor);
  for (int attempt = 1; attempt < kMaxAttempts; ++attempt) {
    if (reports || reports.error().code() != Code::kNotFound) break;
    reports = ScanSession(directory, session, boot_id, visitor);
  }
  return reports;
}

}  // namespace reprise
