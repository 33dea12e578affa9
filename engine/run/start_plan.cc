#include "engine/run/start_plan.h"

#include <fmt/format.h>

#include <utility>

#include "engine/history/run_name.h"
#include "engine/io/environment.h"
#include "engine/run/branch_changes.h"
#include "engine/run/resume_file.h"
#include "format/try.h"

namespace reprise {

namespace {

Result<Resume> ParseResume(std::string_view text) {
  if (text == "allow") return Resume::kAllow;
  if (text == "must") return Resume::kMust;
  if (text == "never") return Resume::kNever;
  if (text == "auto") return Resume::kAuto;
  return Fail(Code::kInvalidArgument,
              fmt::format("REPRISE_RESUME is '{}'; set it to allow, must, never or auto", text));
}

Status CheckExclusive(const RunOptions& options) {
  const int given =
      (options.resume ? 1 : 0) + (options.resume_from ? 1 : 0) + (options.fork_from ? 1 : 0);
  if (given <= 1) return {};
  return Status::Error(Code::kInvalidArgument,
                       "resume, resume_from and fork_from exclude one another; give one of them");
}

Status ChooseResume(StartPlan* plan) {
  if (plan->options.resume_from) {
    plan->resume = Resume::kMust;
  } else if (plan->options.fork_from) {
    plan->resume = Resume::kNever;
  } else if (plan->options.resume) {
    plan->resume = *plan->options.resume;
  } else if (const auto text = EnvironmentVariable("REPRISE_RESUME")) {
    REPRISE_TRY_ASSIGN(plan->resume, ParseResume(*text));
  }
  return {};
}

Status ChooseId(const StoreContext& context, StartPlan* plan) {
  std::string id = plan->options.run_id;
  if (id.empty() && plan->options.resume_from) {
    REPRISE_TRY_ASSIGN(const RunName name, ParseRunName(plan->options.resume_from->run));
    id = name.id;
  }
  if (id.empty()) id = EnvironmentVariable("REPRISE_RUN_ID").value_or("");
  if (id.empty() && plan->resume == Resume::kAuto && !plan->options.run_directory.empty()) {
    REPRISE_TRY_ASSIGN(const auto saved, ReadResumeFile(context, plan->options.run_directory));
    id = saved.value_or("");
  }
  if (id.empty() && plan->resume == Resume::kMust) {
    return Status::Error(Code::kInvalidArgument, "resume 'must' needs a run id; give one");
  }
  if (!id.empty()) {
    REPRISE_TRY_ASSIGN(plan->run.run_id, CleanRunId(id));
  }
  return {};
}

Status FillNewRun(const RunOptions& options, NewRun* run) {
  REPRISE_TRY_ASSIGN(ProjectName project, ParseProject(options.project));
  run->entity = std::move(project.entity);
  run->project = std::move(project.project);
  run->name = options.name.value_or("");
  run->notes = options.notes.value_or("");
  run->tags = NormalTags(options.tags.value_or(std::vector<std::string>()));
  run->group = options.group.value_or("");
  run->job_type = options.job_type.value_or("");
  REPRISE_TRY_ASSIGN(run->config, CheckConfig(options.config));
  return {};
}

bool NamesOwnRun(const Moment& moment, const StartPlan& plan) {
  const auto name = ParseRunName(moment.run);
  return name && CleanRunId(name->id) == plan.run.run_id;
}

void SetProject(const ProjectName& project, NewRun* run) {
  run->entity = project.entity;
  run->project = project.project;
}

Status PlanResumeFrom(const Moment& moment, StartPlan* plan) {
  if (!NamesOwnRun(moment, *plan)) {
    return Status::Error(Code::kInvalidArgument,
                         fmt::format("resume_from names run '{}' but run '{}' is started; use "
                                     "fork_from to begin from another run",
                                     moment.run, plan->run.run_id));
  }
  if (!moment.step) {
    return Status::Error(Code::kInvalidArgument,
                         "resume_from needs a step to rewind to; write RUN?_step=N, or use resume "
                         "to go on at the end");
  }
  plan->rewind_to = moment;
  REPRISE_TRY_ASSIGN(const RunName name, ParseRunName(moment.run));
  if (!plan->options.project.empty() || name.project.empty()) return {};
  const std::string path = name.entity.empty() ? name.project : name.entity + "/" + name.project;
  REPRISE_TRY_ASSIGN(const ProjectName project, ParseProject(path));
  SetProject(project, &plan->run);
  return {};
}

Status PlanForkFrom(Session& session, const Moment& moment, StartPlan* plan) {
  if (NamesOwnRun(moment, *plan)) {
    return Status::Error(Code::kInvalidArgument,
                         fmt::format("fork_from names run '{}' itself; use resume_from to rewind "
                                     "it",
                                     plan->run.run_id));
  }
  REPRISE_TRY_ASSIGN(plan->fork_from, CheckMoment(session, moment));
  plan->run.forked_from = plan->fork_from->moment;
  return session.context().catalog->Read([&](CatalogView& catalog) -> Status {
    REPRISE_TRY_ASSIGN(const ProjectName project,
                       ForkProject(catalog, plan->fork_from->run, plan->options.project));
    SetProject(project, &plan->run);
    return {};
  });
}

}  // namespace

Result<StartPlan> MakeStartPlan(Session& session, const RunOptions& options) {
  StartPlan plan;
  plan.options = options;
  REPRISE_TRY(CheckExclusive(options));
  REPRISE_TRY(ChooseResume(&plan));
  REPRISE_TRY(ChooseId(session.context(), &plan));
  REPRISE_TRY(FillNewRun(options, &plan.run));
  if (options.resume_from) REPRISE_TRY(PlanResumeFrom(*options.resume_from, &plan));
  if (options.fork_from) REPRISE_TRY(PlanForkFrom(session, *options.fork_from, &plan));
  return plan;
}

}  // namespace reprise
