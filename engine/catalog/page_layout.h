// How LMDB 0.9 lays out its pages on a 64-bit machine, little-endian: offsets in bytes.
#ifndef REPRISE_ENGINE_CATALOG_PAGE_LAYOUT_H_
#define REPRISE_ENGINE_CATALOG_PAGE_LAYOUT_H_

#include <cstdint>
#include <string_view>

#include "format/bytes.h"

namespace reprise::lmdb_page {

// Page header.
inline constexpr std::size_t kNumberAt = 0;        // u64
inline constexpr std::size_t kFlagsAt = 10;        // u16
inline constexpr std::size_t kLowerAt = 12;        // u16, end of the node offsets
inline constexpr std::size_t kUpperAt = 14;        // u16, start of the nodes
inline constexpr std::size_t kChainLengthAt = 12;  // u32, of an overflow page, instead of the two
inline constexpr std::size_t kHeaderSize = 16;

inline constexpr std::uint16_t kBranch = 0x01;
inline constexpr std::uint16_t kLeaf = 0x02;
inline constexpr std::uint16_t kOverflow = 0x04;
inline constexpr std::uint16_t kMeta = 0x08;
inline constexpr std::uint16_t kDirty = 0x10;  // may be left over from memory

// Meta page, after the page header.
inline constexpr std::size_t kMagicAt = kHeaderSize;
inline constexpr std::size_t kVersionAt = kMagicAt + 4;
inline constexpr std::size_t kMapSizeAt = kMagicAt + 16;
inline constexpr std::size_t kFreeTreeAt = kMagicAt + 24;
inline constexpr std::size_t kMainTreeAt = kMagicAt + 72;
inline constexpr std::size_t kLastPageAt = kMagicAt + 120;
inline constexpr std::size_t kTransactionAt = kMagicAt + 128;
inline constexpr std::size_t kMetaEnd = kMagicAt + 136;
inline constexpr std::uint32_t kMagic = 0xBEEFC0DE;
inline constexpr std::uint32_t kVersion = 1;

// Tree, inside a meta page.
inline constexpr std::size_t kTreePageSizeAt = 0;  // u32, of the free tree only
inline constexpr std::size_t kTreeFlagsAt = 4;     // u16
inline constexpr std::size_t kTreeDepthAt = 6;     // u16
inline constexpr std::size_t kTreeBranchPagesAt = 8;
inline constexpr std::size_t kTreeLeafPagesAt = 16;
inline constexpr std::size_t kTreeOverflowPagesAt = 24;
inline constexpr std::size_t kTreeEntriesAt = 32;
inline constexpr std::size_t kTreeRootAt = 40;
inline constexpr std::uint64_t kNoPage = ~std::uint64_t{0};
inline constexpr std::uint16_t kIntegerKeys = 0x08;
inline constexpr std::uint16_t kOneFile = 0x4000;  // how the file was opened; of the free tree only

// Node.
inline constexpr std::size_t kNodeFlagsAt = 4;    // u16
inline constexpr std::size_t kNodeKeySizeAt = 6;  // u16
inline constexpr std::size_t kNodeHeaderSize = 8;
inline constexpr std::uint16_t kBigData = 0x01;  // the data is the number of an overflow page

inline constexpr std::uint64_t kMinPageSize = 512;
inline constexpr std::uint64_t kMaxPageSize = 32768;
inline constexpr std::uint64_t kMaxDepth = 32;

inline std::uint16_t Load16(std::string_view page, std::size_t at) {
  return LoadLittle<std::uint16_t>(page.data() + at);
}
inline std::uint32_t Load32(std::string_view page, std::size_t at) {
  return LoadLittle<std::uint32_t>(page.data() + at);
}
inline std::uint64_t Load64(std::string_view page, std::size_t at) {
  return LoadLittle<std::uint64_t>(page.data() + at);
}

}  // namespace reprise::lmdb_page

#endif  // REPRISE_ENGINE_CATALOG_PAGE_LAYOUT_H_
