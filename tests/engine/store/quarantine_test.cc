#include "engine/store/quarantine.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "engine/io/io.h"
#include "tests/support/temp_dir.h"

namespace reprise {
namespace {

// Repairs of one second are told apart by a number, which ends somewhere.
TEST(Quarantine, AThousandOfASecondHaveNames) {
  const TempDir temp;
  const auto root = SystemIo().files->OpenDirectory(temp.path()).value();
  for (int n = 1; n < 1000; ++n) {
    std::filesystem::create_directories(
        temp.Of("quarantine/19700101T000001Z-" + std::to_string(n)));
  }
  Quarantine last(*root, 1'000'000);
  ASSERT_TRUE(last.Open().has_value());
  EXPECT_EQ(last.path(), "quarantine/19700101T000001Z-1000");
  EXPECT_EQ(Quarantine(*root, 1'000'000).Open().error().code(), Code::kAlreadyExists);
  EXPECT_TRUE(Quarantine(*root, 2'000'000).Open().has_value());
}

}  // namespace
}  // namespace reprise
