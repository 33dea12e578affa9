#include "fuzz/made_column.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <string>

namespace reprise::fuzz {
namespace {

constexpr std::size_t kMostAtOnce = 2500;  // rows of one pattern: more than two vectors

// Where encoders go wrong.
constexpr std::array<std::uint64_t, 16> kSpecial{
    0,
    0x8000'0000'0000'0000,  // -0.0, and the least int64
    0x7FFF'FFFF'FFFF'FFFF,  // a NaN, and the greatest int64
    0xFFFF'FFFF'FFFF'FFFF,  // a NaN, and -1
    0x7FF0'0000'0000'0000,  // infinities
    0xFFF0'0000'0000'0000,
    0x7FF8'0000'0000'0000,  // the usual NaN
    0x7FF8'0000'0000'0001,  // payloads in the lowest and the highest bits
    0x7FF4'0000'2000'0000,
    0x0000'0000'0000'0001,  // the least double
    0x36A0'0000'0000'0000,  // the least float32
    0xB7F0'0000'0000'0000,  // another that is subnormal as float32, negative
    0x3FB9'9999'9999'999A,  // 0.1 and a neighbour
    0x3FB9'9999'9999'999B,
    0x4320'0000'0000'0000,  // 2^51, where decimals end
    0x7FEF'FFFF'FFFF'FFFF,  // the greatest double
};

std::uint64_t ToBits(double value) { return std::bit_cast<std::uint64_t>(value); }

// xorshift64*, for noise that a byte or two ask for.
class Noise {
 public:
  explicit Noise(std::uint64_t seed) : state_(seed * 2 + 1) {}
  std::uint64_t Next() {
    state_ ^= state_ >> 12U;
    state_ ^= state_ << 25U;
    state_ ^= state_ >> 27U;
    return state_ * 0x2545'F491'4F6C'DD1D;
  }

 private:
  std::uint64_t state_;
};

class NumberMaker {
 public:
  explicit NumberMaker(FuzzInput* input) : input_(*input) {}

  std::vector<std::uint64_t> Make() {
    while (!input_.empty() && bits_.size() < kMaxMadeRows) AddPattern();
    return std::move(bits_);
  }

 private:
  std::uint64_t last() const { return bits_.empty() ? 0 : bits_.back(); }
  std::size_t Count() { return 1 + input_.UpTo(kMostAtOnce); }
  // Of a handful, which take a byte.
  std::size_t Few() { return 1 + input_.UpTo(15); }

  void AddPattern() {
    switch (input_.UpTo(8)) {
      case 0:
        return AddLiterals();
      case 1:
        bits_.insert(bits_.end(), Count(), last());
        return;
      case 2:
        return AddRamp(input_.Number<std::uint64_t>());
      case 3:
        return AddRamp(static_cast<std::uint64_t>(std::int64_t{input_.Number<std::int8_t>()}));
      case 4:
        return AddFloats();
      case 5:
        return AddDecimals();
      case 6:
        for (std::size_t n = Few(); n > 0; --n) bits_.push_back(kSpecial[input_.UpTo(15)]);
        return;
      case 7:
        return AddNoise();
      default:
        return Repeat();
    }
  }
  void AddLiterals() {
    for (std::size_t n = Few(); n > 0; --n) bits_.push_back(input_.Number<std::uint64_t>());
  }
  void AddRamp(std::uint64_t difference) {
    for (std::size_t n = Count(); n > 0; --n) bits_.push_back(last() + difference);
  }
  void AddFloats() {
    for (std::size_t n = Few(); n > 0; --n) {
      const auto value = std::bit_cast<float>(input_.Number<std::uint32_t>());
      bits_.push_back(ToBits(static_cast<double>(value)));
    }
  }
  void AddDecimals() {
    const double power = std::pow(10.0, static_cast<double>(input_.UpTo(22)));
    const auto difference = static_cast<double>(input_.Number<std::int16_t>());
    auto k = static_cast<double>(input_.Number<std::int32_t>());
    for (std::size_t n = Count(); n > 0; --n, k += difference) bits_.push_back(ToBits(k / power));
  }
  // Some bits of noise around a place.
  void AddNoise() {
    const std::size_t width = input_.UpTo(64);
    const std::size_t shift = input_.UpTo(63);
    const std::uint64_t base = last();
    Noise noise(input_.Number<std::uint16_t>());
    for (std::size_t n = Count(); n > 0; --n) {
      const std::uint64_t bits = width == 0 ? 0 : noise.Next() >> (64 - width);
      bits_.push_back(base ^ (bits << shift));
    }
  }
  // What was made once more, from a place on.
  void Repeat() {
    if (bits_.empty()) return;
    const std::size_t from = input_.Number<std::uint16_t>() % bits_.size();
    for (std::size_t i = 0, n = Count(); i < n; ++i) bits_.push_back(bits_[from + i]);
  }

  FuzzInput& input_;
  std::vector<std::uint64_t> bits_;
};

class TextMaker {
 public:
  explicit TextMaker(FuzzInput* input) : input_(*input) {}

  std::vector<std::string> Make() {
    while (!input_.empty() && !IsFull()) AddPattern();
    return std::move(texts_);
  }

 private:
  static constexpr std::size_t kMaxBytes = std::size_t{1} << 18U;

  bool IsFull() const { return texts_.size() >= kMaxMadeRows || bytes_ >= kMaxBytes; }
  std::string last() const { return texts_.empty() ? "" : texts_.back(); }

  void Add(std::string text) {
    if (IsFull()) return;
    bytes_ += text.size();
    texts_.push_back(std::move(text));
  }
  void AddPattern() {
    switch (input_.UpTo(5)) {
      case 0:
        return Add(std::string(input_.Take(input_.Number<std::uint8_t>())));
      case 1:
        for (std::size_t n = 1 + input_.UpTo(kMostAtOnce); n > 0; --n) Add(last());
        return;
      case 2:
        return AddNumbered();
      case 3:
        return AddSharing();
      case 4: {
        const std::size_t size = input_.UpTo(4000);
        return Add(std::string(size, static_cast<char>(input_.Number<std::uint8_t>())));
      }
      default:
        return Repeat();
    }
  }
  void AddNumbered() {
    const std::string stem = last().substr(0, 300);
    const std::size_t distinct = 1 + input_.UpTo(500);
    for (std::size_t i = 0, n = 1 + input_.UpTo(500); i < n; ++i) {
      Add(stem + std::to_string(i % distinct));
    }
  }
  // The beginning of the one before, and something else.
  void AddSharing() {
    std::string text = last().substr(0, input_.Number<std::uint8_t>());
    text += input_.Take(input_.Number<std::uint8_t>());
    Add(std::move(text));
  }
  // What was made once more, from a place on.
  void Repeat() {
    if (texts_.empty()) return;
    const std::size_t from = input_.Number<std::uint16_t>() % texts_.size();
    for (std::size_t i = 0, n = 1 + input_.UpTo(200); i < n; ++i) {
      Add(std::string(texts_[std::min(from + i, texts_.size() - 1)]));
    }
  }

  FuzzInput& input_;
  std::vector<std::string> texts_;
  std::size_t bytes_ = 0;
};

void SetTexts(const std::vector<std::string>& texts, Column* column) {
  column->rows = texts.size();
  for (const std::string& text : texts) {
    column->slots.push_back(
        {static_cast<std::uint32_t>(column->blob.size()), static_cast<std::uint32_t>(text.size())});
    column->blob += text;
  }
}

}  // namespace

Column MakeColumn(FuzzInput* input) {
  Column column;
  column.type = static_cast<Type>(input->UpTo(kTypeCount - 1));
  if (IsText(column.type)) {
    SetTexts(TextMaker(input).Make(), &column);
    return column;
  }
  column.bits = NumberMaker(input).Make();
  column.rows = column.bits.size();
  if (column.type == Type::kNull) column.bits.clear();
  if (column.type == Type::kBool) {
    for (std::uint64_t& bit : column.bits) bit &= 1;
  }
  return column;
}

}  // namespace reprise::fuzz
