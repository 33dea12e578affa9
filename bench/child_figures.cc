#include "bench/child_figures.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "bench/bench_store.h"
#include "bench/clocks.h"

namespace reprise::bench {

namespace {

// A line of /proc/self/status, in MiB.
double StatusMib(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return std::stod(line.substr(name.size() + 1)) / 1024;
  }
  return 0;
}

// Looks at this process's own memory until it goes.
class MemoryWatch {
 public:
  MemoryWatch() : thread_([this] { Watch(); }) {}
  ~MemoryWatch() { Stop(); }
  MemoryWatch(const MemoryWatch&) = delete;
  MemoryWatch& operator=(const MemoryWatch&) = delete;

  double Stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
    return most_;
  }

 private:
  void Watch() {
    while (!stopping_) {
      most_ = std::max(most_, StatusMib("RssAnon"));
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  std::atomic<bool> stopping_ = false;
  double most_ = 0;
  std::thread thread_;
};

std::string Text(const Figures& figures) {
  std::ostringstream text;
  text.precision(17);
  for (const auto& [name, value] : figures) text << name << ' ' << value << '\n';
  return text.str();
}

// Never returns: the child must not run what its parent would at exit.
[[noreturn]] void BeChild(const std::function<void(Figures*)>& work, int output) {
  Figures figures;
  MemoryWatch memory;
  const Stopwatch elapsed;
  const double cpu_before = ProcessCpuSeconds();
  work(&figures);
  figures["seconds"] = elapsed.seconds();
  figures["cpu_seconds"] = ProcessCpuSeconds() - cpu_before;
  figures["peak_own_mib"] = memory.Stop();
  figures["peak_mib"] = StatusMib("VmHWM");
  const std::string text = Text(figures);
  const bool told = ::write(output, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  std::_Exit(told ? 0 : 1);
}

std::string ReadAll(int input) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = ::read(input, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

}  // namespace

Figures RunInChild(const std::function<void(Figures*)>& work) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) GiveUp("cannot make a pipe");
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) GiveUp("cannot fork");
  if (child == 0) {
    ::close(ends[0]);
    BeChild(work, ends[1]);
  }
  ::close(ends[1]);
  std::istringstream told(ReadAll(ends[0]));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (status != 0) GiveUp("a child process failed");
  Figures figures;
  std::string name;
  for (double value = 0; told >> name >> value;) figures[name] = value;
  return figures;
}

}  // namespace reprise::bench
