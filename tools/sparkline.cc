#include "tools/sparkline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

namespace reprise::tools {
namespace {

constexpr std::array<std::string_view, 8> kBlocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

struct Share {
  double mean = 0;
  std::size_t count = 0;
};

// The running mean never overflows where the sum of large doubles would.
void Add(double value, Share* share) {
  ++share->count;
  const double n = static_cast<double>(share->count);
  share->mean += value / n - share->mean / n;
}

// The share of the step range that a step falls in; doubles are near enough for a picture.
std::size_t ShareOf(Step step, Step first, Step last, std::size_t shares) {
  const double span = static_cast<double>(last) - static_cast<double>(first) + 1;
  const double offset = static_cast<double>(step) - static_cast<double>(first);
  const double index = offset / span * static_cast<double>(shares);
  return std::min(shares - 1, static_cast<std::size_t>(std::max(0.0, index)));
}

std::vector<Share> Divide(const NumericSeries& series, std::size_t width) {
  const Step first = series.steps.front();
  const Step last = series.steps.back();
  std::vector<Share> shares(std::min(width, series.values.size()));
  for (std::size_t i = 0; i < series.values.size(); ++i) {
    if (!std::isfinite(series.values[i])) continue;
    Add(series.values[i], &shares[ShareOf(series.steps[i], first, last, shares.size())]);
  }
  return shares;
}

// Halves keep the difference of the two largest doubles finite.
std::string_view BlockFor(double value, double low, double high) {
  const double span = high / 2 - low / 2;
  if (!(span > 0)) return kBlocks[kBlocks.size() / 2 - 1];
  const double height = (value / 2 - low / 2) / span * static_cast<double>(kBlocks.size());
  return kBlocks[std::min(kBlocks.size() - 1, static_cast<std::size_t>(std::max(0.0, height)))];
}

}  // namespace

std::string Sparkline(const NumericSeries& series, std::size_t width) {
  if (series.values.empty() || width == 0) return {};
  const std::vector<Share> shares = Divide(series, width);
  std::optional<double> low;
  std::optional<double> high;
  for (const Share& share : shares) {
    if (share.count == 0) continue;
    low = std::min(low.value_or(share.mean), share.mean);
    high = std::max(high.value_or(share.mean), share.mean);
  }
  if (!low) return {};
  std::string line;
  for (const Share& share : shares) {
    line += share.count == 0 ? std::string_view(" ") : BlockFor(share.mean, *low, *high);
  }
  return line;
}

}  // namespace reprise::tools
