// The cells of the keys that were sampled, kept for the next sample.
#ifndef REPRISE_ENGINE_HISTORY_CURVE_CACHE_H_
#define REPRISE_ENGINE_HISTORY_CURVE_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/history/block.h"
#include "engine/history/curve_part.h"

namespace reprise {

// One key of a history, block by block, each loaded when a sample first needs it.
//
// Thread safety: const calls from any thread; who needs what another is just loading waits for it.
class Curve {
 public:
  // Both must outlive it.
  Curve(const SegmentCache* segments, const std::vector<Block>* blocks, std::string key);

  // Loads the blocks that overlap `steps`; gives the place of the first one, and behind the last.
  struct BlockRange {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  Result<BlockRange> Load(const StepRange& steps);
  // Of a block that is loaded. Stays where it is while the curve lives.
  std::span<const CurvePart> parts(std::size_t block) const { return *loaded_[block]; }
  const Block& block(std::size_t i) const { return (*blocks_)[i]; }

  std::size_t bytes() const;

 private:
  Status LoadBlock(std::size_t block);

  const SegmentCache* const segments_;
  const std::vector<Block>* const blocks_;
  const std::string key_;

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<const std::vector<CurvePart>>> loaded_;  // null: not loaded
  std::size_t bytes_ = 0;
};

// The curves of a history's keys. Those used longest ago go when they take too much memory.
// Thread safety: const calls from any thread.
class CurveCache {
 public:
  explicit CurveCache(std::shared_ptr<const SegmentCache> segments);

  // All blocks of the history, in step order.
  const std::vector<Block>& blocks() const { return blocks_; }
  std::shared_ptr<Curve> Get(std::string_view key) const;
  // Drops what is too much, for calling after a curve was used.
  void Trim() const;

 private:
  struct Entry {
    std::shared_ptr<Curve> curve;
    std::uint64_t used = 0;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  Entries::iterator LeastRecent() const;

  const std::shared_ptr<const SegmentCache> segments_;
  const std::vector<Block> blocks_;
  mutable std::mutex mutex_;
  mutable Entries entries_;
  mutable std::uint64_t uses_ = 0;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_HISTORY_CURVE_CACHE_H_
