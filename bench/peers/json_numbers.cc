#include "bench/peers/json_numbers.h"

#include <array>
#include <charconv>

#include "bench/bench_store.h"

namespace reprise::bench {

namespace {

// Takes `expected` off the front of the text.
void Skip(std::string_view expected, std::string_view* json) {
  if (!json->starts_with(expected)) GiveUp("not the JSON that was written: " + std::string(*json));
  json->remove_prefix(expected.size());
}

double TakeNumber(std::string_view* json) {
  double value = 0;
  const auto result = std::from_chars(json->data(), json->data() + json->size(), value);
  if (result.ec != std::errc()) GiveUp("no number: " + std::string(*json));
  json->remove_prefix(static_cast<std::size_t>(result.ptr - json->data()));
  return value;
}

}  // namespace

void PutJsonNumber(double value, std::string* json) {
  std::array<char, 32> digits{};
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  json->append(digits.data(), result.ptr);
}

double JsonNumber(std::string_view text) {
  const double value = TakeNumber(&text);
  if (!text.empty()) GiveUp("more than a number: " + std::string(text));
  return value;
}

void PutJsonNumbers(const std::vector<std::string>& keys, std::span<const double> values,
                    std::string* json) {
  char before = '{';
  for (std::size_t i = 0; i < keys.size(); ++i) {
    json->append({before, '"'}).append(keys[i]).append("\":");
    PutJsonNumber(values[i], json);
    before = ',';
  }
  json->push_back('}');
}

std::vector<double> JsonNumbers(std::string_view json, const std::vector<std::string>& keys) {
  std::vector<double> values;
  values.reserve(keys.size());
  std::string_view before = "{\"";
  for (const std::string& key : keys) {
    Skip(before, &json);
    Skip(key, &json);
    Skip("\":", &json);
    values.push_back(TakeNumber(&json));
    before = ",\"";
  }
  Skip("}", &json);
  return values;
}

double JsonNumberOf(std::string_view json, std::string_view key) {
  // Keys have no quotes in them, so one between quotes is a key.
  for (std::size_t at = json.find(key); at != std::string_view::npos; at = json.find(key, at + 1)) {
    std::string_view rest = json.substr(at + key.size());
    if (at == 0 || json[at - 1] != '"' || !rest.starts_with("\":")) continue;
    rest.remove_prefix(2);
    return TakeNumber(&rest);
  }
  GiveUp("no key " + std::string(key) + " in the JSON");
}

}  // namespace reprise::bench
