#include "format/number_text.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <utility>
#include <vector>

namespace reprise {
namespace {

std::string Printed(double value, NumberStyle style) {
  std::string text;
  PrintNumber(std::bit_cast<std::uint64_t>(value), style, &text);
  return text;
}

bool Reads(std::string_view text, NumberStyle style) {
  std::uint64_t bits = 0;
  return ReadNumber(text, style, &bits);
}

// Reads what it prints, as what it was.
void ExpectRoundTrip(std::uint64_t bits, NumberStyle style) {
  std::string text;
  PrintNumber(bits, style, &text);
  EXPECT_LE(text.size(), kMaxNumberText) << text;
  std::uint64_t read = 0;
  ASSERT_TRUE(ReadNumber(text, style, &read)) << text;
  ASSERT_EQ(read, bits) << text;
}

TEST(NumberText, PrintsDoublesAsPythonDoes) {
  const std::vector<std::pair<double, std::string>> cases = {
      {0.0, "0.0"},
      {-0.0, "-0.0"},
      {2.0, "2.0"},
      {-12345.0, "-12345.0"},
      {0.1, "0.1"},
      {1.0 / 3, "0.3333333333333333"},
      {1e-4, "0.0001"},
      {1e-5, "1e-05"},
      {-1.5e-7, "-1.5e-07"},
      {9007199254740993.0, "9007199254740992.0"},
      {1e15, "1000000000000000.0"},
      {1e16, "1e+16"},
      {1.25e22, "1.25e+22"},
      {1e100, "1e+100"},
      {5e-324, "5e-324"},
      {std::numeric_limits<double>::max(), "1.7976931348623157e+308"},
      {0.10000000149011612, "0.10000000149011612"},
      {std::numeric_limits<double>::infinity(), "Infinity"},
      {-std::numeric_limits<double>::infinity(), "-Infinity"},
      {std::numeric_limits<double>::quiet_NaN(), "NaN"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(Printed(value, NumberStyle::kPython), text);
}

TEST(NumberText, PrintsDoublesAsJavaScriptAndGoDo) {
  const std::vector<std::pair<double, std::string>> cases = {
      {0.0, "0"},
      {2.0, "2"},
      {-12345.0, "-12345"},
      {0.1, "0.1"},
      {1e-6, "0.000001"},
      {-1.2345678901234567e-6, "-0.0000012345678901234567"},
      {1e-7, "1e-7"},
      {1.5e-10, "1.5e-10"},
      {1e16, "10000000000000000"},
      {123456789012345680000.0, "123456789012345680000"},
      {1e21, "1e+21"},
      {5e-324, "5e-324"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(Printed(value, NumberStyle::kJavaScript), text);
}

TEST(NumberText, RefusesWhatItWouldPrintOtherwise) {
  for (const std::string_view text :
       {"01", "-0", "1.0", "1e3", "9223372036854775808", "-", "1x", "+1", " 1"}) {
    EXPECT_FALSE(Reads(text, NumberStyle::kInteger)) << text;
  }
  for (const std::string_view text :
       {"1", "01.5", "1.50", "1.", ".5", "0.00001", "1e-5", "1e5", "1E-05", "0.1000000000000000055",
        "0.30000000000000001", "10000000000000000.0", "1e400", "-", "1.5x", "1.5.5", "+1.5"}) {
    EXPECT_FALSE(Reads(text, NumberStyle::kPython)) << text;
  }
  for (const std::string_view text : {"1.0", "0.0", "01", "1.50", "1e-05", "1e5", "0.0000001",
                                      "1000000000000000000000", "1e-400", "-", "--1"}) {
    EXPECT_FALSE(Reads(text, NumberStyle::kJavaScript)) << text;
  }
}

TEST(NumberText, KeepsEveryInteger) {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min(),
        std::numeric_limits<std::int64_t>::max()}) {
    ExpectRoundTrip(static_cast<std::uint64_t>(value), NumberStyle::kInteger);
  }
}

TEST(NumberText, KeepsEveryBitOfRandomDoubles) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 50000; ++i) {
    const auto any = std::bit_cast<double>(random());
    if (!std::isfinite(any)) continue;
    const auto narrow = static_cast<double>(static_cast<float>(random() % 1000000) / 997.0F);
    for (const double value : {any, narrow}) {
      ExpectRoundTrip(std::bit_cast<std::uint64_t>(value), NumberStyle::kPython);
      ExpectRoundTrip(std::bit_cast<std::uint64_t>(value), NumberStyle::kJavaScript);
    }
  }
}

// Of any digits with a point and an exponent anywhere: what is read must print as it stood. Most
// short decimals are read without being printed, so nothing else would notice.
TEST(NumberText, ReadsNothingThatItPrintsOtherwise) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  int read = 0;
  for (int i = 0; i < 300000; ++i) {
    std::string text = random() % 4 == 0 ? "-" : "";
    const std::size_t digits = 1 + random() % 18;
    const std::size_t zeros = random() % 3 == 0 ? random() % 7 : 0;
    for (std::size_t j = 0; j < digits; ++j) {
      text += j < zeros ? '0' : static_cast<char>('0' + random() % 10);
      if (j + 1 < digits && random() % 4 == 0 && text.find('.') == std::string::npos) text += '.';
    }
    if (random() % 8 == 0) text += random() % 2 == 0 ? "e-0" : "e+1";
    if (text.ends_with("e-0")) text += static_cast<char>('0' + random() % 10);
    for (const NumberStyle style :
         {NumberStyle::kInteger, NumberStyle::kPython, NumberStyle::kJavaScript}) {
      std::uint64_t bits = 0;
      if (!ReadNumber(text, style, &bits)) continue;
      ++read;
      std::string printed;
      PrintNumber(bits, style, &printed);
      ASSERT_EQ(printed, text);
    }
  }
  EXPECT_GT(read, 50000);
}

}  // namespace
}  // namespace reprise
