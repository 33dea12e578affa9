#include "engine/history/run_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "format/try.h"

namespace reprise {

namespace {

// How many runs with a similar id an error names.
constexpr std::size_t kLookAlikes = 3;
// How many of the newest runs are compared for that.
constexpr std::size_t kLookAlikeScan = 1000;

template <typename Number>
bool ParseNumber(std::string_view text, Number* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

tl::unexpected<Status> BadMoment(std::string_view text, std::string_view why) {
  return Fail(Code::kInvalidArgument,
              fmt::format("'{}' does not name a moment: {}; write RUN, RUN@BRANCH, RUN?_step=N or "
                          "RUN@BRANCH?_step=N",
                          text, why));
}

// The edit distance of two short ids, for "did you mean".
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

bool LooksAlike(std::string_view a, std::string_view b) {
  return a.find(b) != std::string_view::npos || b.find(a) != std::string_view::npos ||
         Distance(a, b) <= std::max<std::size_t>(2, a.size() / 4);
}

Result<std::string> LookAlikes(CatalogView& catalog, std::string_view id) {
  REPRISE_TRY_ASSIGN(const auto recent, catalog.RecentRuns(std::nullopt, kLookAlikeScan));
  std::string names;
  std::size_t found = 0;
  for (const RunUid& uid : recent) {
    REPRISE_TRY_ASSIGN(const auto run, catalog.GetRun(uid));
    if (!run || !LooksAlike(run->run_id, id)) continue;
    names += fmt::format("{}'{}'", found == 0 ? "" : ", ", run->run_id);
    if (++found == kLookAlikes) break;
  }
  return names;
}

Result<std::vector<RunUid>> Candidates(CatalogView& catalog, const RunName& name) {
  if (name.project.empty()) return catalog.FindRunInAllProjects(name.id);
  std::vector<RunUid> found;
  REPRISE_TRY_ASSIGN(const auto projects, catalog.Projects());
  for (const ProjectRecord& project : projects) {
    if (project.name != name.project) continue;
    if (!name.entity.empty() && project.entity != name.entity) continue;
    REPRISE_TRY_ASSIGN(const auto uid, catalog.FindRun(project.number, name.id));
    if (uid) found.push_back(*uid);
  }
  return found;
}

Result<RunRecord> NoSuchRun(CatalogView& catalog, std::string_view name, const RunName& parsed) {
  REPRISE_TRY_ASSIGN(const std::string alike, LookAlikes(catalog, parsed.id));
  return Fail(Code::kNotFound, fmt::format("no run '{}' in this store{}{}", name,
                                           alike.empty() ? "" : "; runs that look alike: ", alike));
}

Result<RunRecord> Ambiguous(CatalogView& catalog, std::string_view name,
                            const std::vector<RunUid>& found) {
  std::string paths;
  for (const RunUid& uid : found) {
    REPRISE_TRY_ASSIGN(const auto run, catalog.GetRun(uid));
    if (!run) continue;
    REPRISE_TRY_ASSIGN(const std::string project, ProjectPath(catalog, *run));
    paths += fmt::format("{}{}/{}", paths.empty() ? "" : ", ", project, run->run_id);
  }
  return Fail(Code::kInvalidArgument,
              fmt::format("'{}' means several runs: {}; name the project too", name, paths));
}

}  // namespace

Result<RunName> ParseRunName(std::string_view name) {
  RunName parsed;
  const std::size_t last = name.rfind('/');
  parsed.id = last == std::string_view::npos ? name : name.substr(last + 1);
  if (last != std::string_view::npos) {
    const std::string_view path = name.substr(0, last);
    const std::size_t slash = path.find('/');
    if (slash != std::string_view::npos) parsed.entity = path.substr(0, slash);
    parsed.project = slash == std::string_view::npos ? path : path.substr(slash + 1);
    if (parsed.project.empty() || parsed.project.find('/') != std::string::npos) {
      return Fail(Code::kInvalidArgument,
                  fmt::format("'{}' does not name a run; write [[entity/]project/]run-id", name));
    }
  }
  if (parsed.id.empty()) {
    return Fail(Code::kInvalidArgument, fmt::format("'{}' has no run id", name));
  }
  return parsed;
}

Result<Moment> ParseMoment(std::string_view text) {
  Moment moment;
  std::string_view rest = text;
  const std::size_t question = rest.find('?');
  if (question != std::string_view::npos) {
    constexpr std::string_view kStepKey = "_step=";
    std::string_view query = rest.substr(question + 1);
    if (!query.starts_with(kStepKey)) return BadMoment(text, "after '?' stands no '_step='");
    Step step = 0;
    if (!ParseNumber(query.substr(kStepKey.size()), &step) || step < kNoStep) {
      return BadMoment(text, "the step is not a whole number of at least -1");
    }
    moment.step = step;
    rest = rest.substr(0, question);
  }
  const std::size_t at = rest.rfind('@');
  if (at != std::string_view::npos) {
    std::uint32_t branch = 0;
    if (!ParseNumber(rest.substr(at + 1), &branch)) {
      return BadMoment(text, "the branch is not a number");
    }
    moment.branch = branch;
    rest = rest.substr(0, at);
  }
  REPRISE_TRY(ParseRunName(rest));
  moment.run = rest;
  return moment;
}

Result<RunRecord> ResolveRun(CatalogView& catalog, std::string_view name) {
  REPRISE_TRY_ASSIGN(const RunName parsed, ParseRunName(name));
  REPRISE_TRY_ASSIGN(const std::vector<RunUid> found, Candidates(catalog, parsed));
  if (found.empty()) return NoSuchRun(catalog, name, parsed);
  if (found.size() > 1) return Ambiguous(catalog, name, found);
  REPRISE_TRY_ASSIGN(auto run, catalog.GetRun(found.front()));
  if (!run) return NoSuchRun(catalog, name, parsed);
  return std::move(*run);
}

Result<std::string> ProjectPath(CatalogView& catalog, const RunRecord& run) {
  REPRISE_TRY_ASSIGN(const auto project, catalog.GetProject(run.project));
  if (!project) {
    return Fail(Code::kCorrupt,
                fmt::format("the catalog has no project {}, which run '{}' is in; run 'reprise "
                            "rebuild-catalog'",
                            run.project, run.run_id));
  }
  return project->entity + "/" + project->name;
}

}  // namespace reprise
