// Random calls on a store, compared with a model of what a store is, in every bit. A sequence that
// fails is made as short as it gets and printed as calls.
//
// REPRISE_MODEL_SEED: the first sequence, else always the same ones. REPRISE_MODEL_OPS: how many
// calls in all. scripts/soak.sh explores sequences that nobody has seen.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <vector>

#include "tests/engine/run/model_driver.h"
#include "tests/engine/run/model_generator.h"

namespace reprise {
namespace {

constexpr std::uint64_t kDefaultSeed = 1;
constexpr std::uint64_t kDefaultOps = 15'000;
constexpr std::size_t kOpsOfSequence = 60;
constexpr auto kTimeToShrink = std::chrono::seconds(60);

std::uint64_t Setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Sequence {
  Options options;
  std::vector<ModelOp> ops;
};

// The difference that a sequence leads to; empty if none.
std::string Replay(const Options& options, const std::vector<ModelOp>& ops) {
  ModelDriver driver(options);
  for (const ModelOp& op : ops) {
    const std::string difference = driver.Apply(op);
    if (!difference.empty()) return ToString(op) + ": " + difference;
  }
  const std::string difference = driver.End();
  return difference.empty() ? "" : "at the end: " + difference;
}

// Makes calls until one fails; what was made stays in `made`.
std::string Explore(std::uint64_t seed, Sequence* made) {
  ModelGenerator generator(seed);
  made->options = generator.NextOptions();
  ModelDriver driver(made->options);
  while (made->ops.size() < kOpsOfSequence) {
    made->ops.push_back(generator.Next(driver.model()));
    const std::string difference = driver.Apply(made->ops.back());
    if (!difference.empty()) return ToString(made->ops.back()) + ": " + difference;
  }
  const std::string difference = driver.End();
  return difference.empty() ? "" : "at the end: " + difference;
}

// Leaves out parts, halving their size, as long as the rest still fails.
std::vector<ModelOp> Shrink(const Options& options, std::vector<ModelOp> ops) {
  const auto deadline = std::chrono::steady_clock::now() + kTimeToShrink;
  for (std::size_t part = ops.size() / 2; part > 0;) {
    bool shorter = false;
    for (std::size_t first = 0; first < ops.size();) {
      if (std::chrono::steady_clock::now() > deadline) return ops;
      std::vector<ModelOp> fewer(ops.begin(), ops.begin() + static_cast<std::ptrdiff_t>(first));
      if (first + part < ops.size()) {
        fewer.insert(fewer.end(), ops.begin() + static_cast<std::ptrdiff_t>(first + part),
                     ops.end());
      }
      if (Replay(options, fewer).empty()) {
        first += part;
      } else {
        ops = std::move(fewer);
        shorter = true;
      }
    }
    if (!shorter || part > ops.size()) part /= 2;
  }
  return ops;
}

std::string Explain(const Sequence& failed) {
  const std::vector<ModelOp> ops = Shrink(failed.options, failed.ops);
  std::string text =
      fmt::format("durability {}, sync interval {} ms\n",
                  static_cast<int>(failed.options.durability), failed.options.sync_interval_ms);
  for (const ModelOp& op : ops) text += "  " + ToString(op) + "\n";
  return text + Replay(failed.options, ops);
}

TEST(Model, EveryCallDoesWhatTheModelSays) {
  const std::uint64_t first_seed = Setting("REPRISE_MODEL_SEED", kDefaultSeed);
  const std::uint64_t wanted = Setting("REPRISE_MODEL_OPS", kDefaultOps);
  std::uint64_t done = 0;
  std::uint64_t sequences = 0;
  for (std::uint64_t seed = first_seed; done < wanted; ++seed, ++sequences) {
    Sequence sequence;
    const std::string difference = Explore(seed, &sequence);
    done += sequence.ops.size();
    ASSERT_EQ(difference, "") << "REPRISE_MODEL_SEED=" << seed << "\n" << Explain(sequence);
  }
  fmt::print("{} calls in {} sequences from REPRISE_MODEL_SEED={}\n", done, sequences, first_seed);
}

}  // namespace
}  // namespace reprise
