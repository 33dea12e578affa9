// First inputs of the targets for logs, packs and the catalog, out of our own writers.
#include <lmdb.h>

#include <iterator>

#include "engine/log/log_writer.h"
#include "engine/segment/pack_writer.h"
#include "format/catalog_control.h"
#include "format/catalog_records.h"
#include "format/events.h"
#include "format/leaf_bytes.h"
#include "fuzz/corpus_folder.h"
#include "fuzz/folded_pages.h"
#include "fuzz/made_log.h"
#include "fuzz/made_pack.h"
#include "fuzz/made_rows.h"
#include "fuzz/input_directory.h"
#include "tests/support/temp_dir.h"

namespace reprise::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr RunUid kUid{1, 2};

class StoppedClock final : public Clock {
 public:
  TimeMicros Now() override { return 1'700'000'000'000'000; }
  std::uint64_t BootNanos() override { return 1; }
};
class CountingRandom final : public Random {
 public:
  std::uint64_t Next64() override { return ++last_; }

 private:
  std::uint64_t last_ = 0;
};

ConfigEntries SomeConfig() {
  return {{"batch", Value(std::int64_t{-3})},
          {"data", Value(ValueView::Bytes(std::string_view("\0\xff", 2)))},
          {"flag", Value(true)},
          {"list", Value(ValueView::Json("[1,2]"))},
          {"lr", Value(0.001)},
          {"name", Value("x")},
          {"none", Value()}};
}

BranchNode SomeNode() { return {{kUid, 1}, true, {kUid, 0}, 41, 1, {kUid, 0}}; }

std::vector<ChangeBody> SomeBodies() {
  RunCreated created{"me",        "proj", "run-1", "quiet-lake-1", "note",
                     {"a", "b"},  "g",    "train", RootNode(kUid), StoredMoment{{{3, 4}, 0}, 7},
                     SomeConfig()};
  const Fence fence{5, 1, 99};
  const Holder holder{5, 4321, "host", std::string(16, 'b'), 1};
  const SegmentRef segment{1, 4096, 500, {kUid, 0}, Stream::kHistory, 0, 9, 10, 1};
  return {created,
          LeaseGranted{2, holder, fence},
          FenceSet{fence},
          LeaseReleased{2, 3, 1},
          ConfigMerged{SomeConfig()},
          SummarySet{0, 12, "best", Value(0.5)},
          BranchMade{BranchKind::kRewind, SomeNode(), {{kUid, 0}, 41}, 1},
          MetadataSet{"name", "", std::nullopt, "eval", std::vector<std::string>{"t"}},
          Sealed{{segment, segment}},
          RunDeleted{}};
}

std::vector<std::string> SaveChanges(const fs::path& corpus) {
  std::vector<std::string> encoded;
  for (const ChangeBody& body : SomeBodies()) {
    const Change change{encoded.size() + 1, 5, 1, 2, kUid, body};
    encoded.push_back(EncodeChange(change));
    Save(corpus / "change", std::string(ChangeName(change)), encoded.back());
  }
  return encoded;
}

void SaveEvents(const fs::path& corpus, const std::vector<std::string>& changes) {
  constexpr std::uint8_t kCompress = 1;
  std::string raw;
  for (const std::string& change : changes) ByteWriter(&raw).Sized(change);
  Save(corpus / "events", "all_changes", Join(*EncodeEvents(changes), std::uint8_t{0}));
  Save(corpus / "events", "compressed_by_the_target", Join(raw, kCompress, std::uint16_t{0}));
  Save(corpus / "events", "less_than_claimed", Join(raw, kCompress, std::uint16_t{9}));
}

void SaveLeaves(const fs::path& corpus) {
  Save(corpus / "leaves", "of_each_type", Join(EncodeLeaves(SomeConfig()), std::uint8_t{0}));
  Save(corpus / "leaves", "one_value", Join(EncodeValue(Value("text")), std::uint8_t{1}));
}

// The groups that a writer makes of a row of each type, of changes and of the end, as pieces.
std::string LogPieces(const std::vector<std::string>& changes) {
  StoppedClock clock;
  CountingRandom random;
  MemoryDirectory directory;
  Io io;
  io.clock = &clock;
  io.random = &random;
  LogWriterOptions options;
  options.session = kMadeSession;
  options.store_uuid = std::string(16, 'u');
  options.boot_id = MadeBoot();
  const auto log = LogWriter::Make(io, directory, options);
  Shape shape;
  std::vector<ValueView> values;
  const ConfigEntries config = SomeConfig();
  for (const auto& [key, value] : config) {
    shape.columns.push_back({key, value.type()});
    values.push_back(value.view());
  }
  const std::uint32_t run = log->DefineRun({kUid, 0}, 1);
  const std::uint32_t number = log->DefineShape(std::make_shared<const Shape>(shape));
  for (const Step step : {0, 1, 1, 2}) {
    const RowPart part{run, number, step, 5, step != 1, false, step > 0, values};
    Require(log->AddRow(part).has_value(), "a row is logged");
  }
  for (const std::string& change : changes) {
    Require(log->AddChanges(std::vector{change}).has_value(), "a change is logged");
  }
  Require(log->Close().ok(), "a log ends");

  const std::string& file = directory.files().begin()->second;
  std::string pieces;
  GroupHeader header;
  std::string damage;
  for (std::size_t at = kLogHeaderSize; at < file.size();
       at += kGroupHeaderSize + header.payload_size) {
    const GroupPlace place{DecodeLogHeader(file)->file_id, at};
    const std::string_view group = std::string_view(file).substr(at);
    Require(ReadGroupHeader(place, group, &header, &damage), "our groups verify");
    pieces += Join(group.substr(kGroupHeaderSize, header.payload_size), std::uint8_t{0},
                   static_cast<std::uint16_t>(header.payload_size));
  }
  return pieces;
}

void SaveLogs(const fs::path& corpus, const std::vector<std::string>& changes) {
  constexpr std::uint8_t kOtherBoot = 0;
  constexpr std::uint8_t kSameBoot = 1;
  const std::string pieces = LogPieces(changes);
  const std::string damage = Join("", std::uint8_t{2}, std::uint16_t{60}, std::uint8_t{8});
  const std::string no_group = Join("torn", std::uint8_t{1}, std::uint8_t{4});
  const std::string next_file = Join("", std::uint8_t{3}, std::uint8_t{1});
  const std::string late = Join("", std::uint8_t{4}, std::uint8_t{2}, std::uint8_t{9},
                                std::uint8_t{0}, std::uint16_t{0});
  const fs::path folder = corpus / "log_file";
  Save(folder, "whole", Join(pieces, kSameBoot));
  Save(folder, "damage_within", Join(pieces + damage + pieces, kSameBoot));
  Save(folder, "damage_after_a_power_cut", Join(pieces + damage + pieces, kOtherBoot));
  Save(folder, "durable_in_spite_of_damage", Join(pieces + damage + late + pieces, kOtherBoot));
  Save(folder, "torn", Join(pieces + no_group, kOtherBoot));
  Save(folder, "two_files", Join(pieces + next_file + pieces, kSameBoot));
}

void SavePacks(const fs::path& corpus, const std::vector<std::string>& changes) {
  const std::string segment =
      Join("columns", std::uint8_t{0}, std::uint8_t{9}, std::uint8_t{1}, std::uint16_t{7});
  std::string events = Join("", std::uint8_t{1}, std::uint8_t{2});
  for (std::size_t i = 1; i <= 2; ++i) {
    events += Join(changes[i].substr(0, 255),
                   static_cast<std::uint8_t>(std::min<std::size_t>(255, changes[i].size())));
  }
  const std::string no_frame = Join("\x89RPF....", std::uint8_t{2}, std::uint8_t{8});
  const std::string session = Join("", std::uint8_t{3});
  const std::string damage = Join("", std::uint8_t{4}, std::uint16_t{12}, std::uint8_t{1});
  const fs::path folder = corpus / "pack_scan";
  Save(folder, "whole", segment + events + session + segment);
  Save(folder, "damage", segment + events + damage + segment + damage + events);
  Save(folder, "torn_and_continued", segment + no_frame + session + events + no_frame);
}

void SaveFrame(const fs::path& corpus, const std::string& name, const std::string& script) {
  FuzzInput input(reinterpret_cast<const std::uint8_t*>(script.data()), script.size());
  const RowBatch rows = MakeRows(&input);
  const SummaryTable summary = Summarize(rows);
  SegmentInput segment;
  segment.rows = &rows;
  segment.facts.prefix = PrefixKind::kFull;
  segment.prefix = &summary;
  const auto bytes = EncodeSegment(segment, kMadePackFileId, kPackHeaderSize + kFrameHeaderSize);
  Require(bytes.has_value(), "rows are a segment");
  Save(corpus / "segment_frame", name,
       Join(*bytes, static_cast<std::uint32_t>(rows.rows()), rows.first_step(), rows.last_step()));
}

void SaveFrames(const fs::path& corpus) {
  SaveFrame(corpus, "tiny", Join("", std::uint8_t{30}, std::uint8_t{0}, std::uint8_t{4}));
  SaveFrame(corpus, "dense", Join("", std::uint8_t{127}, std::uint8_t{0}, std::uint8_t{39}));
  SaveFrame(corpus, "cells", Join("", std::uint8_t{96}, std::uint8_t{31}, std::uint8_t{100}));
  SaveFrame(corpus, "sparse",
            Join("", std::uint8_t{3}, std::uint8_t{16}, std::uint8_t{99}, std::uint8_t{1}));
}

void SaveRecords(const fs::path& corpus) {
  const Holder holder{5, 4321, "host", std::string(16, 'b'), 1};
  const StoredMoment moment{{{3, 4}, 0}, 7};
  RunRecord run;
  run.uid = kUid;
  run.run_id = "run-1";
  run.name = "name";
  run.tags = {"a", "b"};
  run.exit_code = 1;
  run.forked_from = moment;
  run.config = SomeConfig();
  BranchRecord branch;
  branch.node = SomeNode();
  branch.kind = BranchKind::kRewind;
  branch.asked = moment;
  branch.archived_config = SomeConfig();
  const fs::path folder = corpus / "catalog_record";
  const auto save = [&](const char* name, std::uint8_t number, const std::string& bytes) {
    Save(folder, name, Join(bytes, number));
  };
  save("meta", 0, EncodeRecord(MetaRecord{std::string(16, 'u'), 3, 1}));
  save("project", 1, EncodeRecord(ProjectRecord{1, "me", "proj", 4}));
  save("run", 2, EncodeRecord(run));
  save("branch", 3, EncodeRecord(branch));
  save("segment", 4, EncodeRecord(SegmentRecord{1, 4096, 500, 9, 10, 1}));
  save("lease", 5, EncodeRecord(LeaseRecord{2, holder, Fence{5, 1, 99}}));
  save("session", 6, EncodeRecord(SessionRecord{holder, 3}));
  save("explicit", 7, EncodeRecord(ExplicitRecord{12, "best", Value(0.5)}));
  save("control", 8, EncodeCatalogControl({2, true, 7, std::string(16, 'b'), 1, 2}));
}

void Put(MDB_txn* txn, MDB_dbi tree, std::string key, std::string value) {
  MDB_val stored_key{key.size(), key.data()};
  MDB_val stored{value.size(), value.data()};
  Require(mdb_put(txn, tree, &stored_key, &stored, 0) == 0, "an entry is put");
}

// A tree with a branch page, overflow pages and a list of free pages; values are zeros, to fold.
void SavePages(const fs::path& corpus) {
  const TempDir folder;
  const std::string path = folder.Of("catalog");
  MDB_env* env = nullptr;
  Require(mdb_env_create(&env) == 0 &&
              mdb_env_open(env, path.c_str(), MDB_NOSUBDIR | MDB_NOLOCK, 0600) == 0,
          "LMDB starts");
  for (int round = 0; round < 2; ++round) {
    MDB_txn* txn = nullptr;
    MDB_dbi tree = 0;
    Require(mdb_txn_begin(env, nullptr, 0, &txn) == 0 && mdb_dbi_open(txn, nullptr, 0, &tree) == 0,
            "LMDB writes");
    for (int i = 0; i < 30; ++i)
      Put(txn, tree, std::string(2, static_cast<char>('a' + i)), std::string(200, '\0'));
    Put(txn, tree, "long", std::string(5000, '\0'));
    Require(mdb_txn_commit(txn) == 0, "LMDB commits");
  }
  mdb_env_close(env);
  std::ifstream file(path, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  Save(corpus / "catalog_pages", "two_commits", FoldPages(bytes));
}

}  // namespace

void MakeFileCorpus(const fs::path& corpus) {
  const std::vector<std::string> changes = SaveChanges(corpus);
  SaveEvents(corpus, changes);
  SaveLeaves(corpus);
  SaveLogs(corpus, changes);
  SavePacks(corpus, changes);
  SaveFrames(corpus);
  SaveRecords(corpus);
  SavePages(corpus);
}

}  // namespace reprise::fuzz
