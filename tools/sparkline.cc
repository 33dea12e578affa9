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

// A block for each mean, a space where there is none.
std::string Draw(const std::vector<std::optional<double>>& means) {
  std::optional<double> low;
  std::optional<double> high;
  for (const std::optional<double>& mean : means) {
    if (!mean) continue;
    low = std::min(low.value_or(*mean), *mean);
    high = std::max(high.value_or(*mean), *mean);
  }
  if (!low) return {};
  std::string line;
  for (const std::optional<double>& mean : means) {
    line += mean ? BlockFor(*mean, *low, *high) : std::string_view(" ");
  }
  return line;
}

}  // namespace

std::string Sparkline(const NumericSeries& series, std::size_t width) {
  if (series.values.empty() || width == 0) return {};
  std::vector<std::optional<double>> means;
  for (const Share& share : Divide(series, width)) {
    means.push_back(share.count == 0 ? std::nullopt : std::optional(share.mean));
  }
  return Draw(means);
}

std::string Sparkline(const Buckets& buckets) {
  std::vector<std::optional<double>> means;
  for (const Bucket& bucket : buckets) means.push_back(bucket.mean);
  return Draw(means);
}

}  // namespace reprise::tools
