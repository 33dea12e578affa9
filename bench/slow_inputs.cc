#include "bench/slow_inputs.h"

#include "bench/slow_numbers.h"
#include "bench/slow_texts.h"

namespace reprise::bench {
namespace {

// One short vector, one full one, one of each, as many as have every plan tried on them, and many.
constexpr std::size_t kValues[] = {64, 100, 1'024, 1'100, 5'120, 65'536};
constexpr std::size_t kTextBytes[] = {std::size_t{1} << 10, std::size_t{16} << 10,
                                      std::size_t{256} << 10};
constexpr std::size_t kListRows[] = {1, 12, 100, 1'000};

constexpr std::size_t kLeastText = std::size_t{1} << 10;
constexpr std::size_t kMostRows = 65'536;

void AddNumbers(std::vector<SlowInput>* inputs) {
  for (const NumberRule& rule : SlowNumbers()) {
    for (const std::size_t values : kValues) {
      SlowInput& input = inputs->emplace_back();
      input.name = std::string(rule.name) + ", " + std::to_string(values) + " values";
      input.type = rule.type;
      for (std::size_t i = 0; i < values; ++i) input.bits.push_back(rule.at(i, values));
    }
  }
}

void AddTexts(std::vector<SlowInput>* inputs) {
  for (const TextRule& rule : SlowTexts()) {
    for (const std::size_t bytes : kTextBytes) {
      SlowInput& input = inputs->emplace_back();
      input.name = rule.name + ", " + std::to_string(bytes >> 10U) + " KiB";
      input.type = Type::kString;
      while (input.blob.size() < bytes && input.ends.size() < kMostRows) {
        input.Add(rule.at(input.ends.size()));
      }
    }
  }
}

void AddLists(std::vector<SlowInput>* inputs) {
  for (const TextRule& rule : SlowLists()) {
    for (const std::size_t rows : kListRows) {
      SlowInput input;
      input.name = rule.name + ", " + std::to_string(rows) + (rows > 1 ? " rows" : " row");
      input.type = Type::kJson;
      for (std::size_t i = 0; i < rows; ++i) input.Add(rule.at(i));
      if (input.bytes() >= kLeastText) inputs->push_back(std::move(input));
    }
  }
}

}  // namespace

void SlowInput::Add(std::string_view text) {
  blob.append(text);
  ends.push_back(blob.size());
}

std::vector<std::string_view> SlowInput::texts() const {
  std::vector<std::string_view> texts;
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    texts.push_back(std::string_view(blob).substr(begin, end - begin));
    begin = end;
  }
  return texts;
}

std::vector<SlowInput> MakeSlowInputs() {
  std::vector<SlowInput> inputs;
  AddNumbers(&inputs);
  AddTexts(&inputs);
  AddLists(&inputs);
  return inputs;
}

}  // namespace reprise::bench
