// Any bytes as a summary table. What decodes is what a writer writes, to the last byte.
#include "format/number_order.h"
#include "format/summary_table.h"
#include "fuzz/fuzz_input.h"

namespace reprise::fuzz {
namespace {

void RequireSense(const Aggregate& aggregate) {
  Require(!aggregate.empty() && aggregate.first_step() <= aggregate.last_step(),
          "an aggregate has rows");
  const auto rows = static_cast<std::uint64_t>(aggregate.last_step() - aggregate.first_step()) + 1;
  Require(aggregate.count() <= rows && aggregate.nan() <= rows - aggregate.count(),
          "there are no more numbers than steps");
  Require(aggregate.sum().has_value() == aggregate.has_numbers() &&
              aggregate.mean().has_value() == aggregate.has_numbers(),
          "numbers have a sum and a mean");
  if (!aggregate.has_numbers()) return;
  Require(CompareNumbers(aggregate.min(), aggregate.max()) <= 0,
          "the least is not above the greatest");
}

void Try(FuzzInput input) {
  const std::string_view bytes = input.Rest();
  ByteReader reader(bytes);
  SummaryTable table;
  if (!table.Decode(&reader).ok()) {
    Require(table.empty(), "a table that does not decode is left as it was");
    return;
  }
  for (const auto& [key, aggregate] : table) RequireSense(aggregate);
  std::string again;
  ByteWriter writer(&again);
  table.Encode(&writer);
  Require(again == bytes.substr(0, reader.position()), "equal tables have equal bytes");
}

}  // namespace
}  // namespace reprise::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::fuzz::Try(reprise::fuzz::FuzzInput(data, size));
  return 0;
}
