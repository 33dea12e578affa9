// What a hostile file costs: memory and time have bounds that its bytes cannot raise.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <sstream>

#include "format/bytes.h"
#include "tests/support/temp_dir.h"
#include "tests/tools/memory_sink.h"
#include "tools/import/csv_reader.h"
#include "tools/import/report.h"
#include "tools/import/text_import.h"
#include "tools/import/wandb.h"
#include "tools/json_reader.h"
#include "tools/line_reader.h"

namespace reprise::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::size_t kMiB = std::size_t{1} << 20;

// `before`, `count` times the same character, `after`: without holding them.
class LongText final : public std::streambuf {
 public:
  LongText(std::size_t count, char c, std::string after, std::string before = "")
      : before_(std::move(before)), left_(count), piece_(kMiB, c), after_(std::move(after)) {}

 protected:
  int_type underflow() override {
    if (!before_.empty()) {
      shown_ = std::exchange(before_, "");
    } else if (left_ > 0) {
      shown_ = piece_.substr(0, left_);
      left_ -= shown_.size();
    } else {
      shown_ = std::exchange(after_, "");
    }
    setg(shown_.data(), shown_.data(), shown_.data() + shown_.size());
    return shown_.empty() ? traits_type::eof() : traits_type::to_int_type(shown_.front());
  }

 private:
  std::string before_;
  std::size_t left_;
  const std::string piece_;
  std::string after_;
  std::string shown_;
};

TEST(JsonBounds, NestingOf100000LevelsIsRefused) {
  for (const std::string level : {"[", "{\"a\":"}) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += level;
    EXPECT_THAT(std::string(ParseJson(text).error().message()), HasSubstr("nested too deeply"));
  }
}

// A name is stored once and repeated in the path of each leaf below it.
TEST(JsonBounds, PathsMayNotRepeatALongNameForEver) {
  const auto members = [](std::size_t name, int count) {
    std::string text = "{\"" + std::string(name, 'n') + "\":{\"x\":0";
    for (int i = 0; i < count; ++i) text += ",\"y\":1";
    return text + "}}";
  };
  EXPECT_THAT(std::string(ParseJson(members(kMiB, 1000)).error().message()),
              HasSubstr("too much memory"));
  EXPECT_TRUE(ParseJson(members(1000, 1000)).has_value());
}

TEST(LineBounds, ALineWithoutEndIsNotKept) {
  LongText text(kMaxLineBytes + 3 * kMiB, 'x', "\nshort\n\nlast");
  std::istream in(&text);
  LineReader reader(&in);
  std::string line;
  ASSERT_TRUE(reader.Next(&line));
  EXPECT_TRUE(reader.too_long());
  EXPECT_LE(line.size(), kMaxLineBytes);
  std::vector<std::string> others;
  while (reader.Next(&line)) {
    EXPECT_FALSE(reader.too_long());
    others.push_back(line);
  }
  EXPECT_THAT(others, ElementsAre("short", "", "last"));
}

TEST(LineBounds, LinesOfAnyLengthUpToThenAreWhole) {
  for (const std::size_t size : {0U, 1U, 16382U, 16383U, 16384U, 16385U, 100000U}) {
    std::istringstream in(std::string(size, 'x') + "\n" + std::string(size, 'y'));
    LineReader reader(&in);
    std::string line;
    ASSERT_TRUE(reader.Next(&line));
    EXPECT_EQ(line, std::string(size, 'x'));
    EXPECT_EQ(reader.Next(&line), size > 0);
    EXPECT_EQ(line, std::string(size, 'y'));
    EXPECT_FALSE(reader.Next(&line));
  }
}

TEST(CsvBounds, NamesWithoutEndAreNotKept) {
  for (const char c : {'x', ','}) {
    LongText text(CsvReader::kMaxRecordBytes + 3 * kMiB, c, "\n1,2\n");
    std::istream in(&text);
    CsvReader reader(&in);
    EXPECT_TRUE(reader.columns().empty());
    std::vector<std::string> cells;
    ASSERT_TRUE(reader.Next(&cells));
    EXPECT_THAT(cells, ElementsAre("1", "2"));
  }
}

TEST(CsvBounds, RowsBeforeAndAfterOneThatIsTooLargeAreImported) {
  const TempDir folder;
  const std::string path = folder.Of("runs.csv");
  std::ofstream(path) << "step,x\n0,1\n1," << std::string(CsvReader::kMaxCells, ',') << "\n2,3\n";
  MemorySink sink;
  ImportReport report;
  ASSERT_TRUE(ImportCsv({path}, {}, &sink, &report).ok());
  EXPECT_EQ(sink.rows.size(), 2U);
  ASSERT_EQ(report.skipped.size(), 1U);
  EXPECT_THAT(report.skipped[0].reason, HasSubstr("row over"));
  EXPECT_THAT(report.skipped[0].first_place, HasSubstr("line 3"));
}

TEST(CsvBounds, AQuotedCellWithoutEndIsNotKept) {
  LongText text(CsvReader::kMaxRecordBytes + 3 * kMiB, '\n', "x", "a,b\n\"");
  std::istream in(&text);
  CsvReader reader(&in);
  std::vector<std::string> cells;
  ASSERT_TRUE(reader.Next(&cells));
  EXPECT_TRUE(reader.ended_in_quotes());
  EXPECT_TRUE(reader.too_large());
  ASSERT_EQ(cells.size(), 0U);
}

// A field of bytes.
std::string Field(std::uint32_t number, std::string_view content) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.Varint(number << 3 | 2);
  writer.Sized(content);
  return bytes;
}
std::string Row(std::string_view json) {
  return Field(2, Field(1, Field(1, "loss") + Field(16, json)));
}

// A W&B log in the making, block by block.
class WandbLog {
 public:
  WandbLog() : bytes_("\x3A\x57\x26\x42\xE1\xBE\x00", 7) {}

  void Add(std::string_view record) {
    enum { kFull = 1, kFirst, kMiddle, kLast };
    for (bool first = true; first || !record.empty(); first = false) {
      if (kBlock - bytes_.size() % kBlock < 7) bytes_.resize((bytes_.size() / kBlock + 1) * kBlock);
      const std::size_t room = kBlock - bytes_.size() % kBlock - 7;
      const std::string_view part = record.substr(0, room);
      record.remove_prefix(part.size());
      const bool last = record.empty();
      AddChunk(first ? (last ? kFull : kFirst) : (last ? kLast : kMiddle), part);
    }
  }
  const std::string& bytes() const { return bytes_; }

 private:
  static constexpr std::size_t kBlock = 32768;

  void AddChunk(int type, std::string_view part) {
    std::string sealed(1, static_cast<char>(type));
    sealed += part;
    const auto* data = reinterpret_cast<const Bytef*>(sealed.data());
    ByteWriter writer(&bytes_);
    writer.Fixed(static_cast<std::uint32_t>(crc32_z(0, data, sealed.size())));
    writer.Fixed(static_cast<std::uint16_t>(part.size()));
    writer.Raw(sealed);
  }

  std::string bytes_;
};

ImportReport ImportLog(const WandbLog& log, MemorySink* sink) {
  const TempDir folder;
  const std::string path = folder.Of("run-x.wandb");
  std::ofstream(path, std::ios::binary) << log.bytes();
  ImportReport report;
  EXPECT_TRUE(ImportWandb({path}, sink, &report).ok());
  return report;
}

// So many rows come in, and one record is skipped for the reason.
void ExpectRowsAndASkip(const WandbLog& log, std::size_t rows, const char* reason) {
  MemorySink sink;
  const ImportReport report = ImportLog(log, &sink);
  EXPECT_EQ(sink.rows.size(), rows);
  ASSERT_EQ(report.skipped.size(), 1U);
  EXPECT_THAT(report.skipped[0].reason, HasSubstr(reason));
}

TEST(WandbBounds, ARecordWithoutEndIsGivenUp) {
  WandbLog log;
  log.Add(Row("1"));
  log.Add(std::string(17 * kMiB, '\0'));
  log.Add(Row("2"));
  ExpectRowsAndASkip(log, 2, "record over 16 MiB");
}

TEST(WandbBounds, ALengthOf4GiBInARecordIsNotBelieved) {
  WandbLog log;
  std::string record = Row("1");
  record.replace(1, 1, std::string("\xFF\xFF\xFF\xFF\x0F", 5));  // the length of the history
  log.Add(record);
  log.Add(Row("2"));
  ExpectRowsAndASkip(log, 1, "no valid message");
}

TEST(ReportBounds, ReasonsWithoutEndAreCountedTogether) {
  ImportReport report;
  for (int i = 0; i < 1000; ++i) report.Skip("reason " + std::to_string(i), "line");
  EXPECT_LE(report.skipped.size(), 201U);
  std::uint64_t count = 0;
  for (const auto& skip : report.skipped) count += skip.count;
  EXPECT_EQ(count, 1000U);
}

}  // namespace
}  // namespace reprise::tools
