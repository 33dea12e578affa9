// The order of the checks: see verify_context.h.
#include <fmt/format.h>

#include "engine/history/run_name.h"
#include "engine/store/layout.h"
#include "engine/store/reclaim.h"
#include "engine/store/verify_context.h"
#include "format/try.h"

namespace reprise {

namespace {

std::string Text(const std::array<std::uint8_t, 16>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool Means(const RunName& name, std::string_view full) {
  std::string wanted = "/" + name.id;
  if (!name.project.empty()) wanted = "/" + name.project + wanted;
  if (!name.entity.empty()) wanted = "/" + name.entity + wanted;
  return ("/" + std::string(full)).ends_with(wanted);
}

// By the changes, since the catalog may be what is damaged.
Result<RunUid> FindRun(const ChangeFold& fold, const std::string& text) {
  REPRISE_TRY_ASSIGN(const RunName name, ParseRunName(text));
  std::optional<RunUid> found;
  for (const auto& [uid, run] : fold.runs()) {
    if (run.deleted || !Means(name, run.name)) continue;
    if (found) {
      return Fail(Code::kInvalidArgument,
                  fmt::format("several runs are called '{}': {} and {}; name one with its project",
                              text, fold.Find(*found)->name, run.name));
    }
    found = uid;
  }
  if (found) return *found;
  return Fail(Code::kNotFound, fmt::format("there is no run: '{}'; 'reprise ls' shows them", text));
}

void CountRuns(VerifyContext* context) {
  VerifyReport& report = context->report;
  for (const auto& [uid, run] : context->fold.runs()) {
    if (run.deleted || !context->IsWanted(uid)) continue;
    ++report.runs;
    report.branches += run.branches.size();
    for (const FoldedBranch& branch : run.branches) {
      report.segments += branch.segments.size();
      for (const auto& [place, segment] : branch.segments) {
        if (segment.stream == Stream::kHistory) report.rows += segment.rows;
      }
    }
  }
}

Status CheckAll(VerifyContext* context) {
  if (!VerifyNames(context) || !VerifyChanges(context)) return {};
  if (!context->options.run.empty()) {
    const auto only = FindRun(context->fold, context->options.run);
    // What was not read may be what made it.
    if (!only) return context->unread.empty() ? only.error() : context->unread.front().status;
    context->only = *only;
  }
  CountRuns(context);
  VerifyLogs(context);
  VerifyCatalog(context);
  VerifyPacks(context);
  VerifyHistories(context);
  context->ReportUnread();
  return {};
}

Status NoStoreAt(const std::string& path) {
  return Status::Error(Code::kNotFound,
                       fmt::format("there is no store: '{}'; say where it is", path));
}

// A directory that has logs and packs but no superblock is a damaged store, not another thing.
Result<bool> IsStore(Directory& root) {
  for (const std::string_view name : {kSuperblockName, kLogsName, kPacksName}) {
    REPRISE_TRY_ASSIGN(const bool exists, root.Exists(name));
    if (exists) return true;
  }
  return false;
}

}  // namespace

Result<VerifyReport> Verify(const std::string& store_path, const VerifyOptions& options) {
  return Verify(SystemIo(), store_path, options);
}

Result<VerifyReport> Verify(const Io& io, const std::string& store_path,
                            const VerifyOptions& options) {
  VerifyContext context;
  context.io = io;
  context.options = options;
  context.report.depth = options.depth;
  context.boot_id = Text(context.io.machine->Self().boot_id);
  auto root = context.io.files->OpenDirectory(store_path);
  if (!root && root.error().code() == Code::kNotFound) return Fail(NoStoreAt(store_path));
  if (!root) return Fail(root.error());
  context.root = std::move(*root);
  REPRISE_TRY_ASSIGN(const bool is_store, IsStore(*context.root));
  if (!is_store) return Fail(NoStoreAt(store_path));
  const auto held = HoldFiles(*context.root);  // no pack goes while it is looked at
  REPRISE_TRY(CheckAll(&context));
  return std::move(context.report);
}

}  // namespace reprise
