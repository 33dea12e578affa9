// The offset tables of the specification pages, compared with the constexpr tables of the code: a
// page that says something else than the code does is a failing test.
//
// A new fixed-size structure adds one line to Structures().
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "format/catalog_control.h"
#include "format/field_table.h"
#include "format/log_file.h"
#include "format/pack.h"
#include "format/segment_index.h"
#include "format/superblock.h"
#include "tests/support/source_tree.h"

namespace reprise {
namespace {

// `heading` is the page's heading without `## ` and without a remark in parentheses after it.
struct Structure {
  std::string page;
  std::string heading;
  std::span<const FieldRow> rows;
};

std::vector<Structure> Structures() {
  return {
      {"pack.md", "Frame header", kFrameHeaderFields},
      {"pack.md", "Pack header", kPackHeaderFields},
      {"segment.md", "Directory entry", kDirectoryEntryFields},
      {"segment.md", "Segment footer", kSegmentFooterFields},
      {"log.md", "File header", kLogHeaderFields},
      {"log.md", "Group header", kGroupHeaderFields},
      {"catalog.md", "Catalog control", kCatalogControlFields},
      {"superblock.md", "Superblock", kSuperblockFields},
  };
}

// A row as the page has it; offset and size are missing where they are not plain numbers.
struct PageRow {
  std::string name;
  std::optional<std::uint32_t> offset;
  std::optional<std::uint32_t> size;
};

// One offset table, and the heading that it stands under.
struct PageTable {
  std::string heading;
  std::vector<PageRow> rows;

  bool is_fixed() const {
    return std::all_of(rows.begin(), rows.end(),
                       [](const PageRow& row) { return row.offset && row.size; });
  }
};

std::string Trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t`");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t`") - first + 1));
}

std::vector<std::string> Cells(std::string_view line) {
  std::vector<std::string> cells;
  line.remove_prefix(1);  // the leading bar
  for (std::size_t bar = line.find('|'); bar != std::string_view::npos; bar = line.find('|')) {
    cells.push_back(Trimmed(line.substr(0, bar)));
    line.remove_prefix(bar + 1);
  }
  return cells;
}

std::optional<std::uint32_t> Number(const std::string& text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool IsOffsetHeader(const std::vector<std::string>& cells) {
  return cells.size() >= 3 && cells[0] == "offset" && cells[1] == "size" && cells[2] == "field";
}

// All tables of a page whose header row begins `| offset | size | field |`.
std::vector<PageTable> ParseOffsetTables(std::string_view page) {
  std::vector<PageTable> tables;
  std::string heading;
  bool in_table = false;
  while (!page.empty()) {
    const std::string_view line = page.substr(0, page.find('\n'));
    page.remove_prefix(std::min(page.size(), line.size() + 1));
    if (line.starts_with("#")) {
      const std::string_view text = line.substr(line.find_first_not_of('#'));
      heading = Trimmed(text.substr(0, text.find(" (")));
    }
    if (!line.starts_with("|")) {
      in_table = false;
      continue;
    }
    const std::vector<std::string> cells = Cells(line);
    if (IsOffsetHeader(cells)) {
      tables.push_back({heading, {}});
      in_table = true;
    } else if (in_table && cells.size() >= 3 && !cells[0].starts_with("-")) {
      tables.back().rows.push_back({cells[2], Number(cells[0]), Number(cells[1])});
    }
  }
  return tables;
}

const PageTable* FindTable(const std::vector<PageTable>& tables, const std::string& heading) {
  const auto found = std::find_if(tables.begin(), tables.end(),
                                  [&](const PageTable& table) { return table.heading == heading; });
  return found == tables.end() ? nullptr : &*found;
}

// What differs between page and code; empty where they agree.
std::string Difference(const PageTable& table, std::span<const FieldRow> rows) {
  for (std::size_t i = 0; i < std::max(table.rows.size(), rows.size()); ++i) {
    if (i >= table.rows.size()) return fmt::format("the page lacks '{}'", rows[i].name);
    const PageRow& page = table.rows[i];
    if (i >= rows.size()) return fmt::format("the code lacks '{}'", page.name);
    const FieldRow& code = rows[i];
    if (page.name == code.name && page.offset == code.offset && page.size == code.size) continue;
    return fmt::format("row {}: the page says '{}' at {} of {} bytes, the code '{}' at {} of {}",
                       i + 1, page.name, page.offset.value_or(0), page.size.value_or(0), code.name,
                       code.offset, code.size);
  }
  return "";
}

std::vector<PageTable> ReadPage(const std::string& page) {
  const auto text = testing::ReadWholeFile(testing::SourceDir() / "format" / page);
  if (!text) ADD_FAILURE() << "format/" << page << " does not exist";
  return ParseOffsetTables(text.value_or(""));
}

TEST(SpecificationTables, SayWhatTheCodeSays) {
  for (const Structure& structure : Structures()) {
    const std::vector<PageTable> tables = ReadPage(structure.page);
    const PageTable* table = FindTable(tables, structure.heading);
    ASSERT_NE(table, nullptr) << "format/" << structure.page << " has no offset table under '"
                              << structure.heading << "'";
    EXPECT_EQ(Difference(*table, structure.rows), "")
        << "format/" << structure.page << ", " << structure.heading;
  }
}

TEST(SpecificationTables, AreAllComparedWithCode) {
  std::set<std::string> compared;
  for (const Structure& structure : Structures()) {
    compared.insert(structure.page + ": " + structure.heading);
  }
  for (const auto& entry : std::filesystem::directory_iterator(testing::SourceDir() / "format")) {
    if (entry.path().extension() != ".md") continue;
    const std::string page = entry.path().filename().string();
    for (const PageTable& table : ReadPage(page)) {
      if (!table.is_fixed()) continue;
      EXPECT_TRUE(compared.contains(page + ": " + table.heading))
          << "format/" << page << ": nothing compares the table under '" << table.heading
          << "' with the code; add it to Structures()";
    }
  }
}

constexpr std::string_view kSample =
    "# Page\n\n## Footer (16 bytes, at the end)\ntext\n"
    "| offset | size | field | type |\n|---:|---:|---|---|\n"
    "| 0 | 8 | `index_size` | u64 |\n| 8 | 8 | `magic` | bytes |\n\n"
    "| other | table |\n|---|---|\n| 1 | 2 |\n"
    "## Record\n| offset | size | field |\n|---|---|---|\n| 0 | n | `payload` |\n";

TEST(SpecificationTableParser, FindsTablesByTheirHeading) {
  const auto tables = ParseOffsetTables(kSample);
  ASSERT_EQ(tables.size(), 2u);
  const PageTable* footer = FindTable(tables, "Footer");
  ASSERT_NE(footer, nullptr);
  ASSERT_EQ(footer->rows.size(), 2u);
  EXPECT_EQ(footer->rows[0].name, "index_size");
  EXPECT_EQ(footer->rows[1].offset, 8u);
  EXPECT_EQ(FindTable(tables, "Header"), nullptr);
}

TEST(SpecificationTableParser, TellsFixedTablesFromOthers) {
  const auto tables = ParseOffsetTables(kSample);
  EXPECT_TRUE(FindTable(tables, "Footer")->is_fixed());
  EXPECT_FALSE(FindTable(tables, "Record")->is_fixed());
}

TEST(SpecificationTableParser, ReportsEveryKindOfDifference) {
  const auto tables = ParseOffsetTables(kSample);
  const PageTable& footer = *FindTable(tables, "Footer");
  using Rows = std::vector<FieldRow>;
  EXPECT_EQ(Difference(footer, Rows{{"index_size", 0, 8}, {"magic", 8, 8}}), "");
  EXPECT_NE(Difference(footer, Rows{{"index_size", 0, 8}}), "");
  EXPECT_NE(Difference(footer, Rows{{"index_size", 0, 8}, {"magic", 8, 8}, {"more", 16, 1}}), "");
  EXPECT_NE(Difference(footer, Rows{{"index", 0, 8}, {"magic", 8, 8}}), "");
  EXPECT_NE(Difference(footer, Rows{{"index_size", 0, 4}, {"magic", 8, 8}}), "");
  EXPECT_NE(Difference(footer, Rows{{"index_size", 0, 8}, {"magic", 9, 8}}), "");
}

constexpr std::array<FieldRow, 2> kGap{{{"a", 0, 4}, {"b", 5, 4}}};
constexpr std::array<FieldRow, 2> kOverlap{{{"a", 0, 4}, {"b", 3, 4}}};
constexpr std::array<FieldRow, 2> kWhole{{{"a", 0, 4}, {"b", 4, 4}}};

TEST(FieldTable, TilesOnlyWithoutGapOverlapOrRest) {
  EXPECT_TRUE(TilesExactly(kWhole, 8));
  EXPECT_FALSE(TilesExactly(kWhole, 9));
  EXPECT_FALSE(TilesExactly(kGap, 9));
  EXPECT_FALSE(TilesExactly(kOverlap, 7));
}

}  // namespace
}  // namespace reprise
