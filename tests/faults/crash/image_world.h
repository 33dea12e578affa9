// The world in which an image is opened.
#ifndef REPRISE_TESTS_FAULTS_CRASH_IMAGE_WORLD_H_
#define REPRISE_TESTS_FAULTS_CRASH_IMAGE_WORLD_H_

#include <cstdint>

#include "tests/faults/crash/crash_image.h"
#include "tests/faults/fake_world.h"
#include "tests/faults/memory_disk.h"

namespace reprise {

// After a kill the boot's clock has gone on; after a power cut it begins anew.
class ImageWorld {
 public:
  ImageWorld(const CrashImage& image, MemoryDisk& disk, std::uint64_t seed)
      : world_(disk, seed, image.boot) {
    constexpr std::uint64_t kLater = 1'000'000'000'000;
    if (image.crash == Crash::kKill) world_.clock.SetBootNanos(kLater * (image.position + 1));
  }

  Io io() { return world_.io(); }

 private:
  FakeWorld world_;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_CRASH_IMAGE_WORLD_H_
