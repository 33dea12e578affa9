// Files of mostly zeros, such as LMDB's, as inputs that a fuzzer can handle.
#ifndef REPRISE_FUZZ_FOLDED_PAGES_H_
#define REPRISE_FUZZ_FOLDED_PAGES_H_

#include <string>
#include <string_view>

#include "fuzz/fuzz_input.h"

namespace reprise::fuzz {

// Pieces until the input ends: how many zeros (u16), then a size (u8) and bytes. At most 512 KiB,
// ended by zeros up to a whole page.
std::string UnfoldPages(FuzzInput* input);
// An input that unfolds to `file`.
std::string FoldPages(std::string_view file);

}  // namespace reprise::fuzz

#endif  // REPRISE_FUZZ_FOLDED_PAGES_H_
