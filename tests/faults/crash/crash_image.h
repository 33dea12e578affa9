// Disks as crashes leave them, made from the trace of what was done before.
#ifndef REPRISE_TESTS_FAULTS_CRASH_CRASH_IMAGE_H_
#define REPRISE_TESTS_FAULTS_CRASH_CRASH_IMAGE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "tests/faults/crash/catalog_copy.h"
#include "tests/faults/crash/oracle.h"
#include "tests/faults/disk_state.h"

namespace reprise {

// What happened to a disk, and where the catalog stood meanwhile.
struct DiskTrace {
  DiskState before;
  std::vector<DiskEffect> effects;
  // Just before each effect, and at the end: one more than effects.
  std::vector<std::shared_ptr<const CatalogCopy>> catalogs;
  std::uint8_t boot = 1;
};

struct CrashImage {
  DiskState disk;
  std::shared_ptr<const CatalogCopy> catalog;  // null: there is none
  Crash crash = Crash::kPower;
  std::uint8_t boot = 1;         // under which it is opened
  std::size_t acknowledged = 0;  // the position up to which calls returned
  std::size_t position = 0;      // how many effects there were, the last maybe in part

  // Of everything that an opener sees.
  std::uint64_t Hash() const;
};

// Gives about `count` images, from all places and of all kinds, chosen by `seed`. `visit` returns
// whether the image was a new one; where the choice is small, random ones follow until so many were
// new, or no new ones are to be found.
void ForEachImage(const DiskTrace& trace, std::uint64_t count, std::uint64_t seed,
                  const std::function<bool(const CrashImage&)>& visit);

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_CRASH_CRASH_IMAGE_H_
