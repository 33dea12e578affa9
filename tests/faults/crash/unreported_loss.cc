#include "tests/faults/crash/unreported_loss.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <vector>

namespace reprise {

namespace {

using Words = std::set<std::string>;

struct Row {
  char family = 0;
  Step step = 0;
  Words words;
};

// What a store shows, by place: rows as "run@branch step", everything else as "run line".
struct Parts {
  std::map<std::string, Row> rows;
  std::map<std::string, Words> lines;
};

Words WordsOf(const std::string& line) {
  std::istringstream in(line);
  Words words;
  for (std::string word; in >> word;) words.insert(word);
  return words;
}

void AddRun(const std::string& run, const std::string& text, Parts* parts) {
  std::istringstream in(text);
  std::string branch;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("  ")) {
      const Step step = std::stoll(line);
      parts->rows[fmt::format("{}@{} {}", run, branch, step)] = {run[0], step, WordsOf(line)};
    } else {
      branch = line.substr(0, line.find(':'));
      parts->lines[run + " " + branch] = WordsOf(line);
    }
  }
}

Parts PartsOf(const StoreText& text) {
  Parts parts;
  for (const auto& [run, lines] : text) AddRun(run, lines, &parts);
  return parts;
}

struct Loss {
  char family = 0;
  StepRange steps;
};

// Of "entity/project/id@branch".
char FamilyOf(const std::string& run) { return run[run.rfind('/') + 1]; }

std::vector<Loss> LossesOf(const RepairReport& report) {
  std::vector<Loss> losses;
  for (const RepairItem& item : report.items) {
    if (!item.lost.empty() && !item.run.empty()) losses.push_back({FamilyOf(item.run), item.steps});
  }
  return losses;
}

bool LosesChanges(const RepairReport& report) {
  return std::any_of(report.items.begin(), report.items.end(), [](const RepairItem& item) {
    return item.what == "change.lost" || item.what == "change.void" ||
           (item.what == "log.damaged" && !item.lost.empty());
  });
}

bool IsReported(const Row& row, const std::vector<Loss>& losses) {
  return std::any_of(losses.begin(), losses.end(), [&](const Loss& loss) {
    return loss.family == row.family && loss.steps.first <= row.step && row.step <= loss.steps.last;
  });
}

// Rows of `mended` that are not parts of those of `whole`.
std::string FindInvented(const Parts& whole, const Parts& mended) {
  for (const auto& [place, row] : mended.rows) {
    const auto was = whole.rows.find(place);
    if (was == whole.rows.end()) return "a row that nobody logged: " + place;
    if (!std::includes(was->second.words.begin(), was->second.words.end(), row.words.begin(),
                       row.words.end())) {
      return "a row has values that nobody logged: " + place;
    }
  }
  return "";
}

std::string FindMissing(const Parts& whole, const Parts& mended, const std::vector<Loss>& losses) {
  for (const auto& [place, row] : whole.rows) {
    const auto is = mended.rows.find(place);
    const bool same = is != mended.rows.end() && is->second.words == row.words;
    if (!same && !IsReported(row, losses)) return "a row is lost, and nothing says so: " + place;
  }
  for (const auto& [place, words] : whole.lines) {
    const auto is = mended.lines.find(place);
    if (is == mended.lines.end() || is->second != words) return "something else now: " + place;
  }
  return "";
}

}  // namespace

std::string FindUnreportedLoss(const StoreText& whole, const StoreText& mended,
                               const RepairReport& report) {
  const Parts before = PartsOf(whole);
  const Parts after = PartsOf(mended);
  const std::string invented = FindInvented(before, after);
  if (!invented.empty() || LosesChanges(report)) return invented;
  return FindMissing(before, after, LossesOf(report));
}

}  // namespace reprise
