// A program that is run while calls of its catalog fail: logs, rewinds, forks, finishes. Each call
// that fails is made once more; what was acknowledged goes to standard output, a line each, at
// once.
//
//   row STEP      of run a
//   try WORD ...  before a call that changes more than a row
//   done
//
// Exits with 0 if all was done, with 1 if a call failed twice.
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <optional>
#include <string>

#include "reprise/store.h"

namespace {

using reprise::Code;
using reprise::Status;

void Say(const std::string& line) {
  const std::string text = line + "\n";
  if (write(STDOUT_FILENO, text.data(), text.size()) < 0) _exit(3);
}

class Training {
 public:
  explicit Training(std::string path) : path_(std::move(path)) {}

  bool Run() {
    return Twice([this] { return Open(); }) && Announced("start", [this] { return Start(); }) &&
           LogRows(0, 10) && Announced("rewind 4", [this] { return run_->Rewind(4); }) &&
           LogRows(5, 8) && Announced("fork", [this] { return Fork(); }) && LogRows(13, 4) &&
           Announced("finish", [this] { return run_->Finish(); }) &&
           Announced("start", [this] { return Start(); }) && LogRows(17, 4) &&
           Announced("finish", [this] { return run_->Finish(); }) &&
           Twice([this] { return store_->Close(); });
  }

 private:
  using Call = std::function<Status()>;

  // A call that did its work although it said that it had not is done.
  static bool Twice(const Call& call) {
    Status status = call();
    if (!status.ok()) status = call();
    if (!status.ok()) (void)std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return status.ok();
  }

  static bool Announced(const std::string& what, const Call& call) {
    Say("try " + what);
    if (!Twice(call)) return false;
    Say("done");
    return true;
  }

  Status Open() {
    auto store = reprise::Store::Open(path_);
    if (!store) return store.error();
    store_ = std::move(*store);
    return {};
  }

  Status Start() {
    reprise::RunOptions options;
    options.run_id = "a";
    options.resume = reprise::Resume::kAllow;
    auto run = store_->StartRun(options);
    if (!run) return run.error();
    run_ = std::move(*run);
    return {};
  }

  Status Fork() {
    reprise::ForkOptions options;
    options.run_id = "b";
    const auto forked = store_->Fork({"a", {}, 6}, options);
    return forked || forked.error().code() == Code::kAlreadyExists ? Status() : forked.error();
  }

  bool LogRows(int first, int count) {
    for (int step = first; step < first + count; ++step) {
      const bool logged = Twice([&] {
        const auto done = run_->Log({{"x", 0.5 * step}}, {.step = step, .commit = true});
        return done ? Status() : done.error();
      });
      if (!logged) return false;
      Say("row " + std::to_string(step));
    }
    return true;
  }

  const std::string path_;
  std::optional<reprise::Store> store_;
  std::optional<reprise::RunWriter> run_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  return Training(argv[1]).Run() ? 0 : 1;
}
