// Rows made of patterns (made_rows.h), as a segment and back. Input: prefix u8, then the rows.
#include "fuzz/made_rows.h"
#include "fuzz/read_segment.h"

namespace reprise::fuzz {
namespace {

constexpr std::uint64_t kFileId = 5;
constexpr std::uint64_t kOffset = 140;

ReadRows Expected(const RowBatch& batch) {
  ReadRows rows;
  for (const RowTable& table : batch.tables()) {
    for (std::size_t i = 0; i < table.rows(); ++i) {
      ReadRow& row = rows[table.steps[i]];
      if (table.shape->has_time) row.time = table.times[i];
      for (std::size_t c = 0; c < table.columns.size(); ++c) {
        row.fields.emplace_back(table.shape->columns[c].key, table.columns[c].value(i));
      }
    }
  }
  return rows;
}

void RequirePrefix(std::string_view bytes, const SummaryTable& expected) {
  ByteReader reader(bytes);
  SummaryTable prefix;
  Require(prefix.Decode(&reader).ok() && reader.AtCleanEnd(), "the prefix decodes");
  Require(prefix == expected, "the prefix comes back");
}

void Try(FuzzInput input) {
  const bool has_prefix = input.UpTo(1) == 1;
  const RowBatch batch = MakeRows(&input);
  const SummaryTable prefix = Summarize(batch);  // of these rows; any table would do
  SegmentInput made;
  made.rows = &batch;
  if (has_prefix) {
    made.facts.prefix = PrefixKind::kFull;
    made.prefix = &prefix;
  }
  const auto bytes = EncodeSegment(made, kFileId, kOffset);
  Require(bytes.has_value(), "a few rows are a segment");
  SegmentFacts known;
  known.rows = batch.rows();
  const ReadSegment segment(*bytes, known, kFileId, kOffset);
  Require(segment.Rows() == Expected(batch), "rows come back");
  Require(segment.index().has_prefix() == has_prefix, "a prefix is there or not");
  if (has_prefix) RequirePrefix(segment.Prefix(), prefix);
}

}  // namespace
}  // namespace reprise::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::fuzz::Try(reprise::fuzz::FuzzInput(data, size));
  return 0;
}
