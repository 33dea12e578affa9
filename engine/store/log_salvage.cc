// A part does not say whether others of its row came before it, nor, unless it commits the row,
// whether others followed. So damage makes two rows of each line doubtful: the one that was open
// before it, and the first one behind it. Doubtful rows are assembled as the others are, and left
// out when they are complete. A part that restates its row is doubtful to nobody.
#include "engine/store/log_salvage.h"

#include <algorithm>
#include <set>

#include "format/try.h"

namespace reprise {

namespace {

// The rows of one branch on their way out of the log.
class Line {
 public:
  Line(Step sealed_upto, std::uint64_t losses)
      : sealed_upto_(sealed_upto), last_kept_(sealed_upto), seen_losses_(losses) {}

  // `losses`: how often something was lost so far, of which nobody knows what.
  Status Add(const LoggedPart& part, std::uint64_t losses);
  // One part of the row at `step` was lost.
  void AddLostPart(Step step);
  // The log ends here. `losses` as above.
  Status Finish(std::uint64_t losses);

  SalvagedLine Take() { return std::move(line_); }

 private:
  RowAssembler& assembler();
  void Keep(const ShapePtr& shape, Step step, TimeMicros time, std::span<const ValueView> values);

  const Step sealed_upto_;
  Step last_kept_;
  std::uint64_t seen_losses_;
  bool lost_since_kept_ = false;
  std::set<Step> doubtful_;
  std::optional<RowAssembler> assembler_;
  SalvagedLine line_;
};

RowAssembler& Line::assembler() {
  if (!assembler_) {
    assembler_.emplace([this](const ShapePtr& shape, Step step, TimeMicros time,
                              std::span<const ValueView> values, Sequence) -> Status {
      Keep(shape, step, time, values);
      return {};
    });
  }
  return *assembler_;
}

void Line::Keep(const ShapePtr& shape, Step step, TimeMicros time,
                std::span<const ValueView> values) {
  if (doubtful_.erase(step) > 0) {
    lost_since_kept_ = true;
    return;
  }
  if (lost_since_kept_ && step > last_kept_ + 1) line_.gaps.push_back({last_kept_ + 1, step - 1});
  lost_since_kept_ = false;
  last_kept_ = step;
  line_.rows.Append(shape, step, time, values);
}

Status Line::Add(const LoggedPart& part, std::uint64_t losses) {
  const bool after_loss = losses != seen_losses_;
  seen_losses_ = losses;
  if (part.step <= sealed_upto_) return {};
  RowAssembler& rows = assembler();
  if (after_loss) {
    if (rows.has_open_row()) doubtful_.insert(rows.open_step());
    doubtful_.insert(part.step);
    lost_since_kept_ = true;
  }
  if (part.restate) doubtful_.erase(part.step);
  const Status added = rows.Add(part);
  if (added.code() != Code::kCorrupt) return added;
  doubtful_.insert(part.step);  // no writer adds such a part
  lost_since_kept_ = true;
  return {};
}

void Line::AddLostPart(Step step) {
  if (step <= sealed_upto_) return;
  doubtful_.insert(step);
  lost_since_kept_ = true;
}

Status Line::Finish(std::uint64_t losses) {
  const bool after_loss = losses != seen_losses_;
  if (assembler_ && assembler_->has_open_row()) {
    if (after_loss) doubtful_.insert(assembler_->open_step());
    REPRISE_TRY(assembler_->CommitOpen());
  }
  if (after_loss || lost_since_kept_) line_.gaps.push_back({last_kept_ + 1, kOpenGap});
  return {};
}

class Salvage {
 public:
  Salvage(const SourcesByRun& sources,
          const std::function<std::optional<Step>(const BranchId&)>& sealed_upto)
      : sources_(sources), sealed_upto_(sealed_upto) {}

  Result<SalvagedLog> Run(Directory& logs, SessionId session, std::string_view boot_id) {
    LogVisitor visitor;
    visitor.on_part = [&](const LoggedPart& part) -> Status {
      Line* line = LineOf(part.branch, part.generation, part.sequence);
      return line == nullptr ? Status() : line->Add(part, losses_);
    };
    visitor.on_change = [&](const LoggedChange& change) -> Status {
      log_.changes.emplace_back(change.bytes);
      return {};
    };
    visitor.on_lost = [&](const LostRecord& lost) { AddLost(lost); };
    REPRISE_TRY_ASSIGN(log_.files, ScanSession(logs, session, boot_id, visitor));
    for (const LogFileReport& file : log_.files) {
      log_.damaged = log_.damaged || file.end == LogEnd::kCorrupt;
    }
    for (auto& [branch, line] : lines_) {
      REPRISE_TRY(line->Finish(losses_));
      log_.lines[branch] = line->Take();
    }
    return std::move(log_);
  }

 private:
  void AddLost(const LostRecord& lost) {
    if (!lost.branch) {
      ++losses_;
      return;
    }
    Line* line = LineOf(*lost.branch, lost.generation, 0);
    if (line != nullptr) line->AddLostPart(lost.step);
  }

  // Null: such rows are not history.
  Line* LineOf(const BranchId& branch, Generation generation, Sequence sequence) {
    const auto source = sources_.find(branch.uid);
    if (source == sources_.end() || source->second.generation != generation) return nullptr;
    if (sequence > source->second.through) return nullptr;
    const auto found = lines_.find(branch);
    if (found != lines_.end()) return found->second.get();
    const std::optional<Step> sealed = sealed_upto_(branch);
    if (!sealed) return nullptr;
    // What was lost before the first part is a loss to this line too.
    return (lines_[branch] = std::make_unique<Line>(*sealed, 0)).get();
  }

  const SourcesByRun& sources_;
  const std::function<std::optional<Step>(const BranchId&)>& sealed_upto_;
  std::uint64_t losses_ = 0;
  std::map<BranchId, std::unique_ptr<Line>> lines_;
  SalvagedLog log_;
};

}  // namespace

Sequence SalvagedLog::last_sequence() const {
  Sequence last = 0;
  for (const LogFileReport& file : files) last = std::max(last, file.last_sequence);
  return last;
}

Result<SalvagedLog> SalvageLog(
    Directory& logs, SessionId session, std::string_view boot_id, const SourcesByRun& sources,
    const std::function<std::optional<Step>(const BranchId&)>& sealed_upto) {
  return Salvage(sources, sealed_upto).Run(logs, session, boot_id);
}

}  // namespace reprise
