// A catalog in a directory of its own, and short words for the changes that tests make.
#ifndef REPRISE_TESTS_ENGINE_CATALOG_CATALOG_FIXTURE_H_
#define REPRISE_TESTS_ENGINE_CATALOG_CATALOG_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/catalog/catalog.h"
#include "engine/io/io.h"
#include "reprise/run_info.h"
#include "tests/support/temp_dir.h"

namespace reprise {

inline RunUid Uid(std::uint64_t n) { return {0xabcdef, n}; }
inline BranchId Branch(std::uint64_t run, std::uint32_t ordinal) { return {Uid(run), ordinal}; }
inline std::uint8_t Number(RunState state) { return static_cast<std::uint8_t>(state); }

inline BranchNode Root(std::uint64_t run) {
  return {Branch(run, 0), false, {}, kNoStep, 0, Branch(run, 0)};
}
inline BranchNode Child(BranchId id, BranchId parent, Step step) {
  return {id, true, parent, step, 1, parent};
}

inline RunCreated NewRun(std::uint64_t run, std::string id, ConfigEntries config = {}) {
  RunCreated body;
  body.entity = "me";
  body.project = "proj";
  body.run_id = std::move(id);
  body.name = "name-" + body.run_id;
  body.node = Root(run);
  body.config = std::move(config);
  return body;
}
inline RunCreated Fork(std::uint64_t run, std::string id, StoredMoment at,
                       ConfigEntries config = {}) {
  RunCreated body = NewRun(run, std::move(id), std::move(config));
  body.node = Child(Branch(run, 0), at.branch, at.step);
  body.forked_from = at;
  return body;
}
inline LeaseGranted Lease(Generation generation, SessionId session,
                          std::optional<Fence> fence = std::nullopt) {
  return {generation, {session, 4321, "host", std::string(16, 'b'), 99}, fence};
}
inline BranchMade Rewind(std::uint64_t run, std::uint32_t ordinal, Step step) {
  return {BranchKind::kRewind,
          Child(Branch(run, ordinal), Branch(run, ordinal - 1), step),
          {Branch(run, ordinal - 1), step},
          Number(RunState::kPending)};
}
inline SegmentRef Segment(BranchId branch, std::int64_t first, std::int64_t last,
                          std::uint64_t rows, std::uint64_t offset = 4096) {
  return {1, offset, 100, branch, Stream::kHistory, first, last, rows, 0};
}

inline ChangeStream StreamOfAll(const std::vector<Change>& changes) {
  return [&changes](const auto& fold) { return fold(changes); };
}

// A store's directory and its catalog.
class CatalogDir {
 public:
  CatalogDir() {
    Result<std::unique_ptr<Directory>> opened = SystemIo().files->OpenDirectory(temp_.path());
    directory_ = std::move(opened).value();
    options_.store_uuid = std::string(16, 'u');
    options_.boot_id = std::string(16, 'b');
  }

  Directory& directory() { return *directory_; }
  CatalogOptions& options() { return options_; }
  const std::string& path() const { return temp_.path(); }
  std::string Of(std::string_view name) const { return temp_.Of(name); }

  // A new file out of `changes`; the present one is replaced.
  Status Build(std::vector<Change> changes = {}) {
    const Result<std::uint64_t> present = CatalogGeneration(directory());
    if (!present.has_value()) return present.error();
    CatalogBuild build;
    build.replaces = *present;
    build.changes = [&] { return StreamOfAll(changes); };
    return BuildCatalog(directory(), nullptr, options_, build);
  }
  Result<std::shared_ptr<Catalog>> Open() { return OpenCatalog(directory(), options_); }

 private:
  TempDir temp_;
  std::unique_ptr<Directory> directory_;
  CatalogOptions options_;
};

// A catalog that a test makes changes in; remembers them all.
class CatalogTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(dir_.Build().ok());
    Result<std::shared_ptr<Catalog>> opened = dir_.Open();
    ASSERT_TRUE(opened.has_value()) << opened.error().ToString();
    catalog_ = *opened;
  }

  // Numbers the change, applies it, and commits.
  Status Apply(std::uint64_t run, ChangeBody body) {
    Change change{
        0, 77, 1, 1000 + static_cast<TimeMicros>(changes_.size()), Uid(run), std::move(body)};
    const Status status = catalog_->Write([&](CatalogUpdate& update) -> Status {
      const Result<ChangeNumber> number = update.NextNumber();
      if (!number.has_value()) return number.error();
      change.number = *number;
      return update.Apply(change);
    });
    if (status.ok()) changes_.push_back(change);
    return status;
  }
  void MustApply(std::uint64_t run, ChangeBody body) {
    const Status status = Apply(run, std::move(body));
    ASSERT_TRUE(status.ok()) << status.ToString();
  }

  // What `get` says of a view, which must succeed.
  template <typename Get>
  auto Ask(Get get) {
    using Answer = typename std::invoke_result_t<Get, CatalogView&>::value_type;
    Answer answer{};
    const Status status = catalog_->Read([&](CatalogView& view) -> Status {
      auto result = get(view);
      if (!result.has_value()) return result.error();
      answer = std::move(*result);
      return {};
    });
    EXPECT_TRUE(status.ok()) << status.ToString();
    return answer;
  }
  RunRecord Run(std::uint64_t run) {
    const auto record = Ask([&](CatalogView& view) { return view.GetRun(Uid(run)); });
    EXPECT_TRUE(record.has_value());
    return record.value_or(RunRecord());
  }
  BranchRecord GetBranch(BranchId id) {
    return Ask([&](CatalogView& view) { return view.GetBranch(id); }).value_or(BranchRecord());
  }
  LeaseRecord GetLease(std::uint64_t run) {
    return Ask([&](CatalogView& view) { return view.GetLease(Uid(run)); }).value_or(LeaseRecord());
  }
  std::vector<RunUid> Recent(std::optional<RunUid> before, std::size_t limit) {
    return Ask([&](CatalogView& view) { return view.RecentRuns(before, limit); });
  }
  std::string Dump(bool rebuildable) { return DumpOf(*catalog_, rebuildable); }
  static std::string DumpOf(Catalog& catalog, bool rebuildable) {
    std::string dump;
    const Status status = catalog.Read([&](CatalogView& view) {
      return view.Dump(rebuildable,
                       [&](std::string_view line) { dump += std::string(line) + "\n"; });
    });
    EXPECT_TRUE(status.ok()) << status.ToString();
    return dump;
  }

  CatalogDir dir_;
  std::shared_ptr<Catalog> catalog_;
  std::vector<Change> changes_;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_ENGINE_CATALOG_CATALOG_FIXTURE_H_
