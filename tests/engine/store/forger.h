// Writes into a store what no session would, through the engine's own writers: whole and under the
// right checksums, so that only what it says is wrong.
#ifndef REPRISE_TESTS_ENGINE_STORE_FORGER_H_
#define REPRISE_TESTS_ENGINE_STORE_FORGER_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/log/log_writer.h"
#include "engine/segment/pack_writer.h"
#include "engine/store/store_impl.h"
#include "format/change.h"
#include "format/row_batch.h"

namespace reprise {

// Of a store that nobody else writes. What it packed is in the file when it is destroyed.
class Forger {
 public:
  // No session of this number has a log or a lock.
  static constexpr SessionId kSession = 0xF0;

  explicit Forger(const std::string& store_path)
      : context_(OpenContext(store_path, {}).value()), packs_(MakePacks()) {
    const Status read = context_->catalog->Read([&](CatalogView& view) -> Status {
      last_ = view.Meta().value().change;
      return {};
    });
    EXPECT_TRUE(read.ok()) << read.ToString();
  }
  ~Forger() { EXPECT_TRUE(packs_->Close().ok()); }

  // The uid of the run of that id.
  RunUid Uid(std::string_view run_id) {
    std::vector<RunUid> found;
    const Status read = context_->catalog->Read([&](CatalogView& view) -> Status {
      found = view.FindRunInAllProjects(run_id).value();
      return {};
    });
    EXPECT_TRUE(read.ok() && found.size() == 1);
    return found.at(0);
  }
  LeaseRecord Lease(const RunUid& uid) {
    LeaseRecord lease;
    const Status read = context_->catalog->Read([&](CatalogView& view) -> Status {
      lease = view.GetLease(uid).value().value();
      return {};
    });
    EXPECT_TRUE(read.ok()) << read.ToString();
    return lease;
  }

  // The next change, which is nowhere yet. Each is a transaction of its own.
  Change Next(const RunUid& uid, ChangeBody body) {
    const std::uint64_t now = context_->io.clock->BootNanos();
    return {++last_, kSession, now, context_->io.clock->Now(), uid, std::move(body)};
  }
  void PutInCatalog(const Change& change) {
    const Status written = context_->catalog->Write(
        [&](CatalogUpdate& catalog) -> Status { return catalog.Apply(change); });
    EXPECT_TRUE(written.ok()) << written.ToString();
  }
  void PutInPack(const Change& change) { PutInPack(EncodeChange(change)); }
  void PutInPack(const std::string& bytes) {
    const std::vector<std::string> events{bytes};
    EXPECT_TRUE(packs_->AppendEvents(events).ok());
  }
  // As if its session had died before it committed it.
  void PutInLog(const Change& change) {
    LogWriterOptions options;
    options.session = kSession;
    options.store_uuid = context_->uuid;
    const auto boot_id = context_->io.machine->Self().boot_id;
    options.boot_id.assign(boot_id.begin(), boot_id.end());
    const auto log = LogWriter::Make(context_->io, *context_->logs, options);
    EXPECT_TRUE(log->AddChanges({{EncodeChange(change)}}).has_value());
  }
  // As a session does it.
  void Make(const RunUid& uid, ChangeBody body) {
    const Change change = Next(uid, std::move(body));
    PutInPack(change);
    PutInCatalog(change);
  }

  // A segment of the run's branch that no change names yet.
  SegmentRef Append(const SegmentFacts& facts, const RowBatch& rows,
                    const SummaryTable* prefix = nullptr) {
    return packs_->AppendSegment({facts, &rows, prefix}).value();
  }
  void Publish(const SegmentRef& segment) { Make(segment.branch.uid, Sealed{{segment}}); }

  // Facts of a first segment on branch `ordinal`, in the lease that the run has.
  SegmentFacts FactsOf(const RunUid& uid, std::uint32_t ordinal) {
    SegmentFacts facts;
    facts.branch = {uid, ordinal};
    facts.generation = Lease(uid).generation;
    return facts;
  }

 private:
  std::unique_ptr<PackWriter> MakePacks() const {
    PackWriterOptions options;
    options.session = kSession;
    options.store_uuid = context_->uuid;
    return PackWriter::Make(context_->io, *context_->packs, options);
  }

  std::shared_ptr<const StoreContext> context_;
  std::unique_ptr<PackWriter> packs_;
  ChangeNumber last_ = 0;
};

// Rows `loss` = step / 2 at these steps, in this order, right or wrong.
inline RowBatch RowsAt(const std::vector<Step>& steps) {
  const auto shape = std::make_shared<const Shape>(Shape{{{"loss", Type::kDouble}}, false});
  RowBatch rows;
  for (const Step step : steps) {
    const std::vector<ValueView> values{0.5 * static_cast<double>(step)};
    rows.Append(shape, step, kNoTime, values);
  }
  return rows;
}

}  // namespace reprise

#endif  // REPRISE_TESTS_ENGINE_STORE_FORGER_H_
