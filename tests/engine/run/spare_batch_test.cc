#include "engine/run/spare_batch.h"

#include <gtest/gtest.h>

#include <thread>

#include "engine/run/tail_memory.h"

namespace reprise {
namespace {

constexpr std::size_t kRows = 65'536;

void Fill(RowBatch* batch, std::size_t rows) {
  const auto shape = std::make_shared<const Shape>(Shape{{{"loss", Type::kDouble}}, true});
  const std::vector<ValueView> values{0.5};
  for (std::size_t row = 0; row < rows; ++row)
    batch->Append(shape, static_cast<Step>(row), 1, values);
}

TEST(SpareBatch, MemoryOfALargeBatchGoesToTheNext) {
  const auto spare = std::make_shared<SpareBatch>();
  auto first = spare->Take();
  Fill(first.get(), kRows);
  const std::size_t held = first->capacity_bytes();
  first.reset();
  const auto second = spare->Take();
  EXPECT_TRUE(second->empty());
  EXPECT_EQ(second->capacity_bytes(), held);
  const auto third = spare->Take();  // there was one
  EXPECT_EQ(third->capacity_bytes(), 0u);
  Fill(second.get(), kRows);
  EXPECT_EQ(second->capacity_bytes(), held);
}

TEST(SpareBatch, SmallAndHugeBatchesAreFreed) {
  const auto spare = std::make_shared<SpareBatch>();
  for (const std::size_t rows : {std::size_t{16}, 16 * kRows}) {
    auto batch = spare->Take();
    Fill(batch.get(), rows);
    batch.reset();
    EXPECT_EQ(spare->Take()->capacity_bytes(), 0u) << rows;
  }
}

TEST(SpareBatch, ABatchMayOutliveWhoeverMadeIt) {
  auto spare = std::make_shared<SpareBatch>();
  auto batch = spare->Take();
  Fill(batch.get(), kRows);
  spare.reset();
  EXPECT_EQ(batch->rows(), kRows);
}

TEST(SpareBatch, ManyThreadsTakeAndLeaveBatches) {
  const auto spare = std::make_shared<SpareBatch>();
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < 20; ++i) {
        const auto batch = spare->Take();
        EXPECT_TRUE(batch->empty());
        Fill(batch.get(), kRows);
        EXPECT_EQ(batch->rows(), kRows);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(TailMemory, TellsTheTotalToWithinAKibibyte) {
  std::atomic<std::ptrdiff_t> total = 0;
  TailMemory tail(&total);
  for (int i = 0; i < 1000; ++i) {
    tail.Add(100);
    EXPECT_LE(total, static_cast<std::ptrdiff_t>(tail.bytes()));
    EXPECT_GT(total + 1024, static_cast<std::ptrdiff_t>(tail.bytes()));
  }
  EXPECT_EQ(tail.bytes(), 100'000u);
  tail.Remove(60'050);
  EXPECT_EQ(total, 39'950);
  tail.Add(1);
  tail.Clear();
  EXPECT_EQ(total, 0);
}

}  // namespace
}  // namespace reprise
