#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include "tests/support/real_data.h"
#include "tests/tools/memory_sink.h"
#include "tools/import/wandb.h"
#include "tools/json_reader.h"

namespace reprise::tools {
namespace {

namespace fs = std::filesystem;

std::string ReadGzip(const fs::path& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  std::string text;
  std::string piece(1 << 16, '\0');
  for (int n = 0; (n = gzread(file, piece.data(), 1 << 16)) > 0;) {
    text.append(piece, 0, static_cast<std::size_t>(n));
  }
  gzclose(file);
  return text;
}

struct TruthRow {
  std::optional<Step> step;
  MemorySink::Row row;
};

// The truth writes non-finite numbers as strings.
Value FromTruth(const Value& value) {
  if (value.type() != Type::kString) return value;
  if (value.text() == "NaN") return Value(std::numeric_limits<double>::quiet_NaN());
  if (value.text() == "Infinity") return Value(std::numeric_limits<double>::infinity());
  if (value.text() == "-Infinity") return Value(-std::numeric_limits<double>::infinity());
  return value;
}

TruthRow ParseTruthRow(const std::string& line) {
  TruthRow truth;
  const JsonNode node = ParseJson(line).value();
  Config fields;
  for (const auto& [key, member] : node.members) FlattenJson(member, key, &fields);
  for (const auto& [key, value] : fields) {
    if (key == "_step") {
      truth.step = AsStep(value.view());
    } else if (key == "_timestamp") {
      truth.row.time = AsTime(value.view()).value();
    } else {
      truth.row.fields[key] = FromTruth(value);
    }
  }
  return truth;
}

std::map<Step, MemorySink::Row> ReadTruth(const fs::path& path) {
  std::map<Step, MemorySink::Row> rows;
  std::istringstream text(ReadGzip(path));
  Step next = 0;
  for (std::string line; std::getline(text, line);) {
    if (line.empty()) continue;
    TruthRow truth = ParseTruthRow(line);
    const Step step = truth.step.value_or(next);
    rows[step] = std::move(truth.row);
    next = step + 1;
  }
  return rows;
}

// JSON text differs in its spaces, and a truth's doubles in their digits.
std::string Comparable(const Value& value) {
  if (value.type() != Type::kJson) return value.text();
  std::string text = value.text();
  std::erase(text, ' ');
  return text;
}

void ExpectSameRow(const MemorySink::Row& got, const MemorySink::Row& want, Step step) {
  EXPECT_EQ(got.time, want.time) << "step " << step;
  ASSERT_EQ(got.fields.size(), want.fields.size()) << "step " << step;
  for (const auto& [key, value] : want.fields) {
    const auto found = got.fields.find(key);
    ASSERT_NE(found, got.fields.end()) << "step " << step << " lacks " << key;
    EXPECT_EQ(found->second.bits(), value.bits()) << "step " << step << " key " << key;
    EXPECT_EQ(Comparable(found->second), Comparable(value)) << "step " << step << " key " << key;
  }
}

std::vector<fs::path> FilesWithTruth() {
  std::vector<fs::path> files;
  const auto root = testing::RealData("wandb");
  if (!root) return files;
  for (const auto& entry : fs::recursive_directory_iterator(*root)) {
    if (entry.path().extension() == ".wandb") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST(WandbImport, GivesExactlyTheRowsOfEveryPublishedFile) {
  const std::vector<fs::path> files = FilesWithTruth();
  if (files.empty()) GTEST_SKIP() << testing::RealDataIsMissing("wandb");
  for (const fs::path& file : files) {
    SCOPED_TRACE(file.string());
    MemorySink sink;
    ImportReport report;
    const Status status = ImportWandb({file.string()}, &sink, &report);
    ASSERT_TRUE(status.ok()) << status.ToString();
    const auto truth =
        ReadTruth(*testing::RealData("truth/" + file.filename().string() + ".jsonl.gz"));
    ASSERT_EQ(sink.rows.size(), truth.size()) << report.Text();
    EXPECT_EQ(report.rows, truth.size());
    for (const auto& [step, row] : truth) {
      ASSERT_TRUE(sink.rows.contains(step)) << "step " << step;
      ExpectSameRow(sink.rows.at(step), row, step);
    }
  }
}

}  // namespace
}  // namespace reprise::tools
