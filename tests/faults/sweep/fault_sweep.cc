#include "tests/faults/sweep/fault_sweep.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <numeric>
#include <optional>
#include <utility>

#include "tests/support/child_process.h"

namespace reprise {

namespace {

constexpr std::array<VerifyDepth, SweepTally::kDepths> kDepths{
    VerifyDepth::kQuick, VerifyDepth::kChecksums, VerifyDepth::kDeep};

// A fault may cost no more than this; a sound store of this size needs a few hundredths of it.
constexpr unsigned kMaxSeconds = 60;
constexpr rlim_t kMaxMemory = rlim_t{512} << 20;

void LimitMemory() {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  const rlimit limit{kMaxMemory, kMaxMemory};
  (void)setrlimit(RLIMIT_DATA, &limit);
#endif
}

void AddLine(char (&text)[SweepTally::kTextSize], const std::string& line) {
  const std::size_t used = std::strlen(text);
  if (used + line.size() + 2 > SweepTally::kTextSize) return;
  std::memcpy(text + used, (line + "\n").c_str(), line.size() + 2);
}

bool IsLog(const std::string& file) { return file.starts_with("log/") && file.ends_with(".log"); }

// What tells of damage: the bytes, the medium, or a version that the bytes now claim.
bool TellsDamage(const Status& status) {
  return status.code() == Code::kCorrupt || status.code() == Code::kIoError ||
         status.code() == Code::kUnsupportedVersion;
}

bool AnyFailed(const Answers& answers) {
  return std::any_of(answers.begin(), answers.end(),
                     [](const Answer& answer) { return !answer.status.ok(); });
}

// The first place where two texts part, with what stands there.
std::string FirstDifference(const std::string& found, const std::string& expected) {
  std::size_t at = 0;
  while (at < found.size() && at < expected.size() && found[at] == expected[at]) ++at;
  const std::size_t from = at < 20 ? 0 : at - 20;
  return fmt::format("'{}', expected '{}'", found.substr(from, 60), expected.substr(from, 60));
}

}  // namespace

FaultSweep::FaultSweep(std::string store, Boot boot)
    : store_(std::move(store)), files_(ReadStoreFiles(store_)) {
  for (const auto& [file, bytes] : files_) {
    if (IsLog(file)) logs_.emplace(file, LogOracle(bytes, boot));
  }
  Options options;
  options.read_only = true;
  {
    const auto opened = Store::Open(store_, options);
    const auto questions = opened ? FindQuestions(*opened) : Fail(opened.error());
    if (!questions) {
      ADD_FAILURE() << questions.error().ToString();
      return;
    }
    questions_ = *questions;
  }
  sound_.read = AskAll();
  EXPECT_FALSE(AnyFailed(sound_.read));
  for (std::size_t depth = 0; depth < kDepths.size(); ++depth) {
    int exit_code = 0;
    sound_findings_[depth] = FindAt(kDepths[depth], &exit_code);
    EXPECT_LE(exit_code, 1);
  }
}

Answers FaultSweep::AskAll() const {
  Options options;
  options.read_only = true;
  return Ask(questions_, Store::Open(store_, options));
}

bool FaultSweep::OpenToWrite() const {
  Options options;
  options.create = false;
  auto opened = Store::Open(store_, options);
  if (!opened) return false;
  bool recovered = true;
  for (const std::string id : {"live", "special"}) {
    if (std::count(questions_.runs.begin(), questions_.runs.end(), id) == 0) continue;
    RunOptions run;
    run.project = "e/p";
    run.run_id = id;
    run.resume = Resume::kMust;
    auto writer = opened->StartRun(run);
    recovered = recovered && writer && writer->Finish().ok();
  }
  return opened->Close().ok() && recovered;
}

FaultSweep::Found FaultSweep::FindAt(VerifyDepth depth, int* exit_code) const {
  VerifyOptions options;
  options.depth = depth;
  const auto report = Verify(store_, options);
  if (!report) {
    *exit_code = 2;
    return {report.error().ToString()};
  }
  *exit_code = report->ExitCode();
  Found found;
  for (const Finding& finding : report->findings) {
    found.insert(fmt::format("{} {} {} {} {}", SeverityName(finding.severity), finding.code,
                             finding.file, finding.offset, finding.run));
  }
  return found;
}

void FaultSweep::Blame(const std::string& fault, const std::string& what) {
  ++tally_->wrong;
  AddLine(tally_->wrong_text, fault + ": " + what);
}

FaultSweep::Truth* FaultSweep::TornTruth(const Fault& fault) {
  for (const auto& [file, bytes] : fault.files) {
    const auto log = logs_.find(file);
    if (log == logs_.end()) continue;
    const auto groups = log->second.TornAfter(bytes.value_or(""));
    if (!groups || *groups == log->second.groups()) continue;
    const auto [cut, is_new] = cut_.try_emplace({file, *groups});
    if (!is_new) return &cut->second;
    const Fault clean = CutAt(files_, file, log->second.offset(*groups));
    Make(store_, clean);
    cut->second.read = AskAll();
    Unmake(store_, files_, clean);
    return &cut->second;
  }
  return nullptr;
}

const Answers* FaultSweep::Recovered(const FileBytes& files, Truth* truth) {
  if (!truth->recovered.empty()) return &truth->recovered;
  RestoreStore(store_, files);
  EXPECT_TRUE(OpenToWrite());
  truth->recovered = AskAll();
  RestoreStore(store_, files_);
  return &truth->recovered;
}

std::size_t FaultSweep::Judge(const Fault& fault, const Answers& answers,
                              const std::vector<const Answers*>& accepted) {
  bool blamed = false;
  std::size_t errors = 0;
  tally_->answers += answers.size();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Answer& answer = answers[i];
    const auto is_right = [&](const Answers* list) { return answer == (*list)[i]; };
    if (std::any_of(accepted.begin(), accepted.end(), is_right)) continue;
    ++tally_->errors[static_cast<std::size_t>(answer.status.code())];
    ++errors;
    const auto begins = [&](const Answers* list) {
      return (*list)[i].text.starts_with(answer.text);
    };
    const bool told =
        TellsDamage(answer.status) && std::any_of(accepted.begin(), accepted.end(), begins);
    if (told || std::exchange(blamed, true)) continue;
    Blame(fault.name, fmt::format("{}: {}: {}", answer.question, answer.status.ToString(),
                                  FirstDifference(answer.text, (*accepted.back())[i].text)));
  }
  if (errors > 0) ++tally_->refused;
  return errors;
}

void FaultSweep::CountHarmless(const Fault& fault) {
  constexpr std::size_t kClose = 600;
  const std::string& file = fault.files.begin()->first;
  ++tally_->harmless;
  const std::size_t last = std::min(tally_->ranges, SweepTally::kRanges) - 1;
  if (tally_->ranges > 0 && tally_->range[last].file == file &&
      fault.offset >= tally_->range[last].first &&
      fault.offset - tally_->range[last].last <= kClose) {
    tally_->range[last].last = std::max(tally_->range[last].last, fault.offset);
    ++tally_->range[last].faults;
    return;
  }
  if (tally_->ranges++ >= SweepTally::kRanges) return;
  SweepTally::Range& range = tally_->range[tally_->ranges - 1];
  file.copy(range.file, sizeof(range.file) - 1);
  range.first = range.last = fault.offset;
  range.faults = 1;
}

void FaultSweep::JudgeVerify(const Fault& fault, const Answers& answers, std::size_t errors) {
  std::optional<Found> found;
  for (std::size_t depth = 0; depth < kDepths.size(); ++depth) {
    int exit_code = 0;
    Found here = FindAt(kDepths[depth], &exit_code);
    if (here == sound_findings_[depth]) continue;
    if (!found) ++tally_->found[depth];
    found = std::move(here);
    // What fails for rows may be a note to the quick verify, which reads none.
    if (errors == 0 || exit_code >= 2) return;
  }
  if (found) {
    return Blame(fault.name, fmt::format("answers fail, and yet verify calls it a note: {}",
                                         fmt::join(*found, ", ")));
  }
  if (answers == sound_.read) {
    return CountHarmless(fault);
  }
  const bool cut = TornTruth(fault) != nullptr && errors == 0;
  if (cut) ++tally_->cuts;
  if (!cut) Blame(fault.name, "verify finds nothing");
}

void FaultSweep::TryReading(const Fault& fault) {
  Truth* const torn = TornTruth(fault);
  Make(store_, fault);
  const Answers answers = AskAll();
  std::vector<const Answers*> accepted{&sound_.read};
  if (torn != nullptr) {
    accepted.push_back(&torn->read);
    ++tally_->torn;
  }
  JudgeVerify(fault, answers, Judge(fault, answers, accepted));
  Unmake(store_, files_, fault);
}

void FaultSweep::TryWriting(const Fault& fault) {
  std::vector<const Answers*> accepted{&sound_.read, Recovered(files_, &sound_)};
  if (Truth* const torn = TornTruth(fault)) {
    FileBytes cut = files_;
    for (const auto& [file, bytes] : fault.files) {
      const LogOracle& log = logs_.at(file);
      cut[file].resize(log.offset(*log.TornAfter(bytes.value_or(""))));
    }
    accepted.push_back(&torn->read);
    accepted.push_back(Recovered(cut, torn));
  }
  Make(store_, fault);
  const Answers before = AskAll();
  (void)OpenToWrite();  // what cannot be gone on with is told by the answers
  const Answers after = AskAll();
  Judge(fault, after, accepted);
  if (AnyFailed(before) && !AnyFailed(after)) ++tally_->mended;
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (!before[i].status.ok() || after[i].status.ok()) continue;
    Blame(fault.name, fmt::format("{} could be read before the store was opened for writing: {}",
                                  after[i].question, after[i].status.ToString()));
    break;
  }
  RestoreStore(store_, files_);
}

void FaultSweep::RunInside(std::size_t count, const FaultAt& fault, Opening opening) {
  LimitMemory();
  for (; tally_->next < count; ++tally_->next) {
    alarm(kMaxSeconds);
    const Fault made = fault(tally_->next);
    if (opening == Opening::kToRead) TryReading(made);
    if (opening == Opening::kToWrite) TryWriting(made);
    ++tally_->faults;
  }
}

void FaultSweep::Run(std::size_t count, const FaultAt& fault, Opening opening) {
  tally_->next = 0;
  while (tally_->next < count) {
    const int code = RunInChild([&] {
      RunInside(count, fault, opening);
      return ::testing::Test::HasFailure() ? 1 : 0;
    });
    if (tally_->next == count) {
      EXPECT_EQ(code, 0);
      break;
    }
    Blame(fault(tally_->next).name, fmt::format("the process ended with {}", code));
    ++tally_->next;
    ++tally_->faults;
    RestoreStore(store_, files_);
  }
  std::printf("%s", ToText().c_str());
  EXPECT_EQ(tally_->wrong, 0u) << tally_->wrong_text;
  if (tally_->wrong == 0) ExpectAllAreCounted(count, opening);
}

// Faults that were made while nobody asked, or that were never made, would be right as well.
void FaultSweep::ExpectAllAreCounted(std::size_t count, Opening opening) const {
  const SweepTally& tally = *tally_;
  EXPECT_GT(count, 0u);
  EXPECT_EQ(tally.faults, count);
  EXPECT_GT(sound_.read.size(), 0u);
  EXPECT_EQ(tally.answers, count * sound_.read.size());
  if (opening == Opening::kToWrite) return;  // verify is not asked then
  const std::uint64_t found = std::accumulate(tally.found.begin(), tally.found.end(), 0ULL);
  EXPECT_GT(found, 0u);
  EXPECT_EQ(found + tally.harmless + tally.cuts, count);
}

std::string FaultSweep::ToText() const {
  const SweepTally& tally = *tally_;
  std::string errors;
  for (std::size_t code = 1; code < tally.errors.size(); ++code) {
    if (tally.errors[code] == 0) continue;
    errors += fmt::format(" {} {}", CodeName(static_cast<Code>(code)), tally.errors[code]);
  }
  std::string text = fmt::format(
      "  {} faults: some answer refused for {}, a log torn by {}; wrong {}\n"
      "  {} answers, of them errors:{}\n"
      "  found by quick {}, checksums {}, deep {}; harmless {}; cut between groups {}; mended {}\n",
      tally.faults, tally.refused, tally.torn, tally.wrong, tally.answers, errors, tally.found[0],
      tally.found[1], tally.found[2], tally.harmless, tally.cuts, tally.mended);
  for (std::size_t i = 0; i < std::min(tally.ranges, SweepTally::kRanges); ++i) {
    const SweepTally::Range& range = tally.range[i];
    text += fmt::format("  harmless: {} from byte {} to {} of {}\n", range.faults, range.first,
                        range.last, range.file);
  }
  return text;
}

}  // namespace reprise
