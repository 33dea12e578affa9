// Whether a history says what the model says, in every bit.
#ifndef REPRISE_TESTS_ENGINE_RUN_MODEL_COMPARE_H_
#define REPRISE_TESTS_ENGINE_RUN_MODEL_COMPARE_H_

#include <cstdint>
#include <string>

#include "reprise/history.h"
#include "tests/support/model_store.h"

namespace reprise {

// Reads all that can be read: rows, series, numbers, summaries, and a query decided by `seed`.
// Empty if all is as the model has it, else the first difference.
std::string FindDifference(const History& history, const ModelView& view, std::uint64_t seed);

}  // namespace reprise

#endif  // REPRISE_TESTS_ENGINE_RUN_MODEL_COMPARE_H_
