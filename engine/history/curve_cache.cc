#include "engine/history/curve_cache.h"

#include <algorithm>
#include <utility>

#include "format/try.h"

namespace reprise {

namespace {

// Of cells in memory: some 80 bytes for 1,024 values, so a billion rows of one key fit.
constexpr std::size_t kMaxCurveBytes = std::size_t{96} << 20;

}  // namespace

Curve::Curve(const SegmentCache* segments, const std::vector<Block>* blocks, std::string key)
    : segments_(segments), blocks_(blocks), key_(std::move(key)), loaded_(blocks->size()) {}

Result<Curve::BlockRange> Curve::Load(const StepRange& steps) {
  const auto ends_before = [](const Block& block, Step step) { return block.steps.last < step; };
  const auto begins_after = [](Step step, const Block& block) { return step < block.steps.first; };
  const auto begin = std::lower_bound(blocks_->begin(), blocks_->end(), steps.first, ends_before);
  const auto end = std::upper_bound(begin, blocks_->end(), steps.last, begins_after);
  const BlockRange range{static_cast<std::size_t>(begin - blocks_->begin()),
                         static_cast<std::size_t>(end - blocks_->begin())};
  const std::lock_guard lock(mutex_);
  for (std::size_t i = range.begin; i < range.end; ++i) {
    if (loaded_[i] == nullptr) REPRISE_TRY(LoadBlock(i));
  }
  return range;
}

Status Curve::LoadBlock(std::size_t block) {
  REPRISE_TRY_ASSIGN(std::vector<CurvePart> parts, LoadParts(*segments_, (*blocks_)[block], key_));
  for (const CurvePart& part : parts) bytes_ += part.bytes();
  loaded_[block] = std::make_unique<const std::vector<CurvePart>>(std::move(parts));
  return {};
}

std::size_t Curve::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_ + loaded_.size() * sizeof(loaded_[0]);
}

CurveCache::CurveCache(std::shared_ptr<const SegmentCache> segments)
    : segments_(std::move(segments)), blocks_(BlocksOf(segments_->snapshot(), {})) {}

std::shared_ptr<Curve> CurveCache::Get(std::string_view key) const {
  const std::lock_guard lock(mutex_);
  auto found = entries_.find(key);
  if (found == entries_.end()) {
    auto curve = std::make_shared<Curve>(segments_.get(), &blocks_, std::string(key));
    found = entries_.emplace(key, Entry{std::move(curve)}).first;
  }
  found->second.used = ++uses_;
  return found->second.curve;
}

CurveCache::Entries::iterator CurveCache::LeastRecent() const {
  return std::min_element(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
    return a.second.used < b.second.used;
  });
}

void CurveCache::Trim() const {
  const std::lock_guard lock(mutex_);
  std::size_t bytes = 0;
  for (const auto& [key, entry] : entries_) bytes += entry.curve->bytes();
  while (bytes > kMaxCurveBytes) {
    const auto oldest = LeastRecent();
    bytes -= std::min(bytes, oldest->second.curve->bytes());
    entries_.erase(oldest);
  }
}

}  // namespace reprise
