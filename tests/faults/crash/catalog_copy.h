// The catalog's files, which are real ones (memory_disk.h), as they were at some moment.
#ifndef REPRISE_TESTS_FAULTS_CRASH_CATALOG_COPY_H_
#define REPRISE_TESTS_FAULTS_CRASH_CATALOG_COPY_H_

#include <map>
#include <string>

namespace reprise {

// The bytes by name. LMDB's own lock file is left out: it holds nothing but who is at work.
using CatalogCopy = std::map<std::string, std::string>;

CatalogCopy ReadCatalogFiles(const std::string& store_path);
// Removes those that are there first.
void WriteCatalogFiles(const CatalogCopy& copy, const std::string& store_path);
void CopyCatalog(const std::string& from, const std::string& to);
// Whether its control file says that it was left clean, so that it outlives a power cut.
bool IsLeftClean(const CatalogCopy& copy);

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_CRASH_CATALOG_COPY_H_
