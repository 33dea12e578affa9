// What the tail of one writer takes of its session's memory for rows that are not sealed.
#ifndef REPRISE_ENGINE_RUN_TAIL_MEMORY_H_
#define REPRISE_ENGINE_RUN_TAIL_MEMORY_H_

#include <atomic>
#include <cstddef>

namespace reprise {

// Counts bytes exactly, and tells the session's total of them in steps: an atomic addition waits
// for all stores before it, and those of a row go to as many cold lines as it has keys. That took a
// tenth of a log of ten metrics.
// Thread safety: none; the total may be read by any thread.
class TailMemory {
 public:
  // Borrows `total`, which lacks less than kStep bytes of this tail.
  explicit TailMemory(std::atomic<std::ptrdiff_t>* total) : total_(total) {}
  TailMemory(const TailMemory&) = delete;
  TailMemory& operator=(const TailMemory&) = delete;

  std::size_t bytes() const { return bytes_; }
  void Add(std::size_t bytes) {
    bytes_ += bytes;
    if (bytes_ - told_ >= kStep) Tell();
  }
  void Remove(std::size_t bytes) {
    bytes_ -= bytes;
    Tell();
  }
  void Clear() { Remove(bytes_); }

 private:
  static constexpr std::size_t kStep = 1024;  // 10,000 runs hold back 10 MiB at most

  void Tell() {
    *total_ += static_cast<std::ptrdiff_t>(bytes_) - static_cast<std::ptrdiff_t>(told_);
    told_ = bytes_;
  }

  std::atomic<std::ptrdiff_t>* total_;
  std::size_t bytes_ = 0;
  std::size_t told_ = 0;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_TAIL_MEMORY_H_
