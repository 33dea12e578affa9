// What happens to whole stretches of files: cut at any length, sectors that are lost, misplaced or
// as they were before, files that changed places or went.
#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <vector>

#include "tests/faults/sweep/sweep_fixture.h"

namespace reprise {
namespace {

class FileSweep : public SweepFixture {
 protected:
  void SetUp() override {
    ASSERT_TRUE(MakeClosedSweepStore(path()));
    older_ = ReadStoreFiles(path());
    ASSERT_TRUE(AddKilledSessions(path()));
  }

  static std::vector<std::string> AllFiles(const FileBytes& files) {
    std::vector<std::string> names;
    for (const auto& [file, bytes] : files) names.push_back(file);
    return names;
  }
  // How each is made, since all of them would not fit in memory.
  using Faults = std::vector<std::function<Fault()>>;

  // The `certain` first of them always.
  static void RunChosen(FaultSweep& sweep, const Faults& faults, std::size_t stride,
                        std::size_t certain = 0) {
    std::vector<std::size_t> chosen = Choose(faults.size() - certain, stride);
    for (std::size_t& place : chosen) place += certain;
    for (std::size_t place = 0; place < certain; ++place) chosen.push_back(place);
    std::printf("%zu of %zu faults\n", chosen.size(), faults.size());
    sweep.Run(
        chosen.size(), [&](std::size_t i) { return faults[chosen[i]](); },
        FaultSweep::Opening::kToRead);
  }
  static Faults Cuts(const FileBytes& files, const std::vector<std::string>& names) {
    Faults faults;
    for (const std::string& file : names) {
      for (std::size_t size = 0; size < files.at(file).size(); ++size) {
        faults.push_back([&files, file, size] { return CutAt(files, file, size); });
      }
    }
    return faults;
  }
  static Faults CutsBetweenGroups(const FileBytes& files) {
    Faults faults;
    for (const auto& [file, bytes] : files) {
      if (!file.ends_with(".log")) continue;
      const LogOracle log(bytes, Boot::kSame);
      for (std::size_t group = 0; group < log.groups(); ++group) {
        const std::size_t end = log.offset(group);
        faults.push_back([&files, file = file, end] { return CutAt(files, file, end); });
      }
    }
    return faults;
  }
  // If it changes something.
  template <typename MakeFault>
  static void Add(const FileBytes& files, MakeFault make, Faults* faults) {
    const Fault fault = make();
    const auto& [file, bytes] = *fault.files.begin();
    if (bytes != files.at(file)) faults->push_back(make);
  }
  static void AddFills(const FileBytes& files, const std::string& file, Faults* faults) {
    for (std::size_t i = 0; i < SectorsOf(files.at(file)); ++i) {
      for (const char byte : {'\0', '\xFF'}) {
        Add(
            files, [&files, file, i, byte] { return FillSector(files, file, i, byte); }, faults);
      }
    }
  }
  static void AddSwaps(const FileBytes& files, const std::string& file, Faults* faults) {
    for (std::size_t a = 0; a < SectorsOf(files.at(file)); ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        Add(
            files, [&files, file, a, b] { return SwapSectors(files, file, b, a); }, faults);
      }
    }
  }
  static void AddStale(const FileBytes& files, const std::string& file, const std::string& older,
                       Faults* faults) {
    for (std::size_t i = 0; i < SectorsOf(files.at(file)); ++i) {
      Add(
          files, [&files, file, older, i] { return MakeSectorStale(files, file, older, i); },
          faults);
    }
  }
  // Files that only grow were prefixes of themselves.
  static void AddStalePrefixes(const FileBytes& files, const std::string& file, Faults* faults) {
    const std::string& bytes = files.at(file);
    for (std::size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 7) {
      AddStale(files, file, bytes.substr(0, size), faults);
    }
  }

  FileBytes older_;  // before the sessions that were killed
};

// Of some places at random, and between all groups of logs, where nobody can tell.
TEST_F(FileSweep, CutAtAnyLength) {
  FaultSweep sweep(path(), Boot::kSame);
  Faults faults = CutsBetweenGroups(sweep.files());
  const std::size_t between = faults.size();
  const Faults cuts = Cuts(sweep.files(), DataFiles(sweep.files()));
  faults.insert(faults.end(), cuts.begin(), cuts.end());
  RunChosen(sweep, faults, 16, between);
  EXPECT_GT(sweep.tally().refused, 0u);
  EXPECT_GT(sweep.tally().torn, 0u);
  EXPECT_GT(sweep.tally().cuts, 0u);
  EXPECT_EQ(sweep.tally().found[2], 0u);
}

TEST_F(FileSweep, SectorsLostMisplacedOrStale) {
  FaultSweep sweep(path(), Boot::kSame);
  Faults faults;
  for (const std::string& file : DataFiles(sweep.files())) {
    AddFills(sweep.files(), file, &faults);
    AddSwaps(sweep.files(), file, &faults);
    AddStalePrefixes(sweep.files(), file, &faults);
  }
  RunChosen(sweep, faults, 1 + faults.size() / 2000);
  EXPECT_GT(sweep.tally().refused, 0u);
  EXPECT_GT(sweep.tally().torn, 0u);
  EXPECT_EQ(sweep.tally().found[2], 0u);
}

TEST_F(FileSweep, FilesGoneOrInTheWrongPlace) {
  FaultSweep sweep(path(), Boot::kSame);
  Faults faults;
  const std::vector<std::string> names = AllFiles(sweep.files());
  for (std::size_t a = 0; a < names.size(); ++a) {
    faults.push_back([&names, a] { return RemoveFile(names[a]); });
    for (std::size_t b = 0; b < a; ++b) {
      Add(
          sweep.files(), [&, a, b] { return SwapFiles(sweep.files(), names[a], names[b]); },
          &faults);
    }
  }
  RunChosen(sweep, faults, 1);
  EXPECT_GT(sweep.tally().refused, 0u);
}

TEST_F(FileSweep, CatalogCutAtAnyLength) {
  FaultSweep sweep(path(), Boot::kSame);
  RunChosen(sweep, Cuts(sweep.files(), CatalogFiles(sweep.files())), 1009);
  EXPECT_GT(sweep.tally().refused, 0u);
}

TEST_F(FileSweep, CatalogSectorsLostMisplacedOrStale) {
  FaultSweep sweep(path(), Boot::kSame);
  Faults faults;
  for (const std::string& file : CatalogFiles(sweep.files())) {
    AddFills(sweep.files(), file, &faults);
    AddSwaps(sweep.files(), file, &faults);
    AddStale(sweep.files(), file, older_.at(file), &faults);
  }
  RunChosen(sweep, faults, 1 + faults.size() / 500);
  EXPECT_GT(sweep.tally().refused, 0u);
}

}  // namespace
}  // namespace reprise
