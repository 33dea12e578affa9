#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "format/try.h"
#include "tools/command.h"
#include "tools/json_reader.h"

namespace reprise::tools {
namespace {

struct Arguments {
  std::string run;
  std::optional<std::string> name;
  std::optional<std::string> notes;
  std::optional<std::string> group;
  std::optional<std::string> job_type;
  std::vector<std::string> tags;    // "+x", "-y", "x"
  std::vector<std::string> config;  // "path=json"
};

Status AddTags(const std::vector<std::string>& tags, Metadata* metadata) {
  for (const std::string& tag : tags) {
    const bool remove = !tag.empty() && tag.front() == '-';
    const bool sign = remove || (!tag.empty() && tag.front() == '+');
    const std::string name = sign ? tag.substr(1) : tag;
    if (name.empty()) {
      return Status::Error(Code::kInvalidArgument, fmt::format("not a tag: '{}'", tag));
    }
    (remove ? metadata->remove_tags : metadata->add_tags).push_back(name);
  }
  return {};
}

// A value that is no JSON is taken as a string, so that `--config optimizer=adam` says what it
// means.
Result<Config> ParseConfig(const std::vector<std::string>& settings) {
  Config config;
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Fail(Code::kInvalidArgument,
                  fmt::format("not a setting: '{}'; write path=value", setting));
    }
    const std::string path = setting.substr(0, equals);
    const std::string text = setting.substr(equals + 1);
    const Result<JsonNode> node = ParseJson(text);
    if (node.has_value()) {
      FlattenJson(*node, path, &config);
    } else {
      config.emplace_back(path, Value(text));
    }
  }
  KeepLastOfEachPath(&config);
  return config;
}

Status Apply(Store* store, const Arguments& arguments, const Metadata& metadata,
             const Config& config) {
  const bool has_metadata = metadata.name || metadata.notes || metadata.group ||
                            metadata.job_type || !metadata.add_tags.empty() ||
                            !metadata.remove_tags.empty();
  if (has_metadata) REPRISE_TRY(store->SetMetadata(arguments.run, metadata));
  if (!config.empty()) REPRISE_TRY(store->UpdateConfig(arguments.run, config));
  return {};
}

int Set(const Invocation& invocation, const Arguments& arguments) {
  Metadata metadata;
  metadata.name = arguments.name;
  metadata.notes = arguments.notes;
  metadata.group = arguments.group;
  metadata.job_type = arguments.job_type;
  const Status tags = AddTags(arguments.tags, &metadata);
  if (!tags.ok()) return ReportUsage(tags);
  const Result<Config> config = ParseConfig(arguments.config);
  if (!config.has_value()) return ReportUsage(config.error());
  Result<Store> store = OpenStore(invocation, Access::kWrite);
  if (!store.has_value()) return Report(store.error());
  const Status status = Apply(&*store, arguments, metadata, *config);
  return status.ok() ? kExitDone : Report(status);
}

}  // namespace

void AddSet(CLI::App* app, Invocation* invocation) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* verb = app->add_subcommand("set", "Change what is known of a run beside its history");
  verb->add_option("RUN", arguments->run, "[[entity/]project/]run-id")->required();
  verb->add_option("--name", arguments->name, "Display name");
  verb->add_option("--notes", arguments->notes, "Notes");
  verb->add_option("--group", arguments->group, "Group");
  verb->add_option("--job-type", arguments->job_type, "Job type");
  verb->add_option("--tag", arguments->tags, "Tags to add and remove: +x,-y")->delimiter(',');
  verb->add_option("--config", arguments->config, "A config value: path=json");
  verb->callback([=] { invocation->run = [=] { return Set(*invocation, *arguments); }; });
}

}  // namespace reprise::tools
