// The bytes of segments, without files: the parts of the index, and their limits.
#include "format/segment.h"

#include <gtest/gtest.h>

#include <functional>

#include "format/bytes.h"
#include "format/key_table.h"
#include "format/segment_index.h"
#include "tests/support/random_rows.h"

namespace reprise {
namespace {

std::string EncodeKeys(const std::vector<std::string_view>& keys) {
  std::string bytes;
  KeyTable::Encode(keys, &bytes);
  return bytes;
}

TEST(KeyTable, FindsEveryKeyAndNoOther) {
  const std::vector<std::string_view> keys = {"a", "a/b", "a/b/c", "ab", "loss", "\xC3\xA4"};
  const auto table = KeyTable::Decode(EncodeKeys(keys));
  ASSERT_TRUE(table.has_value()) << table.error().ToString();
  ASSERT_EQ(table->size(), keys.size());
  for (std::uint32_t i = 0; i < keys.size(); ++i) {
    EXPECT_EQ(table->key(i), keys[i]);
    EXPECT_EQ(table->Find(keys[i]), i);
  }
  for (const char* other : {"", "a/", "a/b/", "z", "\xFF"}) {
    EXPECT_FALSE(table->Find(other).has_value()) << other;
  }
}

TEST(KeyTable, RefusesKeysOutOfOrderOrWithoutName) {
  EXPECT_FALSE(KeyTable::Decode(EncodeKeys({"b", "a"})).has_value());
  EXPECT_FALSE(KeyTable::Decode(EncodeKeys({"a", "a"})).has_value());
  EXPECT_FALSE(KeyTable::Decode(EncodeKeys({"ab", "a"})).has_value());
  EXPECT_FALSE(KeyTable::Decode(EncodeKeys({""})).has_value());
  EXPECT_FALSE(KeyTable::Decode(EncodeKeys({std::string(1025, 'x')})).has_value());
  EXPECT_TRUE(KeyTable::Decode(EncodeKeys({std::string(1024, 'x')})).has_value());
}

TEST(KeyTable, RefusesKeysThatUnfoldWithoutBound) {
  // A million keys that share 1,022 bytes each would be a gigabyte.
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.Varint(900'000);
  writer.Varint(0);
  writer.Sized(std::string(1023, 'a'));
  for (int i = 1; i < 900'000; ++i) {
    writer.Varint(1000);
    const std::string rest = {static_cast<char>('b' + i / 65'536), static_cast<char>(i / 256),
                              static_cast<char>(i)};
    writer.Sized(rest);
  }
  EXPECT_EQ(KeyTable::Decode(bytes).error().code(), Code::kCorrupt);
}

TEST(KeyTable, NeverReadsOutsideCutBytes) {
  const std::string good = EncodeKeys({"alpha", "alphabet", "beta"});
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(KeyTable::Decode(good.substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(KeyTable::Decode(good + "x").has_value());
}

SegmentTable SomeTable(TableForm form, bool has_time) {
  SegmentTable table;
  table.form = form;
  table.has_time = has_time;
  table.rows = 12;
  table.columns = {{0, Type::kDouble, 12}, {2, Type::kString, 12}};
  return table;
}

Result<std::vector<SegmentTable>> Recode(const std::vector<SegmentTable>& tables) {
  std::string bytes;
  EncodeSegmentTables(tables, &bytes);
  return DecodeSegmentTables(bytes, 3);
}

TEST(SegmentTables, ComeBackAsWritten) {
  const std::vector<SegmentTable> tables = {
      SomeTable(TableForm::kDense, true), SomeTable(TableForm::kTiny, false),
      SomeTable(TableForm::kSparse, true), SomeTable(TableForm::kSparse, false)};
  const auto read = Recode(tables);
  ASSERT_TRUE(read.has_value()) << read.error().ToString();
  ASSERT_EQ(read->size(), 4u);
  for (std::size_t i = 0; i < tables.size(); ++i) {
    EXPECT_EQ((*read)[i].form, tables[i].form);
    EXPECT_EQ((*read)[i].has_time, tables[i].has_time);
    EXPECT_EQ((*read)[i].columns[1].key, 2u);
    EXPECT_EQ((*read)[i].columns[1].type, Type::kString);
    EXPECT_EQ((*read)[i].columns[1].rows, 12u);
  }
}

TEST(SegmentTables, RefuseWhatNoWriterWrites) {
  const auto changed = [](TableForm form, const std::function<void(SegmentTable*)>& change) {
    std::vector<SegmentTable> tables = {SomeTable(form, true)};
    change(&tables[0]);
    return Recode(tables).has_value();
  };
  EXPECT_FALSE(changed(TableForm::kDense, [](SegmentTable* t) { t->rows = 0; }));
  EXPECT_FALSE(changed(TableForm::kDense, [](SegmentTable* t) { t->rows = (1 << 20) + 1; }));
  EXPECT_FALSE(changed(TableForm::kDense, [](SegmentTable* t) { t->columns[1].key = 3; }));
  EXPECT_FALSE(changed(TableForm::kDense, [](SegmentTable* t) { t->columns[1].key = 0; }));
  EXPECT_FALSE(changed(TableForm::kTiny, [](SegmentTable* t) { t->rows = 17; }));
  EXPECT_FALSE(changed(TableForm::kSparse, [](SegmentTable* t) { t->columns[0].rows = 13; }));
  EXPECT_FALSE(changed(TableForm::kSparse, [](SegmentTable* t) { t->columns[0].rows = 0; }));
  // The same key twice, by type, is for sparse tables only.
  EXPECT_TRUE(changed(TableForm::kSparse, [](SegmentTable* t) { t->columns[1].key = 0; }));
}

TEST(SegmentTables, RefuseTablesOutOfOrder) {
  const SegmentTable dense = SomeTable(TableForm::kDense, true);
  const SegmentTable timed = SomeTable(TableForm::kSparse, true);
  const SegmentTable untimed = SomeTable(TableForm::kSparse, false);
  EXPECT_TRUE(Recode({dense, timed, untimed}).has_value());
  EXPECT_FALSE(Recode({timed, dense}).has_value());
  EXPECT_FALSE(Recode({untimed, timed}).has_value());
  EXPECT_FALSE(Recode({timed, timed}).has_value());
  EXPECT_FALSE(Recode({}).has_value());
  EXPECT_FALSE(Recode(std::vector<SegmentTable>(66, dense)).has_value());
}

TEST(SegmentFooter, RefusesEveryFlippedByteAndTellsNewer) {
  const SegmentFooter footer{1, 2, 36, 4, 5};
  const std::string good = EncodeSegmentFooter(footer, 77, 1000);
  ASSERT_TRUE(DecodeSegmentFooter(good, 77, 1000).has_value());
  EXPECT_EQ(DecodeSegmentFooter(good, 77, 1000)->index_length(), 43u);
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bytes = good;
    bytes[at] ^= 4;
    EXPECT_EQ(DecodeSegmentFooter(bytes, 77, 1000).error().code(), Code::kCorrupt) << at;
  }
  EXPECT_FALSE(DecodeSegmentFooter(good, 77, 1001).has_value());
}

TEST(SegmentFacts, NeverReadOutsideDamagedBytes) {
  SegmentFacts facts;
  facts.values = 15;
  facts.rows_before = 1'000'000;
  facts.prefix = PrefixKind::kDelta;
  facts.prefix_base = 1234;
  facts.sealed_at = 1'700'000'000'000'000;
  const std::string good = EncodeSegmentFacts(facts);
  SegmentFacts read;
  ASSERT_TRUE(DecodeSegmentFacts(good, &read).ok());
  EXPECT_EQ(read.prefix_base, 1234);
  for (std::size_t size = 0; size < good.size(); ++size) {
    (void)DecodeSegmentFacts(good.substr(0, size), &read);
  }
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const int flip : {1, 0x80, 0xFF}) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(bytes[at] ^ flip);
      (void)DecodeSegmentFacts(bytes, &read);
    }
  }
  EXPECT_FALSE(DecodeSegmentFacts(std::string(300, '\0'), &read).ok());
}

// An index with a right checksum may still say anything.
TEST(SegmentIndex, NeverReadsOutsideDamagedBytes) {
  RandomRowsOptions options;
  options.shapes = 100;
  options.rows = 120;
  options.keys = 3;
  const RowBatch rows = RandomRows(9, options).Make();
  ASSERT_GT(rows.tables().size(), kMaxDenseTables);
  SegmentInput input;
  input.rows = &rows;
  const std::string segment = EncodeSegment(input, 5, 140).value();
  const std::size_t footer_at = segment.size() - kSegmentFooterSize;
  const auto footer = DecodeSegmentFooter(segment.substr(footer_at), 5, 140 + footer_at);
  ASSERT_TRUE(footer.has_value());
  const std::size_t begin = footer_at - footer->index_length();
  const std::string good = segment.substr(begin, footer->index_length());
  SegmentFacts known;
  known.rows = rows.rows();
  ASSERT_TRUE(DecodeSegmentIndex(good, *footer, known, segment.size()).has_value());
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good;
    for (std::uint64_t n = 1 + random() % 3; n > 0; --n) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    const auto index = DecodeSegmentIndex(bytes, *footer, known, segment.size());
    if (!index.has_value()) continue;
    for (const SegmentChunk& chunk : index->chunks) {
      ASSERT_LE(std::uint64_t{chunk.offset} + chunk.length, begin);
    }
  }
}

// The form of the table of some rows with a text of so many bytes, and a number.
TableForm FormOf(std::size_t rows, std::size_t text_bytes) {
  const auto shape = std::make_shared<const Shape>(
      Shape{{{"loss", Type::kDouble}, {"note", Type::kString}}, false});
  const std::string text(text_bytes, 'x');
  RowBatch batch;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::vector<ValueView> values = {0.5, text};
    batch.Append(shape, static_cast<Step>(i), kNoTime, values);
  }
  const std::string segment = EncodeSegment({SegmentFacts(), &batch, nullptr}, 1, 2).value();
  const std::size_t footer_at = segment.size() - kSegmentFooterSize;
  const auto footer = DecodeSegmentFooter(segment.substr(footer_at), 1, 2 + footer_at).value();
  SegmentFacts known;
  known.last_step = static_cast<Step>(rows) - 1;
  known.rows = rows;
  const std::string index =
      segment.substr(footer_at - footer.index_length(), footer.index_length());
  return DecodeSegmentIndex(index, footer, known, segment.size()).value().tables[0].form;
}

TEST(EncodeSegment, MakesFewRowsTinyUnlessTheyHaveMuchText) {
  EXPECT_EQ(FormOf(16, 32), TableForm::kTiny);
  EXPECT_EQ(FormOf(16, 33), TableForm::kDense);
  EXPECT_EQ(FormOf(17, 1), TableForm::kDense);
  EXPECT_EQ(FormOf(1, 512), TableForm::kTiny);
  EXPECT_EQ(FormOf(1, 513), TableForm::kDense);
}

// A reader would refuse them.
TEST(EncodeSegment, RefusesSummariesOfKeysThatAreTooLong) {
  RowBatch rows;
  rows.Append(std::make_shared<const Shape>(Shape{{{"x", Type::kBool}}, false}), 1, kNoTime,
              std::vector<ValueView>{true});
  const std::string stem(1019, 'k');
  SummaryTable prefix;
  for (int i = 0; i <= 16 << 10; ++i) prefix.Add(stem + std::to_string(10'000 + i), 0, true);
  SegmentInput input{SegmentFacts(), &rows, &prefix};
  input.facts.prefix = PrefixKind::kFull;
  const auto refused = EncodeSegment(input, 1, 2);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), Code::kInvalidArgument);
  EXPECT_NE(refused.error().message().find("log shorter keys"), std::string_view::npos);
  prefix.Put(stem + "10000", Aggregate());
  EXPECT_TRUE(EncodeSegment(input, 1, 2).has_value());
}

TEST(EncodeSegment, IsDeterministic) {
  RandomRowsOptions options;
  options.shapes = 100;
  options.rows = 150;
  const RowBatch rows = RandomRows(4, options).Make();
  SegmentInput input;
  input.rows = &rows;
  EXPECT_EQ(EncodeSegment(input, 1, 2).value(), EncodeSegment(input, 1, 2).value());
  EXPECT_NE(EncodeSegment(input, 1, 2).value(), EncodeSegment(input, 1, 3).value());
}

}  // namespace
}  // namespace reprise
