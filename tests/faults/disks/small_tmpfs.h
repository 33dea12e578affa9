// A real file system of a few hundred KiB that can be filled: a tmpfs that only this process sees
// and that ends with it. Mounting one needs the right to.
#ifndef REPRISE_TESTS_FAULTS_DISKS_SMALL_TMPFS_H_
#define REPRISE_TESTS_FAULTS_DISKS_SMALL_TMPFS_H_

#include <cstdint>
#include <string>

#include "tests/support/temp_dir.h"

namespace reprise {

class SmallTmpfs {
 public:
  explicit SmallTmpfs(std::uint64_t bytes);
  ~SmallTmpfs();
  SmallTmpfs(const SmallTmpfs&) = delete;
  SmallTmpfs& operator=(const SmallTmpfs&) = delete;

  // Why there is none: a test says so and is skipped. Empty: it is there.
  const std::string& missing() const { return missing_; }

  std::string Of(const std::string& name) const { return dir_.Of(name); }
  // Takes all free room but `left` bytes, in blocks of 4 KiB, with a file of its own.
  void Fill(std::uint64_t left = 0);
  // Makes room again: all that Fill took, or so many bytes of it.
  void Free();
  void Free(std::uint64_t bytes);
  std::uint64_t free_bytes() const;
  // Makes it as large as is ever needed. False if that is not allowed.
  bool Grow();

 private:
  std::string filler() const { return dir_.Of("filler"); }

  const TempDir dir_;
  std::string missing_;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_DISKS_SMALL_TMPFS_H_
