// Encoding is the hot path of logging: the bound is reserved once, then bytes go through a plain
// pointer. Decoding trusts nothing.
#include "format/row_part.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "format/bytes.h"
#include "format/float32.h"
#include "format/log_file.h"

namespace reprise {

namespace {

constexpr std::uint8_t kCommitFlag = 1;
constexpr std::uint8_t kRestateFlag = 2;
constexpr std::uint8_t kNarrowFlag = 4;
constexpr std::uint8_t kKnownFlags = kCommitFlag | kRestateFlag | kNarrowFlag;

constexpr std::size_t kMaxVarint = 10;
// Record header, handle, shape, flags, step and time.
constexpr std::size_t kFixedBound = kRecordHeaderSize + 4 * kMaxVarint + 1;

std::size_t MaskBytes(std::size_t columns) { return (columns + 7) / 8; }

// At least what a row part of these values takes.
std::size_t BoundOf(std::span<const ValueView> values) {
  std::size_t bound = kFixedBound + MaskBytes(values.size()) + values.size() * kMaxVarint;
  for (const ValueView& value : values) bound += value.text().size();
  return bound;
}

char* PutVarint(char* to, std::uint64_t value) {
  while (value >= 0x80) {
    *to++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *to++ = static_cast<char>(value);
  return to;
}

char* PutValue(char* to, const ValueView& value) {
  switch (value.type()) {
    case Type::kNull:
      return to;
    case Type::kBool:
      *to = static_cast<char>(value.bits());
      return to + 1;
    case Type::kInt64:
    case Type::kDouble:
      StoreLittle(to, value.bits());
      return to + 8;
    case Type::kString:
    case Type::kBytes:
    case Type::kJson:
      break;
  }
  const std::string_view text = value.text();
  to = PutVarint(to, text.size());
  return to + text.copy(to, text.size());
}

char* PutValues(char* to, std::span<const ValueView> values) {
  for (const ValueView& value : values) to = PutValue(to, value);
  return to;
}

// At most eight values, doubles that are float32 values as such. Adds up how many those are; the
// mask says which.
char* PutEight(char* to, std::span<const ValueView> values, char* mask, std::size_t* narrow) {
  unsigned bits = 0;
  unsigned bit = 1;
  std::size_t count = 0;
  for (const ValueView& value : values) {
    const bool is_double = value.type() == Type::kDouble;
    const auto float32 = is_double ? AsFloat32(value.bits()) : std::nullopt;
    if (float32) {
      StoreLittle(to, *float32);
      to += sizeof(std::uint32_t);
      bits |= bit;
      ++count;
    } else {
      to = PutValue(to, value);
    }
    bit <<= 1;
  }
  *mask = static_cast<char>(bits);
  *narrow += count;
  return to;
}

// Narrowed if that takes fewer bytes, and says so in the flags.
char* PutShorter(char* to, std::span<const ValueView> values, char* flags) {
  char* const begin = to;
  std::size_t narrow = 0;
  to += MaskBytes(values.size());
  for (std::size_t at = 0; at < values.size(); at += 8) {
    const auto eight = values.subspan(at, std::min<std::size_t>(8, values.size() - at));
    to = PutEight(to, eight, begin + at / 8, &narrow);
  }
  if (narrow * sizeof(std::uint32_t) <= MaskBytes(values.size())) return PutValues(begin, values);
  *flags = static_cast<char>(*flags | kNarrowFlag);
  return to;
}

bool ReadFloat32(ByteReader* reader, Type type, ValueView* value) {
  std::uint32_t bits = 0;
  if (type != Type::kDouble || !reader->Fixed(&bits)) return false;
  *value = ValueView::Stored(type, WidenFloat32(bits), {});
  return true;
}

bool ReadValue(ByteReader* reader, Type type, ValueView* value) {
  std::uint64_t bits = 0;
  std::uint8_t byte = 0;
  std::string_view text;
  bool ok = true;
  if (type == Type::kBool) {
    ok = reader->Fixed(&byte) && byte <= 1;
    bits = byte;
  } else if (IsText(type)) {
    ok = reader->Sized(&text);
  } else if (type != Type::kNull) {
    ok = reader->Fixed(&bits);
  }
  if (ok) *value = ValueView::Stored(type, bits, text);
  return ok;
}

// A bit for each column, none behind the last.
bool ReadMask(ByteReader* reader, std::size_t columns, std::string_view* mask) {
  if (!reader->Raw(MaskBytes(columns), mask)) return false;
  return columns % 8 == 0 || static_cast<std::uint8_t>(mask->back()) >> (columns % 8) == 0;
}

// Differences wrap around, so that any two times have one.
std::int64_t WrappingDifference(TimeMicros a, TimeMicros b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
TimeMicros WrappingSum(TimeMicros a, std::int64_t b) {
  return static_cast<TimeMicros>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

}  // namespace

void AppendRowPart(const RowPartHeader& header, bool has_time, TimeMicros time,
                   TimeMicros group_time, std::span<const ValueView> values, std::string* group) {
  const std::size_t start = group->size();
  group->resize(start + BoundOf(values));
  char* const record = group->data() + start;
  record[4] = static_cast<char>(RecordKind::kRowPart);
  char* to = record + kRecordHeaderSize;
  to = PutVarint(to, header.run);
  to = PutVarint(to, header.shape);
  char* const flags = to;
  *to++ =
      static_cast<char>((header.commit ? kCommitFlag : 0) | (header.restate ? kRestateFlag : 0));
  to = PutVarint(to, static_cast<std::uint64_t>(header.step));
  if (has_time) to = PutVarint(to, ZigZag(WrappingDifference(time, group_time)));
  to = PutShorter(to, values, flags);
  const auto size = static_cast<std::size_t>(to - record);
  StoreLittle(record, static_cast<std::uint32_t>(size - kRecordHeaderSize));
  group->resize(start + size);
}

bool RowPartReader::ReadHeader(RowPartHeader* header) {
  constexpr std::uint64_t kMaxNumber = std::numeric_limits<std::uint32_t>::max();
  constexpr auto kMaxStep = static_cast<std::uint64_t>(std::numeric_limits<Step>::max());
  ByteReader reader(payload_);
  std::uint64_t run = 0;
  std::uint64_t shape = 0;
  std::uint64_t step = 0;
  std::uint8_t flags = 0;
  reader.BoundedVarint(kMaxNumber, &run);
  reader.BoundedVarint(kMaxNumber, &shape);
  reader.Fixed(&flags);
  if (!reader.BoundedVarint(kMaxStep, &step) || (flags & ~kKnownFlags) != 0) return false;
  header->run = static_cast<std::uint32_t>(run);
  header->shape = static_cast<std::uint32_t>(shape);
  header->commit = (flags & kCommitFlag) != 0;
  header->restate = (flags & kRestateFlag) != 0;
  header->step = static_cast<Step>(step);
  is_narrow_ = (flags & kNarrowFlag) != 0;
  position_ = reader.position();
  return true;
}

bool RowPartReader::ReadValues(bool has_time, TimeMicros group_time, std::span<const Type> types,
                               TimeMicros* time, std::vector<ValueView>* values) {
  ByteReader reader(payload_.substr(position_));
  std::int64_t difference = 0;
  if (has_time && !reader.SignedVarint(&difference)) return false;
  *time = has_time ? WrappingSum(group_time, difference) : kNoTime;
  std::string_view mask;
  if (is_narrow_ && !ReadMask(&reader, types.size(), &mask)) return false;
  values->resize(types.size());
  for (std::size_t i = 0; i < types.size(); ++i) {
    const bool narrow = is_narrow_ && (mask[i / 8] >> (i % 8) & 1) != 0;
    ValueView* const value = &(*values)[i];
    const bool read =
        narrow ? ReadFloat32(&reader, types[i], value) : ReadValue(&reader, types[i], value);
    if (!read) return false;
  }
  return reader.AtCleanEnd();
}

}  // namespace reprise
