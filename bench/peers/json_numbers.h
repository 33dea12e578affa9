// JSON objects of numbers, as Trackio keeps a row and W&B a value: {"loss":0.5,"lr":0.001}.
#ifndef REPRISE_BENCH_PEERS_JSON_NUMBERS_H_
#define REPRISE_BENCH_PEERS_JSON_NUMBERS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::bench {

// The shortest digits that are read back as the same number. Not for NaN and infinities.
void PutJsonNumber(double value, std::string* json);
// Ends the program if `text` is no number.
double JsonNumber(std::string_view text);

// Keys without characters that JSON escapes.
void PutJsonNumbers(const std::vector<std::string>& keys, std::span<const double> values,
                    std::string* json);
// The numbers of an object that has just these keys, in this order.
std::vector<double> JsonNumbers(std::string_view json, const std::vector<std::string>& keys);
// One of them.
double JsonNumberOf(std::string_view json, std::string_view key);

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_PEERS_JSON_NUMBERS_H_
