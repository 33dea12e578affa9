// Trains a small network and records the run with Reprise: resuming, rewinding and forking as a
// real training program would do them.
//
//   train [--store DIR] [--run ID] [--resume | --from MOMENT] [--steps N] [--lr X] [--seed N]
//         [--checkpoints DIR] [--kill-at N]
//
//   --resume     goes on with the run if it exists
//   --from       RUN?_step=N: rewinds the run to the moment if it is its own, else starts it as a
//                fork of the other run
//   --steps      ends after this step (default 3000)
//   --seed       of a run that starts from nothing (default 1)
//   --lr         learning rate; default: what the run's config says, else 0.01
//   --kill-at    sends SIGKILL to itself right after this step's row was acknowledged
//
// Rows and checkpoints are two things, and a crash may fall between them. So a run that goes on
// finds the newest checkpoint of its history and, if rows were logged after it, rewinds to it:
// those steps are computed again, and no step is in the history twice.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "examples/checkpoint.h"
#include "examples/learner.h"
#include "reprise/store.h"

namespace example {

namespace {

using reprise::Field;
using reprise::Result;
using reprise::RunWriter;
using reprise::Status;
using reprise::Step;
using reprise::Store;

constexpr Step kCheckpointEvery = 500;
constexpr Step kValidateEvery = 50;
constexpr Step kReportEvery = 250;

// Flags by name, as they were given; "--resume" has no value.
using Flags = std::map<std::string, std::string>;

bool ParseFlags(int argc, char** argv, Flags* flags) {
  *flags = {{"--store", "runs.reprise"},
            {"--run", "spirals"},
            {"--checkpoints", "checkpoints"},
            {"--steps", "3000"},
            {"--kill-at", "-1"},
            {"--lr", ""},
            {"--seed", ""},
            {"--from", ""},
            {"--resume", ""}};
  for (int i = 1; i < argc; ++i) {
    const auto flag = flags->find(argv[i]);
    const bool has_value = flag != flags->end() && flag->first != "--resume";
    if (flag == flags->end() || (has_value && i + 1 == argc)) return false;
    flag->second = has_value ? argv[++i] : "yes";
  }
  return true;
}

Step StepFlag(const Flags& flags, const char* name) {
  return std::strtoll(flags.at(name).c_str(), nullptr, 10);
}

// Starts, resumes, rewinds or forks the run, with the config that the flags name.
Result<RunWriter> StartRun(Store* store, const Flags& flags) {
  reprise::RunOptions options;
  options.project = "spirals";
  options.run_id = flags.at("--run");
  const std::string& rate = flags.at("--lr");
  const std::string& seed = flags.at("--seed");
  if (!rate.empty()) options.config.emplace_back("lr", std::strtod(rate.c_str(), nullptr));
  if (!seed.empty()) options.config.emplace_back("seed", StepFlag(flags, "--seed"));
  if (!flags.at("--from").empty()) {
    auto moment = reprise::ParseMoment(flags.at("--from"));
    if (!moment) return reprise::Fail(moment.error());
    const bool own = moment->run == options.run_id;
    (own ? options.resume_from : options.fork_from) = *moment;
  } else if (!flags.at("--resume").empty()) {
    options.resume = reprise::Resume::kAllow;
  }
  return store->StartRun(options);
}

// A run's hyperparameters are what its config says: a run that goes on, or a fork, has inherited
// it.
Result<Learner> MakeLearner(const Store& store, const std::string& run, RunWriter* writer) {
  double rate = 0.01;
  std::int64_t seed = 1;
  const auto config = store.ReadConfig({.run = run});
  if (!config) return reprise::Fail(config.error());
  for (const auto& [path, value] : *config) {
    if (path == "lr") rate = value.as_number();
    if (path == "seed") seed = value.as_int64();
  }
  const Status kept = writer->UpdateConfig({{"lr", rate},
                                            {"seed", seed},
                                            {"batch", static_cast<std::int64_t>(Learner::kBatch)},
                                            {"optimizer", "adam"}});
  if (!kept.ok()) return reprise::Fail(kept);
  return Learner(rate, seed);
}

// A training run that is being recorded.
class Training {
 public:
  Training(const Flags& flags, const Store& store, RunWriter* run, Learner learner)
      : store_(store),
        run_(run),
        name_(run->project() + "/" + run->run_id()),
        learner_(std::move(learner)),
        checkpoints_(flags.at("--checkpoints")),
        last_step_(StepFlag(flags, "--steps")),
        kill_at_(StepFlag(flags, "--kill-at")) {}

  // Brings weights and history to the same step: that of the newest checkpoint.
  Status Begin() {
    const Step last = run_->next_step() - 1;
    const auto checkpoint = FindCheckpoint(store_, checkpoints_, name_, last);
    const Step step = checkpoint ? checkpoint->step : reprise::kNoStep;
    if (checkpoint) learner_.Restore(*checkpoint);
    if (run_->resumed() || checkpoint) {
      std::printf("next step of the run: %lld; newest checkpoint: step %lld\n",
                  static_cast<long long>(last) + 1, static_cast<long long>(step));
    }
    if (last > step) {
      std::printf("rewinding to step %lld, to compute the rest again\n",
                  static_cast<long long>(step));
      if (Status rewound = run_->Rewind(step); !rewound.ok()) return rewound;
    }
    std::printf("writing %s@%u from step %lld\n", run_->run_id().c_str(), run_->branch(),
                static_cast<long long>(run_->next_step()));
    return {};
  }

  // Step 0 only measures the network before any update.
  Status Train() {
    for (Step step = run_->next_step(); step <= last_step_; ++step) {
      std::vector<Field> row;
      if (step > 0) {
        const Metrics metrics = learner_.Update(step);
        row = {{"train/loss", metrics.loss},
               {"train/accuracy", metrics.accuracy},
               {"lr", metrics.learning_rate},
               {"grad_norm", metrics.gradient_norm}};
      }
      if (step % kValidateEvery == 0) AddValidation(step, &row);
      const auto logged = run_->Log(row, {.step = step, .commit = true});
      if (!logged) return logged.error();
      if (step == kill_at_) Die();
      if (step % kCheckpointEvery != 0) continue;
      if (Status saved = Save(step); !saved.ok()) return saved;
    }
    return {};
  }

 private:
  void AddValidation(Step step, std::vector<Field>* row) {
    const Score score = learner_.Validate();
    row->push_back({"val/loss", static_cast<float>(score.loss)});
    row->push_back({"val/accuracy", static_cast<float>(score.accuracy)});
    if (step % kReportEvery != 0) return;
    std::printf("  step %5lld   val/loss %8.4f   val/accuracy %.3f\n", static_cast<long long>(step),
                score.loss, score.accuracy);
    std::fflush(stdout);
  }

  // Rows first: no checkpoint may survive the rows that led to it.
  Status Save(Step step) {
    if (Status synced = run_->Sync(); !synced.ok()) return synced;
    const auto info = store_.ReadRun(name_);
    if (!info) return info.error();
    const auto folder = CheckpointFolder(checkpoints_, *info);
    if (SaveCheckpoint(learner_.Save(step), folder, run_->branch())) return {};
    return Status::Error(reprise::Code::kIoError, "no checkpoint written: '" + folder.string() +
                                                      "'; is there room, and may we write there?");
  }

  void Die() const {
    std::printf("acknowledged up to step %lld; now SIGKILL\n", static_cast<long long>(kill_at_));
    std::fflush(stdout);
    std::raise(SIGKILL);
  }

  const Store& store_;
  RunWriter* const run_;
  const std::string name_;
  Learner learner_;
  const std::filesystem::path checkpoints_;
  const Step last_step_;
  const Step kill_at_;
};

Status Run(const Flags& flags) {
  auto store = Store::Open(flags.at("--store"));
  if (!store) return store.error();
  auto run = StartRun(&*store, flags);
  if (!run) return run.error();
  auto learner = MakeLearner(*store, run->project() + "/" + run->run_id(), &*run);
  if (!learner) return learner.error();
  Training training(flags, *store, &*run, std::move(*learner));
  if (Status begun = training.Begin(); !begun.ok()) return begun;
  if (Status trained = training.Train(); !trained.ok()) return trained;
  if (Status finished = run->Finish(); !finished.ok()) return finished;
  return store->Close();
}

}  // namespace

}  // namespace example

int main(int argc, char** argv) {
  example::Flags flags;
  if (!example::ParseFlags(argc, argv, &flags)) {
    std::fprintf(stderr, "train: flag not known, or without a value; see examples/train.cc\n");
    return 2;
  }
  const reprise::Status status = example::Run(flags);
  if (status.ok()) return 0;
  std::fprintf(stderr, "train: %s\n", status.ToString().c_str());
  return 1;
}
