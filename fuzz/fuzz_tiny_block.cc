// Any bytes as a tiny block. Input: rows u8, has time u8, columns u8, a type (u8) each, block.
//
// What decodes can be encoded, and gives the same values again.
#include "format/tiny_block.h"
#include "fuzz/column_promises.h"
#include "fuzz/fuzz_input.h"

namespace reprise::fuzz {
namespace {

constexpr std::size_t kMaxColumns = 20;

std::vector<Type> TypesOf(const Table& table) {
  std::vector<Type> types;
  for (const Column& column : table.columns) types.push_back(column.type);
  return types;
}

void RequireRoundTrip(const Table& table, HasTime has_time) {
  std::vector<std::vector<std::string_view>> texts(table.columns.size());
  std::vector<ColumnView> columns;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    columns.push_back(ViewOf(table.columns[i], &texts[i]));
  }
  std::string block;
  EncodeTinyBlock({table.rows, table.steps, table.times, columns}, &block);
  Table decoded;
  Require(DecodeTinyBlock(block, table.rows, has_time, TypesOf(table), &decoded).ok(),
          "what was encoded decodes");
  Require(decoded.steps == table.steps && decoded.times == table.times,
          "steps and times come back");
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    RequireSlice(table.columns[i], 0, decoded.columns[i]);
  }
}

void Try(FuzzInput input) {
  const std::size_t rows = input.UpTo(kMaxTinyRows + 1);  // one too many, to be refused
  const HasTime has_time = input.UpTo(1) == 1 ? HasTime::kYes : HasTime::kNo;
  std::vector<Type> types(input.UpTo(kMaxColumns));
  for (Type& type : types) type = static_cast<Type>(input.UpTo(kTypeCount - 1));
  Table table;
  if (!DecodeTinyBlock(input.Rest(), rows, has_time, types, &table).ok()) return;
  Require(table.steps.size() == rows, "a step for each row");
  Require(table.times.size() == (has_time == HasTime::kYes ? rows : 0),
          "a time for each row, or none");
  Require(TypesOf(table) == types, "a column for each type");
  RequireRoundTrip(table, has_time);
}

}  // namespace
}  // namespace reprise::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::fuzz::Try(reprise::fuzz::FuzzInput(data, size));
  return 0;
}
