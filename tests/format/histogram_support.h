// Histograms as JSON, as trackers log them.
#ifndef REPRISE_TESTS_FORMAT_HISTOGRAM_SUPPORT_H_
#define REPRISE_TESTS_FORMAT_HISTOGRAM_SUPPORT_H_

#include <algorithm>
#include <bit>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "format/number_text.h"

namespace reprise {

// "1, 2, 3" of integers or doubles.
inline std::string ListText(const std::vector<std::uint64_t>& numbers, NumberStyle style,
                            std::string_view separator) {
  std::string text;
  for (const std::uint64_t bits : numbers) {
    if (!text.empty()) text += separator;
    PrintNumber(bits, style, &text);
  }
  return text;
}

// Of values around `centre`, in `bins` bins of equal width.
inline std::string HistogramText(double centre, std::size_t bins, NumberStyle style,
                                 std::mt19937_64* random) {
  const bool python = style == NumberStyle::kPython;
  std::vector<std::uint64_t> counts(bins);
  for (int i = 0; i < 2000; ++i) {  // sums of four: a bell, and the same on every machine
    std::size_t sum = 0;
    for (int j = 0; j < 4; ++j) sum += (*random)() % bins;
    ++counts[sum / 4];
  }
  const double first = centre - 0.5 - static_cast<double>((*random)() % 1000) / 7000;
  const double last = centre + 0.5 + static_cast<double>((*random)() % 1000) / 7000;
  const double step = (last - first) / static_cast<double>(bins);
  std::vector<std::uint64_t> edges;
  for (std::size_t i = 0; i < bins; ++i) {
    const volatile double rise = static_cast<double>(i) * step;  // no multiply-add
    edges.push_back(std::bit_cast<std::uint64_t>(rise + first));
  }
  edges.push_back(std::bit_cast<std::uint64_t>(last));
  const std::string_view comma = python ? ", " : ",";
  const std::string_view colon = python ? ": " : ":";
  std::string text = "{\"_type\"";
  text.append(colon).append("\"histogram\"").append(comma).append("\"values\"").append(colon);
  text.append("[").append(ListText(counts, NumberStyle::kInteger, comma)).append("]");
  text.append(comma).append("\"bins\"").append(colon);
  return text.append("[").append(ListText(edges, style, comma)).append("]}");
}

}  // namespace reprise

#endif  // REPRISE_TESTS_FORMAT_HISTOGRAM_SUPPORT_H_
