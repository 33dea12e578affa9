#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "tools/command.h"
#include "tools/json_writer.h"
#include "tools/step_range.h"

namespace reprise::tools {
namespace {

struct Arguments {
  std::string moment;
  std::string key;
  std::string steps;
  SampleOptions options;
  bool strict = false;
};

std::int64_t Signed(std::uint64_t count) { return static_cast<std::int64_t>(count); }

// A point's value and step; null where there is none.
void AddPoint(std::string_view name, const SamplePoint& point, JsonObject* object) {
  const bool there = point.step != kNoStep;
  object->Add(name, point.value);
  object->Add(fmt::format("{}_step", name), there ? ValueView(point.step) : ValueView());
}

std::string Line(std::size_t number, const Bucket& bucket, NonFinite non_finite) {
  JsonObject object(non_finite);
  object.Add("bucket", Signed(number))
      .Add("from", bucket.steps.first)
      .Add("to", bucket.steps.last)
      .Add("count", Signed(bucket.count))
      .Add("nan", Signed(bucket.nan));
  AddPoint("first", bucket.first, &object);
  AddPoint("last", bucket.last, &object);
  AddPoint("min", bucket.min, &object);
  AddPoint("max", bucket.max, &object);
  object.Add("mean", bucket.mean ? ValueView(*bucket.mean) : ValueView());
  return std::move(object).Finish() + "\n";
}

int PrintSample(const Invocation& invocation, Arguments arguments) {
  const Result<Moment> moment = ParseMoment(arguments.moment);
  if (!moment.has_value()) return ReportUsage(moment.error());
  if (!arguments.steps.empty()) {
    const Result<StepRange> steps = ParseStepRange(arguments.steps);
    if (!steps.has_value()) return ReportUsage(steps.error());
    arguments.options.steps = *steps;
  }
  const Result<Store> store = OpenStore(invocation, Access::kRead);
  if (!store.has_value()) return Report(store.error());
  const Result<History> history = store->OpenHistory(*moment);
  if (!history.has_value()) return Report(history.error());
  const Result<Buckets> buckets = history->Sample(arguments.key, arguments.options);
  if (!buckets.has_value()) return Report(buckets.error());
  const NonFinite non_finite = arguments.strict ? NonFinite::kString : NonFinite::kBare;
  for (std::size_t i = 0; i < buckets->size(); ++i) Print(Line(i, (*buckets)[i], non_finite));
  return kExitDone;
}

}  // namespace

void AddSample(CLI::App* app, Invocation* invocation) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* verb = app->add_subcommand("sample", "Print a curve in buckets, as a plot needs it");
  verb->add_option("RUN", arguments->moment, "[[entity/]project/]run-id[@branch][?_step=N]")
      ->required();
  verb->add_option("KEY", arguments->key, "The key")->required();
  verb->add_option("--buckets", arguments->options.buckets, "How many; default 1000");
  verb->add_option("--steps", arguments->steps,
                   "A:B, both included; default: the first to the last step of the run");
  verb->add_flag("--snapped", arguments->options.snapped,
                 "Faster: edges between buckets move to those of groups of up to 1,024 values");
  verb->add_flag("--strict-json", arguments->strict, "NaN and infinities as strings");
  verb->callback([=] { invocation->run = [=] { return PrintSample(*invocation, *arguments); }; });
}

}  // namespace reprise::tools
