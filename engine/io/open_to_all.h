// Whether strangers could change what a directory holds.
#ifndef REPRISE_ENGINE_IO_OPEN_TO_ALL_H_
#define REPRISE_ENGINE_IO_OPEN_TO_ALL_H_

#include "engine/io/directory.h"
#include "reprise/status.h"

namespace reprise {

// Whether any user of the machine may make, rename and remove files in it. Asks by its path, so
// the answer is for people: nothing may rest on it.
Result<bool> IsOpenToAll(const Directory& directory);

}  // namespace reprise

#endif  // REPRISE_ENGINE_IO_OPEN_TO_ALL_H_
