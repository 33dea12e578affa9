#include "engine/catalog/page_metas.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "format/try.h"

namespace reprise::lmdb_page {
namespace {

Tree LoadTree(std::string_view page, std::size_t at) {
  return {Load16(page, at + kTreeFlagsAt),         Load16(page, at + kTreeDepthAt),
          Load64(page, at + kTreeBranchPagesAt),   Load64(page, at + kTreeLeafPagesAt),
          Load64(page, at + kTreeOverflowPagesAt), Load64(page, at + kTreeEntriesAt),
          Load64(page, at + kTreeRootAt)};
}

Meta LoadMeta(std::string_view page) {
  return {Load32(page, kFreeTreeAt + kTreePageSizeAt),
          Load64(page, kMapSizeAt),
          LoadTree(page, kFreeTreeAt),
          LoadTree(page, kMainTreeAt),
          Load64(page, kLastPageAt),
          Load64(page, kTransactionAt)};
}

Status CheckIsMeta(const File& file, std::string_view page, std::uint64_t number,
                   std::uint64_t page_size) {
  const std::uint64_t at = number * page_size;
  if (Load64(page, kNumberAt) != number || (Load16(page, kFlagsAt) & kMeta) == 0) {
    return Wrong(file, at, "not a meta page");
  }
  if (Load32(page, kMagicAt) != kMagic) return Wrong(file, at + kMagicAt, "wrong magic");
  if (Load32(page, kVersionAt) != kVersion) return Wrong(file, at + kVersionAt, "unknown version");
  if (LoadMeta(page).page_size != page_size) return Wrong(file, at, "page sizes differ");
  return {};
}

Status CheckIsMappable(const File& file, const Meta& meta) {
  constexpr std::uint64_t kMaxMap = std::uint64_t{1} << 46;
  if (meta.map_size > kMaxMap || meta.last_page >= meta.map_size / meta.page_size ||
      meta.last_page < 1) {
    return Wrong(file, 0,
                 fmt::format("{} pages in a map of {} bytes", meta.last_page, meta.map_size));
  }
  // Among the flags refused is the one that has LMDB map the file at an address it names.
  if ((meta.free.flags & ~kOneFile) != kIntegerKeys || meta.main.flags != 0) {
    return Wrong(file, 0, "unknown tree flags");
  }
  return {};
}

}  // namespace

bool IsPageSize(std::uint64_t size) {
  return size >= kMinPageSize && size <= kMaxPageSize && (size & (size - 1)) == 0;
}

Status Wrong(const File& file, std::uint64_t offset, std::string_view what) {
  return Status::Error(
      Code::kCorrupt,
      fmt::format("catalog page is damaged: '{}' at byte {} ({}); rebuild the catalog", file.path(),
                  offset, what));
}

Result<Meta> ReadNewestMeta(File& file) {
  REPRISE_TRY_ASSIGN(const std::uint64_t size, file.Size());
  if (size < 2 * kMinPageSize) return Fail(Wrong(file, 0, fmt::format("{} bytes long", size)));
  REPRISE_TRY_ASSIGN(const std::string first, ReadAll(file, 0, kMetaEnd));
  Meta meta = LoadMeta(first);
  if (!IsPageSize(meta.page_size)) return Fail(Wrong(file, kFreeTreeAt, "no page size"));
  if (size < 2 * meta.page_size) return Fail(Wrong(file, 0, fmt::format("{} bytes long", size)));
  REPRISE_TRY_ASSIGN(const std::string second, ReadAll(file, meta.page_size, kMetaEnd));
  REPRISE_TRY(CheckIsMeta(file, first, 0, meta.page_size));
  REPRISE_TRY(CheckIsMeta(file, second, 1, meta.page_size));
  Meta other = LoadMeta(second);
  const bool second_is_newer = meta.transaction < other.transaction;
  if (second_is_newer) std::swap(meta, other);
  // Transactions take turns with the two pages; only before the first they say the same. A number
  // that was damaged would make an older tree the newest.
  const bool is_new = meta.main.root == kNoPage && meta.transaction == other.transaction;
  if (meta.transaction % 2 != (second_is_newer ? 1U : 0U) ||
      (!is_new && meta.transaction - other.transaction != 1)) {
    return Fail(Wrong(file, 0, "transactions"));
  }
  REPRISE_TRY(CheckIsMappable(file, meta));
  return meta;
}

}  // namespace reprise::lmdb_page
