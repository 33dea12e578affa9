#include "format/vector_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>

#include "format/bytes.h"
#include "format/frame_of_reference.h"
#include "format/patch_list.h"
#include "format/try.h"

namespace reprise {
namespace {

// The first byte: map, order and which lists follow. The second is the width.
constexpr int kOrderShift = 3;
constexpr std::uint8_t kMapMask = 0x07;
constexpr std::uint8_t kOrderMask = 0x03;
constexpr std::uint8_t kPatchedFlag = 0x20;
constexpr std::uint8_t kCorrectedFlag = 0x40;
constexpr std::uint8_t kRawFlag = 0x80;

static_assert(kMaxDifferenceOrder <= kMaxUnframed);

// A vector that is mapped, differenced and framed: ready to be written. The first `order` of
// latents.values are the seeds, the others the differences.
struct Candidate {
  int order = 0;
  Latents latents;
  Frame frame;
  std::size_t bytes = kUnusablePlan;
};

std::int64_t SeedAt(const Candidate& candidate, int i) {
  return static_cast<std::int64_t>(candidate.latents.values[static_cast<std::size_t>(i)]);
}

void Price(Candidate* candidate) {
  const Latents& latents = candidate->latents;
  const auto order = static_cast<std::size_t>(candidate->order);
  candidate->frame = ChooseFrame({latents.values.data() + order, latents.rows - order});
  candidate->bytes = 3 + candidate->frame.bytes + PatchBytes(latents.corrections.shape()) +
                     PatchBytes(latents.raw.shape());
  for (int i = 0; i < candidate->order; ++i) {
    candidate->bytes += VarintBytes(ZigZag(SeedAt(*candidate, i)));
  }
}

// One difference more. Requires more rows than the order before.
void RaiseOrder(Candidate* candidate) {
  std::array<std::uint64_t, kVectorRows> differences;
  Latents& latents = candidate->latents;
  Kernels().difference(latents.values.data(), static_cast<std::size_t>(candidate->order),
                       latents.rows, differences.data());
  std::copy_n(differences.begin(), latents.rows, latents.values.begin());
  ++candidate->order;
}

// A seed takes a byte or more.
std::size_t LeastBytes(const VectorPlan& plan) {
  return kLeastVectorBytes + static_cast<std::size_t>(plan.order);
}

// Differences are taken no further once they take this much more than those before: a seed more may
// pay with the next order only.
constexpr std::size_t kMostDetour = 2;

// Calls visit(plan index, candidate) for every plan that suits the values, priced. It gives the
// bytes below which a plan is still of interest; those that cannot be smaller are left out.
template <typename Visit>
void ForEachCandidate(std::span<const std::uint64_t> bits, const VectorPlans& plans, Visit visit) {
  Candidate candidate;
  std::optional<LatentMap> tried;
  bool mapped = false;
  std::size_t before = kUnusablePlan;
  std::size_t limit = kUnusablePlan;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (static_cast<std::size_t>(plans[i].order) >= bits.size()) continue;
    if (LeastBytes(plans[i]) >= limit) continue;
    if (tried != plans[i].map) {
      mapped = MapForward(plans[i].map, bits, &candidate.latents);
      tried = plans[i].map;
      candidate.order = 0;
      before = kUnusablePlan;
    }
    if (!mapped) continue;
    while (candidate.order < plans[i].order) RaiseOrder(&candidate);
    Price(&candidate);
    limit = visit(i, candidate);
    mapped = candidate.bytes <= before + kMostDetour;
    before = candidate.bytes;
  }
}

// Integers that rise or fall by the same everywhere, as the ends of equally long lists do: one
// difference is then the smallest plan, and takes no search.
constexpr VectorPlan kEvenPlan = {LatentMap::kInt, 1};
constexpr std::size_t kLeastEven = 8;

bool AreEven(std::span<const std::uint64_t> bits) {
  if (bits.size() < kLeastEven || bits[0] == bits[1]) return false;
  std::size_t i = 2;
  while (i < bits.size() && bits[i] - bits[i - 1] == bits[1] - bits[0]) ++i;
  return i == bits.size();
}

VectorPlans PlansToTry(std::span<const std::uint64_t> bits, const VectorPlans& plans) {
  if (std::find(plans.begin(), plans.end(), kEvenPlan) == plans.end() || !AreEven(bits)) {
    return plans;
  }
  VectorPlans even;
  even.Add(kEvenPlan);
  return even;
}

std::uint8_t HeadOf(const Candidate& candidate) {
  int head = static_cast<int>(candidate.latents.map) | (candidate.order << kOrderShift);
  if (candidate.frame.patches.count > 0) head |= kPatchedFlag;
  if (candidate.latents.corrections.count > 0) head |= kCorrectedFlag;
  if (candidate.latents.raw.count > 0) head |= kRawFlag;
  return static_cast<std::uint8_t>(head);
}

void AppendCandidate(const Candidate& candidate, std::string* out) {
  const Latents& latents = candidate.latents;
  ByteWriter writer(out);
  writer.Fixed(HeadOf(candidate));
  writer.Fixed(static_cast<std::uint8_t>(candidate.frame.width));
  if (latents.map != LatentMap::kInt) writer.Fixed(static_cast<std::uint8_t>(latents.parameter));
  for (int i = 0; i < candidate.order; ++i) writer.SignedVarint(SeedAt(candidate, i));
  AppendFrameHeader(candidate.frame, out);
  const PatchShape corrections = latents.corrections.shape();
  const PatchShape raw = latents.raw.shape();
  if (corrections.count > 0) AppendPatchHeader(corrections, out);
  if (raw.count > 0) AppendPatchHeader(raw, out);
  AppendFrameValues(candidate.frame, {latents.values.data(), latents.rows},
                    static_cast<std::size_t>(candidate.order), out);
  AppendPatches(corrections, latents.corrections, out);
  AppendPatches(raw, latents.raw, out);
}

Status Damaged(std::string_view what) { return Status::Error(Code::kCorrupt, std::string(what)); }

struct VectorHeader {
  LatentMap map = LatentMap::kInt;
  int parameter = 0;
  std::size_t order = 0;
  Frame frame;
  PatchShape corrections;
  PatchShape raw;
};

Status ReadMap(std::uint8_t head, ByteReader* reader, VectorHeader* header) {
  if ((head & kMapMask) >= kLatentMapCount) {
    return Status::Error(Code::kUnsupportedVersion, "uses a map this release does not know");
  }
  header->map = static_cast<LatentMap>(head & kMapMask);
  header->order = (head >> kOrderShift) & kOrderMask;
  std::uint8_t width = 0;
  std::uint8_t parameter = 0;
  if (!reader->Fixed(&width)) return Damaged("ends inside its header");
  if (header->map != LatentMap::kInt && !reader->Fixed(&parameter)) {
    return Damaged("ends inside its header");
  }
  if (width > 64 || !IsLegalParameter(header->map, parameter)) {
    return Damaged("has a width or a parameter out of range");
  }
  header->frame.width = width;
  header->parameter = parameter;
  return {};
}

// Reads up to the packed values; seeds go to the front of `values`.
Status ReadHeader(ByteReader* reader, std::span<std::uint64_t> values, VectorHeader* header) {
  std::uint8_t head = 0;
  if (!reader->Fixed(&head)) return Damaged("is empty");
  REPRISE_TRY(ReadMap(head, reader, header));
  if (header->order >= values.size()) return Damaged("is differenced more often than it has rows");
  for (std::size_t i = 0; i < header->order; ++i) {
    std::int64_t seed = 0;
    if (!reader->SignedVarint(&seed)) return Damaged("ends inside its seeds");
    values[i] = static_cast<std::uint64_t>(seed);
  }
  REPRISE_TRY(ReadFrameHeader((head & kPatchedFlag) != 0, values.size(), reader, &header->frame));
  if ((head & kCorrectedFlag) != 0) {
    REPRISE_TRY(ReadPatchHeader(values.size(), reader, &header->corrections));
  }
  if ((head & kRawFlag) != 0) REPRISE_TRY(ReadPatchHeader(values.size(), reader, &header->raw));
  return {};
}

// A row of equal differences, as steps mostly are: what unpacking and adding up would give.
bool IsEvenlySpaced(const VectorHeader& header) {
  return header.order == 1 && header.frame.width == 0 && header.frame.patches.count == 0;
}

// Steps that rise by the same everywhere without running over: known without a look at them.
bool RisesEvenly(const VectorHeader& header, std::span<const std::int64_t> steps) {
  if (!IsEvenlySpaced(header) || header.map != LatentMap::kInt) return false;
  if (header.corrections.count > 0 || header.raw.count > 0) return false;
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max() / kVectorRows;
  return header.frame.base - 1 < kMost && steps.front() < steps.back();
}

Status ReadLatents(const VectorHeader& header, ByteReader* reader, std::span<std::uint64_t> bits) {
  if (IsEvenlySpaced(header)) {
    Kernels().fill_evenly(bits[0], header.frame.base, bits.size(), bits.data());
    return {};
  }
  REPRISE_TRY(ReadFrameValues(header.frame, header.order, reader, bits));
  for (std::size_t level = header.order; level-- > 0;) {
    Kernels().accumulate(bits.data(), level, bits.size());
  }
  return {};
}

// Puts right what the map did not hold.
Status ReadMisfits(const VectorHeader& header, ByteReader* reader, std::span<std::uint64_t> bits) {
  if (header.corrections.count == 0 && header.raw.count == 0) return {};
  PatchList list;
  REPRISE_TRY(ReadPatches(header.corrections, bits.size(), reader, &list));
  for (std::size_t i = 0; i < list.count; ++i) {
    bits[list.positions[i]] += static_cast<std::uint64_t>(list.values[i]);
  }
  REPRISE_TRY(ReadPatches(header.raw, bits.size(), reader, &list));
  for (std::size_t i = 0; i < list.count; ++i) {
    bits[list.positions[i]] = static_cast<std::uint64_t>(list.values[i]);
  }
  return {};
}

Status Decode(std::string_view encoded, std::span<std::uint64_t> bits, VectorHeader* header) {
  ByteReader reader(encoded);
  REPRISE_TRY(ReadHeader(&reader, bits, header));
  REPRISE_TRY(ReadLatents(*header, &reader, bits));
  MapBack(header->map, header->parameter, bits);
  REPRISE_TRY(ReadMisfits(*header, &reader, bits));
  if (!reader.AtCleanEnd()) return Damaged("is longer than its values");
  return {};
}

}  // namespace

VectorPlans VectorPlans::AllFor(bool doubles) {
  VectorPlans plans;
  for (const LatentMap map : {LatentMap::kInt, LatentMap::kOrdered, LatentMap::kDecimal}) {
    if ((map == LatentMap::kInt) == doubles) continue;
    for (int order = 0; order <= kMaxDifferenceOrder; ++order) plans.Add({map, order});
  }
  // Signs change by chance, so neighbours have nothing to do with one another.
  if (doubles) plans.Add({LatentMap::kFolded, 0});
  return plans;
}

std::array<std::size_t, VectorPlans::kMax> MeasurePlans(std::span<const std::uint64_t> bits,
                                                        const VectorPlans& plans) {
  std::array<std::size_t, VectorPlans::kMax> bytes;
  bytes.fill(kUnusablePlan);
  ForEachCandidate(bits, plans, [&bytes](std::size_t i, const Candidate& candidate) {
    bytes[i] = candidate.bytes;
    return kUnusablePlan;
  });
  return bytes;
}

std::size_t MeasureCheapest(std::span<const std::uint64_t> bits, const VectorPlans& plans) {
  std::size_t least = kUnusablePlan;
  ForEachCandidate(bits, plans, [&least](std::size_t, const Candidate& candidate) {
    return least = std::min(least, candidate.bytes);
  });
  return least;
}

void EncodeVector(std::span<const std::uint64_t> bits, const VectorPlans& plans, std::string* out) {
  Candidate best;
  ForEachCandidate(bits, PlansToTry(bits, plans), [&best](std::size_t, const Candidate& candidate) {
    if (candidate.bytes < best.bytes) best = candidate;
    return best.bytes;
  });
  if (best.bytes == kUnusablePlan) {
    MapForward(LatentMap::kInt, bits, &best.latents);
    Price(&best);
  }
  AppendCandidate(best, out);
}

Status DecodeVector(std::string_view encoded, std::span<std::uint64_t> bits) {
  VectorHeader header;
  return Decode(encoded, bits, &header);
}

Status DecodeSteps(std::string_view encoded, std::span<std::int64_t> steps) {
  VectorHeader header;
  // Signed and unsigned integers of one size may alias.
  REPRISE_TRY(
      Decode(encoded, {reinterpret_cast<std::uint64_t*>(steps.data()), steps.size()}, &header));
  return RisesEvenly(header, steps) ? Status() : CheckSteps(steps);
}

Status CheckSteps(std::span<const std::int64_t> steps) {
  if (Kernels().rises(steps.data(), steps.size())) return {};
  const auto fall = std::adjacent_find(steps.begin(), steps.end(), std::greater_equal<>());
  return Damaged(fmt::format("has steps that do not rise: {} follows {}", fall[1], fall[0]));
}

}  // namespace reprise
