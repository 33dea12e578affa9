#include "tests/faults/crash/workload.h"

#include <fmt/format.h>

#include <filesystem>
#include <future>
#include <utility>

#include "engine/store/catalog_rebuild.h"
#include "format/try.h"
#include "tests/faults/crash/catalog_copy.h"

namespace reprise {

namespace {

constexpr std::uint8_t kFirstBoot = 1;

std::string MakeHome(const TempDir& temp, int life) {
  const std::string home = temp.Of(fmt::format("life-{}", life));
  std::filesystem::create_directories(home + kStoreName);
  return home;
}

Options OptionsOf(Durability level) {
  Options options;
  options.durability = level;
  options.sync_interval_ms = 3'600'000;  // what the time does is asked for by name
  return options;
}

Oracle::Call MakeCall(const std::string& text, int session, Promise promise,
                      const std::vector<std::string>& runs) {
  Oracle::Call call;
  call.text = text;
  call.session = session;
  call.promise = promise;
  call.runs = runs;
  return call;
}

}  // namespace

void WorkloadStore::Drain() {
  // Of what is asked for together, work is done before sealing: the second follows all of it.
  for (int i = 0; i < 2; ++i) {
    auto done = std::make_shared<std::promise<void>>();
    session().RunSoon([done] { done->set_value(); });
    done->get_future().wait();
  }
}

Workload::Workload(std::uint64_t seed, DiskTracer* observer)
    : observer_(observer),
      scripted_(observer),
      injector_(&scripted_),
      disk_(MakeHome(temp_, lives_)),
      path_(disk_.home() + kStoreName),
      world_(disk_, seed, kFirstBoot),
      choices_(seed) {
  disk_.SetWatcher(&injector_);
}

Workload::~Workload() {
  disk_.SetWatcher(nullptr);
  disk_.KillProcess(disk_.home());  // so that nothing is written any more
}

// --- stores

Result<int> Workload::Open(Durability level) {
  const int number = next_store_++;
  WorkloadStore opened;
  opened.number = number;
  opened.level = level;
  const Engine engine = [&](WorkloadStore&) -> Status {
    REPRISE_TRY_ASSIGN(auto context, OpenContext(world_.io(), path(), OptionsOf(level)));
    opened.impl = std::make_shared<Store::Impl>(std::move(context));
    opened.store.emplace(opened.impl);
    REPRISE_TRY_ASSIGN(opened.owner, opened.impl->Writing());
    return {};
  };
  oracle_.Begin(MakeCall("open", number, Promise::kSynced, {}), {StoreText()}, position());
  REPRISE_TRY(Meet(opened, engine));
  oracle_.Acknowledge(position());
  opened.Drain();
  stores_[number] = std::move(opened);
  return number;
}

Status Workload::Close(int store) {
  WorkloadStore& open = stores_.at(store);
  oracle_.Begin(MakeCall("close", open.number, Promise::kSynced, {}), {StoreText()}, position());
  const Status closed = open.store->Close();
  if (open.store->Close().ToString() != closed.ToString()) {
    return Status::Error(Code::kInternal, "closing again says other things");
  }
  if (closed.ok()) oracle_.Acknowledge(position());
  stores_.erase(store);
  if (closed.code() != Code::kNoSpace || !make_room_) return closed;
  make_room_();  // what was not sealed is left to the next session
  return {};
}

void Workload::Kill() {
  const std::string home = MakeHome(temp_, ++lives_);
  CopyCatalog(path_, home + kStoreName);
  disk_.KillProcess(home);
  stores_.clear();
  const std::map<std::string, ModelRun> runs = model_.runs();
  for (const auto& [run, state] : runs) {
    if (state.has_writer) model_.EndWriter(run, RunState::kCrashed);
  }
  path_ = home + kStoreName;
}

Status Workload::Rebuild() {
  WorkloadStore none;
  return Meet(none, [&](WorkloadStore&) { return RebuildCatalog(world_.io(), path()); });
}

// --- calls

StoreText Workload::TextsOf(const std::vector<std::string>& runs) const {
  StoreText texts;
  for (const std::string& run : runs) {
    const ModelRun* found = model_.Find(run);
    const auto notes = notes_.find(run);
    const bool known = found != nullptr && notes != notes_.end();
    texts[run] = known ? TextOf(*found, notes->second.first, notes->second.second) : "";
  }
  return texts;
}

Status Workload::Meet(WorkloadStore& store, const Engine& engine) {
  Status status = engine(store);
  if (status.code() != Code::kNoSpace || !make_room_) return status;
  make_room_();
  status = engine(store);
  // What was not synced is never synced again, also when there is room.
  const bool sync_failed = injector_.failed_syncs() > 0 && status.code() == Code::kIoError;
  if (status.ok() || sync_failed) return status;
  return Status::Error(Code::kInternal, "fails although there is room again: " + status.ToString());
}

Status Workload::Call(int store, const std::string& text, Promise promise,
                      const std::vector<std::string>& runs, const std::vector<Model>& models,
                      const Engine& engine) {
  std::vector<StoreText> states;
  for (const Model& model : models) {
    const Code code = model();
    if (code != Code::kOk) return Status::Error(Code::kInternal, "the model refuses: " + text);
    states.push_back(TextsOf(runs));
  }
  WorkloadStore& open = stores_.at(store);
  oracle_.Begin(MakeCall(text, open.number, promise, runs), states, position());
  REPRISE_TRY(Meet(open, engine));
  oracle_.Acknowledge(position());
  open.Drain();
  return {};
}

Status Workload::Quietly(int store, const Engine& engine) {
  WorkloadStore& open = stores_.at(store);
  REPRISE_TRY(Meet(open, engine));
  open.Drain();
  return {};
}

Promise Workload::RowPromise(int store) const {
  switch (stores_.at(store).level) {
    case Durability::kNone:
      return Promise::kNothing;
    case Durability::kProcess:
      return Promise::kWritten;
    case Durability::kDisk:
      return Promise::kSynced;
  }
  return Promise::kNothing;
}

// --- runs

Status Workload::Start(int store, const std::string& run, bool takeover) {
  RunOptions options;
  options.run_id = run;
  options.resume = Resume::kAllow;
  options.takeover = takeover;
  if (model_.Find(run) == nullptr) options.name = "name of " + run;
  const Model model = [&] {
    notes_.try_emplace(run, "name of " + run, "");
    return model_.Start(run, Resume::kAllow, takeover, {});
  };
  return Call(store, "start " + run, Promise::kSynced, {run}, {model},
              [&](WorkloadStore& open) -> Status {
                REPRISE_TRY_ASSIGN(RunWriter writer, open.store->StartRun(options));
                open.writers.insert_or_assign(run, std::move(writer));
                return {};
              });
}

Status Workload::LogRows(int store, const std::string& run, int rows) {
  const int all = rows + static_cast<int>(Choose(3));
  for (int i = 0; i < all; ++i) REPRISE_TRY(Log(store, run, Value(i)));
  return {};
}

Status Workload::Log(int store, const std::string& run, Value value) {
  LogOptions options;
  options.time = NextTime();
  const Model model = [&] {
    Step step = 0;
    return model_.Log(run, {{"x", value}}, options, &step);
  };
  return Call(store, "log " + run, RowPromise(store), {run}, {model},
              [&](WorkloadStore& open) -> Status {
                const auto logged = open.writers.at(run).Log({{"x", value}}, options);
                return logged ? Status() : logged.error();
              });
}

Status Workload::LogAt(int store, const std::string& run, Step step, const ModelFields& fields,
                       std::optional<bool> commit) {
  LogOptions options;
  options.time = NextTime();
  options.step = step;
  options.commit = commit;
  std::vector<Field> given;
  for (const auto& [key, value] : fields) given.push_back({key, value});
  const Model model = [&] { return model_.Log(run, fields, options, &step); };
  return Call(store, "log at " + run, RowPromise(store), {run}, {model},
              [&](WorkloadStore& open) -> Status {
                const auto logged = open.writers.at(run).Log(given, options);
                return logged ? Status() : logged.error();
              });
}

Status Workload::Append(int store, const std::string& run, std::size_t rows) {
  const ModelBranch& head = model_.Find(run)->head();
  const Step last = head.open ? head.open->step : head.committed();
  std::vector<Step> steps;
  std::vector<TimeMicros> times;
  std::vector<double> values;
  std::vector<Model> models;
  for (std::size_t i = 0; i < rows; ++i) {
    steps.push_back(last + 1 + 2 * static_cast<Step>(i));
    times.push_back(NextTime());
    values.push_back(0.25 * static_cast<double>(i));
    const ModelRow row{steps[i], times[i], {{"x", Value(values[i])}}};
    models.emplace_back([this, run, row] { return model_.Append(run, row); });
  }
  std::size_t done = 0;
  return Call(store, "append " + run, RowPromise(store), {run}, models,
              [&](WorkloadStore& open) -> Status {
                ColumnBatch::Column x;
                x.key = "x";
                x.doubles = std::span<const double>(values).subspan(done);
                ColumnBatch batch;
                batch.steps = std::span<const Step>(steps).subspan(done);
                batch.times = std::span<const TimeMicros>(times).subspan(done);
                batch.columns = {&x, 1};
                const auto appended = open.writers.at(run).AppendColumns(batch);
                if (appended) return {};
                // Those before the one that failed are there.
                const Step next = open.writers.at(run).next_step();
                while (done < rows && steps[done] < next) ++done;
                return appended.error();
              });
}

Status Workload::Sync(int store) {
  return Call(store, "sync", Promise::kSynced, {}, {[] { return Code::kOk; }},
              [](WorkloadStore& open) -> Status {
                for (auto& [run, writer] : open.writers) REPRISE_TRY(writer.Sync());
                return {};
              });
}

Status Workload::Rewind(int store, const std::string& run, Step step) {
  return Call(store, "rewind " + run, Promise::kSynced, {run},
              {[&] { return model_.Rewind(run, step); }},
              [&](WorkloadStore& open) { return open.writers.at(run).Rewind(step); });
}

Status Workload::RewindOutside(int store, const std::string& run, Step step) {
  const Moment moment{run, {}, step};
  return Call(store, "rewind outside " + run, Promise::kSynced, {run},
              {[&] { return model_.RewindOutside(moment, false); }},
              [&](WorkloadStore& open) -> Status {
                const auto rewound = open.store->Rewind(moment);
                return rewound ? Status() : rewound.error();
              });
}

Status Workload::Restore(int store, const std::string& run, std::uint32_t branch) {
  return Call(store, "restore " + run, Promise::kSynced, {run},
              {[&] { return model_.Restore(run, branch, false); }},
              [&](WorkloadStore& open) -> Status {
                const auto restored = open.store->Restore({run, branch, {}});
                return restored ? Status() : restored.error();
              });
}

Status Workload::Fork(int store, const std::string& parent, Step step, const std::string& child) {
  const Moment moment{parent, {}, step};
  ForkOptions options;
  options.run_id = child;
  options.name = "name of " + child;
  const Model model = [&] {
    notes_.try_emplace(child, "name of " + child, "");
    return model_.Fork(moment, child, {});
  };
  return Call(store, "fork " + child, Promise::kSynced, {parent, child}, {model},
              [&](WorkloadStore& open) -> Status {
                const auto forked = open.store->Fork(moment, options);
                return forked ? Status() : forked.error();
              });
}

Status Workload::Configure(int store, const std::string& run, const Config& config) {
  return Call(store, "configure " + run, Promise::kSynced, {run},
              {[&] { return model_.UpdateConfig(run, config); }},
              [&](WorkloadStore& open) { return open.writers.at(run).UpdateConfig(config); });
}

Status Workload::Annotate(int store, const std::string& run, const std::string& name,
                          const std::string& notes) {
  Metadata metadata;
  metadata.name = name;
  metadata.notes = notes;
  const Model model = [&] {
    notes_[run] = {name, notes};
    return Code::kOk;
  };
  return Call(store, "annotate " + run, Promise::kSynced, {run}, {model},
              [&](WorkloadStore& open) { return open.store->SetMetadata(run, metadata); });
}

Status Workload::Finish(int store, const std::string& run, int exit_code) {
  const Model model = [&] {
    model_.EndWriter(run, exit_code == 0 ? RunState::kFinished : RunState::kFailed);
    return Code::kOk;
  };
  return Call(store, "finish " + run, Promise::kSynced, {run}, {model},
              [&](WorkloadStore& open) { return open.writers.at(run).Finish(exit_code); });
}

Status Workload::Delete(int store, const std::string& run) {
  const Model model = [&] {
    notes_.erase(run);
    return model_.Delete(run, false);
  };
  return Call(store, "delete " + run, Promise::kSynced, {run}, {model},
              [&](WorkloadStore& open) { return open.store->Delete(run); });
}

Status Workload::ReadAll() {
  for (const auto& [number, open] : stores_) {
    const auto read = TextOf(*open.store);
    const Code code = read ? Code::kOk : read.error().code();
    const bool left_out = code == Code::kNoSpace || code == Code::kClosed;
    if (!read && !left_out) return read.error();
  }
  return {};
}

// --- what changes nothing that is seen

Result<std::shared_ptr<SessionWriter>> Workload::FindWriter(WorkloadStore& store,
                                                            const std::string& run) {
  std::shared_ptr<SessionWriter> writer;
  const Status read = store.impl->context().catalog->Read([&](CatalogView& view) -> Status {
    REPRISE_TRY_ASSIGN(const auto uids, view.FindRunInAllProjects(run));
    if (uids.empty()) return Status::Error(Code::kNotFound, "no such run: " + run);
    writer = store.session().FindWriter(uids.front());
    return {};
  });
  if (!read.ok()) return Fail(read);
  if (writer == nullptr) return Fail(Code::kNotFound, "nobody writes " + run);
  return writer;
}

Status Workload::Seal(int store, const std::string& run) {
  return Quietly(store, [&](WorkloadStore& open) -> Status {
    REPRISE_TRY_ASSIGN(const auto writer, FindWriter(open, run));
    return writer->Seal(true);
  });
}

Status Workload::Merge(int store, const std::string& run) {
  return Quietly(store, [&](WorkloadStore& open) -> Status {
    REPRISE_TRY_ASSIGN(const auto writer, FindWriter(open, run));
    return writer->Merge();
  });
}

Status Workload::Rotate(int store) {
  return Quietly(store, [](WorkloadStore& open) -> Status {
    REPRISE_TRY(open.session().log().Rotate());
    return open.session().RetireLogFiles();
  });
}

Status Workload::Reclaim(int store) {
  return Quietly(store, [](WorkloadStore& open) -> Status {
    const auto report = open.store->Reclaim();
    return report ? Status() : report.error();
  });
}

void Workload::FailNextSync() {
  FaultPlan plan;
  plan.first = 0;
  plan.syncs_only = true;
  scripted_.Set(plan);
}

Status Workload::ExpectFenced(int store, const std::string& run) {
  return Meet(stores_.at(store), [&](WorkloadStore& open) -> Status {
    const auto logged = open.writers.at(run).Log({{"x", 0}});
    if (logged) return Status::Error(Code::kInternal, run + " is not fenced");
    return logged.error().code() == Code::kFenced ? Status() : logged.error();
  });
}

}  // namespace reprise
