// Damaged chunks: a decoder may refuse or give other values, and does nothing worse. The
// sanitizer builds are what makes these tests bite.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/format/column_support.h"
#include "tests/format/histogram_support.h"

namespace reprise {
namespace {

struct Sample {
  Type type;
  std::size_t rows;
  std::string chunk;
};

std::vector<Sample> MakeSamples() {
  std::mt19937_64 random(1);
  std::vector<Sample> samples;
  const auto add_numbers = [&](Type type, const Bits& bits) {
    samples.push_back({type, bits.size(), Encode(NumberView(type, bits))});
  };
  for (const std::size_t rows : Sizes{1, 9, 700, 1024, 2500}) {
    add_numbers(Type::kBool, Bits(rows, 1));
    Bits counter(rows);
    for (std::size_t i = 0; i < rows; ++i) counter[i] = i * 3 + (i % 300 == 0 ? 1U << 20U : 0U);
    add_numbers(Type::kInt64, counter);
    Bits decimals = MakeDoubles(
        rows, [&](std::size_t) { return static_cast<double>(random() % 90000) / 10000; });
    for (std::size_t i = 0; i < rows; i += 200) decimals[i] = 0x7FF8000000000000;
    add_numbers(Type::kDouble, decimals);
    add_numbers(Type::kDouble, MakeDoubles(rows, [&](std::size_t) {
                  return static_cast<double>(static_cast<float>(random() % 90000) / 10000.0F);
                }));
    std::vector<std::string> owned(rows);
    for (std::string& text : owned) text = fmt::format("key/{}", random() % 50);
    const Texts repeated(owned.begin(), owned.end());
    samples.push_back({Type::kString, rows, Encode(TextView(Type::kString, repeated))});
    for (std::string& text : owned) text = fmt::format("{}{:300}", random(), 'x');
    const Texts unique(owned.begin(), owned.end());
    samples.push_back({Type::kJson, rows, Encode(TextView(Type::kJson, unique))});
    for (std::string& text : owned) text = HistogramText(0, 16, NumberStyle::kPython, &random);
    const Texts histograms(owned.begin(), owned.end());
    samples.push_back({Type::kJson, rows, Encode(TextView(Type::kJson, histograms))});
  }
  return samples;
}

// Decodes all and a part; whatever it gives must be readable.
void DecodeAnything(std::string_view chunk, Type type, std::size_t rows) {
  // A copy of the exact size, so that a read past the end is one past an allocation.
  const std::vector<char> exact(chunk.begin(), chunk.end());
  const std::string_view bytes(exact.data(), exact.size());
  Column column;
  std::size_t total = 0;
  if (DecodeColumn(bytes, type, rows, &column).ok()) {
    for (std::size_t i = 0; i < rows; ++i) total += column.value(i).text().size();
  }
  if (DecodeColumnRange(bytes, type, rows, rows / 3, rows / 2, &column).ok()) {
    for (std::size_t i = 0; i < rows / 2; ++i) total += column.value(i).text().size();
  }
  EXPECT_LE(total, 2 * kMaxColumnTextBytes);
}

TEST(DamagedColumn, SurvivesFlippedBytes) {
  std::mt19937_64 random(2);
  for (const Sample& sample : MakeSamples()) {
    for (int round = 0; round < 300; ++round) {
      std::string damaged = sample.chunk;
      // The first bytes are headers: they get most of the damage.
      const std::size_t reach =
          round % 3 == 0 ? damaged.size() : std::min<std::size_t>(24, damaged.size());
      for (std::size_t flips = 1 + random() % 3; flips > 0; --flips) {
        damaged[random() % reach] = static_cast<char>(random());
      }
      DecodeAnything(damaged, sample.type, sample.rows);
    }
  }
}

TEST(DamagedColumn, RefusesATruncatedChunk) {
  std::mt19937_64 random(3);
  for (const Sample& sample : MakeSamples()) {
    for (int round = 0; round < 20; ++round) {
      const std::size_t size = random() % sample.chunk.size();
      const std::vector<char> exact(sample.chunk.begin(),
                                    sample.chunk.begin() + static_cast<std::ptrdiff_t>(size));
      Column column;
      EXPECT_FALSE(DecodeColumn({exact.data(), size}, sample.type, sample.rows, &column).ok());
    }
  }
}

TEST(DamagedColumn, RefusesBytesAfterTheEnd) {
  for (const Sample& sample : MakeSamples()) {
    Column column;
    EXPECT_FALSE(DecodeColumn(sample.chunk + '\0', sample.type, sample.rows, &column).ok());
  }
}

TEST(DamagedColumn, SurvivesAnotherTypeAndRowCount) {
  const std::vector<Sample> samples = MakeSamples();
  for (const Sample& sample : samples) {
    for (int type = 0; type < kTypeCount; ++type) {
      for (const std::size_t rows : Sizes{std::size_t{0}, std::size_t{1}, std::size_t{1023},
                                          sample.rows + 1, kMaxColumnRows}) {
        DecodeAnything(sample.chunk, static_cast<Type>(type), rows);
      }
    }
  }
}

TEST(DamagedColumn, SurvivesNoise) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 20000; ++round) {
    std::string noise(random() % 200, '\0');
    for (char& byte : noise) byte = static_cast<char>(random() % (round % 2 == 0 ? 256 : 8));
    DecodeAnything(noise, static_cast<Type>(random() % kTypeCount), random() % 1500);
  }
}

TEST(DamagedColumn, SaysWhichVectorIsWrong) {
  Bits bits(3000);
  for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = i * i;
  std::string chunk = Encode(NumberView(Type::kInt64, bits));
  const auto first_size = static_cast<std::uint8_t>(chunk[1]) | static_cast<std::uint8_t>(chunk[2])
                                                                    << 8;
  chunk[7 + static_cast<std::size_t>(first_size) + 1] = 65;
  Column column;
  const Status status = DecodeColumn(chunk, Type::kInt64, bits.size(), &column);
  EXPECT_EQ(status.code(), Code::kCorrupt);
  EXPECT_NE(status.message().find("vector 1 at byte"), std::string_view::npos) << status.message();
  EXPECT_TRUE(DecodeColumnRange(chunk, Type::kInt64, bits.size(), 0, 1024, &column).ok());
}

TEST(DamagedColumn, RefusesEncodingsOfLaterReleases) {
  std::string chunk = Encode(NumberView(Type::kInt64, Bits(10, 1)));
  Column column;
  std::string other_kind = chunk;
  other_kind[0] = 77;
  EXPECT_EQ(DecodeColumn(other_kind, Type::kInt64, 10, &column).code(), Code::kUnsupportedVersion);
  std::string other_map = chunk;
  other_map[1] = 7;
  EXPECT_EQ(DecodeColumn(other_map, Type::kInt64, 10, &column).code(), Code::kUnsupportedVersion);
}

}  // namespace
}  // namespace reprise
