// What an import did, and what it could not do and why.
#ifndef REPRISE_TOOLS_IMPORT_REPORT_H_
#define REPRISE_TOOLS_IMPORT_REPORT_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace reprise::tools {

struct ImportReport {
  // What was in the input and is not in the store, by reason.
  struct Skipped {
    std::string reason;
    std::string first_place;
    std::uint64_t count = 0;
  };

  std::uint64_t rows = 0;
  std::uint64_t values = 0;
  std::unordered_set<std::string> keys;
  std::vector<Skipped> skipped;
  // Kinds of records the importer leaves alone by design, such as console output.
  std::map<std::string, std::uint64_t> not_imported;
  // How the source says the run ended; absent where it does not.
  bool finished = false;

  void Skip(std::string_view reason, std::string_view place);
  // The report for people: one line for each fact, each ending in a newline.
  std::string Text() const;
  // As one JSON object, for programs. `run` is the imported run's name.
  std::string Json(std::string_view run) const;
};

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_IMPORT_REPORT_H_
