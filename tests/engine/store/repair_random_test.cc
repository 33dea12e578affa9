// Damage anywhere: what a repair leaves is readable, verifies, and is part of what was logged.
// REPRISE_REPAIR_FLIPS sets how many stores are damaged; the seed of each is printed if it fails.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <random>

#include "tests/engine/store/repair_fixture.h"

namespace reprise {
namespace {

constexpr std::uint64_t kDefaultFlips = 300;

std::uint64_t Flips() {
  const char* asked = std::getenv("REPRISE_REPAIR_FLIPS");
  return asked == nullptr ? kDefaultFlips : std::strtoull(asked, nullptr, 10);
}

class RepairRandom : public RepairFixture {
 protected:
  // Packs with segments of several sessions and forks, and the log of a killed process.
  void MakeManyThings() {
    MakeForkedSegments();
    MakeLongRun();
    MakeKilledStore();
    LeaveDamaged();
  }

  // The directory itself stays: in another one the catalog would not be trusted.
  void Restore(const std::string& good) const {
    for (const auto& entry : std::filesystem::directory_iterator(path())) {
      std::filesystem::remove_all(entry.path());
    }
    std::filesystem::copy(good, path(), std::filesystem::copy_options::recursive);
  }

  // Superblock, logs, packs, catalog, in order of their names.
  std::vector<std::string> Files() const {
    std::vector<std::string> files;
    for (const auto& [name, bytes] : AllFiles()) {
      if (!bytes.empty()) files.push_back(name);
    }
    return files;
  }

  // Flips a byte, zeroes a block, or cuts the file's end off.
  static std::string Damage(const std::string& file, std::mt19937_64* random) {
    std::string bytes = ReadFile(file);
    const std::size_t at = (*random)() % bytes.size();
    const std::size_t length = std::min<std::size_t>(1 + (*random)() % 512, bytes.size() - at);
    const std::uint64_t kind = (*random)() % 8;
    if (kind == 0) {
      bytes.resize(at);
    } else if (kind < 3) {
      bytes.replace(at, length, length, '\0');
    } else {
      bytes[at] = static_cast<char>(~bytes[at]);
    }
    WriteFile(file, bytes);
    return file + " at byte " + std::to_string(at) + ", kind " + std::to_string(kind);
  }

  // Says what is wrong; empty: nothing.
  std::string MendAndCompare(const Rows& whole) {
    const auto report = Repair(path(), {.apply = true});
    if (!report) return "not repaired: " + report.error().ToString();
    if (!report->remaining.empty()) return "remains: " + Text(report->remaining.front());
    const VerifyReport after = Verify(path(), {.depth = VerifyDepth::kDeep}).value();
    if (after.ExitCode() > 1) return "verify finds: " + Text(after);
    if (!IsPartOf(AllRows(), whole)) return "a row is not what was logged";
    const auto again = Repair(path(), {.apply = true});
    if (!again) return "not repaired again: " + again.error().ToString();
    return again->items.empty() ? "" : "a second repair does: " + again->items.front().what;
  }
};

TEST_F(RepairRandom, WhatSurvivesIsWhatWasLogged) {
  MakeManyThings();
  const Rows whole = AllRows();
  const std::string good = temp_.Of("good");
  std::filesystem::copy(path(), good, std::filesystem::copy_options::recursive);
  const std::uint64_t flips = Flips();
  for (std::uint64_t seed = 1; seed <= flips && !HasFailure(); ++seed) {
    Restore(good);
    std::mt19937_64 random(seed);
    const std::vector<std::string> files = Files();
    const std::string damage = Damage(files[random() % files.size()], &random);
    EXPECT_EQ(MendAndCompare(whole), "") << "seed " << seed << ": " << damage;
  }
}

}  // namespace
}  // namespace reprise
