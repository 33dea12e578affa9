// Reprise through its public API: what a user would write.
#include <optional>

#include "bench/peers/peer.h"
#include "reprise/store.h"

namespace reprise::bench {
namespace {

std::string NameOf(Which which) { return which == Which::kRun ? "run" : "fork"; }

class RepriseWriter : public PeerWriter {
 public:
  RepriseWriter(const std::string& path, const Keys& keys, Durability durability)
      : store_(Must(Store::Open(path, {.durability = durability}))),
        run_(StartOrResume(store_, NameOf(Which::kRun))) {
    for (const std::string& key : keys) fields_.push_back({key, {}});
  }

  Step next_step() override { return run_.next_step(); }

  void Log(const LoggedRow& row) override {
    for (std::size_t i = 0; i < fields_.size(); ++i) fields_[i].value = row.values[i];
    Must(run_.Log(fields_, {.step = row.step, .time = row.time, .commit = true}));
  }

  void Rewind(Step step) override { Must(run_.Rewind(step)); }
  void Fork(Step step) override {
    Must(store_.Fork({NameOf(Which::kRun), {}, step}, {.run_id = NameOf(Which::kFork)}));
  }

  void Finish() override {
    Must(run_.Finish());
    Must(store_.Close());
  }

 private:
  Store store_;
  RunWriter run_;
  std::vector<Field> fields_;
};

class RepriseReader : public PeerReader {
 public:
  RepriseReader(const std::string& path, const Keys& keys, Which which)
      : store_(Must(Store::Open(path, {.create = false, .read_only = true}))),
        keys_(keys),
        run_(NameOf(which)) {}

  NumericSeries ReadCurve(std::size_t key) override { return ReadRange(key, {}); }
  NumericSeries ReadRange(std::size_t key, StepRange range) override {
    return Must(Open().ReadNumbers(keys_[key], range));
  }
  std::vector<Bucket> Sample(std::size_t key, const BucketRule& rule) override {
    SampleOptions options;
    options.buckets = static_cast<std::uint64_t>(rule.buckets());
    options.steps = {rule.first(), rule.first() + rule.span() - 1};
    std::vector<Bucket> sampled;
    for (const reprise::Bucket& bucket : Must(Open().Sample(keys_[key], options))) {
      sampled.push_back({bucket.min.value.as_number(), bucket.max.value.as_number()});
    }
    return sampled;
  }
  std::vector<double> ReadLast() override {
    const Summary summary = Must(Open().ReadSummary());
    std::vector<double> last;
    for (const std::string& key : keys_) {
      last.push_back(summary.entries.at(key).last.value.as_number());
    }
    return last;
  }

 private:
  // A snapshot for each reading: it costs what a transaction costs elsewhere.
  History Open() { return Must(store_.OpenHistory({run_, {}, {}})); }

  Store store_;
  Keys keys_;
  std::string run_;
};

class ReprisePeer : public Peer {
 public:
  ReprisePeer(PeerInfo info, Durability own) : Peer(std::move(info)), own_(own) {}

  std::unique_ptr<PeerWriter> OpenWriter(const std::string& directory, const Keys& keys,
                                         Flush flush) override {
    const Durability durability = flush == Flush::kEachLog ? Durability::kDisk : own_;
    return std::make_unique<RepriseWriter>(directory + "/store", keys, durability);
  }
  std::unique_ptr<PeerReader> OpenReader(const std::string& directory, const Keys& keys,
                                         Which which) override {
    return std::make_unique<RepriseReader>(directory + "/store", keys, which);
  }

 private:
  Durability own_;
};

}  // namespace

void AddReprise(PeerList* peers) {
  const std::string api = ", Log() with keys as strings, and a step and a time given";
  PeerInfo none{.name = "reprise/none",
                .settings = "kNone" + api,
                .safe_from = Safety::kNothing,
                .log_rows = 100'000};
  none.reads = false;
  peers->push_back(std::make_unique<ReprisePeer>(none, Durability::kNone));
  PeerInfo process{.name = "reprise/default",
                   .settings = "kProcess" + api,
                   .safe_from = Safety::kKill,
                   .log_rows = 100'000};
  process.syncs_each_log = true;
  process.rewind = "Rewind(): the rows behind it stay readable";
  process.fork = "Fork(): shares the rows, copies none";
  peers->push_back(std::make_unique<ReprisePeer>(process, Durability::kProcess));
}

}  // namespace reprise::bench
