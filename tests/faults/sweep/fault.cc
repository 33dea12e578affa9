#include "tests/faults/sweep/fault.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "tests/support/file_bytes.h"

namespace reprise {

namespace {

namespace fs = std::filesystem;

// Keeps the file that is there, so that only its bytes change.
void WriteInPlace(const std::string& path, std::string_view bytes) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const bool written =
      fd >= 0 && pwrite(fd, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()) &&
      ftruncate(fd, static_cast<off_t>(bytes.size())) == 0;
  if (fd >= 0) close(fd);
  ASSERT_TRUE(written) << path;
}

std::string SectorOf(const std::string& bytes, std::size_t sector) {
  return bytes.substr(sector * kSectorSize, kSectorSize);
}

// As much of `content` as the sector has room for.
void PutSector(std::string* bytes, std::size_t sector, std::string_view content) {
  const std::size_t at = sector * kSectorSize;
  const std::size_t room = std::min(kSectorSize, bytes->size() - at);
  for (std::size_t i = 0; i < room; ++i) (*bytes)[at + i] = i < content.size() ? content[i] : '\0';
}

}  // namespace

Fault FlipBit(const FileBytes& files, const std::string& file, std::size_t bit) {
  std::string bytes = files.at(file);
  char& byte = bytes[bit / 8];
  byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << (bit % 8)));
  return {fmt::format("flip bit {} of byte {} of {}", bit % 8, bit / 8, file),
          bit / 8,
          {{file, std::move(bytes)}}};
}

Fault CutAt(const FileBytes& files, const std::string& file, std::size_t size) {
  return {fmt::format("cut {} at {}", file, size), size, {{file, files.at(file).substr(0, size)}}};
}

std::size_t SectorsOf(const std::string& bytes) {
  return (bytes.size() + kSectorSize - 1) / kSectorSize;
}

Fault FillSector(const FileBytes& files, const std::string& file, std::size_t sector, char byte) {
  std::string bytes = files.at(file);
  PutSector(&bytes, sector, std::string(kSectorSize, byte));
  return {fmt::format("fill sector {} of {} with {:#04x}", sector, file,
                      static_cast<unsigned char>(byte)),
          sector * kSectorSize,
          {{file, std::move(bytes)}}};
}

Fault SwapSectors(const FileBytes& files, const std::string& file, std::size_t a, std::size_t b) {
  const std::string& before = files.at(file);
  std::string bytes = before;
  PutSector(&bytes, a, SectorOf(before, b));
  PutSector(&bytes, b, SectorOf(before, a));
  return {fmt::format("swap sectors {} and {} of {}", a, b, file),
          a * kSectorSize,
          {{file, std::move(bytes)}}};
}

Fault MakeSectorStale(const FileBytes& files, const std::string& file, const std::string& older,
                      std::size_t sector) {
  std::string bytes = files.at(file);
  const std::size_t at = std::min(sector * kSectorSize, older.size());
  PutSector(&bytes, sector, std::string_view(older).substr(at, kSectorSize));
  return {fmt::format("sector {} of {} as it was when it had {} bytes", sector, file, older.size()),
          sector * kSectorSize,
          {{file, std::move(bytes)}}};
}

Fault SwapFiles(const FileBytes& files, const std::string& a, const std::string& b) {
  return {fmt::format("swap {} and {}", a, b), 0, {{a, files.at(b)}, {b, files.at(a)}}};
}

Fault RemoveFile(const std::string& file) {
  return {fmt::format("remove {}", file), 0, {{file, std::nullopt}}};
}

FileBytes ReadStoreFiles(const std::string& store) {
  FileBytes files;
  for (const auto& entry : fs::recursive_directory_iterator(store)) {
    const std::string name = fs::relative(entry.path(), store).string();
    if (entry.is_regular_file() && !name.ends_with("-lock")) files[name] = ReadFile(entry.path());
  }
  return files;
}

void Make(const std::string& store, const Fault& fault) {
  for (const auto& [file, bytes] : fault.files) {
    if (bytes) WriteInPlace(store + "/" + file, *bytes);
    if (!bytes) fs::remove(store + "/" + file);
  }
}

void Unmake(const std::string& store, const FileBytes& files, const Fault& fault) {
  for (const auto& [file, bytes] : fault.files) WriteInPlace(store + "/" + file, files.at(file));
}

void RestoreStore(const std::string& store, const FileBytes& files) {
  std::vector<fs::path> strays;
  for (const auto& entry : fs::recursive_directory_iterator(store)) {
    const std::string name = fs::relative(entry.path(), store).string();
    if (entry.is_regular_file() && !files.contains(name)) strays.push_back(entry.path());
  }
  for (const fs::path& stray : strays) fs::remove(stray);
  for (const auto& [file, bytes] : files) WriteInPlace(store + "/" + file, bytes);
}

}  // namespace reprise
