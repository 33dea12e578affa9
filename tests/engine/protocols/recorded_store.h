// A store on a real disk that tells in which order it does what, and whose disk fails when a test
// says so.
#ifndef REPRISE_TESTS_ENGINE_PROTOCOLS_RECORDED_STORE_H_
#define REPRISE_TESTS_ENGINE_PROTOCOLS_RECORDED_STORE_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/store/store_impl.h"
#include "format/try.h"

namespace reprise {

// What a store did to its logs, its packs and its catalog, in order: `write log/<file>`, `sync
// packs/<file>`, `sync packs/` (the directory), `create`, `rename`, `remove`, `read`, `commit`.
class Recorder {
 public:
  using Hook = std::function<Status(const std::string& event)>;

  // Asked before each event, on any thread, maybe on two at once; an error is what the event ends
  // with.
  void OnEvent(Hook hook) {
    const std::lock_guard lock(mutex_);
    hook_ = std::move(hook);
  }
  Status Tell(const std::string& event) {
    const Hook hook = CurrentHook();
    if (hook) REPRISE_TRY(hook(event));
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
    return {};
  }
  std::vector<std::string> Take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(events_, {});
  }

 private:
  // Called without the lock: it may use a store, whose locks others hold while they tell.
  Hook CurrentHook() {
    const std::lock_guard lock(mutex_);
    return hook_;
  }

  std::mutex mutex_;
  Hook hook_;
  std::vector<std::string> events_;
};

class RecordedFile final : public File {
 public:
  RecordedFile(Recorder& recorder, std::string name, std::unique_ptr<File> file)
      : File(file->path()), recorder_(recorder), name_(std::move(name)), file_(std::move(file)) {}

  Status WriteAt(std::uint64_t offset, std::string_view bytes) override {
    const Status told = recorder_.Tell("write " + name_);
    return told.ok() ? file_->WriteAt(offset, bytes) : told;
  }
  Result<std::size_t> ReadAt(std::uint64_t offset, char* to, std::size_t size) override {
    const Status told = recorder_.Tell("read " + name_);
    if (!told.ok()) return Fail(told);
    return file_->ReadAt(offset, to, size);
  }
  Status DataSync() override {
    const Status told = recorder_.Tell("sync " + name_);
    return told.ok() ? file_->DataSync() : told;
  }
  Result<std::uint64_t> Size() override { return file_->Size(); }
  Result<bool> TryLock(LockKind kind) override { return file_->TryLock(kind); }
  Status Lock(LockKind kind) override { return file_->Lock(kind); }
  Status Unlock() override { return file_->Unlock(); }

 private:
  Recorder& recorder_;
  std::string name_;
  std::unique_ptr<File> file_;
};

class RecordedDirectory final : public Directory {
 public:
  // `name` ends with '/'.
  RecordedDirectory(Recorder& recorder, std::string name, std::unique_ptr<Directory> directory)
      : Directory(directory->path()),
        recorder_(recorder),
        name_(std::move(name)),
        directory_(std::move(directory)) {}

  Result<std::unique_ptr<File>> Open(std::string_view name, OpenMode mode) override {
    return Wrap(name, directory_->Open(name, mode));
  }
  Result<std::unique_ptr<File>> Create(std::string_view name) override {
    const Status told = Tell("create ", name);
    if (!told.ok()) return Fail(told);
    return Wrap(name, directory_->Create(name));
  }
  Status Rename(std::string_view from, std::string_view to) override {
    const Status told = Tell("rename ", to);
    return told.ok() ? directory_->Rename(from, to) : told;
  }
  Status RenameNoReplace(std::string_view from, std::string_view to) override {
    const Status told = Tell("rename ", to);
    return told.ok() ? directory_->RenameNoReplace(from, to) : told;
  }
  Status Remove(std::string_view name) override {
    const Status told = Tell("remove ", name);
    return told.ok() ? directory_->Remove(name) : told;
  }
  Status Sync() override {
    const Status told = Tell("sync ", "");
    return told.ok() ? directory_->Sync() : told;
  }
  Result<std::unique_ptr<Directory>> OpenDirectory(std::string_view name) override {
    return directory_->OpenDirectory(name);
  }
  Status MakeDirectory(std::string_view name) override { return directory_->MakeDirectory(name); }
  Status RemoveDirectory(std::string_view name) override {
    return directory_->RemoveDirectory(name);
  }
  Status RenameInto(std::string_view from, Directory& other, std::string_view to) override {
    return directory_->RenameInto(from, other, to);
  }
  Result<std::vector<std::string>> List() override { return directory_->List(); }
  Result<bool> Exists(std::string_view name) override { return directory_->Exists(name); }
  Result<DirectoryId> Id() override { return directory_->Id(); }
  Result<bool> OnNetwork() override { return directory_->OnNetwork(); }

 private:
  Status Tell(std::string_view what, std::string_view name) {
    return recorder_.Tell(std::string(what) + name_ + std::string(name));
  }
  Result<std::unique_ptr<File>> Wrap(std::string_view name, Result<std::unique_ptr<File>> file) {
    if (!file) return file;
    return std::make_unique<RecordedFile>(recorder_, name_ + std::string(name), std::move(*file));
  }

  Recorder& recorder_;
  std::string name_;
  std::unique_ptr<Directory> directory_;
};

class RecordedCatalog final : public Catalog {
 public:
  RecordedCatalog(Recorder& recorder, std::shared_ptr<Catalog> catalog)
      : recorder_(recorder), catalog_(std::move(catalog)) {}

  Status Read(const std::function<Status(CatalogView&)>& read) override {
    return catalog_->Read(read);
  }
  // `commit` is told when nothing can come before it any more.
  Status Write(const std::function<Status(CatalogUpdate&)>& write) override {
    return catalog_->Write([&](CatalogUpdate& update) -> Status {
      Status status = write(update);
      return status.ok() ? recorder_.Tell("commit") : status;
    });
  }
  using Catalog::LeaseGeneration;
  Result<Generation> LeaseGeneration(const RunUid& uid, LeaseReading* last) override {
    const Status told = recorder_.Tell("look at the lease");
    if (!told.ok()) return Fail(told);
    return catalog_->LeaseGeneration(uid, last);
  }
  Status MarkClean() override { return catalog_->MarkClean(); }

 private:
  Recorder& recorder_;
  std::shared_ptr<Catalog> catalog_;
};

// Opens a store that tells `recorder`, which must outlive it. Its background thread is quiet but
// for adopting dead sessions, and for flushing under kNone.
inline Result<Store> OpenRecorded(const std::string& path, Recorder& recorder,
                                  Options options = {}) {
  options.sync_interval_ms = 3'600'000;
  auto opened = OpenContext(path, options);
  if (!opened) return Fail(opened.error());
  // Made non-const, and nobody else has it.
  auto context = std::const_pointer_cast<StoreContext>(*opened);
  context->logs = std::make_unique<RecordedDirectory>(recorder, "log/", std::move(context->logs));
  context->packs =
      std::make_unique<RecordedDirectory>(recorder, "packs/", std::move(context->packs));
  context->catalog = std::make_shared<RecordedCatalog>(recorder, std::move(context->catalog));
  return Store(std::make_shared<Store::Impl>(std::move(context)));
}

}  // namespace reprise

#endif  // REPRISE_TESTS_ENGINE_PROTOCOLS_RECORDED_STORE_H_
