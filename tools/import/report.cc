#include "tools/import/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/escape.h"
#include "tools/json_writer.h"
#include "tools/table.h"

namespace reprise::tools {
namespace {

std::int64_t Signed(std::uint64_t count) { return static_cast<std::int64_t>(count); }

std::string Group(std::uint64_t count) { return GroupDigits(Signed(count)); }

}  // namespace

// Some reasons say what was wrong with one line, so that a file may have as many as lines.
void ImportReport::Skip(std::string_view reason, std::string_view place) {
  constexpr std::size_t kMostReasons = 200;
  constexpr std::string_view kOther = "for other reasons";
  const auto same = std::find_if(skipped.begin(), skipped.end(),
                                 [&](const Skipped& s) { return s.reason == reason; });
  const bool full = skipped.size() >= kMostReasons;
  if (same == skipped.end() && full && reason != kOther) return Skip(kOther, place);
  if (same == skipped.end()) {
    skipped.push_back({std::string(reason), std::string(place), 1});
  } else {
    ++same->count;
  }
}

std::string ImportReport::Text() const {
  std::string out =
      fmt::format("rows {}, keys {}, values {}\n", Group(rows), Group(keys.size()), Group(values));
  for (const Skipped& skip : skipped) {
    const std::string_view where = skip.count == 1 ? "" : "first at ";
    out += fmt::format("skipped {}: {} ({}{})\n", Group(skip.count), Escape(skip.reason), where,
                       Escape(skip.first_place));
  }
  std::string kinds;
  for (const auto& [kind, count] : not_imported) {
    kinds += fmt::format("{}{} {}", kinds.empty() ? "" : ", ", Group(count), kind);
  }
  if (!kinds.empty()) out += fmt::format("other records, not imported: {}\n", kinds);
  return out;
}

std::string ImportReport::Json(std::string_view run) const {
  std::string skips = "[";
  for (const Skipped& skip : skipped) {
    JsonObject object(NonFinite::kString);
    object.Add("reason", skip.reason)
        .Add("count", Signed(skip.count))
        .Add("first", skip.first_place);
    skips += (skips.size() > 1 ? "," : "") + std::move(object).Finish();
  }
  JsonObject others(NonFinite::kString);
  for (const auto& [kind, count] : not_imported) others.Add(kind, Signed(count));
  JsonObject object(NonFinite::kString);
  object.Add("run", run)
      .Add("rows", Signed(rows))
      .Add("keys", Signed(keys.size()))
      .Add("values", Signed(values))
      .Add("finished", finished)
      .AddRaw("skipped", skips + "]")
      .AddRaw("not_imported", std::move(others).Finish());
  return std::move(object).Finish() + "\n";
}

}  // namespace reprise::tools
