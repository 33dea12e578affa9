// The calls of a LogWriter; what becomes of groups and files is in session_log.cc.
#include "engine/log/log_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/log/session_log.h"
#include "format/try.h"

namespace reprise {

namespace {

// A group is what was pending, below this, and the definitions and records of one call.
constexpr std::size_t kMaxFlushBytes = kMaxGroupPayload / 4;
constexpr std::size_t kMaxShapeBytes = kMaxGroupPayload / 4;
constexpr std::size_t kMaxChangesBytes = kMaxGroupPayload / 2;

LogWriterOptions Clamp(LogWriterOptions options) {
  options.flush_bytes = std::min(options.flush_bytes, kMaxFlushBytes);
  return options;
}

bool Fits(std::span<const ValueView> values, const Shape& shape) {
  return std::equal(values.begin(), values.end(), shape.columns.begin(), shape.columns.end(),
                    [](const ValueView& value, const ShapeColumn& column) {
                      return value.type() == column.type;
                    });
}

Status NotValid(const RowPart& part) {
  return Status::Error(Code::kInternal,
                       fmt::format("row part is not valid: run {}, shape {}, step {}; report this "
                                   "as a bug",
                                   part.run, part.shape, part.step));
}

Status TooLarge(std::string_view what, std::size_t size, std::size_t limit) {
  return Status::Error(
      Code::kInvalidArgument,
      fmt::format("{} too large for the log: {} bytes (at most {}); split it", what, size, limit));
}

Status CheckSize(std::string_view what, std::size_t size, std::size_t limit) {
  return size <= limit ? Status() : TooLarge(what, size, limit);
}

Status CheckChanges(std::span<const std::string> changes) {
  std::size_t total = 0;
  for (const std::string& change : changes) {
    REPRISE_TRY(CheckSize("change", change.size(), kMaxRecordPayload));
    total += change.size() + kRecordHeaderSize;
  }
  return CheckSize("changes of one call", total, kMaxChangesBytes);
}

}  // namespace

std::unique_ptr<LogWriter> LogWriter::Make(const Io& io, Directory& directory,
                                           const LogWriterOptions& options) {
  return std::make_unique<SessionLog>(io, directory, options);
}

SessionLog::SessionLog(const Io& io, Directory& directory, const LogWriterOptions& options)
    : io_(io), directory_(directory), options_(Clamp(options)) {}

std::uint32_t SessionLog::DefineRun(const BranchId& branch, Generation generation) {
  const std::lock_guard lock(mutex_);
  return definitions_.AddRun(branch, generation);
}

std::uint32_t SessionLog::DefineShape(const ShapePtr& shape) {
  const std::lock_guard lock(mutex_);
  return definitions_.AddShape(shape);
}

Status SessionLog::CheckRow(const RowPart& part) const {
  if (!definitions_.Knows(part.run, part.shape) || part.step < 0) return NotValid(part);
  const Shape& shape = definitions_.shape(part.shape);
  const std::size_t key_bytes = definitions_.ShapeBound(part.shape);
  const std::size_t keys = shape.columns.size();
  if (keys > kMaxShapeColumns) return TooLarge("row's number of keys", keys, kMaxShapeColumns);
  if (key_bytes > kMaxShapeBytes) return TooLarge("row's keys", key_bytes, kMaxShapeBytes);
  if (!Fits(part.values, shape)) {
    return Status::Error(Code::kInternal, "row part does not fit its shape; report this as a bug");
  }
  return {};
}

Status SessionLog::CheckAddedRow() {
  const std::size_t size = pending_.call_size();
  if (size <= kMaxRecordPayload) return {};
  pending_.RollBackCall();
  return TooLarge("row", size, kMaxRecordPayload);
}

Result<Sequence> SessionLog::AddRow(const RowPart& part) {
  REPRISE_TRY_ASSIGN(const Lock lock, Enter());
  REPRISE_TRY(CheckRow(part));
  BeginGroup();
  pending_.AddDefinitions(part.run, part.shape, &definitions_);
  pending_.BeginCall();
  pending_.AddRowPart({part.run, part.shape, part.commit, part.restate, part.step},
                      definitions_.shape(part.shape).has_time, part.time, part.values);
  REPRISE_TRY(CheckAddedRow());
  const Sequence sequence = pending_.sequence();
  if (part.flush || pending_.size() >= options_.flush_bytes) REPRISE_TRY(WriteOrRollBack());
  return sequence;
}

Result<Sequence> SessionLog::AddChanges(std::span<const std::string> changes) {
  REPRISE_TRY(CheckChanges(changes));
  REPRISE_TRY_ASSIGN(Lock lock, Enter());
  REPRISE_TRY(WritePending());
  BeginGroup();
  pending_.BeginCall();
  for (const std::string& change : changes) pending_.AddChange(change);
  const Sequence sequence = pending_.sequence();
  REPRISE_TRY(WriteOrRollBack());
  REPRISE_TRY(SyncShared(lock, sequence));
  return sequence;
}

Status SessionLog::Flush() {
  REPRISE_TRY_ASSIGN(const Lock lock, Enter());
  return WritePending();
}

Status SessionLog::SyncThrough(Sequence sequence) {
  REPRISE_TRY_ASSIGN(Lock lock, Enter());
  if (sequence <= last_synced_) return {};
  if (sequence > last_written_) REPRISE_TRY(WritePending());
  return SyncShared(lock, std::min(sequence, last_written_.load()));
}

Status SessionLog::Sync() { return SyncThrough(~Sequence{0}); }

Sequence SessionLog::last_written() const { return last_written_; }

Sequence SessionLog::last_synced() const { return last_synced_; }

std::uint32_t SessionLog::current_file() const { return current_file_; }

std::vector<std::uint32_t> SessionLog::files() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::uint32_t> numbers;
  for (const auto& [number, size] : ended_files_) numbers.push_back(number);
  if (output_ != nullptr) numbers.push_back(output_->number());
  return numbers;
}

std::uint64_t SessionLog::bytes() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t total = output_ != nullptr ? output_->size() : 0;
  for (const auto& [number, size] : ended_files_) total += size;
  return total;
}

Status SessionLog::Rotate() {
  REPRISE_TRY_ASSIGN(const Lock lock, Enter());
  REPRISE_TRY(WritePending());
  REPRISE_TRY(SyncHeld());
  EndFile();
  pending_.Clear();  // definitions for the file that has ended
  return {};
}

Status SessionLog::RemoveFile(std::uint32_t file) {
  REPRISE_TRY_ASSIGN(const Lock lock, Enter());
  const auto found = ended_files_.find(file);
  if (found == ended_files_.end()) {
    return Status::Error(Code::kNotFound,
                         fmt::format("no ended log file: number {} of session {}; rotate first if "
                                     "it is the current one",
                                     file, ToHex(options_.session)));
  }
  REPRISE_TRY(directory_.Remove(LogFileName(options_.session, file)));
  ended_files_.erase(found);
  return {};
}

Status SessionLog::Close() {
  REPRISE_TRY_ASSIGN(const Lock lock, Enter());
  REPRISE_TRY(WritePending());
  if (last_written_ != 0) {
    BeginGroup();
    pending_.BeginCall();
    pending_.AddClosed(last_written_);
    REPRISE_TRY(WriteOrRollBack());
    REPRISE_TRY(SyncHeld());
    EndFile();
  }
  closed_ = true;
  return {};
}

}  // namespace reprise
