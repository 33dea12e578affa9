#include "tools/table.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tools/escape.h"
#include "tools/row_printer.h"
#include "tools/step_range.h"

namespace reprise::tools {
namespace {

TEST(Table, AlignsWideCharactersByColumns) {
  Table table;
  table.AddColumn("KEY");
  table.AddColumn("LAST", Table::Align::kRight);
  table.AddRow({"损失", "1"});
  table.AddRow({"loss", "12.5"});
  EXPECT_EQ(table.Render(80),
            "KEY   LAST\n"
            "损失     1\n"
            "loss  12.5\n");
}

TEST(Table, CutsItsWidestColumnToFit) {
  Table table;
  table.AddColumn("A");
  table.AddColumn("B");
  table.AddRow({std::string(100, 'x'), "kept"});
  std::istringstream lines(table.Render(40));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(DisplayWidth(line), 40u);
  EXPECT_NE(table.Render(40).find("…  kept"), std::string::npos);
}

TEST(Table, EscapesItsCells) {
  Table table;
  table.AddColumn("");
  table.AddRow({"a\x1b[2J\nb"});
  EXPECT_EQ(table.Render(80), "a\\x1b[2J\\nb\n");
}

TEST(FormatText, ReadsWell) {
  EXPECT_EQ(GroupDigits(1234567), "1,234,567");
  EXPECT_EQ(GroupDigits(-123), "-123");
  EXPECT_EQ(GroupDigits(-1234), "-1,234");
  EXPECT_EQ(FormatBytes(1023), "1023 B");
  EXPECT_EQ(FormatBytes(3 << 20), "3.0 MiB");
  EXPECT_EQ(FormatTime(1710246727844042), "2024-03-12 12:32:07 UTC");
  EXPECT_EQ(FormatTime(kNoTime), "-");
}

Row SomeRow() {
  Row row;
  row.step = 3;
  row.time = 1500000;
  row.fields = {{"a", Value(1.0)}, {"b", Value("x,\"y\"")}, {"n", Value()}};
  return row;
}

TEST(RowPrinter, PrintsJsonl) {
  EXPECT_EQ(MakeJsonlPrinter(NonFinite::kBare)->Line(SomeRow()),
            "{\"_step\":3,\"_timestamp\":1.5,\"a\":1.0,\"b\":\"x,\\\"y\\\"\",\"n\":null}\n");
  Row timeless = SomeRow();
  timeless.time = kNoTime;
  EXPECT_EQ(MakeJsonlPrinter(NonFinite::kBare)->Line(timeless).find("_timestamp"),
            std::string::npos);
}

TEST(RowPrinter, PrintsCsvWithAbsentCellsEmpty) {
  const auto printer = MakeCsvPrinter({"a", "absent", "b", "n"}, false);
  EXPECT_EQ(printer->Header(), "_step,_timestamp,a,absent,b,n\n");
  EXPECT_EQ(printer->Line(SomeRow()), "3,1.5,1.0,,\"x,\"\"y\"\"\",null\n");
}

TEST(RowPrinter, TellsHowManyKeysFoundNoRoom) {
  std::size_t left_out = 0;
  const auto printer = MakeTablePrinter({"a", "b", "c", "d"}, 40, &left_out);
  EXPECT_EQ(left_out, 2u);
  EXPECT_EQ(printer->Header(), "      STEP             a             b\n");
  EXPECT_EQ(printer->Line(SomeRow()), "         3             1         x,\"y\"\n");
}

TEST(ParseStepRange, ReadsBothEndsOrOne) {
  EXPECT_EQ(*ParseStepRange("3:7"), (StepRange{3, 7}));
  EXPECT_EQ(ParseStepRange("3:")->first, 3);
  EXPECT_EQ(*ParseStepRange(":7"), (StepRange{0, 7}));
  EXPECT_EQ(*ParseStepRange("5"), (StepRange{5, 5}));
  EXPECT_EQ(*ParseStepRange(":"), StepRange());
  for (const char* text : {"", "a:b", "1:2:3", "-1:2", "1.5"}) {
    EXPECT_FALSE(ParseStepRange(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace reprise::tools
