// Every sequence of a few calls on one run, compared with the model: what random calls may miss,
// all of it in a small scope.
//
// REPRISE_SEQUENCE_LENGTH: of the longest sequences. REPRISE_SEQUENCE_PART: "2/8" makes the third
// eighth of them, so that several processes can share the work.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/engine/run/model_driver.h"

namespace reprise {
namespace {

constexpr std::uint64_t kDefaultLength = 4;
// At the end of each store its catalog is rebuilt, and everything verified. A store of a few runs
// opens and rebuilds quickly; one for each sequence would mostly be made.
constexpr std::uint64_t kSequencesOfStore = 12;

enum class SmallCall : std::uint8_t {
  kLog,
  kMerge,  // leaves its row open, or adds to the open one
  kRewind,
  kFork,
  kSeal,
  kReopen,
  kRestore,
  kDelete,
  kReclaim,
};
constexpr std::array<const char*, 9> kNames = {"log",    "merge",   "rewind", "fork",   "seal",
                                               "reopen", "restore", "delete", "reclaim"};
constexpr std::uint64_t kCalls = kNames.size();

std::uint64_t SequencesOf(std::uint64_t length) {
  std::uint64_t count = 1;
  for (std::uint64_t i = 0; i < length; ++i) count *= kCalls;
  return count;
}

// Sequences by length, then as numbers to the base of how many calls there are.
std::vector<SmallCall> SequenceAt(std::uint64_t index) {
  std::uint64_t length = 1;
  for (; index >= SequencesOf(length); ++length) index -= SequencesOf(length);
  std::vector<SmallCall> calls(length);
  for (SmallCall& call : calls) {
    call = static_cast<SmallCall>(index % kCalls);
    index /= kCalls;
  }
  return calls;
}

std::string ToText(const std::vector<SmallCall>& calls) {
  std::string text;
  for (const SmallCall call : calls) {
    text += fmt::format(" {}", kNames[static_cast<std::size_t>(call)]);
  }
  return text;
}

// A store and its model, and the sequences that were made on it, each on a run of its own.
class Scope {
 public:
  Scope() : driver_(OptionsOf()) {}

  std::string Make(const std::vector<SmallCall>& calls) {
    run_ = fmt::format("r{}", sequences_++);
    forks_ = 0;
    for (const SmallCall call : calls) {
      const std::string difference = Make(call);
      if (!difference.empty()) return difference;
    }
    return "";
  }
  std::string End() { return driver_.End(); }

 private:
  static Options OptionsOf() {
    Options options;
    options.durability = Durability::kProcess;
    options.sync_interval_ms = 3'600'000;
    return options;
  }

  std::string Make(SmallCall call) {
    std::string difference = driver_.HasWriter(run_) ? "" : Apply(Start());
    if (difference.empty()) difference = Apply(CallOf(call));
    if (difference.empty() && call == SmallCall::kSeal) difference = Apply(Start());
    return difference;
  }
  std::string Apply(const ModelOp& op) {
    const std::string difference = driver_.Apply(op);
    return difference.empty() ? "" : ToString(op) + ": " + difference;
  }

  ModelOp Start() const {
    ModelOp op;
    op.call = ModelCall::kStart;
    op.run = run_;
    return op;
  }
  // The step before the last one that is committed, or the beginning.
  Step OneBack() const {
    const ModelRun* run = driver_.model().Find(run_);
    return std::max<Step>(run->head().committed() - 1, kNoStep);
  }
  ModelOp CallOf(SmallCall call);

  ModelDriver driver_;
  std::string run_;
  int sequences_ = 0;
  int forks_ = 0;
  std::int64_t value_ = 0;  // a number that no other call has
};

ModelOp Scope::CallOf(SmallCall call) {
  ModelOp op;
  op.run = run_;
  op.takeover = true;
  switch (call) {
    case SmallCall::kLog:
      op.call = ModelCall::kLog;
      op.fields = {{"x", Value(++value_)}};
      op.options.time = value_;
      break;
    case SmallCall::kMerge:
      op.call = ModelCall::kLog;
      op.fields = {{"y", Value(static_cast<double>(++value_))}};
      op.options.time = value_;
      op.options.commit = false;
      break;
    case SmallCall::kRewind:
      op.call = ModelCall::kWriterRewind;
      op.moment = {run_, {}, OneBack()};
      break;
    case SmallCall::kFork:
      op.call = ModelCall::kFork;
      op.moment = {run_, {}, OneBack()};
      op.run = fmt::format("{}-fork{}", run_, forks_++);
      break;
    case SmallCall::kSeal:
      op.call = ModelCall::kFinish;
      break;
    case SmallCall::kReopen:
      op.call = ModelCall::kReopen;
      break;
    case SmallCall::kRestore:
      op.call = ModelCall::kRestore;
      op.moment = {run_, 0, {}};
      break;
    case SmallCall::kDelete:
      op.call = ModelCall::kDelete;
      break;
    case SmallCall::kReclaim:
      op.call = ModelCall::kReclaim;
      break;
  }
  return op;
}

struct Part {
  std::uint64_t index = 0;
  std::uint64_t parts = 1;
};

Part PartToMake() {
  const char* text = std::getenv("REPRISE_SEQUENCE_PART");
  Part part;
  if (text != nullptr && std::sscanf(text, "%lu/%lu", &part.index, &part.parts) != 2) return {0, 0};
  return part;
}

std::uint64_t LengthToMake() {
  const char* text = std::getenv("REPRISE_SEQUENCE_LENGTH");
  return text == nullptr ? kDefaultLength : std::strtoull(text, nullptr, 10);
}

// The sequences from `first` up to before `last`; "" if none differs.
std::string MakeSequences(std::uint64_t first, std::uint64_t last) {
  Scope scope;
  for (std::uint64_t i = first; i < last; ++i) {
    const std::string difference = scope.Make(SequenceAt(i));
    if (!difference.empty()) {
      return fmt::format("sequence {}:{}: {}", i, ToText(SequenceAt(i)), difference);
    }
  }
  const std::string difference = scope.End();
  return difference.empty() ? ""
                            : fmt::format("after sequences {} to {}: {}", first, last, difference);
}

// A difference at the end of many is looked for in each of them alone.
std::string Narrow(std::uint64_t first, std::uint64_t last, const std::string& difference) {
  for (std::uint64_t i = first; i < last; ++i) {
    const std::string alone = MakeSequences(i, i + 1);
    if (!alone.empty()) return fmt::format("{} (made of{})", alone, ToText(SequenceAt(i)));
  }
  return difference;
}

TEST(Sequences, EveryShortOneDoesWhatTheModelSays) {
  const Part part = PartToMake();
  ASSERT_LT(part.index, part.parts) << "REPRISE_SEQUENCE_PART is not like 2/8";
  std::uint64_t all = 0;
  for (std::uint64_t length = 1; length <= LengthToMake(); ++length) all += SequencesOf(length);
  const std::uint64_t begin = all * part.index / part.parts;
  const std::uint64_t end = all * (part.index + 1) / part.parts;
  ASSERT_LT(begin, end);
  for (std::uint64_t first = begin; first < end; first += kSequencesOfStore) {
    const std::uint64_t last = std::min(first + kSequencesOfStore, end);
    const std::string difference = MakeSequences(first, last);
    if (!difference.empty()) FAIL() << Narrow(first, last, difference);
  }
  fmt::print("{} sequences of up to {} of {} calls: no difference\n", end - begin, LengthToMake(),
             kCalls);
}

}  // namespace
}  // namespace reprise
