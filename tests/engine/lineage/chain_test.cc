#include "engine/lineage/chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace reprise {
namespace {

BranchId Id(std::uint64_t i) { return {{7, i / 5}, static_cast<std::uint32_t>(i % 5)}; }

// A forest of branches kept twice: as nodes, and as what was asked for.
class Forest {
 public:
  // Makes branch `size()` as a fork of `parent` and keeps it if that succeeds.
  Result<BranchNode> Add(std::size_t parent, Step fork_step) {
    lookups_ = 0;
    const Result<BranchNode> node = MakeNode(Id(size()), Id(parent), fork_step, lookup());
    if (node.has_value()) {
      index_[node->id] = size();
      nodes_.push_back(*node);
      asked_.emplace_back(parent, fork_step);
    }
    return node;
  }
  std::size_t size() const { return nodes_.size(); }
  BranchNode& operator[](std::size_t i) { return nodes_[i]; }
  BranchNode& back() { return nodes_.back(); }

  NodeLookup lookup() {
    return [this](const BranchId& id) -> Result<BranchNode> {
      ++lookups_;
      const auto found = index_.find(id);
      if (found == index_.end()) return Fail(Code::kNotFound, "no such branch");
      return nodes_[found->second];
    };
  }
  int TakeLookups() { return std::exchange(lookups_, 0); }

  // The naive model: follows what was asked for, one branch at a time.
  std::size_t OwnerOf(std::size_t branch, Step step) const {
    while (step <= asked_[branch].second) branch = asked_[branch].first;
    return branch;
  }
  // One piece for each run of steps with the same owner.
  std::vector<Piece> PiecesOf(std::size_t branch, StepRange range) const {
    std::vector<Piece> pieces;
    Step last = range.last;
    while (last >= range.first) {
      branch = OwnerOf(branch, last);
      const Step first = std::max(asked_[branch].second + 1, range.first);
      pieces.insert(pieces.begin(), {Id(branch), {first, last}});
      last = first - 1;
    }
    return pieces;
  }

 private:
  std::vector<BranchNode> nodes_;
  std::vector<std::pair<std::size_t, Step>> asked_;
  std::map<BranchId, std::size_t> index_;
  int lookups_ = 0;
};

int MostLookups(std::uint32_t depth) {
  return static_cast<int>(3 * std::log2(std::max(depth, 1U))) + 3;
}

// A chain in which branch i forks from branch i - 1 at step 10 * i.
Forest Chain(std::size_t depth) {
  Forest forest;
  forest.Add(0, kNoStep).value();
  for (std::size_t i = 1; i <= depth; ++i) forest.Add(i - 1, static_cast<Step>(10 * i)).value();
  return forest;
}

// Mostly deepens the newest branch, sometimes forks an old one or cuts far back.
void AddRandomBranch(std::mt19937_64& random, Forest* forest) {
  const bool deepen = random() % 10 != 0;
  const std::size_t parent = deepen ? forest->size() - 1 : random() % forest->size();
  const Step base = (*forest)[parent].fork_step;
  const bool cut = random() % 50 == 0;
  const Step step = cut ? static_cast<Step>(random() % static_cast<std::uint64_t>(base + 2)) - 1
                        : base + 1 + static_cast<Step>(random() % 100);
  ASSERT_TRUE(forest->Add(parent, step).has_value());
  ASSERT_LE(forest->TakeLookups(), MostLookups((*forest)[parent].depth));
}

TEST(Chain, AgreesWithFollowingEachBranchInRandomForests) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 40; ++round) {
    Forest forest;
    forest.Add(0, kNoStep).value();
    for (int i = 0; i < 300; ++i) ASSERT_NO_FATAL_FAILURE(AddRandomBranch(random, &forest));
    for (int i = 0; i < 300; ++i) {
      const std::size_t branch = random() % forest.size();
      const Step limit = forest[branch].fork_step + 50;
      const Step step = static_cast<Step>(random() % static_cast<std::uint64_t>(limit + 1));
      forest.TakeLookups();
      const auto owner = FindOwner(forest[branch], step, forest.lookup());
      ASSERT_LE(forest.TakeLookups(), MostLookups(forest[branch].depth));
      ASSERT_EQ(owner->id, Id(forest.OwnerOf(branch, step)));

      const Step first = static_cast<Step>(random() % static_cast<std::uint64_t>(step + 1));
      ASSERT_EQ(Flatten(forest[branch], step, forest.lookup()).value(),
                forest.PiecesOf(branch, {0, step}));
      ASSERT_EQ(FlattenRange(forest[branch], {first, step}, forest.lookup()).value(),
                forest.PiecesOf(branch, {first, step}));
    }
  }
}

TEST(Chain, FindsOwnersAtGreatDepthInLogarithmicallyManyLookups) {
  constexpr std::size_t kDepth = 10000;
  Forest forest = Chain(kDepth);
  ASSERT_EQ(forest.back().depth, kDepth);
  int most = 0;
  for (Step step = 0; step <= static_cast<Step>(10 * kDepth); step += 5) {
    const auto owner = FindOwner(forest.back(), step, forest.lookup());
    const std::size_t expected = step == 0 ? 0 : static_cast<std::size_t>((step - 1) / 10);
    ASSERT_EQ(owner->id, Id(expected)) << step;
    most = std::max(most, forest.TakeLookups());
  }
  EXPECT_LE(most, MostLookups(kDepth));
  RecordProperty("most_lookups", most);
  EXPECT_EQ(Flatten(forest.back(), 10 * kDepth, forest.lookup()).value(),
            forest.PiecesOf(kDepth, {0, 10 * kDepth}));
}

TEST(Chain, MakesANodeInTwoLookupsAtAnyDepth) {
  Forest forest;
  forest.Add(0, kNoStep).value();
  for (std::size_t i = 1; i <= 10000; ++i) {
    ASSERT_TRUE(forest.Add(i - 1, static_cast<Step>(i)).has_value());
    ASSERT_LE(forest.TakeLookups(), 2);
  }
}

TEST(Chain, TakesOneLookupForEachPieceOfARange) {
  Forest forest = Chain(1000);
  const auto pieces = FlattenRange(forest.back(), {5005, 5025}, forest.lookup()).value();
  EXPECT_EQ(pieces.size(), 3u);
  EXPECT_LE(forest.TakeLookups(), MostLookups(1000) + 3);
}

TEST(Chain, ForkAtOrBeforeTheBaseGoesToTheOwner) {
  Forest forest = Chain(3);  // forks at 10, 20, 30
  EXPECT_EQ(forest.Add(3, 31)->parent, Id(3));
  EXPECT_EQ(forest.Add(3, 30)->parent, Id(2));
  EXPECT_EQ(forest.Add(3, 11)->parent, Id(1));
  EXPECT_EQ(forest.Add(3, 10)->parent, Id(0));
  EXPECT_EQ(forest.Add(3, 0)->parent, Id(0));
  EXPECT_EQ(forest.back().depth, 1u);
  EXPECT_EQ(forest.back().fork_step, 0);
}

TEST(Chain, ForkFromNothingIsARoot) {
  Forest forest = Chain(3);
  const BranchNode node = forest.Add(3, kNoStep).value();
  EXPECT_EQ(node, MakeRoot(node.id));
  EXPECT_FALSE(node.has_parent);
  EXPECT_EQ(node.jump, node.id);
  EXPECT_EQ(forest.TakeLookups(), 0);
}

TEST(Chain, EmptyHistoriesHaveNoPieces) {
  Forest forest = Chain(2);
  EXPECT_TRUE(Flatten(forest[2], kNoStep, forest.lookup())->empty());
  EXPECT_TRUE(FlattenRange(forest[2], {5, 4}, forest.lookup())->empty());
  EXPECT_TRUE(FlattenRange(forest[2], {-9, -2}, forest.lookup())->empty());
}

TEST(Chain, ReachesTheLastStepThereIs) {
  constexpr Step kMost = std::numeric_limits<Step>::max();
  Forest forest;
  forest.Add(0, kNoStep).value();
  forest.Add(0, kMost - 1).value();
  forest.Add(1, kMost).value();
  const std::vector<Piece> expected = {{Id(0), {0, kMost - 1}}, {Id(1), {kMost, kMost}}};
  EXPECT_EQ(FlattenRange(forest[2], StepRange{}, forest.lookup()).value(), expected);
}

TEST(Chain, RefusesStepsThatDoNotExist) {
  Forest forest = Chain(1);
  EXPECT_EQ(forest.Add(0, -2).error().code(), Code::kInvalidArgument);
  EXPECT_EQ(FindOwner(forest[1], -1, forest.lookup()).error().code(), Code::kInvalidArgument);
  EXPECT_EQ(Flatten(forest[1], -2, forest.lookup()).error().code(), Code::kInvalidArgument);
}

TEST(Chain, RefusesABranchAsItsOwnParent) {
  Forest forest = Chain(2);
  EXPECT_EQ(MakeNode(Id(1), Id(2), 15, forest.lookup()).error().code(), Code::kInvalidArgument);
}

TEST(Chain, PassesOnWhyALookupFailed) {
  Forest forest = Chain(2);
  EXPECT_EQ(forest.Add(17, 5).error().code(), Code::kNotFound);
  forest[2].jump = Id(40);
  EXPECT_EQ(FindOwner(forest[2], 5, forest.lookup()).error().code(), Code::kNotFound);
}

TEST(Chain, JumpDepthFollowsSkewBinary) {
  std::vector<std::uint32_t> jump = {0};
  for (std::uint32_t depth = 1; depth < 5000; ++depth) {
    const std::uint32_t parent = depth - 1;
    const std::uint32_t over = jump[parent];
    jump.push_back(parent - over == over - jump[over] ? jump[over] : parent);
    ASSERT_EQ(JumpDepth(depth), jump[depth]) << depth;
  }
  EXPECT_EQ(JumpDepth(std::numeric_limits<std::uint32_t>::max()), 0u);
}

Code FlattenCode(Forest& forest) {
  const auto pieces = Flatten(forest.back(), 1000, forest.lookup());
  return pieces.has_value() ? Code::kOk : pieces.error().code();
}

Code OwnerCode(Forest& forest, Step step) {
  const auto owner = FindOwner(forest.back(), step, forest.lookup());
  return owner.has_value() ? Code::kOk : owner.error().code();
}

TEST(DamagedChain, CyclesEnd) {
  Forest forest = Chain(9);
  forest[4].parent = Id(7);
  EXPECT_EQ(FlattenCode(forest), Code::kCorrupt);
  forest[4].jump = Id(9);
  EXPECT_EQ(OwnerCode(forest, 35), Code::kCorrupt);

  Forest itself = Chain(9);
  itself[4].parent = Id(4);
  EXPECT_EQ(FlattenCode(itself), Code::kCorrupt);
}

TEST(DamagedChain, WrongDepthsAreFound) {
  for (const std::uint32_t depth : {0U, 3U, 5U, 0xFFFFFFFFU}) {
    Forest forest = Chain(9);
    forest[4].depth = depth;
    EXPECT_EQ(FlattenCode(forest), Code::kCorrupt) << depth;
    EXPECT_EQ(OwnerCode(forest, 45), Code::kCorrupt) << depth;
  }
}

TEST(DamagedChain, ForkStepsThatDoNotRiseAreFound) {
  for (const Step step : {Step{-1}, Step{30}, Step{50}, Step{1000}}) {
    Forest forest = Chain(9);
    forest[4].fork_step = step;
    EXPECT_EQ(FlattenCode(forest), Code::kCorrupt) << step;
  }
}

TEST(DamagedChain, NodesThatContradictThemselvesAreFound) {
  Forest orphan = Chain(9);
  orphan[4].has_parent = false;
  EXPECT_EQ(FlattenCode(orphan), Code::kCorrupt);
  Forest misplaced = Chain(9);
  misplaced[4].id = Id(5);
  EXPECT_EQ(FlattenCode(misplaced), Code::kCorrupt);
  Forest root = Chain(9);
  root[0].jump = Id(3);
  EXPECT_EQ(FlattenCode(root), Code::kCorrupt);
}

// Whatever is stored, every function ends, within as many lookups as the chain is deep.
TEST(DamagedChain, RandomDamageNeverLoops) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 3000; ++round) {
    Forest forest = Chain(30);
    for (std::uint64_t left = 1 + random() % 4; left > 0; --left) {
      BranchNode& node = forest[random() % forest.size()];
      const std::uint64_t kind = random() % 5;
      if (kind == 0) node.parent = Id(random() % 32);
      if (kind == 1) node.jump = Id(random() % 32);
      if (kind == 2) node.depth = static_cast<std::uint32_t>(random() % 32);
      if (kind == 3) node.fork_step = static_cast<Step>(random() % 320) - 1;
      if (kind == 4) node.has_parent = !node.has_parent;
    }
    forest.TakeLookups();
    FlattenCode(forest);
    ASSERT_LE(forest.TakeLookups(), 100);
    OwnerCode(forest, static_cast<Step>(random() % 300));
    ASSERT_LE(forest.TakeLookups(), 100);
    MakeNode(Id(31), Id(30), static_cast<Step>(random() % 300), forest.lookup());
    ASSERT_LE(forest.TakeLookups(), 100);
  }
}

}  // namespace
}  // namespace reprise
