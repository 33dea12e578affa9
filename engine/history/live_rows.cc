#include "engine/history/live_rows.h"

#include <utility>
#include <vector>

#include "engine/log/log_reader.h"
#include "format/try.h"

namespace reprise {

namespace {

// Gathers the parts of one run into rows, branch by branch.
class Gatherer {
 public:
  Gatherer(LiveRows* rows, const std::function<Result<Step>(std::uint32_t)>& sealed_upto)
      : rows_(rows), sealed_upto_(sealed_upto) {}

  Status Add(const LoggedPart& part) {
    REPRISE_TRY_ASSIGN(Line * line, LineFor(part.branch.ordinal));
    if (part.step <= line->sealed_upto) return {};
    return line->assembler.Add(part);
  }

  // The rows left open: `committed` for those whose writer is gone.
  Status CloseOpenRows(bool committed) {
    for (auto& [ordinal, line] : lines_) {
      if (!line->assembler.has_open_row()) continue;
      const Step step = line->assembler.open_step();
      REPRISE_TRY(line->assembler.CommitOpen());
      if (!committed) rows_->branches[ordinal].open_step = step;
    }
    return {};
  }

 private:
  struct Line {
    Step sealed_upto;
    RowAssembler assembler;
  };

  Result<Line*> LineFor(std::uint32_t ordinal) {
    const auto found = lines_.find(ordinal);
    if (found != lines_.end()) return found->second.get();
    REPRISE_TRY_ASSIGN(const Step sealed, sealed_upto_(ordinal));
    auto batch = std::make_shared<RowBatch>();
    rows_->branches[ordinal].rows = batch;
    auto append = [batch](const ShapePtr& shape, Step step, TimeMicros time,
                          std::span<const ValueView> values, Sequence) -> Status {
      batch->Append(shape, step, time, values);
      return {};
    };
    auto line = std::make_unique<Line>(Line{sealed, RowAssembler(std::move(append))});
    return (lines_[ordinal] = std::move(line)).get();
  }

  LiveRows* rows_;
  const std::function<Result<Step>(std::uint32_t)>& sealed_upto_;
  std::map<std::uint32_t, std::unique_ptr<Line>> lines_;
};

Status ReadSource(const SnapshotSource& from, const RunUid& uid, const LiveSource& source,
                  Gatherer* gatherer) {
  LogVisitor visitor;
  visitor.only = uid;
  visitor.through = source.through;
  visitor.on_part = [&](const LoggedPart& part) -> Status {
    return part.generation == source.generation ? gatherer->Add(part) : Status();
  };
  REPRISE_TRY_ASSIGN(const auto reports,
                     ScanSession(*from.logs, source.session, from.boot_id, std::move(visitor)));
  for (const LogFileReport& report : reports) {
    if (report.end == LogEnd::kCorrupt) return Status::Error(Code::kCorrupt, report.message);
  }
  return {};
}

}  // namespace

std::vector<LiveSource> LiveSources(const LeaseRecord& lease) {
  std::vector<LiveSource> sources;
  if (lease.pending) {
    sources.push_back({lease.pending->session, lease.pending->generation, lease.pending->sequence});
  }
  if (lease.holder.session != 0) sources.push_back({lease.holder.session, lease.generation});
  return sources;
}

Result<LiveRows> ReadLiveRows(const SnapshotSource& source, const RunUid& uid,
                              const std::vector<LiveSource>& sources,
                              const std::function<Result<Step>(std::uint32_t)>& sealed_upto) {
  LiveRows rows;
  Gatherer gatherer(&rows, sealed_upto);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    REPRISE_TRY(ReadSource(source, uid, sources[i], &gatherer));
    const bool writer_gone = i + 1 < sources.size();
    REPRISE_TRY(gatherer.CloseOpenRows(writer_gone));
  }
  return rows;
}

}  // namespace reprise
