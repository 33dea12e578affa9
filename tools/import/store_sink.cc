#include "tools/import/store_sink.h"

#include <cctype>
#include <utility>

#include "format/try.h"

namespace reprise::tools {
namespace {

// A foreign name made a project's: characters a project cannot hold become '-'.
std::string CleanProject(std::string project) {
  for (char& c : project) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (!plain && c != '_' && c != '-' && c != '.' && c != '/') c = '-';
  }
  return project;
}

}  // namespace

StoreSink::StoreSink(Store* store, std::string run_id, std::string project)
    : store_(store), run_id_(std::move(run_id)), project_(std::move(project)) {}

Status StoreSink::Start(const RunDescription& run) {
  RunOptions options;
  options.project = project_.empty() ? CleanProject(run.project) : project_;
  options.run_id = run_id_.empty() ? run.run_id : run_id_;
  options.resume = Resume::kNever;
  options.config = run.config;
  options.name = run.name;
  options.notes = run.notes;
  options.tags = run.tags;
  options.group = run.group;
  options.job_type = run.job_type;
  REPRISE_TRY_ASSIGN(RunWriter writer, store_->StartRun(options));
  run_ = writer.project() + "/" + writer.run_id();
  writer_.emplace(std::move(writer));
  return {};
}

Status StoreSink::Update(const RunDescription& run) {
  if (!run.config.empty()) REPRISE_TRY(writer_->UpdateConfig(run.config));
  Metadata metadata;
  metadata.name = run.name;
  metadata.notes = run.notes;
  metadata.group = run.group;
  metadata.job_type = run.job_type;
  if (run.tags) metadata.add_tags = *run.tags;
  const bool nothing = !run.name && !run.notes && !run.group && !run.job_type && !run.tags;
  return nothing ? Status() : store_->SetMetadata(run_, metadata);
}

Result<Step> StoreSink::Log(std::span<const Field> fields, const LogOptions& options) {
  return writer_->Log(fields, options);
}

Status StoreSink::Rewind(Step step) { return writer_->Rewind(step); }

Status StoreSink::Finish(int exit_code) {
  REPRISE_TRY(writer_->Finish(exit_code));
  writer_.reset();
  return {};
}

Status StoreSink::Release() {
  if (!writer_) return {};
  const Status synced = writer_->Sync();
  writer_.reset();
  return synced;
}

Status StoreSink::Discard() {
  if (!writer_) return {};
  writer_.reset();
  return store_->Delete(run_);
}

}  // namespace reprise::tools
