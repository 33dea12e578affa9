// A metric that takes few values (k correct of N, a learning rate schedule of steps, zeros between
// noise) is a short list of them and small ranks. The list is sorted, so that a value that moves
// slowly has ranks that move slowly.
#include "format/number_dictionary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>
#include <vector>

#include "format/bytes.h"
#include "format/codec_kernels.h"
#include "format/try.h"
#include "format/vector_chunk.h"

namespace reprise {
namespace {

// The kind, the count and a size, and two chunks of five bytes: no dictionary is smaller.
constexpr std::size_t kLeastBytes = 13;

// Below this share of a byte a row, a dictionary has little left to gain.
constexpr std::size_t kRowsPerByte = 6;

// More looks at a slot than this for a number mean that the numbers were chosen to collide.
constexpr std::size_t kMostProbes = 8;

// Distinct numbers in order of appearance, found by open addressing; ranks are into that order.
class DistinctNumbers {
 public:
  explicit DistinctNumbers(std::size_t limit)
      : limit_(limit),
        shift_(63 - static_cast<int>(std::bit_width(limit))),
        slots_(std::size_t{1} << (64 - shift_)) {}

  // The rank of `bits`, or the limit if that would be one number too many, or take too long.
  std::size_t RankOf(std::uint64_t bits) {
    probes_allowed_ += kMostProbes;
    std::size_t at = static_cast<std::size_t>((bits * 0x9E37'79B9'7F4A'7C15) >> shift_);
    for (;; at = (at + 1) & (slots_.size() - 1)) {
      if (probes_allowed_-- == 0) return limit_;
      const std::uint32_t entry = slots_[at];
      if (entry == 0) break;
      if (numbers_[entry - 1] == bits) return entry - 1;
    }
    if (numbers_.size() == limit_) return limit_;
    numbers_.push_back(bits);
    slots_[at] = static_cast<std::uint32_t>(numbers_.size());
    return numbers_.size() - 1;
  }

  const std::vector<std::uint64_t>& numbers() const { return numbers_; }

 private:
  std::size_t limit_;
  std::size_t probes_allowed_ = 0;
  int shift_;                         // leaves at least twice as many slots as numbers
  std::vector<std::uint32_t> slots_;  // rank + 1, or 0 for empty
  std::vector<std::uint64_t> numbers_;
};

// Sorts the numbers; gives the new rank of every old one.
std::vector<std::uint64_t> Sort(NumberKind kind, std::vector<std::uint64_t>* numbers) {
  std::vector<std::uint64_t> keys = *numbers;  // signed integers in the order of the kind
  if (kind == NumberKind::kDoubles) {
    Kernels().to_ordered(numbers->data(), numbers->size(), 0, keys.data());
  }
  std::vector<std::pair<std::int64_t, std::uint64_t>> order;
  order.reserve(keys.size());
  for (const std::uint64_t key : keys) {
    order.emplace_back(static_cast<std::int64_t>(key), order.size());
  }
  std::sort(order.begin(), order.end());
  const std::vector<std::uint64_t> unsorted = *numbers;
  std::vector<std::uint64_t> rank_of(order.size());
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    rank_of[order[rank].second] = rank;
    (*numbers)[rank] = unsorted[order[rank].second];
  }
  return rank_of;
}

// Whether a list of these integers takes more than it saves: as many bits a row as their ranks are
// narrower, at most.
bool SavesNothing(std::span<const std::uint64_t> numbers, std::size_t rows) {
  const IntegerExtent extent = Kernels().extent(numbers.data(), numbers.size());
  const std::uint64_t span =
      static_cast<std::uint64_t>(extent.greatest) - static_cast<std::uint64_t>(extent.least);
  const auto narrower = std::bit_width(span) - std::bit_width(numbers.size() - 1);
  return narrower <= 0 ||
         rows * static_cast<std::size_t>(narrower) / 8 <= kLeastBytes + numbers.size();
}

Status Damaged(std::string_view what) {
  return Status::Error(
      Code::kCorrupt,
      fmt::format("column chunk is damaged: {}; run `reprise verify --deep`", what));
}

}  // namespace

bool EncodeNumberDictionary(NumberKind kind, std::span<const std::uint64_t> bits, std::size_t limit,
                            std::string* out) {
  const std::size_t most = std::min(kMaxDictionaryNumbers, bits.size() / 2);
  if (most < 2 || limit <= std::max(kLeastBytes, bits.size() / kRowsPerByte)) return false;
  DistinctNumbers distinct(most);
  std::vector<std::uint64_t> ranks;
  ranks.reserve(bits.size());
  for (const std::uint64_t value : bits) {
    ranks.push_back(distinct.RankOf(value));
    if (ranks.back() == most) return false;
  }
  std::vector<std::uint64_t> numbers = distinct.numbers();
  if (numbers.size() < 2) return false;
  if (kind == NumberKind::kIntegers && SavesNothing(numbers, bits.size())) return false;
  const std::vector<std::uint64_t> rank_of = Sort(kind, &numbers);
  for (std::uint64_t& rank : ranks) rank = rank_of[rank];

  const std::size_t begin = out->size();
  ByteWriter writer(out);
  writer.Fixed(static_cast<std::uint8_t>(ChunkKind::kNumberDictionary));
  writer.Varint(numbers.size());
  const std::size_t at = out->size();
  EncodeVectorChunk(kind, numbers, nullptr, out);
  writer.SizeSince(at);
  if (out->size() - begin < limit) {
    EncodeVectorChunk(NumberKind::kIntegers, ranks, nullptr, out);
    if (out->size() - begin < limit) return true;
  }
  out->resize(begin);
  return false;
}

Status DecodeNumberDictionary(std::string_view chunk, std::size_t rows, std::size_t first,
                              std::span<std::uint64_t> out) {
  ByteReader reader(chunk);
  std::uint64_t count = 0;
  std::string_view entries;
  std::string_view ranks;
  if (!reader.Skip(1) || !reader.BoundedVarint(kMaxDictionaryNumbers, &count) || count < 2 ||
      !reader.Sized(&entries)) {
    return Damaged("its dictionary is not readable");
  }
  reader.Raw(reader.remaining(), &ranks);
  std::array<std::uint64_t, kMaxDictionaryNumbers> numbers;
  const auto size = static_cast<std::size_t>(count);
  REPRISE_TRY(DecodeVectorChunk(entries, size, 0, {numbers.data(), size}));
  REPRISE_TRY(DecodeVectorChunk(ranks, rows, first, out));
  std::uint64_t largest = 0;
  for (const std::uint64_t rank : out) largest = std::max(largest, rank);
  if (largest >= size) {
    return Damaged(fmt::format("it has rank {} of {} dictionary entries", largest, size));
  }
  for (std::uint64_t& value : out) value = numbers[value];
  return {};
}

}  // namespace reprise
