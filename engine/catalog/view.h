// CatalogView over one transaction.
#ifndef REPRISE_ENGINE_CATALOG_VIEW_H_
#define REPRISE_ENGINE_CATALOG_VIEW_H_

#include "engine/catalog/catalog.h"
#include "engine/catalog/txn.h"

namespace reprise {

// The getters, for a view and for an update alike. Not thread-safe; the transaction outlives it.
template <typename Base>
class TxnView : public Base {
 public:
  explicit TxnView(Txn& txn) : txn_(txn) {}

  Result<MetaRecord> Meta() override;
  Result<std::optional<ProjectRecord>> FindProject(std::string_view entity,
                                                   std::string_view name) override;
  Result<std::optional<ProjectRecord>> GetProject(std::uint32_t number) override;
  Result<std::vector<ProjectRecord>> Projects() override;
  Result<std::optional<RunUid>> FindRun(std::uint32_t project, std::string_view id) override;
  Result<std::vector<RunUid>> FindRunInAllProjects(std::string_view id) override;
  Result<std::optional<RunRecord>> GetRun(const RunUid& uid) override;
  Result<std::vector<RunUid>> RecentRuns(std::optional<RunUid> before, std::size_t limit) override;
  Result<std::optional<BranchRecord>> GetBranch(const BranchId& id) override;
  Result<std::vector<BranchRecord>> Branches(const RunUid& uid) override;
  Result<std::vector<SegmentRef>> Segments(const BranchId& branch, Stream stream,
                                           std::int64_t first, std::int64_t last) override;
  Result<std::optional<SegmentRef>> LastSegment(const BranchId& branch, Stream stream) override;
  Result<std::vector<SegmentRef>> LastSegments(const BranchId& branch, Stream stream,
                                               std::size_t most) override;
  Result<std::optional<LeaseRecord>> GetLease(const RunUid& uid) override;
  Result<std::vector<RunUid>> LeasesOf(SessionId session) override;
  Result<std::optional<SessionRecord>> GetSession(SessionId session) override;
  Result<std::vector<SessionRecord>> Sessions() override;
  Result<std::vector<ExplicitRecord>> ExplicitValues(const BranchId& branch,
                                                     ChangeNumber end) override;
  Result<std::vector<GapRecord>> Gaps(const RunUid& uid) override;
  Result<std::vector<RunUid>> Forks(const RunUid& uid) override;
  Status Dump(bool rebuildable, const std::function<void(std::string_view)>& line) override;

 protected:
  Txn& txn_;
};

extern template class TxnView<CatalogView>;
extern template class TxnView<CatalogUpdate>;

// A view, made.
class ReadView final : public TxnView<CatalogView> {
 public:
  using TxnView::TxnView;
};

// The record stored under `key`, if there is one.
template <typename Record>
Result<std::optional<Record>> GetRecord(Txn& txn, const Key& key);

// A run's uid as the value of a table.
std::string EncodeUid(const RunUid& uid);
Result<RunUid> DecodeUid(std::string_view payload);

// Writes one line per entry (dump.cc).
Status DumpTables(Txn& txn, bool rebuildable, const std::function<void(std::string_view)>& line);

}  // namespace reprise

#endif  // REPRISE_ENGINE_CATALOG_VIEW_H_
