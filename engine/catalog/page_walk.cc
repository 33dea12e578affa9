#include "engine/catalog/page_walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/catalog/page_layout.h"
#include "engine/catalog/page_metas.h"
#include "engine/catalog/txn.h"
#include "format/try.h"

namespace reprise {
namespace {

using namespace lmdb_page;  // NOLINT: names of this file format, all of them

// A node of a branch or leaf page, checked to lie inside it.
struct Node {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view key;
  std::uint64_t child = 0;      // of a branch
  std::uint64_t data_size = 0;  // of a leaf
  std::size_t data_at = 0;
  bool big = false;
};

// What the keys below a branch node may be: from..below, `below` excluded; absent: no bound.
struct Bounds {
  std::optional<std::string> from;
  std::optional<std::string> below;
};

class Walker {
 public:
  explicit Walker(File& file) : file_(file) {}

  Result<PageWalk> Run() {
    REPRISE_TRY_ASSIGN(meta_, ReadNewestMeta(file_));
    REPRISE_TRY_ASSIGN(const std::uint64_t size, file_.Size());
    file_pages_ = size / meta_.page_size;
    visited_.assign(static_cast<std::size_t>(file_pages_), false);
    visited_[0] = visited_[1] = true;
    REPRISE_TRY(WalkTree(meta_.main, false));
    REPRISE_TRY(CheckSum());
    REPRISE_TRY(WalkTree(meta_.free, true));
    REPRISE_TRY(CheckIsNewest());
    return PageWalk{meta_.transaction, meta_.page_size, visits_ + 2, meta_.main.entries};
  }

 private:
  Status WrongPage(std::uint64_t number, std::string_view what) const {
    return Wrong(file_, number * meta_.page_size, what);
  }

  Status WalkTree(const Tree& tree, bool free);
  Status WalkPage(std::uint64_t number, std::uint64_t depth, const Bounds& bounds);
  Status WalkBranch(std::uint64_t number, const std::vector<Node>& nodes, std::uint64_t depth,
                    const Bounds& bounds);
  Status WalkLeaf(std::uint64_t number, const std::string& page, const std::vector<Node>& nodes);
  Status WalkOverflow(std::uint64_t number, std::uint64_t data_size, std::string* data);
  Status CheckFreePages(std::uint64_t number, std::string_view key, std::string_view data);
  Status CheckValue(std::uint64_t number, std::string_view key, std::string_view stored);
  Status CheckSum() const;
  Status CheckIsNewest() const;

  Result<std::string> ReadPage(std::uint64_t number);
  Status Visit(std::uint64_t number);
  Result<std::vector<Node>> ParseNodes(std::uint64_t number, std::string_view page, bool branch);
  Status ParseNode(std::uint64_t number, std::string_view page, std::size_t at, bool branch,
                   Node* node) const;
  Status CheckNodes(std::uint64_t number, const std::vector<Node>& nodes, bool branch,
                    const Bounds& bounds) const;
  bool Less(std::string_view a, std::string_view b) const;

  File& file_;
  std::uint64_t file_pages_ = 0;
  Meta meta_;
  std::vector<bool> visited_;
  std::uint64_t visits_ = 0;
  bool in_free_tree_ = false;
  std::uint64_t last_freed_ = 0;  // the last transaction that has a list of free pages
  Tree counted_;
  std::uint64_t sum_ = 0;  // of the checksums of the main tree's values
  std::optional<std::uint64_t> kept_sum_;
};

Result<std::string> Walker::ReadPage(std::uint64_t number) {
  REPRISE_TRY(Visit(number));
  REPRISE_TRY_ASSIGN(std::string page, ReadAll(file_, number * meta_.page_size, meta_.page_size));
  if (Load64(page, kNumberAt) == number) return page;
  return Fail(WrongPage(number, fmt::format("says it is page {}", Load64(page, kNumberAt))));
}

Status Walker::Visit(std::uint64_t number) {
  if (number >= file_pages_ || number > meta_.last_page) {
    return Wrong(file_, 0, fmt::format("page {} of {} is referred to", number, file_pages_));
  }
  if (visited_[static_cast<std::size_t>(number)]) return WrongPage(number, "in use twice");
  visited_[static_cast<std::size_t>(number)] = true;
  ++visits_;
  return {};
}

Status Walker::WalkTree(const Tree& tree, bool free) {
  in_free_tree_ = free;
  counted_ = Tree();
  counted_.flags = tree.flags;
  counted_.depth = tree.depth;
  counted_.root = tree.root;
  if (tree.depth > kMaxDepth) return Wrong(file_, 0, fmt::format("a tree of depth {}", tree.depth));
  if ((tree.root == kNoPage) != (tree.depth == 0)) return Wrong(file_, 0, "a root without depth");
  if (tree.root != kNoPage) REPRISE_TRY(WalkPage(tree.root, 1, Bounds()));
  return counted_ == tree ? Status()
                          : Wrong(file_, 0, "pages or entries are not as many as counted");
}

Status Walker::WalkPage(std::uint64_t number, std::uint64_t depth, const Bounds& bounds) {
  REPRISE_TRY_ASSIGN(const std::string page, ReadPage(number));
  const auto flags = static_cast<std::uint16_t>(Load16(page, kFlagsAt) & ~kDirty);
  const bool branch = depth < counted_.depth;
  if (flags != (branch ? kBranch : kLeaf)) {
    return WrongPage(number, fmt::format("flags {:#x} at depth {}", flags, depth));
  }
  REPRISE_TRY_ASSIGN(const std::vector<Node> nodes, ParseNodes(number, page, branch));
  REPRISE_TRY(CheckNodes(number, nodes, branch, bounds));
  if (branch) return WalkBranch(number, nodes, depth, bounds);
  return WalkLeaf(number, page, nodes);
}

Result<std::vector<Node>> Walker::ParseNodes(std::uint64_t number, std::string_view page,
                                             bool branch) {
  const std::size_t lower = Load16(page, kLowerAt);
  const std::size_t upper = Load16(page, kUpperAt);
  if (lower < kHeaderSize || lower % 2 != 0 || lower > upper || upper > page.size()) {
    return Fail(WrongPage(number, fmt::format("free space {}..{}", lower, upper)));
  }
  std::vector<Node> nodes((lower - kHeaderSize) / 2);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const std::size_t at = Load16(page, kHeaderSize + 2 * i);
    if (at < upper) return Fail(WrongPage(number, fmt::format("node {} at {}", i, at)));
    REPRISE_TRY(ParseNode(number, page, at, branch, &nodes[i]));
  }
  return nodes;
}

Status Walker::ParseNode(std::uint64_t number, std::string_view page, std::size_t at, bool branch,
                         Node* node) const {
  const Status outside = WrongPage(number, fmt::format("a node outside the page, at {}", at));
  if (at % 2 != 0 || at + kNodeHeaderSize > page.size()) return outside;
  const std::uint16_t flags = Load16(page, at + kNodeFlagsAt);
  const std::uint64_t low = Load32(page, at);
  const std::size_t key_size = Load16(page, at + kNodeKeySizeAt);
  node->begin = at;
  node->data_at = at + kNodeHeaderSize + key_size;
  if (node->data_at > page.size()) return outside;
  node->key = page.substr(at + kNodeHeaderSize, key_size);
  node->end = node->data_at;
  if (branch) {
    node->child = low | std::uint64_t{flags} << 32;
    return {};
  }
  if ((flags & ~kBigData) != 0) return WrongPage(number, fmt::format("node flags {:#x}", flags));
  node->big = flags == kBigData;
  node->data_size = low;
  const std::uint64_t kept = node->big ? sizeof(std::uint64_t) : low;
  if (kept > page.size() - node->data_at) return outside;
  node->end += static_cast<std::size_t>(kept);
  return {};
}

bool Walker::Less(std::string_view a, std::string_view b) const {
  if (!in_free_tree_) return a < b;
  return Load64(a, 0) < Load64(b, 0);
}

// Nodes do not overlap, keys rise and are within the bounds that the pages above set.
Status Walker::CheckNodes(std::uint64_t number, const std::vector<Node>& nodes, bool branch,
                          const Bounds& bounds) const {
  if (nodes.size() < (branch && !in_free_tree_ ? 2U : 1U)) {
    return WrongPage(number, "too few nodes");
  }
  std::vector<std::pair<std::size_t, std::size_t>> places;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    places.emplace_back(node.begin, node.end);
    if (branch && i == 0) continue;  // its key stands for "below all others"
    if (node.key.empty() || (in_free_tree_ && node.key.size() != sizeof(std::uint64_t))) {
      return WrongPage(number, fmt::format("a key of {} bytes", node.key.size()));
    }
    const bool first = i == (branch ? 1U : 0U);
    if (!first && !Less(nodes[i - 1].key, node.key)) return WrongPage(number, "keys do not rise");
    if (bounds.from && Less(node.key, *bounds.from)) return WrongPage(number, "a key too small");
    if (bounds.below && !Less(node.key, *bounds.below)) return WrongPage(number, "a key too large");
  }
  std::sort(places.begin(), places.end());
  for (std::size_t i = 1; i < places.size(); ++i) {
    if (places[i].first < places[i - 1].second) return WrongPage(number, "nodes overlap");
  }
  return {};
}

Status Walker::WalkBranch(std::uint64_t, const std::vector<Node>& nodes, std::uint64_t depth,
                          const Bounds& bounds) {
  ++counted_.branch_pages;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    Bounds below = bounds;
    if (i > 0) below.from = std::string(nodes[i].key);
    if (i + 1 < nodes.size()) below.below = std::string(nodes[i + 1].key);
    REPRISE_TRY(WalkPage(nodes[i].child, depth + 1, below));
  }
  return {};
}

Status Walker::WalkLeaf(std::uint64_t number, const std::string& page,
                        const std::vector<Node>& nodes) {
  ++counted_.leaf_pages;
  counted_.entries += nodes.size();
  for (const Node& node : nodes) {
    std::string data;
    if (node.big) {
      REPRISE_TRY(WalkOverflow(Load64(page, node.data_at), node.data_size, &data));
    } else {
      data = page.substr(node.data_at, static_cast<std::size_t>(node.data_size));
    }
    REPRISE_TRY(in_free_tree_ ? CheckFreePages(number, node.key, data)
                              : CheckValue(number, node.key, data));
  }
  return {};
}

Status Walker::CheckValue(std::uint64_t number, std::string_view key, std::string_view stored) {
  const Result<std::string_view> payload = CheckedPayload(key, stored);
  if (!payload) return WrongPage(number, "a key or value does not verify");
  if (key == SumKey().view()) {
    REPRISE_TRY_ASSIGN(kept_sum_, DecodeSum(*payload));
  } else {
    sum_ += KeptChecksum(stored);
  }
  return {};
}

// Each value verifies; one that is older than the others shows only here.
Status Walker::CheckSum() const {
  if (meta_.main.entries == 0 || kept_sum_ == sum_) return {};
  return Wrong(file_, 0, "some values are older than others: their sum is not the one kept");
}

Status Walker::WalkOverflow(std::uint64_t number, std::uint64_t data_size, std::string* data) {
  REPRISE_TRY_ASSIGN(const std::string head, ReadPage(number));
  const std::uint64_t length = Load32(head, kChainLengthAt);
  const std::uint64_t needed = (kHeaderSize + data_size + meta_.page_size - 1) / meta_.page_size;
  const auto flags = static_cast<std::uint16_t>(Load16(head, kFlagsAt) & ~kDirty);
  if (flags != kOverflow || length != needed) {
    return WrongPage(number, fmt::format("{} pages for a value of {} bytes", length, data_size));
  }
  counted_.overflow_pages += length;
  for (std::uint64_t i = 1; i < length; ++i) REPRISE_TRY(Visit(number + i));
  REPRISE_TRY_ASSIGN(*data, ReadAll(file_, number * meta_.page_size + kHeaderSize, data_size));
  return {};
}

// A list of free pages: how many, then their numbers, falling. None of them may be in use.
Status Walker::CheckFreePages(std::uint64_t number, std::string_view key, std::string_view data) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  last_freed_ = Load64(key, 0);
  if (last_freed_ > meta_.transaction) return WrongPage(number, "freed in the future");
  const std::uint64_t count = data.size() < kWord ? 0 : Load64(data, 0);
  // Lists may end with room to spare.
  if (data.size() % kWord != 0 || data.size() < kWord || count > data.size() / kWord - 1) {
    return WrongPage(number, fmt::format("{} free pages in {} bytes", count, data.size()));
  }
  std::uint64_t above = meta_.last_page + 1;
  for (std::size_t i = 1; i <= count; ++i) {
    const std::uint64_t page = Load64(data, i * kWord);
    if (page >= above || page < 2) return WrongPage(number, fmt::format("free page {}", page));
    above = page;
    // A page that was reserved and never written may lie beyond the file's end.
    if (page < file_pages_) REPRISE_TRY(Visit(page));
  }
  return {};
}

// A transaction writes the root anew and lists the page of the one before as free, unless there was
// none. So if the list is missing, the number in the meta page is not that of its tree.
Status Walker::CheckIsNewest() const {
  if (meta_.transaction <= 1 || meta_.main.root == kNoPage || last_freed_ == meta_.transaction) {
    return {};
  }
  return Wrong(file_, 0,
               fmt::format("the tree of transaction {} says {}", last_freed_, meta_.transaction));
}

}  // namespace

Result<PageWalk> WalkPages(File& file) { return Walker(file).Run(); }

namespace {

// 0 if no meta page says it.
std::uint64_t LastTransaction(File& file) {
  const Result<Meta> meta = ReadNewestMeta(file);
  return meta ? meta->transaction : 0;
}

}  // namespace

// LMDB writes no page of the last transaction's tree before the next transaction is committed, so
// whatever is wrong while none is was wrong before.
Status WalkPagesBesideWriters(File& file) {
  constexpr int kAttempts = 20;
  Status last;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const std::uint64_t before = LastTransaction(file);
    const Result<PageWalk> walk = WalkPages(file);
    if (walk) return {};
    if (walk.error().code() != Code::kCorrupt) return walk.error();
    const bool again = walk.error().message() == last.message();
    last = walk.error();
    if (again && LastTransaction(file) == before) return last;
  }
  return {};
}

namespace {

// The transaction's number moves on, by an even number since even and odd ones take turns with the
// pages: who looks at nothing else sees that something has changed.
Status EmptyMeta(File& file, std::uint64_t at) {
  char number[sizeof(std::uint64_t)] = {};  // stays 0 where the file ends before
  REPRISE_TRY(file.ReadAt(at + kTransactionAt, number, sizeof(number)));
  std::string no_page;
  ByteWriter(&no_page).Fixed(kNoPage);
  REPRISE_TRY(file.WriteAt(at + kMainTreeAt + kTreeRootAt, no_page));
  std::string moved_on;
  ByteWriter(&moved_on).Fixed(LoadLittle<std::uint64_t>(number) + 2);
  return file.WriteAt(at + kTransactionAt, moved_on);
}

}  // namespace

Status EmptyPages(File& file) {
  constexpr std::uint64_t kUsualPageSize = 4096;
  char size[sizeof(std::uint32_t)] = {};
  REPRISE_TRY(file.ReadAt(kFreeTreeAt + kTreePageSizeAt, size, sizeof(size)));
  const std::uint64_t said = LoadLittle<std::uint32_t>(size);
  const std::uint64_t page_size = IsPageSize(said) ? said : kUsualPageSize;
  REPRISE_TRY(EmptyMeta(file, 0));
  return EmptyMeta(file, page_size);
}

}  // namespace reprise
