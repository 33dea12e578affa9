// A key's course in one line of block characters.
#ifndef REPRISE_TOOLS_SPARKLINE_H_
#define REPRISE_TOOLS_SPARKLINE_H_

#include <cstddef>
#include <string>

#include "reprise/history.h"

namespace reprise::tools {

// At most `width` columns, left to right over the steps: each shows the mean of the finite numbers
// of its share of the step range, between the lowest and the highest of these means. A share
// without a number is a space; a constant series is drawn at mid height; no finite number at all
// gives an empty string.
std::string Sparkline(const NumericSeries& series, std::size_t width);
// The same picture, a column for each bucket, where there are no infinities.
std::string Sparkline(const Buckets& buckets);

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_SPARKLINE_H_
