#include "tests/faults/crash/catalog_copy.h"

#include <filesystem>

#include "format/catalog_control.h"
#include "tests/faults/memory_disk.h"
#include "tests/support/file_bytes.h"

namespace reprise {

CatalogCopy ReadCatalogFiles(const std::string& store_path) {
  CatalogCopy copy;
  for (const auto& entry : std::filesystem::directory_iterator(store_path)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(kCatalogPrefix) || name.ends_with("-lock")) continue;
    copy[name] = ReadFile(entry.path());
  }
  return copy;
}

void WriteCatalogFiles(const CatalogCopy& copy, const std::string& store_path) {
  for (const auto& entry : std::filesystem::directory_iterator(store_path)) {
    std::filesystem::remove(entry.path());
  }
  for (const auto& [name, bytes] : copy) WriteFile(store_path + "/" + name, bytes);
}

void CopyCatalog(const std::string& from, const std::string& to) {
  WriteCatalogFiles(ReadCatalogFiles(from), to);
}

bool IsLeftClean(const CatalogCopy& copy) {
  const auto control = copy.find("catalog.lock");
  if (control == copy.end()) return false;
  const auto said = DecodeCatalogControl(control->second);
  return said && said->clean;
}

}  // namespace reprise
