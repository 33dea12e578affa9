// Sampling a key: cells where a bucket has all of one, values where its edge cuts one.
#ifndef REPRISE_ENGINE_HISTORY_SAMPLE_CURVE_H_
#define REPRISE_ENGINE_HISTORY_SAMPLE_CURVE_H_

#include <string_view>

#include "engine/history/curve_cache.h"
#include "reprise/sample.h"
#include "reprise/status.h"

namespace reprise {

// `last_step` is the last visible one. No bucket has numbers if the key has none: whether it was
// ever logged is the caller's to look up.
Result<Buckets> SampleCurve(const CurveCache& curves, std::string_view key,
                            const SampleOptions& options, Step last_step);

}  // namespace reprise

#endif  // REPRISE_ENGINE_HISTORY_SAMPLE_CURVE_H_
