// Faults of files: what a disk, a copy or another program may do to them. A fault is the new bytes
// of the files that it concerns, so it is made and unmade without knowing what it was.
#ifndef REPRISE_TESTS_FAULTS_SWEEP_FAULT_H_
#define REPRISE_TESTS_FAULTS_SWEEP_FAULT_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reprise {

// Content by path in the store.
using FileBytes = std::map<std::string, std::string>;

struct Fault {
  std::string name;        // "flip bit 3 of byte 17 of packs/..."
  std::size_t offset = 0;  // of the first byte that may differ, in the first file
  std::map<std::string, std::optional<std::string>> files;  // nullopt: removed
};

inline constexpr std::size_t kSectorSize = 512;

Fault FlipBit(const FileBytes& files, const std::string& file, std::size_t bit);
Fault CutAt(const FileBytes& files, const std::string& file, std::size_t size);
// Sectors count from 0; the last one of a file may be short.
std::size_t SectorsOf(const std::string& bytes);
Fault FillSector(const FileBytes& files, const std::string& file, std::size_t sector, char byte);
Fault SwapSectors(const FileBytes& files, const std::string& file, std::size_t a, std::size_t b);
// The sector as it was when the file was `older`: shorter, so filled with zeros.
Fault MakeSectorStale(const FileBytes& files, const std::string& file, const std::string& older,
                      std::size_t sector);
Fault SwapFiles(const FileBytes& files, const std::string& a, const std::string& b);
Fault RemoveFile(const std::string& file);

// Every file of a store by its path there, but for the lock files of LMDB, which it makes anew.
FileBytes ReadStoreFiles(const std::string& store);

// Writes the files of the fault into the store, each in place: what has a file open sees it change,
// and nothing else of it changes. Unmake gives them back the bytes that they had.
void Make(const std::string& store, const Fault& fault);
void Unmake(const std::string& store, const FileBytes& files, const Fault& fault);

// Makes the store's files what `files` says, whatever was done to it; the directories stay the ones
// they were, as the catalog knows them.
void RestoreStore(const std::string& store, const FileBytes& files);

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_SWEEP_FAULT_H_
