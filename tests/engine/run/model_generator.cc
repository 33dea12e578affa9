#include "tests/engine/run/model_generator.h"

#include <array>
#include <limits>
#include <set>
#include <vector>

namespace reprise {

namespace {

constexpr std::array<const char*, 4> kRuns = {"a", "b", "c", "d"};
constexpr std::array<const char*, 5> kKeys = {"acc", "loss", "note", "train/loss", "z.z"};
constexpr std::array<const char*, 3> kPaths = {"lr", "model.depth", "seed"};

// How often each call comes, against the others, in the order of ModelCall.
using Weights = std::array<unsigned, kModelCalls>;
constexpr Weights kUsual = {
    360,  // kLog
    40,   // kAppend
    2,    // kFill
    30,   // kSetSummary
    12,   // kRemoveSummary
    10,   // kWriterConfig
    40,   // kWriterRewind
    6,    // kSync
    30,   // kFinish
    14,   // kDrop
    90,   // kStart
    16,   // kStartRewound
    16,   // kStartForked
    24,   // kRewind
    16,   // kRestore
    24,   // kFork
    8,    // kConfig
    6,    // kFinishOutside
    6,    // kDelete
    8,    // kReopen
    6,    // kReclaim
    3,    // kRebuild
    6,    // kHold
    40,   // kCheck
    8,    // kCheckRun
};

// Sessions of few rows, one after the other, on runs that are seldom rewound: each leaves a small
// segment, and segments are merged.
constexpr Weights kShortSessions = {
    300,  // kLog
    20,   // kAppend
    0,    // kFill
    10,   // kSetSummary
    5,    // kRemoveSummary
    5,    // kWriterConfig
    10,   // kWriterRewind
    6,    // kSync
    160,  // kFinish
    60,   // kDrop
    300,  // kStart
    2,    // kStartRewound
    6,    // kStartForked
    6,    // kRewind
    4,    // kRestore
    12,   // kFork
    4,    // kConfig
    2,    // kFinishOutside
    1,    // kDelete
    10,   // kReopen
    8,    // kReclaim
    4,    // kRebuild
    6,    // kHold
    30,   // kCheck
    4,    // kCheckRun
};

constexpr std::array<double, 14> kDoubles = {0.0,
                                             -0.0,
                                             1.0,
                                             -1.5,
                                             0.1,
                                             1e-3,
                                             1e300,
                                             -1e300,
                                             std::numeric_limits<double>::max(),
                                             std::numeric_limits<double>::denorm_min(),
                                             9007199254740993.0,
                                             std::numeric_limits<double>::infinity(),
                                             -std::numeric_limits<double>::infinity(),
                                             std::numeric_limits<double>::quiet_NaN()};
constexpr std::array<std::int64_t, 8> kInt64s = {0,
                                                 1,
                                                 -1,
                                                 7,
                                                 9007199254740993,
                                                 std::numeric_limits<std::int64_t>::max(),
                                                 std::numeric_limits<std::int64_t>::min(),
                                                 1'000'000};

}  // namespace

Options ModelGenerator::NextOptions() {
  Options options;
  options.durability = static_cast<Durability>(Below(3));
  options.sync_interval_ms = OneIn(4) ? 1 : 1000;
  options.memory_budget_bytes = std::size_t{1} << 20;
  short_sessions_ = OneIn(3);
  return options;
}

std::string ModelGenerator::RunId() {
  if (short_sessions_ && !OneIn(8)) return kRuns[0];
  return kRuns[Below(Below(kRuns.size()) + 1)];
}

std::string ModelGenerator::WrittenRun(const ModelStore& model) {
  std::vector<std::string> written;
  for (const auto& [id, run] : model.runs()) {
    if (run.has_writer) written.push_back(id);
  }
  return written.empty() ? "" : written[Below(written.size())];
}

ModelCall ModelGenerator::NextCall(const ModelStore& model) {
  if (model.runs().empty()) return ModelCall::kStart;
  const Weights& weights = short_sessions_ ? kShortSessions : kUsual;
  unsigned total = 0;
  for (const unsigned weight : weights) total += weight;
  auto at = static_cast<unsigned>(Below(total));
  for (int call = 0; call < kModelCalls; ++call) {
    const unsigned weight = weights[static_cast<std::size_t>(call)];
    if (at >= weight) {
      at -= weight;
      continue;
    }
    const auto chosen = static_cast<ModelCall>(call);
    const bool of_writer = chosen <= ModelCall::kDrop;
    return of_writer && WrittenRun(model).empty() ? ModelCall::kStart : chosen;
  }
  return ModelCall::kCheck;
}

ModelOp ModelGenerator::Next(const ModelStore& model) {
  ModelOp op;
  op.call = NextCall(model);
  op.number = static_cast<int>(Below(1000));
  if (op.call <= ModelCall::kDrop) {
    op.run = WrittenRun(model);
    FillWriterCall(model, &op);
  } else {
    op.run = RunId();
    FillStoreCall(model, &op);
  }
  return op;
}

// --- values

Value ModelGenerator::AnyValue() {
  switch (Below(12)) {
    case 0:
      return {};
    case 1:
      return Value(OneIn(2));
    case 2:
    case 3:
      return Value(kInt64s[Below(kInt64s.size())]);
    case 4:
      return Value(std::string(Below(6), static_cast<char>('a' + Below(3))));
    case 5:
      return Value(ValueView::Bytes(std::string_view("\0\xff\x80", Below(4))));
    case 6:
      return Value(ValueView::Json(OneIn(2) ? "[1,2]" : "{}"));
    case 7:
      return Value(ValueView::Stored(Type::kDouble, random_(), {}));
    default:
      return Value(kDoubles[Below(kDoubles.size())]);
  }
}

Value ModelGenerator::ColumnValue() {
  Value value = AnyValue();
  while (value.type() == Type::kNull || value.type() == Type::kBool) value = AnyValue();
  return value;
}

ModelFields ModelGenerator::Fields(std::uint64_t most) {
  ModelFields fields;
  for (std::uint64_t i = Below(most + 1); i > 0; --i) {
    fields.emplace_back(kKeys[Below(kKeys.size())], AnyValue());
  }
  return fields;
}

ModelFields ModelGenerator::Columns() {
  ModelFields fields;
  std::set<std::string> keys;
  for (std::uint64_t i = Below(3); i > 0; --i) keys.insert(kKeys[Below(kKeys.size())]);
  for (const std::string& key : keys) fields.emplace_back(key, ColumnValue());
  return fields;
}

Step ModelGenerator::StepNear(const ModelBranch& branch) {
  if (OneIn(12)) return static_cast<Step>(Below(60)) - 2;
  if (OneIn(8)) return StepAfter(branch.fork_step, Below(3)) - 1;
  if (!branch.rows.empty() && !OneIn(4)) {
    return StepAfter(branch.rows[Below(branch.rows.size())].step, Below(2));
  }
  return StepAfter(branch.committed(), Below(4)) - 2;
}

Moment ModelGenerator::AnyMoment(const ModelStore& model, bool with_step) {
  Moment moment;
  moment.run = RunId();
  const ModelRun* run = model.Find(moment.run);
  if (run == nullptr) {
    if (with_step) moment.step = 1;
    return moment;
  }
  const std::uint64_t branches = run->branches.size();
  std::uint64_t branch = branches - 1;
  if (OneIn(2)) {
    branch = Below(branches + (OneIn(10) ? 1 : 0));
    moment.branch = static_cast<std::uint32_t>(branch);
  }
  if (with_step || OneIn(2)) moment.step = StepNear(run->branches[std::min(branch, branches - 1)]);
  return moment;
}

// --- calls

void ModelGenerator::FillLog(const ModelStore& model, ModelOp* op) {
  const ModelBranch& head = model.Find(op->run)->head();
  op->fields = Fields(4);
  op->options.time = OneIn(5) ? kNoTime : 1'700'000'000'000'000 + static_cast<Step>(Below(1000));
  if (OneIn(3)) op->options.commit = OneIn(2);
  if (OneIn(3)) return;
  const Step last = head.open ? head.open->step : head.committed();
  op->options.step = StepAfter(last, Below(4));
  if (OneIn(20)) op->options.step = StepNear(head);
  if (OneIn(2000)) {
    op->options.step = std::numeric_limits<Step>::max() - static_cast<Step>(Below(3));
  }
}

void ModelGenerator::FillAppend(const ModelStore& model, ModelOp* op) {
  const ModelBranch& head = model.Find(op->run)->head();
  op->fields = Columns();
  op->options.time = OneIn(5) ? kNoTime : 1'700'000'000'000'000 + static_cast<Step>(Below(1000));
  Step step = head.open ? head.open->step : head.committed();
  if (OneIn(10)) --step;
  for (std::uint64_t i = Below(6) + 1; i > 0; --i) {
    step = StepAfter(step, OneIn(20) ? 0 : 1 + (OneIn(4) ? Below(5) : 0));
    op->steps.push_back(step);
  }
}

void ModelGenerator::FillWriterCall(const ModelStore& model, ModelOp* op) {
  switch (op->call) {
    case ModelCall::kLog:
      return FillLog(model, op);
    case ModelCall::kAppend:
      return FillAppend(model, op);
    case ModelCall::kFill:
      op->options.time = kNoTime;
      return;
    case ModelCall::kSetSummary:
    case ModelCall::kRemoveSummary:
      op->fields = {{kKeys[Below(3)], AnyValue()}};
      return;
    case ModelCall::kWriterConfig:
      op->fields = {{kPaths[Below(kPaths.size())], AnyValue()}};
      return;
    case ModelCall::kWriterRewind:
      op->moment.step = StepNear(model.Find(op->run)->head());
      return;
    case ModelCall::kFinish:
      op->number = static_cast<int>(Below(2));
      return;
    default:
      return;
  }
}

void ModelGenerator::FillStoreCall(const ModelStore& model, ModelOp* op) {
  const bool has_config = OneIn(4);
  if (has_config) op->fields = {{kPaths[Below(kPaths.size())], AnyValue()}};
  op->takeover = OneIn(4);
  switch (op->call) {
    case ModelCall::kStart:
      op->resume = OneIn(4) ? Resume::kMust : OneIn(4) ? Resume::kNever : Resume::kAllow;
      break;
    case ModelCall::kStartRewound:
    case ModelCall::kRewind:
      op->moment = AnyMoment(model, true);
      op->run = op->moment.run;
      break;
    case ModelCall::kRestore:
      op->moment = AnyMoment(model, false);
      op->moment.step.reset();
      op->moment.branch = op->moment.branch.value_or(0);
      op->run = op->moment.run;
      break;
    case ModelCall::kFork:
    case ModelCall::kStartForked:
    case ModelCall::kHold:
    case ModelCall::kCheck:
      op->moment = AnyMoment(model, false);
      break;
    case ModelCall::kConfig:
      op->fields = {{kPaths[Below(kPaths.size())], AnyValue()}};
      break;
    default:
      break;
  }
  const ModelRun* run = model.Find(op->run);
  // A refusal takes its time, since a holder may be about to go.
  if (run != nullptr && run->has_writer && !OneIn(8)) op->takeover = true;
}

}  // namespace reprise
