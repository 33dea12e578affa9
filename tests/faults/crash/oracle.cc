#include "tests/faults/crash/oracle.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace reprise {

void Oracle::Begin(Call call, const std::vector<StoreText>& states, std::size_t position) {
  call.first_state = states_;
  for (const StoreText& state : states) {
    for (const auto& [run, text] : state) texts_[run][states_] = text;
    ++states_;
  }
  call.last_state = states_ - 1;
  call.begun = position;
  calls_.push_back(std::move(call));
}

void Oracle::Acknowledge(std::size_t position) { calls_.back().done = position; }

std::size_t Oracle::CountAcknowledged(std::size_t position) const {
  return static_cast<std::size_t>(std::count_if(
      calls_.begin(), calls_.end(), [&](const Call& call) { return call.done <= position; }));
}

bool Oracle::IsAcknowledged(const std::string& text, std::size_t position) const {
  return std::any_of(calls_.begin(), calls_.end(),
                     [&](const Call& call) { return call.done <= position && call.text == text; });
}

// A call is durable by its own promise, or by one of its session's that came later: a log is
// written and synced from its beginning on.
std::size_t Oracle::LeastState(const std::string& run, Crash crash, std::size_t position) const {
  const Promise needed = crash == Crash::kKill ? Promise::kWritten : Promise::kSynced;
  std::set<int> durable_sessions;
  for (auto call = calls_.rbegin(); call != calls_.rend(); ++call) {
    if (call->done > position) continue;
    if (call->promise >= needed) durable_sessions.insert(call->session);
    const bool about = std::find(call->runs.begin(), call->runs.end(), run) != call->runs.end();
    if (about && durable_sessions.contains(call->session)) return call->last_state;
  }
  return 0;
}

std::size_t Oracle::MostState(std::size_t position) const {
  std::size_t most = 0;
  for (const Call& call : calls_) {
    if (call.begun < position || call.done <= position) most = std::max(most, call.last_state);
  }
  return most;
}

const std::string& Oracle::TextAt(const std::string& run, std::size_t state) const {
  static const std::string none;
  const auto texts = texts_.find(run);
  if (texts == texts_.end()) return none;
  const auto after = texts->second.upper_bound(state);
  return after == texts->second.begin() ? none : std::prev(after)->second;
}

std::string Oracle::FindFault(const StoreText& found, Crash crash, std::size_t position) const {
  const std::size_t most = MostState(position);
  for (const auto& [run, text] : found) {
    if (!texts_.contains(run)) return fmt::format("a run that nobody made: {}\n{}", run, text);
  }
  for (const auto& [run, texts] : texts_) {
    const std::size_t least = LeastState(run, crash, position);
    const auto is = found.find(run);
    const std::string& shown = is == found.end() ? std::string() : is->second;
    bool fits = false;
    for (std::size_t state = least; state <= most && !fits; ++state) {
      fits = TextAt(run, state) == shown;
    }
    if (fits) continue;
    return fmt::format("run {} is\n{}and should at least be\n{}and at most\n{}", run, shown,
                       TextAt(run, least), TextAt(run, most));
  }
  return "";
}

}  // namespace reprise
