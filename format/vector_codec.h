// One vector: up to 1,024 values of 64 bits, encoded and decoded without any other
// (format/column.md).
#ifndef REPRISE_FORMAT_VECTOR_CODEC_H_
#define REPRISE_FORMAT_VECTOR_CODEC_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "format/latent_map.h"
#include "reprise/status.h"

namespace reprise {

// How often latents are differenced before they are framed.
inline constexpr int kMaxDifferenceOrder = 3;

// One way to encode a vector. The rest (exponent, frame) follows from the values.
struct VectorPlan {
  LatentMap map = LatentMap::kInt;
  int order = 0;
  friend bool operator==(const VectorPlan&, const VectorPlan&) = default;
};

// Plans in the order in which they are tried; those of one map must be neighbours, by rising
// order. Of equally small results the first wins.
class VectorPlans {
 public:
  static VectorPlans AllFor(bool doubles);

  void Add(VectorPlan plan) { plans_[size_++] = plan; }
  std::size_t size() const { return size_; }
  const VectorPlan* begin() const { return plans_.data(); }
  const VectorPlan* end() const { return plans_.data() + size_; }
  const VectorPlan& operator[](std::size_t i) const { return plans_[i]; }

  static constexpr std::size_t kMax = 9;

 private:
  std::array<VectorPlan, kMax> plans_{};
  std::size_t size_ = 0;
};

// No plan is measured to take fewer: head, width, parameter and base.
inline constexpr std::size_t kLeastVectorBytes = 4;

// Bytes each plan would take, about; kUnusablePlan where it does not suit the values.
inline constexpr std::size_t kUnusablePlan = std::size_t{1} << 40;
std::array<std::size_t, VectorPlans::kMax> MeasurePlans(std::span<const std::uint64_t> bits,
                                                        const VectorPlans& plans);
// The least of them.
std::size_t MeasureCheapest(std::span<const std::uint64_t> bits, const VectorPlans& plans);

// Appends 1 to kVectorRows values by the cheapest of the plans, or by a plain one if none suits.
void EncodeVector(std::span<const std::uint64_t> bits, const VectorPlans& plans, std::string* out);

// Decodes bits.size() (1 to kVectorRows) values from exactly `encoded`. On failure, the message
// completes "vector N ...", and `bits` holds anything.
Status DecodeVector(std::string_view encoded, std::span<std::uint64_t> bits);

// The same for steps, each of which must be greater than the one before.
Status DecodeSteps(std::string_view encoded, std::span<std::int64_t> steps);
// kCorrupt unless each is; completes "vector N ..." too.
Status CheckSteps(std::span<const std::int64_t> steps);

}  // namespace reprise

#endif  // REPRISE_FORMAT_VECTOR_CODEC_H_
