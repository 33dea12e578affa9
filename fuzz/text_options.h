// The options of an import of text, from an input.
#ifndef REPRISE_FUZZ_TEXT_OPTIONS_H_
#define REPRISE_FUZZ_TEXT_OPTIONS_H_

#include "fuzz/fuzz_input.h"
#include "tools/import/text_import.h"

namespace reprise::fuzz {

// Takes a u8: what to do with a step that is not above the one before (two bits), and whether the
// step's key is "x" (one bit).
inline tools::TextImportOptions TakeTextOptions(FuzzInput* input) {
  const auto bits = input->Number<std::uint8_t>();
  tools::TextImportOptions options;
  options.on_conflict = static_cast<tools::OnConflict>(bits & 3);
  if ((bits & 4) != 0) options.step_key = "x";
  return options;
}

}  // namespace reprise::fuzz

#endif  // REPRISE_FUZZ_TEXT_OPTIONS_H_
