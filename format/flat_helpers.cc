#include "format/flat_helpers.h"

#include <cstring>

#include "format/leaf_bytes.h"

namespace reprise {
namespace {

bool IsAligned(const char* p) {
  return reinterpret_cast<std::uintptr_t>(p) % alignof(std::uint64_t) == 0;
}

}  // namespace

AlignedBytes::AlignedBytes(std::string_view bytes)
    : data_(reinterpret_cast<const std::uint8_t*>(bytes.data())), size_(bytes.size()) {
  if (IsAligned(bytes.data()) || size_ > kMaxFlatSize) return;
  const std::size_t words = (size_ + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t);
  if (words > kSmall) large_.resize(words);
  std::uint64_t* copy = words > kSmall ? large_.data() : small_;
  std::memcpy(copy, bytes.data(), size_);
  data_ = reinterpret_cast<const std::uint8_t*>(copy);
}

bool FlatReader::Pay(std::size_t bytes) {
  if (failed_ || bytes > budget_) {
    failed_ = true;
    return false;
  }
  budget_ -= bytes;
  return true;
}

std::string_view FlatReader::View(const flatbuffers::Vector<std::uint8_t>* stored) {
  if (stored == nullptr || !Pay(stored->size())) return {};
  return {reinterpret_cast<const char*>(stored->Data()), stored->size()};
}

std::string FlatReader::Text(const flatbuffers::String* stored) {
  if (stored == nullptr || !Pay(stored->size())) return {};
  return stored->str();
}

std::string FlatReader::Bytes(const flatbuffers::Vector<std::uint8_t>* stored) {
  return std::string(View(stored));
}

std::vector<std::string> FlatReader::Texts(
    const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* stored) {
  std::vector<std::string> texts;
  if (stored == nullptr || !Pay(stored->size() * sizeof(flatbuffers::uoffset_t))) return texts;
  for (flatbuffers::uoffset_t i = 0; i < stored->size() && !failed_; ++i) {
    texts.push_back(Text(stored->Get(i)));
  }
  return texts;
}

ConfigEntries FlatReader::Leaves(const flatbuffers::Vector<std::uint8_t>* stored) {
  ConfigEntries entries;
  if (!DecodeLeaves(View(stored), &entries)) Reject();
  return entries;
}

Value FlatReader::OneValue(const flatbuffers::Vector<std::uint8_t>* stored) {
  Value value;
  if (!DecodeValue(View(stored), &value)) Reject();
  return value;
}

RunUid FlatReader::Uid(const schema::Uid* stored) {
  if (stored != nullptr) return FromFlat(*stored);
  Reject();
  return {};
}

BranchNode FlatReader::Node(const schema::Node* stored) {
  if (stored == nullptr) {
    Reject();
    return {};
  }
  BranchNode node;
  node.id = FromFlat(stored->id());
  node.has_parent = stored->has_parent();
  node.parent = FromFlat(stored->parent());
  node.fork_step = stored->fork_step();
  node.depth = stored->depth();
  node.jump = FromFlat(stored->jump());
  return node;
}

StoredMoment FlatReader::Moment(const schema::Moment* stored) {
  if (stored != nullptr) return {FromFlat(stored->branch()), stored->step()};
  Reject();
  return {};
}

Fence FlatReader::OneFence(const schema::Fence* stored) {
  if (stored != nullptr) return {stored->session(), stored->generation(), stored->sequence()};
  Reject();
  return {};
}

Holder FlatReader::OneHolder(const schema::Holder* stored) {
  Holder holder;
  if (stored == nullptr) {
    Reject();
    return holder;
  }
  holder.session = stored->session();
  holder.pid = stored->pid();
  holder.host = Text(stored->host());
  holder.boot_id = Bytes(stored->boot_id());
  holder.since = stored->since();
  return holder;
}

SegmentRef FlatReader::OneSegment(const schema::Segment& stored) {
  if (stored.stream() > static_cast<std::uint8_t>(Stream::kConsole)) Reject();
  SegmentRef segment;
  segment.pack = stored.pack();
  segment.offset = stored.offset();
  segment.length = stored.length();
  segment.branch = FromFlat(stored.branch());
  segment.stream = static_cast<Stream>(stored.stream());
  segment.first = stored.first();
  segment.last = stored.last();
  segment.rows = stored.rows();
  segment.generation = stored.generation();
  return segment;
}

std::vector<SegmentRef> FlatReader::Segments(
    const flatbuffers::Vector<const schema::Segment*>* stored) {
  std::vector<SegmentRef> segments;
  if (!MayCopy(stored)) return segments;
  for (const schema::Segment* segment : *stored) segments.push_back(OneSegment(*segment));
  return segments;
}

std::vector<ChangeRange> FlatReader::Ranges(
    const flatbuffers::Vector<const schema::ChangeRange*>* stored) {
  std::vector<ChangeRange> ranges;
  if (!MayCopy(stored)) return ranges;
  for (const schema::ChangeRange* range : *stored) {
    if (range->first() > range->last()) Reject();
    ranges.push_back({range->first(), range->last()});
  }
  return ranges;
}

GapRecorded FlatReader::Gap(const schema::GapRecorded& stored) {
  GapRecorded gap;
  const bool known = stored.reason() >= static_cast<std::uint8_t>(GapReason::kLogDamaged) &&
                     stored.reason() <= static_cast<std::uint8_t>(GapReason::kChangesVoid) &&
                     stored.stream() <= static_cast<std::uint8_t>(Stream::kConsole);
  if (!known) Reject();
  gap.reason = static_cast<GapReason>(stored.reason());
  gap.branch = stored.branch();
  gap.stream = static_cast<Stream>(stored.stream());
  gap.first = stored.first();
  gap.last = stored.last();
  gap.rows = stored.rows();
  gap.session = stored.session();
  gap.keys = Texts(stored.keys());
  gap.changes = Ranges(stored.changes());
  gap.dropped = Segments(stored.dropped());
  gap.segments = Segments(stored.segments());
  return gap;
}

schema::Uid ToFlat(const RunUid& uid) { return {uid.high, uid.low}; }

schema::BranchId ToFlat(const BranchId& id) { return {ToFlat(id.uid), id.ordinal}; }

schema::Node ToFlat(const BranchNode& node) {
  return {ToFlat(node.id), ToFlat(node.parent), ToFlat(node.jump),
          node.fork_step,  node.depth,          node.has_parent};
}

schema::Moment ToFlat(const StoredMoment& moment) { return {ToFlat(moment.branch), moment.step}; }

schema::Fence ToFlat(const Fence& fence) {
  return {fence.session, fence.generation, fence.sequence};
}

std::vector<schema::Segment> ToFlat(const std::vector<SegmentRef>& segments) {
  std::vector<schema::Segment> flat;
  flat.reserve(segments.size());
  for (const SegmentRef& s : segments) {
    flat.emplace_back(s.pack, s.offset, s.length, ToFlat(s.branch), s.first, s.last, s.rows,
                      s.generation, static_cast<std::uint8_t>(s.stream));
  }
  return flat;
}

RunUid FromFlat(const schema::Uid& uid) { return {uid.high(), uid.low()}; }

BranchId FromFlat(const schema::BranchId& id) { return {FromFlat(id.uid()), id.ordinal()}; }

FlatText AddText(flatbuffers::FlatBufferBuilder& builder, std::string_view text) {
  return text.empty() ? FlatText() : builder.CreateString(text.data(), text.size());
}

FlatBytes AddBytes(flatbuffers::FlatBufferBuilder& builder, std::string_view bytes) {
  if (bytes.empty()) return {};
  return builder.CreateVector(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

FlatTexts AddTexts(flatbuffers::FlatBufferBuilder& builder, const std::vector<std::string>& texts) {
  return texts.empty() ? FlatTexts() : builder.CreateVectorOfStrings(texts);
}

flatbuffers::Offset<schema::Holder> AddHolder(flatbuffers::FlatBufferBuilder& builder,
                                              const Holder& holder) {
  const FlatText host = AddText(builder, holder.host);
  const FlatBytes boot_id = AddBytes(builder, holder.boot_id);
  return schema::CreateHolder(builder, holder.session, holder.since, holder.pid, host, boot_id);
}

namespace {

flatbuffers::Offset<flatbuffers::Vector<const schema::Segment*>> AddSegments(
    flatbuffers::FlatBufferBuilder& builder, const std::vector<SegmentRef>& segments) {
  if (segments.empty()) return {};
  return builder.CreateVectorOfStructs(ToFlat(segments));
}

flatbuffers::Offset<flatbuffers::Vector<const schema::ChangeRange*>> AddRanges(
    flatbuffers::FlatBufferBuilder& builder, const std::vector<ChangeRange>& ranges) {
  if (ranges.empty()) return {};
  std::vector<schema::ChangeRange> flat;
  for (const ChangeRange& range : ranges) flat.emplace_back(range.first, range.last);
  return builder.CreateVectorOfStructs(flat);
}

}  // namespace

flatbuffers::Offset<schema::GapRecorded> AddGap(flatbuffers::FlatBufferBuilder& builder,
                                                const GapRecorded& gap) {
  const FlatTexts keys = AddTexts(builder, gap.keys);
  const auto changes = AddRanges(builder, gap.changes);
  const auto dropped = AddSegments(builder, gap.dropped);
  const auto segments = AddSegments(builder, gap.segments);
  return schema::CreateGapRecorded(
      builder, static_cast<std::uint8_t>(gap.reason), static_cast<std::uint8_t>(gap.stream),
      gap.branch, gap.first, gap.last, gap.rows, gap.session, keys, changes, dropped, segments);
}

}  // namespace reprise
