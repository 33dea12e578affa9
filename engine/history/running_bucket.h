// A bucket while values and cells are added to it.
#ifndef REPRISE_ENGINE_HISTORY_RUNNING_BUCKET_H_
#define REPRISE_ENGINE_HISTORY_RUNNING_BUCKET_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "format/cells.h"
#include "reprise/sample.h"

namespace reprise {

// A mean of doubles that neither overflows nor loses what many small additions would: the sum is
// kept with the error of each addition (Neumaier), and in larger units once a value is huge.
class RunningMean {
 public:
  // Counts `mean`, which is finite, `count` times.
  void Add(double mean, std::uint64_t count);
  void Merge(const RunningMean& other);
  double Of(std::uint64_t count) const;

 private:
  void Scale();
  void AddTerm(double term);

  double sum_ = 0;
  double error_ = 0;
  bool scaled_ = false;
};

// Parts may be added in any order: what they cover does not overlap, but their steps may alternate.
class RunningBucket {
 public:
  // All of these cells, at least one.
  void AddCells(const Cells& cells, std::size_t begin, std::size_t end);
  // Up to 1,024 values, at least one.
  void AddValues(Type type, std::span<const Step> steps, std::span<const std::uint64_t> bits);
  void Merge(const RunningBucket& other);

  bool empty() const { return first_.step == kNoStep; }
  Bucket Finish(const StepRange& steps) const;

 private:
  void AddEnds(const SamplePoint& first, const SamplePoint& last);
  void AddExtremes(const SamplePoint& min, const SamplePoint& max);
  void AddCellMeans(const Cells& cells, std::size_t begin, std::size_t end);
  double Mean() const;

  std::uint64_t count_ = 0;
  std::uint64_t nan_ = 0;
  SamplePoint first_;
  SamplePoint last_;
  SamplePoint min_;
  SamplePoint max_;
  RunningMean mean_;  // of the numbers that came without an infinity; min_ and max_ tell of those
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_HISTORY_RUNNING_BUCKET_H_
