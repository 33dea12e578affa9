// A directory that lives as long as a test.
#ifndef REPRISE_TESTS_SUPPORT_TEMP_DIR_H_
#define REPRISE_TESTS_SUPPORT_TEMP_DIR_H_

#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace reprise {

// Makes an empty directory and removes it with all it holds; a child of fork(2) removes nothing.
// It lies under $TMPDIR, else in memory (/dev/shm), else in /tmp. Where `REPRISE_KEEP_TEMP` is set
// it stays and its path is printed, to look at after a failure.
class TempDir {
 public:
  TempDir() : path_(Root() + "/reprise-test-XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) {
      std::perror(path_.c_str());
      std::abort();
    }
  }
  ~TempDir() {
    if (getpid() != owner_) return;
    if (std::getenv("REPRISE_KEEP_TEMP") != nullptr) {
      std::printf("kept %s\n", path_.c_str());
      return;
    }
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  // The path of `name` in the directory.
  std::string Of(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  static std::string Root() {
    const char* chosen = std::getenv("TMPDIR");
    if (chosen != nullptr && *chosen != '\0') return chosen;
    return access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp";
  }

  std::string path_;
  pid_t owner_ = getpid();
};

}  // namespace reprise

#endif  // REPRISE_TESTS_SUPPORT_TEMP_DIR_H_
