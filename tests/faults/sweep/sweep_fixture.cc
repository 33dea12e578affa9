#include "tests/faults/sweep/sweep_fixture.h"

#include <cstdio>
#include <cstdlib>
#include <random>
#include <string_view>

namespace reprise {

namespace {

std::size_t Seed() {
  static const std::size_t seed = [] {
    const char* given = std::getenv("REPRISE_SWEEP_SEED");
    const std::size_t chosen =
        given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
    std::printf("REPRISE_SWEEP_SEED=%zu\n", chosen);
    return chosen;
  }();
  return seed;
}

}  // namespace

bool IsFullSweep() {
  const char* asked = std::getenv("REPRISE_SWEEP");
  return asked != nullptr && std::string_view(asked) == "full";
}

std::vector<std::size_t> Choose(std::size_t count, std::size_t stride) {
  const char* given = std::getenv("REPRISE_SWEEP_STRIDE");
  if (given != nullptr) stride = std::strtoull(given, nullptr, 10);
  if (IsFullSweep() || stride == 0) stride = 1;
  std::vector<std::size_t> chosen;
  for (std::size_t i = Seed() % stride; i < count; i += stride) chosen.push_back(i);
  return chosen;
}

std::vector<std::string> SweepFixture::DataFiles(const FileBytes& files) {
  std::vector<std::string> names;
  for (const auto& [file, bytes] : files) {
    if (!IsCatalog(file) && file != "RESERVE") names.push_back(file);
  }
  return names;
}

std::vector<std::string> SweepFixture::CatalogFiles(const FileBytes& files) {
  std::vector<std::string> names;
  for (const auto& [file, bytes] : files) {
    if (IsCatalog(file)) names.push_back(file);
  }
  return names;
}

std::size_t CountPlaces(const FileBytes& files, const std::vector<std::string>& names,
                        std::size_t per_byte) {
  std::size_t count = 0;
  for (const std::string& name : names) count += files.at(name).size() * per_byte;
  return count;
}

Place PlaceOf(const FileBytes& files, const std::vector<std::string>& names, std::size_t per_byte,
              std::size_t index) {
  for (const std::string& name : names) {
    const std::size_t count = files.at(name).size() * per_byte;
    if (index < count) return {name, index};
    index -= count;
  }
  return {};
}

}  // namespace reprise
