// The training program's own checkpoints: everything that the next step depends on, in a file.
//
// A run that is rewound or forked goes through several branches of history, and each has
// checkpoints of its own: a file is named by run, branch and step. Which of them belong to a
// history is asked of the store, which knows how branches follow from one another.
#ifndef REPRISE_EXAMPLES_CHECKPOINT_H_
#define REPRISE_EXAMPLES_CHECKPOINT_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "reprise/store.h"

namespace example {

// What is saved: taken after `step`'s row was logged.
struct Checkpoint {
  reprise::Step step = 0;
  std::uint64_t random_state = 0;
  std::vector<float> weights;
  std::vector<float> mean;      // of the optimizer
  std::vector<float> variance;  // of the optimizer
};

// Where a run's checkpoints are. Named by the run's uid too: a run id that is deleted and used
// again is another run.
std::filesystem::path CheckpointFolder(const std::filesystem::path& root,
                                       const reprise::RunInfo& run);

// Writes a whole file or none, on stable storage when it returns true.
bool SaveCheckpoint(const Checkpoint& checkpoint, const std::filesystem::path& folder,
                    std::uint32_t branch);

// The newest checkpoint of the run's present history, at `through` or before, also one that a
// parent run or an earlier branch made. Nothing if there is none.
std::optional<Checkpoint> FindCheckpoint(const reprise::Store& store,
                                         const std::filesystem::path& root, const std::string& run,
                                         reprise::Step through);

}  // namespace example

#endif  // REPRISE_EXAMPLES_CHECKPOINT_H_
