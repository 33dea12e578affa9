// What is logged: keys with typed values at steps.
//
// Every value comes back as it was logged, bit for bit: NaN payloads, infinities, -0.0 and the
// difference between int64 1, double 1.0 and true included. Absent, null and NaN are three
// different things.
#ifndef REPRISE_VALUE_H_
#define REPRISE_VALUE_H_

#include <bit>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

namespace reprise {

// A client-chosen position in a history: >= 0, strictly rising in a branch, gaps allowed.
using Step = std::int64_t;

// The step before the first: where an empty history ends.
inline constexpr Step kNoStep = -1;

// Steps first..last, both included. Empty where first > last.
struct StepRange {
  Step first = 0;
  Step last = std::numeric_limits<Step>::max();

  bool contains(Step step) const { return first <= step && step <= last; }
  bool empty() const { return first > last; }
  friend bool operator==(const StepRange&, const StepRange&) = default;
};

// Microseconds since 1970-01-01 UTC.
using TimeMicros = std::int64_t;

// In a row imported from a source that knows no time.
inline constexpr TimeMicros kNoTime = std::numeric_limits<TimeMicros>::min();

// The type of one value. Stored on disk: the numbers never change.
enum class Type : std::uint8_t {
  kNull = 0,
  kBool = 1,
  kInt64 = 2,
  kDouble = 3,
  kString = 4,  // UTF-8
  kBytes = 5,
  kJson = 6,  // JSON text: a list, or a map with "_type" (histogram, table, image-file ...)
};
inline constexpr int kTypeCount = 7;

// null, bool, int64 and double are kept in 64 bits; the others are text.
constexpr bool IsText(Type type) { return type >= Type::kString; }
// What a numeric reader sees as a number.
constexpr bool IsNumber(Type type) {
  return type == Type::kBool || type == Type::kInt64 || type == Type::kDouble;
}

// One value, not owned: text must outlive the call it is passed to. 32 bytes, cheap to copy.
class ValueView {
 public:
  // Implicit, so that a literal or a variable can stand where a value is asked for.
  // NOLINTBEGIN(google-explicit-constructor)
  constexpr ValueView() = default;  // null
  constexpr ValueView(bool v) : type_(Type::kBool), bits_(v ? 1 : 0) {}
  constexpr ValueView(int v) : ValueView(static_cast<std::int64_t>(v)) {}
  constexpr ValueView(std::int64_t v) : type_(Type::kInt64), bits_(static_cast<std::uint64_t>(v)) {}
  constexpr ValueView(double v) : type_(Type::kDouble), bits_(std::bit_cast<std::uint64_t>(v)) {}
  constexpr ValueView(float v) : ValueView(static_cast<double>(v)) {}
  constexpr ValueView(std::string_view v) : ValueView(Type::kString, v) {}
  constexpr ValueView(const char* v) : ValueView(std::string_view(v)) {}
  ValueView(const std::string& v) : ValueView(std::string_view(v)) {}
  // NOLINTEND(google-explicit-constructor)

  static constexpr ValueView Bytes(std::string_view v) { return {Type::kBytes, v}; }
  static constexpr ValueView Json(std::string_view v) { return {Type::kJson, v}; }
  // Any type from its stored form: `bits` for null, bool, int64 and double; `text` for the rest.
  static constexpr ValueView Stored(Type type, std::uint64_t bits, std::string_view text) {
    ValueView view(type, text);
    view.bits_ = bits;
    return view;
  }

  constexpr Type type() const { return type_; }
  // The stored 64 bits; 0 for null and text.
  constexpr std::uint64_t bits() const { return bits_; }
  constexpr bool as_bool() const { return bits_ != 0; }
  constexpr std::int64_t as_int64() const { return static_cast<std::int64_t>(bits_); }
  constexpr double as_double() const { return std::bit_cast<double>(bits_); }
  // Empty but for string, bytes and json.
  constexpr std::string_view text() const { return text_; }
  // The value as a numeric reader sees it (bool is 0 or 1); requires IsNumber(type()).
  constexpr double as_number() const {
    return type_ == Type::kDouble ? as_double() : static_cast<double>(as_int64());
  }

  // Same type and same bits: NaN equals itself, 0.0 differs from -0.0.
  friend constexpr bool operator==(const ValueView& a, const ValueView& b) {
    return a.type_ == b.type_ && a.bits_ == b.bits_ && a.text_ == b.text_;
  }

 private:
  constexpr ValueView(Type type, std::string_view text) : type_(type), text_(text) {}

  Type type_ = Type::kNull;
  std::uint64_t bits_ = 0;
  std::string_view text_;
};

// One value, owned.
class Value {
 public:
  // NOLINTBEGIN(google-explicit-constructor): as in ValueView
  Value() = default;  // null
  Value(ValueView v) : type_(v.type()), bits_(v.bits()), text_(v.text()) {}
  template <typename T>
  requires std::is_arithmetic_v<T> || std::is_convertible_v<T, std::string_view> Value(const T& v)
      : Value(ValueView(v)) {}

  Type type() const { return type_; }
  ValueView view() const { return ValueView::Stored(type_, bits_, text_); }
  operator ValueView() const { return view(); }
  // NOLINTEND(google-explicit-constructor)
  std::uint64_t bits() const { return bits_; }
  bool as_bool() const { return bits_ != 0; }
  std::int64_t as_int64() const { return static_cast<std::int64_t>(bits_); }
  double as_double() const { return std::bit_cast<double>(bits_); }
  double as_number() const { return view().as_number(); }
  const std::string& text() const { return text_; }

  friend bool operator==(const Value& a, const Value& b) { return a.view() == b.view(); }

 private:
  Type type_ = Type::kNull;
  std::uint64_t bits_ = 0;
  std::string text_;
};

// One key with its value, as given to Log. Not owned.
struct Field {
  std::string_view key;
  ValueView value;
};

}  // namespace reprise

#endif  // REPRISE_VALUE_H_
