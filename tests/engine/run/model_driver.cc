#include "tests/engine/run/model_driver.h"

#include <fmt/format.h>

#include <utility>

#include "tests/engine/run/model_compare.h"
#include "tests/engine/run/model_outcome.h"
#include "tests/support/store_checks.h"

namespace reprise {

ModelDriver::ModelDriver(const Options& options) : options_(options) { Open(); }

std::string ModelDriver::Apply(const ModelOp& op) {
  std::string difference;
  if (op.call <= ModelCall::kDrop) {
    const auto writer = writers_.find(op.run);
    if (writer == writers_.end()) return "";
    difference = ApplyToWriter(op, writer->second);
  } else {
    difference = ApplyToStore(op);
  }
  return difference.empty() ? CheckWriters() : difference;
}

std::string ModelDriver::End() {
  std::string difference = CheckAll();
  if (difference.empty()) difference = CheckHeld();
  // Beside its writers; a session's background thread may be at it too.
  if (difference.empty()) difference = FindDamage(dir_.Of("store"));
  if (difference.empty()) difference = Close();
  if (difference.empty()) difference = FindDamage(dir_.Of("store"));
  if (difference.empty()) difference = FindRebuildDifference(dir_.Of("store"));
  if (difference.empty()) difference = CheckHeld();
  if (difference.empty()) difference = Open();
  if (difference.empty()) difference = CheckAll();
  return difference;
}

std::string ModelDriver::ApplyToStore(const ModelOp& op) {
  const Takeover takeover = op.takeover ? Takeover::kTake : Takeover::kRefuse;
  std::string difference;
  switch (op.call) {
    case ModelCall::kStart:
    case ModelCall::kStartRewound:
    case ModelCall::kStartForked:
      return Start(op);
    case ModelCall::kRewind: {
      const Code code = model_.RewindOutside(op.moment, op.takeover);
      difference = Compare(store_->Rewind(op.moment, takeover), code);
      break;
    }
    case ModelCall::kRestore: {
      const Code code = model_.Restore(op.moment.run, *op.moment.branch, op.takeover);
      difference = Compare(store_->Restore(op.moment, takeover), code);
      break;
    }
    case ModelCall::kFork: {
      ForkOptions options;
      options.run_id = op.run;
      options.config = op.config();
      const Code code = model_.Fork(op.moment, op.run, options.config);
      return Compare(store_->Fork(op.moment, options), code);
    }
    case ModelCall::kConfig: {
      const Config config = op.config();
      const Code code = model_.UpdateConfigOutside(op.run, config);
      return Compare(store_->UpdateConfig(op.run, config), code);
    }
    case ModelCall::kFinishOutside:
      return Compare(store_->Finish(op.run, op.number), model_.FinishOutside(op.run, op.number));
    case ModelCall::kDelete:
      difference = Compare(store_->Delete(op.run, takeover), model_.Delete(op.run, op.takeover));
      break;
    case ModelCall::kReopen:
      difference = Close();
      return difference.empty() ? Open() : difference;
    case ModelCall::kReclaim:
      return Compare(store_->Reclaim(), Code::kOk);
    case ModelCall::kRebuild:
      return Rebuild();
    case ModelCall::kHold:
      return Hold(op);
    case ModelCall::kCheckRun:
      return CheckRun(op.run);
    default:
      return Check(op.moment, op.number);
  }
  return difference.empty() ? RetireFenced(op.run, op.number) : difference;
}

std::string ModelDriver::Start(const ModelOp& op) {
  RunOptions options;
  options.run_id = op.run;
  options.takeover = op.takeover;
  options.config = op.config();
  Code code = Code::kOk;
  const auto before = model_.Find(op.run);
  const bool had_writer = before != nullptr && before->has_writer;
  if (op.call == ModelCall::kStart) {
    options.resume = op.resume;
    code = model_.Start(op.run, op.resume, op.takeover, options.config);
  } else if (op.call == ModelCall::kStartRewound) {
    options.resume_from = op.moment;
    options.config.clear();
    code = model_.StartRewound(op.run, op.moment, op.takeover);
  } else {
    options.fork_from = op.moment;
    code = model_.StartForked(op.run, op.moment, options.config);
  }
  auto started = store_->StartRun(options);
  std::string difference = Compare(started, code);
  if (!difference.empty()) return difference;
  if (!started) return RetireFenced(op.run, op.number);
  if (had_writer) {
    difference = RetirePassed(op.run, op.number);
    if (!difference.empty()) return difference;
  }
  writers_.emplace(op.run, std::move(*started));
  return "";
}

std::string ModelDriver::Open() {
  auto opened = Store::Open(dir_.Of("store"), options_);
  if (!opened) return "open: " + opened.error().ToString();
  store_.emplace(std::move(*opened));
  return "";
}

std::string ModelDriver::Close() {
  if (!store_) return "";
  const std::string difference = Compare(store_->Close(), Code::kOk);
  if (!difference.empty()) return "close: " + difference;
  for (auto& [id, writer] : writers_) {
    const std::string closed = Compare(writer.Log({}), Code::kClosed);
    if (!closed.empty()) return fmt::format("{} after the store was closed: {}", id, closed);
    model_.EndWriter(id, RunState::kCrashed);
  }
  writers_.clear();
  fenced_.clear();
  store_.reset();
  return "";
}

std::string ModelDriver::Rebuild() {
  std::string difference = Close();
  if (difference.empty()) difference = FindRebuildDifference(dir_.Of("store"));
  return difference.empty() ? Open() : difference;
}

}  // namespace reprise
