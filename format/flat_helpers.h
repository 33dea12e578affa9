// What the FlatBuffers of this folder share: building canonically, and reading without trust.
//
// The library's verifier keeps offsets inside the buffer, but lets any number of them lead to the
// same bytes, so that a small buffer can unfold into a huge structure. A FlatReader therefore pays
// for everything it copies out of a budget of the buffer's own size. What is left (orders of
// fields, padding, unused bytes) is settled by encoding the result again: it must be the same.
#ifndef REPRISE_FORMAT_FLAT_HELPERS_H_
#define REPRISE_FORMAT_FLAT_HELPERS_H_

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "format/change.h"
#include "format/schema/change_generated.h"

namespace reprise {

// No change or record is larger (bytes): a row may have 8 MiB, and a config is of that order.
inline constexpr std::size_t kMaxFlatSize = std::size_t{64} << 20;

// The same bytes at an address that FlatBuffers may read from; copied only where needed.
class AlignedBytes {
 public:
  explicit AlignedBytes(std::string_view bytes);
  AlignedBytes(const AlignedBytes&) = delete;
  AlignedBytes& operator=(const AlignedBytes&) = delete;

  const std::uint8_t* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t kSmall = 32;  // words: a lease, which is read after each write

  std::uint64_t small_[kSmall];
  std::vector<std::uint64_t> large_;
  const std::uint8_t* data_;
  std::size_t size_;
};

// The root if every offset leads into the buffer, else null.
template <typename Root>
const Root* VerifiedRoot(const AlignedBytes& bytes) {
  constexpr flatbuffers::uoffset_t kMaxDepth = 16;
  constexpr flatbuffers::uoffset_t kMaxTables = 4096;
  if (bytes.size() < sizeof(flatbuffers::uoffset_t) || bytes.size() > kMaxFlatSize) return nullptr;
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), kMaxDepth, kMaxTables);
  if (!verifier.VerifyBuffer<Root>(nullptr)) return nullptr;
  return flatbuffers::GetRoot<Root>(bytes.data());
}

// Copies out of one verified buffer. Once something does not fit it has failed for good.
class FlatReader {
 public:
  explicit FlatReader(std::size_t buffer_size) : budget_(buffer_size) {}

  bool failed() const { return failed_; }
  void Reject() { failed_ = true; }

  // Absent is empty.
  std::string Text(const flatbuffers::String* stored);
  std::string Bytes(const flatbuffers::Vector<std::uint8_t>* stored);
  std::vector<std::string> Texts(
      const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* stored);
  ConfigEntries Leaves(const flatbuffers::Vector<std::uint8_t>* stored);
  Value OneValue(const flatbuffers::Vector<std::uint8_t>* stored);
  // Absent is damage.
  RunUid Uid(const schema::Uid* stored);
  BranchNode Node(const schema::Node* stored);
  StoredMoment Moment(const schema::Moment* stored);
  Fence OneFence(const schema::Fence* stored);
  Holder OneHolder(const schema::Holder* stored);
  // Absent is empty.
  std::vector<SegmentRef> Segments(const flatbuffers::Vector<const schema::Segment*>* stored);
  GapRecorded Gap(const schema::GapRecorded& stored);

  // Pays for `bytes` that are about to be copied or decoded.
  bool Pay(std::size_t bytes);

 private:
  // Whether there are structs to copy out. The library's verifier checks how structs lie in
  // tables, but not how they lie in vectors.
  template <typename Struct>
  bool MayCopy(const flatbuffers::Vector<const Struct*>* stored) {
    if (stored == nullptr) return false;
    const bool aligned = reinterpret_cast<std::uintptr_t>(stored->Data()) % alignof(Struct) == 0;
    if (!aligned) Reject();
    return aligned && Pay(stored->size() * sizeof(Struct));
  }
  SegmentRef OneSegment(const schema::Segment& stored);
  std::vector<ChangeRange> Ranges(const flatbuffers::Vector<const schema::ChangeRange*>* stored);
  std::string_view View(const flatbuffers::Vector<std::uint8_t>* stored);

  std::size_t budget_;
  bool failed_ = false;
};

schema::Uid ToFlat(const RunUid& uid);
schema::BranchId ToFlat(const BranchId& id);
schema::Node ToFlat(const BranchNode& node);
schema::Moment ToFlat(const StoredMoment& moment);
schema::Fence ToFlat(const Fence& fence);
std::vector<schema::Segment> ToFlat(const std::vector<SegmentRef>& segments);
RunUid FromFlat(const schema::Uid& uid);
BranchId FromFlat(const schema::BranchId& id);

using FlatText = flatbuffers::Offset<flatbuffers::String>;
using FlatBytes = flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>>;
using FlatTexts = flatbuffers::Offset<flatbuffers::Vector<FlatText>>;

// Empty is absent.
FlatText AddText(flatbuffers::FlatBufferBuilder& builder, std::string_view text);
FlatBytes AddBytes(flatbuffers::FlatBufferBuilder& builder, std::string_view bytes);
FlatTexts AddTexts(flatbuffers::FlatBufferBuilder& builder, const std::vector<std::string>& texts);
flatbuffers::Offset<schema::Holder> AddHolder(flatbuffers::FlatBufferBuilder& builder,
                                              const Holder& holder);
flatbuffers::Offset<schema::GapRecorded> AddGap(flatbuffers::FlatBufferBuilder& builder,
                                                const GapRecorded& gap);

// Ends the buffer with `root`.
template <typename Root>
std::string FinishFlat(flatbuffers::FlatBufferBuilder& builder, flatbuffers::Offset<Root> root) {
  builder.Finish(root);
  const char* bytes = reinterpret_cast<const char*>(builder.GetBufferPointer());
  return std::string(bytes, builder.GetSize());
}

}  // namespace reprise

#endif  // REPRISE_FORMAT_FLAT_HELPERS_H_
