// A chunk is its kind, the size of every vector (16 bits each, if there is more than one), and the
// vectors. A size of 0 repeats the vector before it, so a constant column is one vector.
#include "format/vector_chunk.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "format/bytes.h"
#include "format/plan_memory.h"
#include "format/try.h"
#include "format/vector_codec.h"

namespace reprise {
namespace {

// Every plan is tried on this many vectors of a longer chunk, the best two on the rest.
constexpr std::size_t kSampledVectors = 5;

// Remembered plans are chosen anew after so many chunks, and as soon as they take this much more
// than they did.
constexpr int kMostUses = 16;
constexpr double kMostGrowth = 1.05;
constexpr double kAnyGrowth = 0.05;  // bytes a row

// A second plan has to save one part in so many.
constexpr std::size_t kLeastSaving = 128;

using PlanBytes = std::array<std::size_t, VectorPlans::kMax>;
using SampledBytes = std::array<PlanBytes, kSampledVectors>;

std::size_t VectorCount(std::size_t rows) { return (rows + kVectorRows - 1) / kVectorRows; }

// What the samples take if each is encoded by the better of two plans.
std::size_t BytesOfPair(const SampledBytes& bytes, std::size_t a, std::size_t b) {
  std::size_t sum = 0;
  for (const PlanBytes& sample : bytes) sum += std::min(sample[a], sample[b]);
  return sum;
}

// Two plans, or one where the other saves little: each is tried on every vector.
VectorPlans CheapestPlans(const VectorPlans& all, const SampledBytes& bytes) {
  std::pair<std::size_t, std::size_t> best = {0, 1};
  std::size_t best_bytes = BytesOfPair(bytes, 0, 1);
  for (std::size_t a = 0; a < all.size(); ++a) {
    for (std::size_t b = a + 1; b < all.size(); ++b) {
      const std::size_t sum = BytesOfPair(bytes, a, b);
      if (sum >= best_bytes) continue;
      best = {a, b};
      best_bytes = sum;
    }
  }
  const std::size_t first_bytes = BytesOfPair(bytes, best.first, best.first);
  const std::size_t second_bytes = BytesOfPair(bytes, best.second, best.second);
  const std::size_t least = best_bytes + best_bytes / kLeastSaving;
  VectorPlans plans;
  if (first_bytes <= second_bytes || second_bytes > least) plans.Add(all[best.first]);
  if (second_bytes < first_bytes || first_bytes > least) plans.Add(all[best.second]);
  return plans;
}

// Requires a full vector. A short chunk has some vectors sampled twice.
VectorPlans SamplePlans(const VectorPlans& all, std::span<const std::uint64_t> bits) {
  const std::size_t full = bits.size() / kVectorRows;
  SampledBytes bytes;
  std::size_t measured = full;  // none
  for (std::size_t i = 0; i < kSampledVectors; ++i) {
    const std::size_t vector = i * (full - 1) / (kSampledVectors - 1);
    if (vector == measured) {
      bytes[i] = bytes[i - 1];
      continue;
    }
    bytes[i] = MeasurePlans(bits.subspan(vector * kVectorRows, kVectorRows), all);
    measured = vector;
  }
  return CheapestPlans(all, bytes);
}

// A short chunk has every plan tried on every vector, unless they are to be remembered.
VectorPlans ChoosePlans(NumberKind kind, std::span<const std::uint64_t> bits, bool remember) {
  const VectorPlans all = VectorPlans::AllFor(kind == NumberKind::kDoubles);
  const std::size_t full = bits.size() / kVectorRows;
  return full > kSampledVectors || remember ? SamplePlans(all, bits) : all;
}

Status Damaged(std::string_view what) {
  return Status::Error(
      Code::kCorrupt,
      fmt::format("column chunk is damaged: {}; run `reprise verify --deep`", what));
}

// Hands out the vectors of a chunk in order, starting with the one at `index`.
class VectorCursor {
 public:
  // Checks that the sizes add up to the chunk.
  static Status Open(std::string_view chunk, std::size_t rows, std::size_t index,
                     VectorCursor* cursor);

  // The bytes of the next vector, and its place in the chunk for messages.
  std::string_view Next();
  std::size_t offset() const { return offset_; }

 private:
  std::size_t SizeAt(std::size_t index) const {
    return single_ ? chunk_.size() - 1 : LoadLittle<std::uint16_t>(chunk_.data() + 1 + index * 2);
  }
  void Advance() {
    const std::size_t size = SizeAt(index_++);
    if (size == 0) return;
    offset_ += size_;
    size_ = size;
  }

  std::string_view chunk_;
  bool single_ = false;
  std::size_t index_ = 0;   // of the vector after the current one
  std::size_t offset_ = 0;  // of the current one
  std::size_t size_ = 0;
};

Status VectorCursor::Open(std::string_view chunk, std::size_t rows, std::size_t index,
                          VectorCursor* cursor) {
  if (chunk.empty() || chunk[0] != static_cast<char>(ChunkKind::kVectors)) {
    return Damaged("it does not begin as a chunk of vectors");
  }
  const std::size_t vectors = VectorCount(rows);
  cursor->chunk_ = chunk;
  cursor->single_ = vectors == 1;
  const std::size_t begin = 1 + (cursor->single_ ? 0 : vectors * 2);
  if (chunk.size() <= begin) {
    return Damaged(fmt::format("{} bytes cannot hold {} rows", chunk.size(), rows));
  }
  std::size_t total = begin;
  for (std::size_t i = 0; i < vectors; ++i) total += cursor->SizeAt(i);
  if (total != chunk.size() || cursor->SizeAt(0) == 0) {
    return Damaged(fmt::format("its vectors take {} bytes, the chunk has {}", total, chunk.size()));
  }
  cursor->offset_ = begin;
  while (cursor->index_ < index) cursor->Advance();
  return {};
}

std::string_view VectorCursor::Next() {
  Advance();
  return chunk_.substr(offset_, size_);
}

// Decodes one vector into `out`, which is the part of it that starts at row `skip`.
Status DecodePart(std::string_view encoded, std::size_t vector_rows, std::size_t skip,
                  std::span<std::uint64_t> out) {
  if (out.size() == vector_rows) return DecodeVector(encoded, out);
  std::array<std::uint64_t, kVectorRows> whole;
  REPRISE_TRY(DecodeVector(encoded, {whole.data(), vector_rows}));
  std::copy_n(whole.begin() + static_cast<std::ptrdiff_t>(skip), out.size(), out.begin());
  return {};
}

// Appends a chunk, vector by vector: who writes it appends the bytes of each.
class ChunkWriter {
 public:
  // Of `vectors` vectors, at least one.
  ChunkWriter(std::size_t vectors, std::string* out) : out_(out), single_(vectors == 1) {
    out_->push_back(static_cast<char>(ChunkKind::kVectors));
    sizes_at_ = out_->size();
    if (!single_) out_->resize(sizes_at_ + vectors * 2);
    end_ = last_at_ = out_->size();
  }

  // What was appended since the last call is a vector.
  void EndVector() {
    const std::string_view chunk = *out_;
    const std::string_view vector = chunk.substr(end_);
    const bool repeats = vector == chunk.substr(last_at_, end_ - last_at_);
    if (!single_) {
      StoreLittle(out_->data() + sizes_at_ + added_ * 2,
                  repeats ? std::uint16_t{0} : static_cast<std::uint16_t>(vector.size()));
    }
    ++added_;
    if (repeats) return out_->resize(end_);
    last_at_ = end_;
    end_ = out_->size();
  }

 private:
  std::string* const out_;
  const bool single_;
  std::size_t sizes_at_ = 0;
  std::size_t added_ = 0;
  std::size_t last_at_ = 0;  // of the last vector that does not repeat another; none is empty
  std::size_t end_ = 0;      // of that vector
};

void AppendChunk(std::span<const std::uint64_t> bits, const VectorPlans& plans, std::string* out) {
  ChunkWriter chunk(VectorCount(bits.size()), out);
  for (std::size_t first = 0; first < bits.size(); first += kVectorRows) {
    EncodeVector(bits.subspan(first, std::min(kVectorRows, bits.size() - first)), plans, out);
    chunk.EndVector();
  }
}

// Whether the plans of earlier chunks still suit; if not, nothing is appended.
bool AppendAsBefore(std::span<const std::uint64_t> bits, ColumnPlans* known, std::string* out) {
  if (known->plans.size() == 0 || known->uses == kMostUses) return false;
  const std::size_t at = out->size();
  AppendChunk(bits, known->plans, out);
  ++known->uses;
  const double most = known->bytes_a_row * kMostGrowth + kAnyGrowth;
  if (static_cast<double>(out->size() - at) <= most * static_cast<double>(bits.size())) return true;
  out->resize(at);
  return false;
}

}  // namespace

void EncodeVectorChunk(NumberKind kind, std::span<const std::uint64_t> bits, ColumnPlans* known,
                       std::string* out) {
  const bool remembers = known != nullptr && bits.size() >= kVectorRows;
  if (remembers && AppendAsBefore(bits, known, out)) return;
  const std::size_t at = out->size();
  const VectorPlans plans = ChoosePlans(kind, bits, remembers);
  AppendChunk(bits, plans, out);
  if (!remembers) return;
  known->plans = plans;
  known->uses = 0;
  known->bytes_a_row = static_cast<double>(out->size() - at) / static_cast<double>(bits.size());
}

void JoinVectors(std::span<const std::string_view> vectors, std::string* out) {
  ChunkWriter chunk(vectors.size(), out);
  for (const std::string_view vector : vectors) {
    out->append(vector);
    chunk.EndVector();
  }
}

Status DecodeVectorChunk(std::string_view chunk, std::size_t rows, std::size_t first,
                         std::span<std::uint64_t> out) {
  VectorCursor cursor;
  REPRISE_TRY(VectorCursor::Open(chunk, rows, first / kVectorRows, &cursor));
  std::size_t done = 0;
  while (done < out.size()) {
    const std::size_t row = first + done;
    const std::size_t begin = row / kVectorRows * kVectorRows;
    const std::size_t vector_rows = std::min(kVectorRows, rows - begin);
    const std::size_t count = std::min(begin + vector_rows - row, out.size() - done);
    const std::string_view encoded = cursor.Next();
    const Status status = DecodePart(encoded, vector_rows, row - begin, out.subspan(done, count));
    if (!status.ok()) {
      return Status::Error(
          status.code(),
          fmt::format(
              "column chunk is not readable: vector {} at byte {} {}; run `reprise verify --deep`",
              begin / kVectorRows, cursor.offset(), status.message()));
    }
    done += count;
  }
  return {};
}

Status LocateVectors(std::string_view chunk, std::size_t rows, std::vector<VectorPlace>* places) {
  VectorCursor cursor;
  REPRISE_TRY(VectorCursor::Open(chunk, rows, 0, &cursor));
  places->clear();
  for (std::size_t i = 0; i < VectorCount(rows); ++i) {
    const std::string_view vector = cursor.Next();
    places->push_back(
        {static_cast<std::uint32_t>(cursor.offset()), static_cast<std::uint32_t>(vector.size())});
  }
  return {};
}

}  // namespace reprise
