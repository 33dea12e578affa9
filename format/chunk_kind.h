// What the first byte of a column chunk says, and what kind of numbers a chunk is made for.
#ifndef REPRISE_FORMAT_CHUNK_KIND_H_
#define REPRISE_FORMAT_CHUNK_KIND_H_

#include <cstdint>

namespace reprise {

// Stored on disk: the numbers never change. A chunk of no rows is empty and has no kind.
enum class ChunkKind : std::uint8_t {
  kVectors = 0,           // numbers, a vector for every 1,024 rows
  kNumberDictionary = 1,  // sorted distinct numbers, then the rank of every row
  kPlainText = 2,         // where every row's text ends, then all text
  kTextDictionary = 3,    // sorted distinct texts, front-coded, then the rank of every row
  kTextTemplates = 4,     // text without its numbers, then the numbers
};

// Which maps are worth trying. Not stored: every vector says which map it uses.
enum class NumberKind : std::uint8_t { kIntegers, kDoubles };

}  // namespace reprise

#endif  // REPRISE_FORMAT_CHUNK_KIND_H_
