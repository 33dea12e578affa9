// Stores of several openers, some of which die: what the tests of protocols work with.
#ifndef REPRISE_TESTS_ENGINE_PROTOCOLS_PROTOCOL_FIXTURE_H_
#define REPRISE_TESTS_ENGINE_PROTOCOLS_PROTOCOL_FIXTURE_H_

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/engine/protocols/recorded_store.h"
#include "tests/support/child_process.h"
#include "tests/support/file_bytes.h"
#include "tests/support/run_fixture.h"

namespace reprise {

class Protocol : public RunFixture {
 protected:
  static RunOptions Of(const std::string& id, Resume resume = Resume::kAllow) {
    RunOptions options;
    options.run_id = id;
    options.resume = resume;
    return options;
  }
  static RunOptions TakeoverOf(const std::string& id) {
    RunOptions options = Of(id, Resume::kMust);
    options.takeover = true;
    return options;
  }
  static ForkOptions Named(const std::string& id) {
    ForkOptions options;
    options.run_id = id;
    return options;
  }

  // A second opener of the store, as another process would be.
  Store Another(const Options& options = {}) {
    auto opened = Store::Open(path(), options);
    EXPECT_TRUE(opened.has_value()) << opened.error().ToString();
    return std::move(*opened);
  }
  // The one that tells; the fixture's own is closed if it has written nothing.
  Store Recorded(const Options& options = {}) {
    auto opened = OpenRecorded(path(), recorder_, options);
    EXPECT_TRUE(opened.has_value()) << opened.error().ToString();
    return std::move(*opened);
  }

  // Runs `body` on a store of its own in a child, which is then killed while it has the writer that
  // `body` returned. False if it got stuck before.
  bool DiesAfter(const std::function<std::optional<RunWriter>(Store&)>& body) {
    const int code = RunInChild([&] {
      auto opened = Store::Open(path());
      if (!opened) return 1;
      const std::optional<RunWriter> writer = body(*opened);
      return writer ? kill(getpid(), SIGKILL) : 2;
    });
    return code == -SIGKILL;
  }
  // A child's writer of `id` that logs `x=step` at steps first..last and is killed.
  bool WriterDies(const std::string& id, Step first, Step last) {
    return DiesAfter([&](Store& child) -> std::optional<RunWriter> {
      auto run = child.StartRun(Of(id));
      for (Step step = first; run && step <= last; ++step) {
        if (!run->Log({{"x", step}}, {.step = step, .commit = true})) return std::nullopt;
      }
      if (!run) return std::nullopt;
      return std::move(*run);
    });
  }

  // Opens the store as `body` needs it in a child that is killed before event `deadly` (from 0) of
  // those that its store makes; false once the child lives to its end.
  bool DiesBefore(int deadly, const std::function<Status(Store&)>& body) {
    Recorder recorder;
    std::atomic<int> events = 0;
    recorder.OnEvent([&](const std::string&) -> Status {
      if (events++ == deadly) kill(getpid(), SIGKILL);
      return {};
    });
    const int code = RunInChild([&] {
      auto opened = OpenRecorded(path(), recorder, {});
      return opened && body(*opened).ok() && opened->Close().ok() ? 0 : 1;
    });
    EXPECT_TRUE(code == 0 || code == -SIGKILL) << code;
    return code == -SIGKILL;
  }
  // A copy of the store as it is now, and back.
  void Remember(const std::string& name) { Copy(path(), dir().Of(name)); }
  void Restore(const std::string& name) { Copy(dir().Of(name), path()); }

  // Paths of the store's files in `folder` that end so, sorted.
  std::vector<std::string> FilesIn(const std::string& folder, const std::string& ending) const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(path() + "/" + folder)) {
      if (entry.path().string().ends_with(ending)) found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  // Runs `read` on the catalog.
  void ReadCatalog(const std::function<Status(CatalogView&)>& read) {
    const auto context = OpenContext(path(), {});
    ASSERT_TRUE(context) << context.error().ToString();
    const Status status = (*context)->catalog->Read(read);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  ChangeNumber LastChange() {
    ChangeNumber last = 0;
    ReadCatalog([&](CatalogView& view) -> Status {
      const auto meta = view.Meta();
      if (!meta) return meta.error();
      last = meta->change;
      return {};
    });
    return last;
  }

  Recorder recorder_;

 private:
  // Into the same directory: a catalog knows a copy of its directory, and would be built anew.
  static void Copy(const std::string& from, const std::string& to) {
    std::filesystem::create_directory(to);
    for (const auto& old : std::filesystem::directory_iterator(to)) {
      std::filesystem::remove_all(old.path());
    }
    std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
  }
};

using Events = std::vector<std::string>;

// The place of the first event from `from` on that begins with `begin` and ends with `end`; the
// number of events if there is none.
inline std::size_t Find(const Events& events, std::string_view begin, std::string_view end = "",
                        std::size_t from = 0) {
  for (std::size_t i = from; i < events.size(); ++i) {
    if (events[i].starts_with(begin) && events[i].ends_with(end)) return i;
  }
  return events.size();
}

// For each commit, and for the end of the events, the logs that had been written and not synced
// before it, on a line; empty if there is none. Packs are left out: the background may be writing
// one that no commit refers to yet.
inline std::string UnsyncedLogsAtCommits(const Events& events) {
  std::set<std::string> unsynced;
  std::string found;
  for (std::size_t i = 0; i <= events.size(); ++i) {
    const std::string event = i < events.size() ? events[i] : "end";
    if (event.starts_with("write log/")) unsynced.insert(event.substr(6));
    if (event.starts_with("sync ")) unsynced.erase(event.substr(5));
    if (event != "commit" && event != "end") continue;
    for (const std::string& name : unsynced) {
      found += "at event " + std::to_string(i) + " (" + event + ") " + name + " is not synced\n";
    }
  }
  return found;
}

inline std::string Joined(const Events& events) {
  std::string text;
  for (const std::string& event : events) text += event + "\n";
  return text;
}

}  // namespace reprise

#endif  // REPRISE_TESTS_ENGINE_PROTOCOLS_PROTOCOL_FIXTURE_H_
