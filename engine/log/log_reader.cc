// Reading a log file, and the decision what a bad group means.
//
// Groups are written in order, so within one boot whatever is before a whole group was whole once:
// if it is not now, it was damaged. A power cut may keep a later write and lose an earlier one, so
// in a file of another boot that holds only for groups that were known to be on disk; the log ends
// at the first other bad group, and what follows it was never acknowledged as durable.
#include "engine/log/log_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/log/group_scanner.h"
#include "engine/log/log_decoder.h"
#include "engine/log/log_names.h"
#include "format/try.h"

namespace reprise {

namespace {

bool IsZero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

// A file that was being created: without a group, since the header is on disk before the first one
// is written, or blocks that were never filled.
Result<bool> WasNeverWritten(File& file) {
  constexpr std::size_t kPiece = std::size_t{1} << 16;
  REPRISE_TRY_ASSIGN(const std::uint64_t size, file.Size());
  if (size <= kLogHeaderSize) return true;
  std::string piece(kPiece, '\0');
  for (std::uint64_t offset = 0;; offset += kPiece) {
    REPRISE_TRY_ASSIGN(const std::size_t read, file.ReadAt(offset, piece.data(), kPiece));
    if (!IsZero(std::string_view(piece).substr(0, read))) return false;
    if (read < kPiece) return true;
  }
}

Status WithPath(const Status& status, const std::string& path) {
  return Status::Error(status.code(), fmt::format("{}: '{}'", status.message(), path));
}

// One pass over a file.
class FileScan {
 public:
  FileScan(File& file, const LogHeader& header, bool same_boot, std::uint64_t size,
           const LogVisitor& visitor, LogFileReport* report)
      : scanner_(file, header.file_id, size),
        same_boot_(same_boot),
        size_(size),
        visitor_(visitor),
        expected_(header.first_sequence),
        report_(*report) {}

  Status Run() {
    report_.valid_bytes = kLogHeaderSize;
    std::uint64_t offset = kLogHeaderSize;
    while (offset < size_) {
      ScannedGroup group;
      std::string damage;
      REPRISE_TRY_ASSIGN(const bool whole, scanner_.ReadAt(offset, &group, &damage));
      if (!whole) {
        REPRISE_TRY_ASSIGN(const bool goes_on, PassDamage(damage, &group));
        if (!goes_on) break;
      }
      REPRISE_TRY(Visit(group));
      offset = group.end();
    }
    report_.closed = decoder_.closed();
    return {};
  }

 private:
  // Looks for the next group behind the bad one. False if the log ends here.
  Result<bool> PassDamage(const std::string& damage, ScannedGroup* group) {
    REPRISE_TRY_ASSIGN(const bool found, scanner_.FindFrom(group->offset + 1, group));
    if (!found) {
      Note(LogEnd::kTorn, damage);
      return false;
    }
    if (!same_boot_) {
      REPRISE_TRY_ASSIGN(const bool durable, MissedGroupWasDurable(group));
      if (!durable) {
        Note(LogEnd::kTorn, damage);
        return false;
      }
    }
    Note(LogEnd::kCorrupt, damage);
    if (visitor_.on_lost) visitor_.on_lost({});
    return true;
  }

  // Whether any group from `group` on knew that the one before it was on disk. Restores `group`.
  Result<bool> MissedGroupWasDurable(ScannedGroup* group) {
    const std::uint64_t offset = group->offset;
    if (!has_surveyed_) REPRISE_TRY(Survey(*group));
    std::string damage;
    REPRISE_TRY(scanner_.ReadAt(offset, group, &damage));
    return surveyed_durable_ >= expected_;
  }

  // The highest durable_upto in the rest of the file.
  Status Survey(ScannedGroup group) {
    has_surveyed_ = true;
    for (bool found = true; found;) {
      surveyed_durable_ = std::max(surveyed_durable_, group.header.durable_upto);
      REPRISE_TRY_ASSIGN(found, scanner_.FindFrom(group.end(), &group));
    }
    return {};
  }

  Status Visit(const ScannedGroup& group) {
    const GroupHeader& header = group.header;
    if (header.sequence != expected_ && visitor_.on_lost) visitor_.on_lost({});
    if (header.sequence != expected_ && report_.end == LogEnd::kClean) {
      Note(LogEnd::kCorrupt, fmt::format("groups are missing: at byte {} (group {}, expected {})",
                                         group.offset, header.sequence, expected_));
    }
    expected_ = header.sequence + 1;
    if (report_.end == LogEnd::kClean) report_.valid_bytes = group.end();
    if (report_.first_sequence == 0) report_.first_sequence = header.sequence;
    report_.last_sequence = std::max(report_.last_sequence, header.sequence);
    report_.durable_upto = std::max(report_.durable_upto, header.durable_upto);
    const bool visible = header.sequence > visitor_.after && header.sequence <= visitor_.through;
    std::string damage;
    REPRISE_TRY(decoder_.Visit(group, visitor_, visible, &damage));
    if (!damage.empty()) Note(LogEnd::kCorrupt, damage);
    return {};
  }

  // Corruption is worse than a torn tail; of each the first is told.
  void Note(LogEnd end, const std::string& damage) {
    if (report_.end == LogEnd::kCorrupt) return;
    if (report_.end != end) report_.message = fmt::format("{}: '{}'", damage, report_.name);
    report_.end = end;
  }

  GroupScanner scanner_;
  const bool same_boot_;
  const std::uint64_t size_;
  const LogVisitor& visitor_;
  LogDecoder decoder_;
  Sequence expected_;
  bool has_surveyed_ = false;
  Sequence surveyed_durable_ = 0;
  LogFileReport& report_;
};

class OpenLogFile final : public LogFile {
 public:
  OpenLogFile(std::unique_ptr<File> file, std::string name) : file_(std::move(file)) {
    report_.name = std::move(name);
    ParseLogFileName(report_.name, &report_.session, &report_.file);
  }

  Status ReadHeader(std::string_view boot_id) {
    std::string bytes(kLogHeaderSize, '\0');
    REPRISE_TRY_ASSIGN(const std::size_t read, file_->ReadAt(0, bytes.data(), bytes.size()));
    bytes.resize(read);
    auto header = DecodeLogHeader(bytes);
    if (!header.has_value()) {
      REPRISE_TRY_ASSIGN(const bool never_written, WasNeverWritten(*file_));
      return never_written ? Status() : WithPath(header.error(), file_->path());
    }
    if (report_.file != 0) REPRISE_TRY(CheckName(*header));
    header_ = std::move(header).value();
    same_boot_ = header_->boot_id == boot_id && !IsZero(boot_id);
    return {};
  }

  const LogHeader* header() const override { return header_.has_value() ? &*header_ : nullptr; }

  Result<LogFileReport> Scan(const LogVisitor& visitor) override {
    LogFileReport report = report_;
    REPRISE_TRY_ASSIGN(report.size, file_->Size());
    if (!header_.has_value()) {
      report.end = LogEnd::kTorn;
      report.message = fmt::format("log file ends in its header: at byte 0 ({} bytes): '{}'",
                                   report.size, report.name);
      return report;
    }
    report.session = header_->session;
    report.file = header_->file;
    REPRISE_TRY(FileScan(*file_, *header_, same_boot_, report.size, visitor, &report).Run());
    return report;
  }

 private:
  Status CheckName(const LogHeader& header) const {
    if (header.session == report_.session && header.file == report_.file) return {};
    return Status::Error(
        Code::kCorrupt,
        fmt::format("log file is not the one its name says: '{}' (session {}, file {}); run "
                    "`reprise verify`",
                    file_->path(), ToHex(header.session), header.file));
  }

  std::unique_ptr<File> file_;
  std::optional<LogHeader> header_;
  bool same_boot_ = false;
  LogFileReport report_;
};

}  // namespace

Result<std::unique_ptr<LogFile>> LogFile::Open(Directory& directory, const std::string& name,
                                               std::string_view boot_id) {
  REPRISE_TRY_ASSIGN(auto file, directory.Open(name, OpenMode::kRead));
  auto log = std::make_unique<OpenLogFile>(std::move(file), name);
  REPRISE_TRY(log->ReadHeader(boot_id));
  return log;
}

}  // namespace reprise
