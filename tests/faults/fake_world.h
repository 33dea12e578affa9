// Clock, chance and machine as a test sets them: the same seed gives the same bytes.
#ifndef REPRISE_TESTS_FAULTS_FAKE_WORLD_H_
#define REPRISE_TESTS_FAULTS_FAKE_WORLD_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "engine/io/io.h"

namespace reprise {

// Time passes by being looked at: a millisecond each time.
class FakeClock final : public Clock {
 public:
  TimeMicros Now() override { return now_ += 1000; }
  std::uint64_t BootNanos() override { return boot_nanos_ += 1000; }
  void SetBootNanos(std::uint64_t nanos) { boot_nanos_ = nanos; }

 private:
  std::atomic<TimeMicros> now_{1'700'000'000'000'000};
  std::atomic<std::uint64_t> boot_nanos_{0};
};

// SplitMix64.
class FakeRandom final : public Random {
 public:
  explicit FakeRandom(std::uint64_t seed) : at_(seed) {}
  std::uint64_t Next64() override {
    std::uint64_t x = at_ += 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31);
  }

 private:
  std::atomic<std::uint64_t> at_;
};

class FakeMachine final : public Machine {
 public:
  explicit FakeMachine(std::uint8_t boot) : boot_(boot) {}
  Host Self() override {
    Host host{1, "host", {}};
    host.boot_id.fill(boot_);
    return host;
  }

 private:
  std::uint8_t boot_;
};

// One boot of a machine, and the disk that it works on.
struct FakeWorld {
  FakeWorld(FileSystem& file_system, std::uint64_t seed, std::uint8_t boot)
      : random(seed), machine(boot), files(&file_system) {}

  Io io() { return {files, &clock, &random, &machine}; }

  FakeClock clock;
  FakeRandom random;
  FakeMachine machine;
  FileSystem* files;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_FAKE_WORLD_H_
