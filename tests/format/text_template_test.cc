#include "format/text_template.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>

#include "format/bytes.h"
#include "format/chunk_kind.h"
#include "format/number_column.h"
#include "format/number_field.h"
#include "format/whole_text.h"
#include "tests/format/column_support.h"
#include "tests/format/histogram_support.h"
#include "tests/support/golden.h"

namespace reprise {
namespace {

using Owned = std::vector<std::string>;

ColumnView View(const Owned& owned, Texts* texts) {
  texts->assign(owned.begin(), owned.end());
  return TextView(Type::kJson, *texts);
}

// Encodes, decodes and compares; gives the chunk.
std::string RoundTrip(const Owned& owned) {
  Texts texts;
  return ExpectRoundTrip(View(owned, &texts));
}

bool IsTemplates(std::string_view chunk) {
  return chunk[0] == static_cast<char>(ChunkKind::kTextTemplates);
}

std::size_t BytesOf(const Owned& owned) {
  std::size_t bytes = 0;
  for (const std::string& text : owned) bytes += text.size();
  return bytes;
}

Owned Make(std::size_t rows, const std::function<std::string(std::size_t)>& text) {
  Owned owned;
  for (std::size_t i = 0; i < rows; ++i) owned.push_back(text(i));
  return owned;
}

Owned Histograms(std::size_t rows, std::size_t bins, NumberStyle style) {
  std::mt19937_64 random(1);
  return Make(rows, [&](std::size_t i) {
    return HistogramText(static_cast<double>(i) / 300, bins, style, &random);
  });
}

TEST(TextTemplate, StoresHistogramsInATwentiethOfTheirText) {
  for (const NumberStyle style : {NumberStyle::kPython, NumberStyle::kJavaScript}) {
    const Owned owned = Histograms(500, 64, style);
    const std::string chunk = RoundTrip(owned);
    EXPECT_TRUE(IsTemplates(chunk));
    EXPECT_LT(chunk.size(), BytesOf(owned) / 20) << BytesOf(owned);
  }
}

// 64 edges of 8 bytes a row, if each were stored.
TEST(TextTemplate, StoresOnlyTheEndsOfEdgesOnALine) {
  std::mt19937_64 random(1);
  const Owned owned = Make(300, [&](std::size_t) {
    const std::string text = HistogramText(0, 64, NumberStyle::kPython, &random);
    return text.substr(text.find("\"bins\""));
  });
  EXPECT_LT(RoundTrip(owned).size(), 300 * 20u);
}

TEST(TextTemplate, DecodesAnyRangeAsASliceOfTheWhole) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const Owned equal = Histograms(1200, 64, NumberStyle::kPython);
  const Owned ragged = Make(1200, [&](std::size_t i) {
    return i % 5 == 0 ? "none" : HistogramText(1, 1 + i % 20, NumberStyle::kJavaScript, &random);
  });
  for (const Owned& owned : {equal, ragged}) {
    const std::string chunk = RoundTrip(owned);
    ASSERT_TRUE(IsTemplates(chunk));
    for (int round = 0; round < 200; ++round) {
      const std::size_t first = random() % (owned.size() + 1);
      const std::size_t most = std::min<std::size_t>(owned.size() - first, 1 + random() % 700);
      const std::size_t count = random() % (most + 1);
      Column part;
      const Status status =
          DecodeColumnRange(chunk, Type::kJson, owned.size(), first, count, &part);
      ASSERT_TRUE(status.ok()) << status.ToString();
      ASSERT_EQ(part.rows, count);
      for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(part.text(i), owned[first + i]);
    }
  }
}

// The numbers of a block far away may be damaged: nobody looks at them.
TEST(TextTemplate, DecodesNoBlockBeyondThoseAskedFor) {
  Owned owned = Make(1024, [](std::size_t i) {
    return fmt::format("[{}, {}, {}]", i * i % 97, i * 7919 % 10007, i);
  });
  std::string chunk = RoundTrip(owned);
  ASSERT_TRUE(IsTemplates(chunk));
  chunk[chunk.size() - 100] = static_cast<char>(chunk[chunk.size() - 100] ^ 0x55);
  Column whole;
  ASSERT_TRUE(DecodeColumn(chunk, Type::kJson, 1024, &whole).ok());
  std::size_t differ = 0;
  for (std::size_t i = 0; i < 1024; ++i) differ += whole.text(i) != owned[i] ? 1 : 0;
  ASSERT_GT(differ, 0u);
  Column part;
  ASSERT_TRUE(DecodeColumnRange(chunk, Type::kJson, 1024, 100, 156, &part).ok());
  for (std::size_t i = 0; i < 156; ++i) EXPECT_EQ(part.text(i), owned[100 + i]);
}

TEST(TextTemplate, KeepsTextThatNumbersCannotGiveBack) {
  RoundTrip(Make(300, [](std::size_t i) { return fmt::format("[{:05}, {}.50, -0]", i, i); }));
  RoundTrip(Make(300, [](std::size_t i) { return fmt::format("[1.0, {}, 2.5, {}.25]", i, i); }));
  RoundTrip(Make(300, [](std::size_t i) {
    return i % 2 == 0 ? fmt::format("[{}, {}]", i, i + 1) : fmt::format("[{},{}]", i, i + 1);
  }));
  RoundTrip(Make(300, [](std::size_t i) {
    return fmt::format("[1e-0{}, 1e-{}, 0.0000{}, 1e22, 1e+22, NaN]", i % 10, i % 10, i);
  }));
  RoundTrip(Make(300, [](std::size_t i) {
    return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {}", i, i, i, i, i, i, i, i, i, i, i, i);
  }));
}

// The first rows have integers where a later one has not, and one shape where another has two.
TEST(TextTemplate, FindsTheStyleOfNumbersThatItsFirstLookMissed) {
  Owned owned = Make(999, [](std::size_t i) {
    return fmt::format(R"({{"n":{},"list":[{},{},{}]}})", i, i, i + 1, i % 7);
  });
  const std::size_t plain = RoundTrip(owned).size();
  owned[500] = R"({"n":0.5,"list":[0.25,1e-7,3],"also":4})";
  const std::string chunk = RoundTrip(owned);
  EXPECT_TRUE(IsTemplates(chunk));
  EXPECT_LT(chunk.size(), 2 * plain);
}

// The lines of most rows look like float32, in the rows that are measured too.
TEST(TextTemplate, KeepsADoubleAmongFloat32Values) {
  Owned owned = Make(600, [](std::size_t i) {
    const float step = static_cast<float>(i + 3) / 7;
    Bits edges;
    for (int j = 0; j < 30; ++j) {
      const volatile float rise = static_cast<float>(j) * step;
      edges.push_back(std::bit_cast<std::uint64_t>(static_cast<double>(rise)));
    }
    return ListText(edges, NumberStyle::kPython, ", ");
  });
  EXPECT_LT(RoundTrip(owned).size(), 600 * 12u);
  owned[599] += ", 0.1";
  RoundTrip(owned);
}

TEST(TextTemplate, LeavesTextWithItsMarkersAlone) {
  Owned owned = Make(100, [](std::size_t i) { return fmt::format("[{}, {}]", i, i * 3); });
  EXPECT_TRUE(IsTemplates(RoundTrip(owned)));
  owned[70] += "\xF8";
  EXPECT_FALSE(IsTemplates(RoundTrip(owned)));
  owned[70].back() = '\xF7';
  EXPECT_TRUE(IsTemplates(RoundTrip(owned)));
}

TEST(TextTemplate, LeavesTextWithFewNumbersAlone) {
  std::mt19937_64 random(1);
  const auto with_letters = [&](std::size_t letters) {
    return Make(500, [&random, letters](std::size_t) {
      std::string text;
      while (text.size() < letters) text += static_cast<char>('a' + random() % 26);
      return text + fmt::format(" {}", 10000 + random() % 90000);
    });
  };
  EXPECT_FALSE(IsTemplates(RoundTrip(with_letters(25))));
  EXPECT_TRUE(IsTemplates(RoundTrip(with_letters(10))));
}

// Whole texts are read faster.
TEST(TextTemplate, LeavesTextAloneWhereLittleIsSaved) {
  std::mt19937_64 random(1);
  const Owned owned = Make(500, [&](std::size_t i) {
    std::string text = std::to_string(i);
    for (int j = 0; j < 20; ++j) text += fmt::format(" 0{:06}", random() % 1'000'000);
    return text;
  });
  EXPECT_FALSE(IsTemplates(RoundTrip(owned)));
}

TEST(TextTemplate, KeepsAnyMixture) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const std::vector<std::string> pieces = {"1",   "2.5", "-3",   "1e-07", ", ", ",", "[",  "]",
                                           "abc", "0.0", "1e21", "12345", "\"", "{", ": ", "é"};
  for (int round = 0; round < 300; ++round) {
    const std::size_t choice = 2 + random() % (pieces.size() - 1);
    const Owned owned = Make(1 + random() % 600, [&](std::size_t) {
      std::string text;
      for (std::size_t i = random() % 30; i > 0; --i) text += pieces[random() % choice];
      return text;
    });
    RoundTrip(owned);
  }
}

TEST(TextTemplate, KeepsLongListsAndEmptyTexts) {
  std::mt19937_64 random(1);
  Owned owned = {"", "[]"};
  for (const std::size_t count : Sizes{1, 2, 3, 1023, 1024, 1025, 50000}) {
    owned.push_back(HistogramText(0, count, NumberStyle::kPython, &random));
  }
  EXPECT_TRUE(IsTemplates(RoundTrip(owned)));
}

// More numbers than a chunk may have are kept as text.
TEST(TextTemplate, LeavesTooManyNumbersAlone) {
  std::mt19937_64 random(1);
  std::string digits(kMaxTextBytes - 1, ',');
  const Owned owned = Make(5, [&](std::size_t) {
    for (std::size_t i = 0; i < digits.size(); i += 2) {
      digits[i] = static_cast<char>('0' + random() % 10);
    }
    return digits;
  });
  EXPECT_FALSE(IsTemplates(RoundTrip(owned)));
  EXPECT_TRUE(IsTemplates(RoundTrip({owned.begin(), owned.begin() + 3})));
}

// A chunk made by hand: fields of integers, without lines.
struct Parts {
  Owned templates;
  std::vector<Bits> ends;
  std::vector<Bits> numbers;
  std::uint8_t form = 0;

  std::string Encode() const {
    std::string chunk(1, static_cast<char>(ChunkKind::kTextTemplates));
    ByteWriter writer(&chunk);
    writer.Varint(ends.size());
    std::string part;
    EncodeWholeTexts(Texts(templates.begin(), templates.end()), &part);
    writer.Sized(part);
    for (std::size_t i = 0; i < ends.size(); ++i) {
      writer.Fixed(form);
      writer.Varint(numbers[i].size());
      for (const Bits& column : {ends[i], numbers[i]}) {
        part.clear();
        EncodeNumbers(NumberKind::kIntegers, column, &part);
        writer.Sized(part);
      }
    }
    return chunk;
  }
};

Status DecodeParts(const Parts& parts, Column* column) {
  return DecodeColumn(parts.Encode(), Type::kJson, parts.templates.size(), column);
}

void ExpectCorrupt(const Parts& parts, std::string_view message) {
  Column column;
  const Status status = DecodeParts(parts, &column);
  EXPECT_EQ(status.code(), Code::kCorrupt);
  EXPECT_NE(status.message().find(message), std::string_view::npos) << status.message();
}

TEST(TextTemplate, ReadsAChunkMadeByHand) {
  const Parts parts{{"a\xF8z", "b", "\xF8"}, {{2, 2, 3}}, {{7, 8, 9}}};
  Column column;
  ASSERT_TRUE(DecodeParts(parts, &column).ok());
  EXPECT_EQ(column.text(0), "a7,8z");
  EXPECT_EQ(column.text(1), "b");
  EXPECT_EQ(column.text(2), "9");
}

TEST(TextTemplate, RefusesAFieldThatIsNotThere) {
  ExpectCorrupt({{"\xF9"}, {{1}}, {{7}}}, "row 0 has numbers of field 1, there are 1");
  ExpectCorrupt({{"\xF8"}, {}, {}}, "row 0 has numbers of field 0, there are 0");
}

// Millions of them could otherwise be asked for at no cost, and print nothing.
TEST(TextTemplate, RefusesAMarkerWithoutNumbers) {
  ExpectCorrupt({{"\xF8", "\xF8"}, {{1, 1}}, {{7}}}, "row 1 has no numbers for field 0");
}

TEST(TextTemplate, RefusesEndsThatMakeNoSense) {
  ExpectCorrupt({{"\xF8", "\xF8"}, {{1, 3}}, {{7, 8}}}, "the numbers of row 1 end at 3 of 2");
  ExpectCorrupt({{"\xF8", "\xF8"}, {{2, 1}}, {{7, 8}}}, "the numbers of row 1 end at 1 of 2");
  ExpectCorrupt({{"\xF8", "\xF8"}, {{1, 2}}, {{7, 8, 9}}}, "its rows have 2 numbers of 3");
  ExpectCorrupt({{"\xF8"}, {{1}}, {{7}}, 0x40}, "its field at byte");
}

TEST(TextTemplate, RefusesTextBeyondTheLimits) {
  const Bits many((kMaxTextBytes + 1) / 2 + 1, 7);
  ExpectCorrupt({{"\xF8"}, {{many.size()}}, {many}}, "row 0 ends beyond byte");
  // Each marker prints them again.
  const std::string marked(1000, '\xF8');
  ExpectCorrupt({{marked}, {{10000}}, {Bits(10000, 7)}}, "row 0 ends beyond byte");
  const Owned templates(2000, std::string(40, '\xF8'));
  Bits ends;
  for (std::size_t i = 1; i <= templates.size(); ++i) ends.push_back(i * 500);
  ExpectCorrupt({templates, {ends}, {Bits(ends.back(), 7)}}, "ends beyond byte 67108864");
}

TEST(TextTemplate, RefusesMoreNumbersThanAChunkMayHave) {
  const Bits many(kMaxTemplateNumbers + 1, 7);
  ExpectCorrupt({{"\xF8"}, {{many.size()}}, {many}}, "its field at byte");
  const Bits half(kMaxTemplateNumbers / 2 + 1, 7);
  ExpectCorrupt({{"\xF8"}, {{half.size()}, {half.size()}}, {half, half}}, "its field at byte");
}

TEST(TextTemplate, RefusesTemplatesOfTemplates) {
  std::string inner = Parts{{"\xF8"}, {{1}}, {{7}}}.Encode();
  std::string chunk = {static_cast<char>(ChunkKind::kTextTemplates), 0};
  ByteWriter(&chunk).Sized(inner);
  Column column;
  EXPECT_EQ(DecodeColumn(chunk, Type::kJson, 1, &column).code(), Code::kUnsupportedVersion);
}

TEST(TextTemplate, RefusesFormsOfLaterReleases) {
  for (const int form : {3, 0x50, 0xF0}) {
    const Parts parts{{"\xF8"}, {{1}}, {{7}}, static_cast<std::uint8_t>(form)};
    Column column;
    EXPECT_EQ(DecodeParts(parts, &column).code(), Code::kUnsupportedVersion) << form;
  }
}

TEST(TextTemplate, GoldenHistogramsAreWrittenAndReadAsInVersion1) {
  const Owned owned = Histograms(300, 8, NumberStyle::kPython);
  Texts texts;
  EXPECT_TRUE(testing::MatchesGolden("histograms.bin", Encode(View(owned, &texts))));
  Column column;
  const std::string golden = testing::ReadGolden("histograms.bin");
  ASSERT_TRUE(DecodeColumn(golden, Type::kJson, owned.size(), &column).ok());
  for (std::size_t i = 0; i < owned.size(); ++i) ASSERT_EQ(column.text(i), owned[i]);
}

}  // namespace
}  // namespace reprise
