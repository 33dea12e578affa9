// Stores that are damaged and mended, and what of them must stay as it was.
#ifndef REPRISE_TESTS_ENGINE_STORE_REPAIR_FIXTURE_H_
#define REPRISE_TESTS_ENGINE_STORE_REPAIR_FIXTURE_H_

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "format/pack.h"
#include "format/segment_join.h"
#include "format/superblock.h"
#include "reprise/repair.h"
#include "tests/engine/store/store_fixture.h"
#include "tests/support/run_fixture.h"

namespace reprise {

class RepairFixture : public StoreFixture {
 protected:
  // A row as "run@branch step", and its values.
  using Rows = std::map<std::string, std::set<std::string>>;

  RepairReport Plan() { return Done(Repair(path())); }
  RepairReport Mend() {
    LeaveDamaged();
    return Done(Repair(path(), {.apply = true}));
  }
  static RepairReport Done(Result<RepairReport> report) {
    EXPECT_TRUE(report.has_value()) << report.error().ToString();
    if (!report) return {};
    for (const RepairItem& item : report->items) ExpectSaysWhere(item);
    for (const Finding& finding : report->remaining) ADD_FAILURE() << "remains: " << Text(finding);
    return std::move(*report);
  }
  // Whether each of its fields is there that this kind of item has.
  static void ExpectSaysWhere(const RepairItem& item) {
    static const std::map<std::string, std::string> files{
        {"catalog", "catalog."}, {"change", ""},         {"directory", ""},
        {"log", "log/"},         {"pack", "packs/"},     {"segment", "packs/"},
        {"session", "log/"},     {"superblock", "STORE"}};
    static const std::set<std::string> losing{"change.lost", "change.void",     "log.gap",
                                              "pack.aside",  "segment.unnamed", "segment.drop"};
    const std::string kind = item.what.substr(0, item.what.find('.'));
    ASSERT_TRUE(files.contains(kind)) << item.what;
    EXPECT_TRUE(item.file.starts_with(files.at(kind))) << item.what << " of " << item.file;
    EXPECT_EQ(item.file.empty(), kind == "change") << item.what << " of " << item.file;
    EXPECT_NE(item.message, "") << item.what;
    EXPECT_TRUE(!losing.contains(item.what) || !item.lost.empty()) << item.what;
    const bool of_segment = kind == "segment";
    const bool of_rows = of_segment || item.what == "log.gap" || item.what == "log.seal";
    EXPECT_EQ(item.steps.first <= item.steps.last, of_rows) << item.what;
    EXPECT_EQ(item.run.empty(), !of_rows && item.what != "change.void") << item.what;
    EXPECT_TRUE(item.length > 0 || !(of_segment || kind == "superblock")) << item.what;
  }
  using StoreFixture::Text;
  static std::vector<std::string> What(const RepairReport& report) {
    std::vector<std::string> what;
    for (const RepairItem& item : report.items) what.push_back(item.what);
    return what;
  }

  // Nothing but notes is found by the deepest look, and a second repair has nothing to do.
  void ExpectMended() {
    const VerifyReport report = Check();
    EXPECT_LE(report.ExitCode(), 1) << Text(report);
    const auto before = AllFiles();
    const RepairReport again = Mend();
    EXPECT_THAT(What(again), ::testing::IsEmpty());
    EXPECT_EQ(AllFiles(), before);
  }

  // Every file but LMDB's lock, with its bytes.
  std::map<std::string, std::string> AllFiles() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path())) {
      const std::string name = entry.path();
      if (entry.is_regular_file() && !name.ends_with("-lock")) files[name] = ReadFile(name);
    }
    return files;
  }

  // Of every branch of every run that can be read. A branch that cannot is a failure.
  Rows AllRows() const {
    Rows rows;
    const Store store = Store::Open(path(), {.read_only = true}).value();
    const std::vector<RunInfo> runs = store.ListRuns().value();
    for (const RunInfo& run : runs) {
      for (std::uint32_t branch = 0; branch <= run.branch; ++branch) {
        AddRows(store, run.run_id, branch, &rows);
      }
    }
    return rows;
  }
  static void AddRows(const Store& store, const std::string& run, std::uint32_t branch,
                      Rows* rows) {
    const auto history = store.OpenHistory({run, branch, {}});
    ASSERT_TRUE(history.has_value()) << history.error().ToString();
    auto cursor = history->Rows({}).value();
    while (true) {
      const auto more = cursor.Next();
      ASSERT_TRUE(more.has_value()) << more.error().ToString();
      if (!*more) return;
      const Row& row = cursor.row();
      auto& values = (*rows)[run + "@" + std::to_string(branch) + " " + std::to_string(row.step)];
      for (const auto& [key, value] : row.fields) values.insert(key + "=" + ToText(value));
    }
  }
  // Whether each row is in `whole`, with no value that it has not there.
  static bool IsPartOf(const Rows& part, const Rows& whole) {
    return std::all_of(part.begin(), part.end(), [&](const auto& row) {
      const auto found = whole.find(row.first);
      return found != whole.end() && std::includes(found->second.begin(), found->second.end(),
                                                   row.second.begin(), row.second.end());
    });
  }
  std::vector<Step> StepsOf(const std::string& run) const {
    const Store store = Store::Open(path(), {.read_only = true}).value();
    return store.OpenHistory({.run = run}).value().ReadNumbers("epoch").value().steps;
  }

  // A byte of the only log, at a part of its length.
  void DamageLog(double part) {
    const std::string log = FileIn("log", ".log");
    const double size = static_cast<double>(ReadFile(log).size());
    FlipByte(log, static_cast<std::size_t>(size * part));
  }

  // A run with a segment of 5,000 rows, too long for a tiny table.
  void MakeLongRun() {
    Store store = Store::Open(path()).value();
    RunWriter run = Start(store, "long");
    LogRows(run, 5000, 1.0);
    ASSERT_TRUE(run.Finish().ok());
    ASSERT_TRUE(store.Close().ok());
  }
  // Run a with three segments of ten rows, and b, forked behind the second, with ten of its own.
  void MakeForkedSegments() {
    for (int i = 0; i < 3; ++i) {
      Store store = Store::Open(path()).value();
      RunOptions options;
      options.project = "e/p";
      options.run_id = "a";
      options.resume = Resume::kAllow;
      RunWriter run = store.StartRun(options).value();
      LogRows(run, 10, i + 1.0);
      ASSERT_TRUE(run.Finish().ok());
      ASSERT_TRUE(store.Close().ok());
    }
    Store store = Store::Open(path()).value();
    RunOptions fork;
    fork.project = "e/p";
    fork.run_id = "b";
    fork.fork_from = Moment{"a", {}, 19};
    RunWriter b = store.StartRun(fork).value();
    LogRows(b, 10, 9.0);
    ASSERT_TRUE(b.Finish().ok());
    ASSERT_TRUE(store.Close().ok());
  }

  // Makes all of a segment but its frame's header zero.
  void CutSegment(const SegmentRef& ref) {
    const std::string pack = FileIn("packs", ".pack");
    std::string bytes = ReadFile(pack);
    for (std::uint64_t i = 76; i < ref.length; ++i) bytes[ref.offset + i] = '\0';
    WriteFile(pack, bytes);
  }
  // A byte within the chunk of a column.
  std::size_t OffsetOfColumn(const SegmentRef& ref, const std::string& key) const {
    const auto packs = SystemIo().files->OpenDirectory(path() + "/packs").value();
    const auto segment = SegmentReader::Open(PackFile::Open(*packs, ref.pack).value(), ref).value();
    const SegmentPart part = segment->ReadStored().value();
    const SegmentTable& table = part.index->tables.at(0);
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (part.index->keys.key(table.columns[i].key) != key) continue;
      const SegmentChunk& chunk = part.index->chunks[table.column_chunk(i)];
      return ref.offset + kFrameHeaderSize + chunk.offset + chunk.length / 2;
    }
    ADD_FAILURE() << "no column " << key;
    return 0;
  }

  std::vector<SegmentRef> Events() const {
    std::vector<SegmentRef> events;
    for (const PackFrame& frame : Frames()) {
      if (frame.kind == PackFrame::Kind::kEvents) events.push_back(frame.ref);
    }
    return events;
  }
};

}  // namespace reprise

#endif  // REPRISE_TESTS_ENGINE_STORE_REPAIR_FIXTURE_H_
