// Files given to an importer.
#ifndef REPRISE_TOOLS_IMPORT_INPUT_FILE_H_
#define REPRISE_TOOLS_IMPORT_INPUT_FILE_H_

#include <fstream>
#include <string>

#include "reprise/status.h"

namespace reprise::tools {

// Opens a file for reading its bytes. kNotFound, kInvalidArgument (a directory), kIoError.
Result<std::ifstream> OpenInput(const std::string& path);

// A run id from a file's name: without folders, the last extension and a leading "run-"; each
// character outside [A-Za-z0-9_-] becomes '-'; at most 64 characters.
std::string RunIdFromPath(const std::string& path);

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_IMPORT_INPUT_FILE_H_
