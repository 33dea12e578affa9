// A small store to be damaged, and how much of it is.
#ifndef REPRISE_TESTS_FAULTS_SWEEP_SWEEP_FIXTURE_H_
#define REPRISE_TESTS_FAULTS_SWEEP_SWEEP_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "tests/faults/sweep/fault_sweep.h"
#include "tests/faults/sweep/sweep_store.h"
#include "tests/support/temp_dir.h"

namespace reprise {

// Whether REPRISE_SWEEP=full asks for every fault there is.
bool IsFullSweep();

// Of `count` faults those that are taken: all in a full sweep, else one in `stride`, from an offset
// that the seed chooses. The seed is printed; REPRISE_SWEEP_SEED sets it, and REPRISE_SWEEP_STRIDE
// another stride.
std::vector<std::size_t> Choose(std::size_t count, std::size_t stride);

class SweepFixture : public ::testing::Test {
 protected:
  std::string path() const { return temp_.Of("store"); }
  const TempDir& temp() const { return temp_; }

  // Files of the store but those of the catalog; or those alone.
  static bool IsCatalog(const std::string& file) { return file.starts_with("catalog"); }
  // RESERVE is none of them: its bytes mean nothing.
  static std::vector<std::string> DataFiles(const FileBytes& files);
  static std::vector<std::string> CatalogFiles(const FileBytes& files);

 private:
  TempDir temp_;
};

// A bit, byte or sector of a file, counted over several files.
struct Place {
  std::string file;
  std::size_t at = 0;
};
// `per_byte` of each byte of each of the files.
std::size_t CountPlaces(const FileBytes& files, const std::vector<std::string>& names,
                        std::size_t per_byte);
Place PlaceOf(const FileBytes& files, const std::vector<std::string>& names, std::size_t per_byte,
              std::size_t index);

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_SWEEP_SWEEP_FIXTURE_H_
