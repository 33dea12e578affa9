// The log of a session in one or more files (made_log.h). Input: 1 if it is read in the boot that
// it was written in (u8), then the pieces.
#include <map>
#include <optional>
#include <set>

#include "engine/log/log_reader.h"
#include "engine/log/log_writer.h"
#include "format/row_part.h"
#include "fuzz/made_log.h"
#include "fuzz/input_directory.h"

namespace reprise::fuzz {
namespace {

struct Change {
  Sequence sequence = 0;
  std::string bytes;

  friend bool operator==(const Change&, const Change&) = default;
};

struct ReadLog {
  std::vector<LogFileReport> reports;
  std::vector<Change> changes;
  std::vector<Sequence> parts;
};

void RequireShape(const Shape& shape, std::span<const ValueView> values) {
  Require(values.size() == shape.columns.size(), "a row has a value for each column");
  for (std::size_t i = 0; i < values.size(); ++i) {
    Require(values[i].type() == shape.columns[i].type, "values have the types of their columns");
    Require(i == 0 || shape.columns[i - 1].key < shape.columns[i].key, "keys ascend");
  }
}

// What was decoded is encoded, and decodes to the same.
void RequirePartComesBack(const LoggedPart& part) {
  const Shape& shape = **part.shape;
  RequireShape(shape, part.values);
  Require(part.step >= 0, "steps are not negative");
  RowPartHeader header;
  header.step = part.step;
  std::string group;
  AppendRowPart(header, shape.has_time, part.time, 0, part.values, &group);
  RecordReader records(group);
  Record record;
  Require(records.Next(&record), "a part is one record");
  RowPartReader reader(record.payload);
  Require(reader.ReadHeader(&header) && header.step == part.step, "a part's step comes back");
  std::vector<Type> types;
  for (const ShapeColumn& column : shape.columns) types.push_back(column.type);
  TimeMicros time = 0;
  std::vector<ValueView> values;
  Require(reader.ReadValues(shape.has_time, 0, types, &time, &values), "a part's values decode");
  Require(time == part.time && std::equal(values.begin(), values.end(), part.values.begin()),
          "a part's values come back");
}

// Folds the parts of each branch, whatever is wrong with their steps.
class Folder {
 public:
  void Add(const LoggedPart& part) {
    auto& rows = branches_.try_emplace(part.branch, kNoStep).first->second;
    (void)rows.assembler->Add(part);
  }

 private:
  struct Rows {
    explicit Rows(Step none) : last(none) {
      assembler.emplace([this](const ShapePtr& shape, Step step, TimeMicros,
                               std::span<const ValueView> values, Sequence) {
        RequireShape(*shape, values);
        Require(step > last, "rows are committed in step order");
        last = step;
        return Status();
      });
    }
    Step last;
    std::optional<RowAssembler> assembler;
  };
  std::map<BranchId, Rows> branches_;
};

ReadLog Read(MemoryDirectory& directory, const std::string& boot) {
  ReadLog log;
  Folder folder;
  LogVisitor visitor;
  visitor.on_part = [&](const LoggedPart& part) {
    RequirePartComesBack(part);
    folder.Add(part);
    log.parts.push_back(part.sequence);
    return Status();
  };
  visitor.on_change = [&](const LoggedChange& change) {
    log.changes.push_back({change.sequence, std::string(change.bytes)});
    return Status();
  };
  auto reports = ScanSession(directory, kMadeSession, boot, visitor);
  Require(reports.has_value(), "damage is in the report");
  log.reports = *std::move(reports);
  return log;
}

void RequireSense(const MadeLog& made, const std::vector<LogFileReport>& reports) {
  Require(reports.size() == made.files.size(), "each file has a report");
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const LogFileReport& report = reports[i];
    Require(report.size == made.files[i].size(), "the size is the file's");
    Require(report.valid_bytes >= kLogHeaderSize && report.valid_bytes <= report.size,
            "what is valid is in the file");
    Require((report.first_sequence == 0) == (report.last_sequence == 0) &&
                report.first_sequence <= report.last_sequence,
            "groups have an order");
    Require(report.message.empty() == (report.end == LogEnd::kClean), "damage is told");
  }
}

void RequireSame(const ReadLog& a, const ReadLog& b) {
  Require(a.changes == b.changes && a.parts == b.parts, "a log reads the same each time");
  for (std::size_t i = 0; i < a.reports.size(); ++i) {
    Require(a.reports[i].end == b.reports[i].end && a.reports[i].message == b.reports[i].message,
            "a log has the same report each time");
  }
}

// The changes of the groups that are whole; of each file only up to the first that is not, if
// `until_damage`.
std::vector<Change> ChangesOf(const MadeLog& made, bool until_damage) {
  std::vector<Change> changes;
  std::vector<std::size_t> ends(made.files.size(), kLogHeaderSize);
  std::set<std::size_t> damaged;
  for (const MadeGroup& group : made.groups) {
    if (ends[group.file] != group.offset || !made.IsWhole(group)) damaged.insert(group.file);
    ends[group.file] = group.end();
    if (!made.IsWhole(group) || (until_damage && damaged.contains(group.file))) continue;
    RecordReader reader(group.payload);
    Record record;
    while (reader.Next(&record)) {
      if (record.kind != RecordKind::kChange) continue;
      changes.push_back({group.header.sequence, std::string(record.payload)});
    }
  }
  return changes;
}

bool Contains(const std::vector<Change>& all, const std::vector<Change>& some) {
  auto at = all.begin();
  for (const Change& change : some) {
    at = std::find(at, all.end(), change);
    if (at == all.end()) return false;
    ++at;
  }
  return true;
}

void Try(FuzzInput input) {
  const bool same_boot = input.UpTo(1) == 1;
  const MadeLog made = MakeLog(&input);
  MemoryDirectory directory;
  for (std::size_t i = 0; i < made.files.size(); ++i) {
    directory.files()[LogFileName(kMadeSession, static_cast<std::uint32_t>(i + 1))] = made.files[i];
  }
  const std::string boot = same_boot ? MadeBoot() : std::string(16, 'c');
  const ReadLog log = Read(directory, boot);
  RequireSense(made, log.reports);
  RequireSame(log, Read(directory, boot));
  if (same_boot) {
    Require(log.changes == ChangesOf(made, false), "every whole group is read, also behind damage");
  } else {
    Require(Contains(log.changes, ChangesOf(made, true)), "all groups before damage are read");
    Require(Contains(ChangesOf(made, false), log.changes), "nothing but whole groups is read");
  }
}

}  // namespace
}  // namespace reprise::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::fuzz::Try(reprise::fuzz::FuzzInput(data, size));
  return 0;
}
