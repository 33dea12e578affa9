#include "engine/run/row_rules.h"

#include <fmt/format.h>

#include <cmath>

#include "format/try.h"

namespace reprise {

namespace {

tl::unexpected<Status> BadKey(std::string_view key, std::string_view why) {
  return Fail(Code::kInvalidArgument,
              fmt::format("key '{}' {}; use 1 to {} bytes of UTF-8 without control characters",
                          key.substr(0, 80), why, kMaxKeyBytes));
}

std::uint8_t ByteAt(std::string_view text, std::size_t i) {
  return static_cast<std::uint8_t>(text[i]);
}

// The bytes of the code point that begins at `i` (Unicode 15, table 3-7); 0 if it is malformed.
std::size_t CodePointSize(std::string_view text, std::size_t i) {
  const std::uint8_t lead = ByteAt(text, i);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || i + size > text.size()) return 0;
  for (std::size_t k = 1; k < size; ++k) {
    if ((ByteAt(text, i + k) & 0xC0) != 0x80) return 0;
  }
  const std::uint8_t second = ByteAt(text, i + 1);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool outside = (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F);
  return overlong || outside ? 0 : size;
}

Status BadOwnField(std::string_view key, std::string_view wants) {
  return Status::Error(
      Code::kInvalidArgument,
      fmt::format("the field '{}' is not {}; leave it out or mend it", key, wants));
}

Status ReadStep(const ValueView& value, OwnFields* own) {
  if (value.type() == Type::kInt64) {
    own->step = value.as_int64();
  } else if (value.type() == Type::kDouble && value.as_double() == std::floor(value.as_double()) &&
             std::abs(value.as_double()) < 0x1p53) {
    own->step = static_cast<Step>(value.as_double());
  }
  if (own->step && *own->step >= 0) return {};
  return BadOwnField(kStepKey, "a whole number of at least 0");
}

Status ReadTime(const ValueView& value, OwnFields* own) {
  if (value.type() == Type::kInt64 || value.type() == Type::kDouble) {
    own->time = MicrosOf(value.as_number());
  }
  if (own->time) return {};
  return BadOwnField(kTimestampKey, "a number of seconds since 1970");
}

}  // namespace

Status CheckKey(std::string_view key) {
  if (key.empty()) return BadKey(key, "is empty").value();
  if (key.size() > kMaxKeyBytes) {
    return BadKey(key, fmt::format("has {} bytes", key.size())).value();
  }
  for (std::size_t i = 0; i < key.size();) {
    const std::uint8_t byte = ByteAt(key, i);
    if (byte < 0x20 || byte == 0x7F) {
      return BadKey("", fmt::format("has the control character 0x{:02x} at byte {}", byte, i))
          .value();
    }
    const std::size_t size = CodePointSize(key, i);
    if (size == 0) return BadKey("", fmt::format("is not UTF-8 at byte {}", i)).value();
    i += size;
  }
  return {};
}

Status CheckValue(std::string_view key, const ValueView& value) {
  if (value.text().size() <= kMaxValueBytes) return {};
  return Status::Error(Code::kInvalidArgument,
                       fmt::format("the value of '{}' has {} bytes; at most {} can be logged", key,
                                   value.text().size(), kMaxValueBytes));
}

Status CheckRowBytes(std::size_t bytes) {
  if (bytes <= kMaxRowBytes) return {};
  return Status::Error(Code::kInvalidArgument,
                       fmt::format("the row has {} bytes; at most {} can be logged at one step",
                                   bytes, kMaxRowBytes));
}

Result<OwnFields> FindOwnFields(std::span<const Field> fields) {
  OwnFields own;
  for (const Field& field : fields) {
    if (field.key.empty() || field.key[0] != '_') continue;
    if (field.key == kStepKey) {
      REPRISE_TRY(ReadStep(field.value, &own));
    } else if (field.key == kTimestampKey) {
      REPRISE_TRY(ReadTime(field.value, &own));
    } else {
      continue;
    }
    own.any = true;
  }
  return own;
}

std::optional<TimeMicros> MicrosOf(double seconds) {
  const double micros = std::nearbyint(seconds * 1e6);  // ties to even
  if (!(std::abs(micros) < 0x1p62)) return std::nullopt;
  return static_cast<TimeMicros>(micros);
}

}  // namespace reprise
