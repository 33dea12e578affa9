// Texts are sorted eight bytes at a time: by those at the front as one number, then the ones that
// are equal in them by the next eight, and so on. A byte is looked at once for every such round,
// not once for every comparison.
#include "format/distinct_text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "format/bytes.h"
#include "format/checksum.h"

namespace reprise {
namespace {

// More looks at a slot than this for a text mean that the texts were chosen to collide.
constexpr std::size_t kMostProbes = 8;

constexpr std::size_t kKeyBytes = 8;

// Fewer are sorted by comparing them.
constexpr std::size_t kLeastRadix = 128;

std::uint64_t ByteAt(const char* text, std::size_t i) {
  return std::uint64_t{static_cast<std::uint8_t>(text[i])} << (8 * i);
}

// The bytes from `at` on, eight at most, as a number: the first is the lowest, zeros follow the
// last. Where there are fewer than eight, some of them are read twice.
std::uint64_t LoadBytes(std::string_view text, std::size_t at) {
  const char* const bytes = text.data() + at;
  const std::size_t count = text.size() - at;
  if (count >= 8) return LoadLittle<std::uint64_t>(bytes);
  if (count >= 4) {
    return LoadLittle<std::uint32_t>(bytes) |
           std::uint64_t{LoadLittle<std::uint32_t>(bytes + count - 4)} << (8 * (count - 4));
  }
  if (count == 0) return 0;
  return ByteAt(bytes, 0) | ByteAt(bytes, count / 2) | ByteAt(bytes, count - 1);
}

bool AreEqual(std::string_view a, std::string_view b) {
  if (a.size() > kKeyBytes) return a == b;
  return a.size() == b.size() && LoadBytes(a, 0) == LoadBytes(b, 0);
}

std::uint64_t HashText(std::string_view text) {
  if (text.size() > kKeyBytes) return Hash(text);
  const std::uint64_t bytes = LoadBytes(text, 0) + text.size();
  const std::uint64_t mixed = (bytes ^ (bytes >> 32)) * 0x9E37'79B9'7F4A'7C15;
  return mixed ^ (mixed >> 29);
}

// Texts by open addressing. A slot has the low half of a hash above rank + 1, or 0 if it is empty.
class TextTable {
 public:
  explicit TextTable(std::size_t most) : shift_(63 - static_cast<int>(std::bit_width(most))) {}

  // Finds the rank of the text, or adds it to `texts` as the last one. False if that takes too
  // long.
  bool RankOf(std::string_view text, std::vector<std::string_view>* texts, std::uint64_t* rank);

 private:
  static constexpr std::uint64_t kRankMask = 0xFFFF'FFFF;

  std::size_t probes_allowed_ = 0;
  int shift_;                         // leaves at least twice as many slots as texts
  std::vector<std::uint64_t> slots_;  // none before the first text
};

bool TextTable::RankOf(std::string_view text, std::vector<std::string_view>* texts,
                       std::uint64_t* rank) {
  if (slots_.empty()) slots_.resize(std::size_t{1} << (64 - shift_));
  probes_allowed_ += kMostProbes;
  const std::uint64_t hash = HashText(text);
  for (std::size_t at = hash >> shift_;; at = (at + 1) & (slots_.size() - 1)) {
    if (probes_allowed_-- == 0) return false;
    const std::uint64_t slot = slots_[at];
    if (slot == 0) {
      *rank = texts->size();
      texts->push_back(text);
      slots_[at] = hash << 32 | texts->size();
      return true;
    }
    *rank = (slot & kRankMask) - 1;
    if (slot >> 32 == (hash & kRankMask) && AreEqual((*texts)[*rank], text)) return true;
  }
}

// Texts of one byte need no hash.
class ByteTable {
 public:
  // As RankOf of a TextTable.
  std::uint64_t RankOf(std::string_view text, std::vector<std::string_view>* texts) {
    std::uint32_t& slot = slots_[static_cast<std::uint8_t>(text[0])];
    if (slot == 0) {
      texts->push_back(text);
      slot = static_cast<std::uint32_t>(texts->size());
    }
    return slot - 1;
  }

 private:
  std::array<std::uint32_t, 256> slots_{};  // rank + 1, or 0 if it is empty
};

// A text's eight bytes at some place, as a number that is larger for the larger text.
struct KeyedText {
  std::uint64_t key = 0;
  std::uint32_t index = 0;  // of the text
};
using KeyedTexts = std::span<KeyedText>;

// One pass for every byte in which the keys differ.
void RadixSort(KeyedTexts some, std::uint64_t differing, std::vector<KeyedText>* room) {
  room->resize(some.size());
  KeyedTexts from = some;
  KeyedTexts to = *room;
  for (int shift = 0; shift < 64; shift += 8) {
    if ((differing >> shift & 0xFF) == 0) continue;
    std::array<std::uint32_t, 257> begins{};
    for (const KeyedText& text : from) ++begins[(text.key >> shift & 0xFF) + 1];
    for (std::size_t i = 1; i < begins.size(); ++i) begins[i] += begins[i - 1];
    for (const KeyedText& text : from) to[begins[text.key >> shift & 0xFF]++] = text;
    std::swap(from, to);
  }
  if (from.data() != some.data()) std::copy(from.begin(), from.end(), some.begin());
}

void SortByKey(KeyedTexts some, std::vector<KeyedText>* room) {
  std::uint64_t differing = 0;
  for (const KeyedText& text : some) differing |= text.key ^ some[0].key;
  if (differing == 0) return;
  if (some.size() >= kLeastRadix) return RadixSort(some, differing, room);
  std::sort(some.begin(), some.end(),
            [](const KeyedText& a, const KeyedText& b) { return a.key < b.key; });
}

// Texts that are equal before `offset`, and longer.
struct Unsorted {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t offset = 0;
};

class TextSorter {
 public:
  explicit TextSorter(std::span<const std::string_view> texts) : texts_(texts) {
    order_.reserve(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      order_.push_back({0, static_cast<std::uint32_t>(i)});
    }
  }

  std::vector<KeyedText> Sort() {
    work_.push_back({0, order_.size(), 0});
    while (!work_.empty()) {
      const Unsorted next = work_.back();
      work_.pop_back();
      SortRound(next);
    }
    return std::move(order_);
  }

 private:
  std::size_t SizeOf(const KeyedText& text) const { return texts_[text.index].size(); }

  // Sorts by the next eight bytes, and notes those that are equal in them.
  void SortRound(const Unsorted& unsorted);
  // Of texts with equal keys, those that end there come first, the shortest at the front.
  void SortEqual(const Unsorted& equal);

  std::span<const std::string_view> texts_;
  std::vector<KeyedText> order_;
  std::vector<KeyedText> room_;
  std::vector<Unsorted> work_;
};

void TextSorter::SortRound(const Unsorted& unsorted) {
  const KeyedTexts some = KeyedTexts(order_).subspan(unsorted.begin, unsorted.end - unsorted.begin);
  for (KeyedText& text : some) {
    const std::uint64_t bytes = LoadBytes(texts_[text.index], unsorted.offset);
    text.key = __builtin_bswap64(bytes);
  }
  SortByKey(some, &room_);
  std::size_t begin = 0;
  for (std::size_t i = 1; i <= some.size(); ++i) {
    if (i < some.size() && some[i].key == some[begin].key) continue;
    if (i - begin > 1) {
      SortEqual({unsorted.begin + begin, unsorted.begin + i, unsorted.offset + kKeyBytes});
    }
    begin = i;
  }
}

void TextSorter::SortEqual(const Unsorted& equal) {
  const auto begin = order_.begin() + static_cast<std::ptrdiff_t>(equal.begin);
  const auto end = order_.begin() + static_cast<std::ptrdiff_t>(equal.end);
  const auto longer = std::partition(
      begin, end, [&](const KeyedText& text) { return SizeOf(text) <= equal.offset; });
  std::sort(begin, longer,
            [&](const KeyedText& a, const KeyedText& b) { return SizeOf(a) < SizeOf(b); });
  if (end - longer < 2) return;
  work_.push_back({static_cast<std::size_t>(longer - order_.begin()), equal.end, equal.offset});
}

}  // namespace

std::optional<DistinctTexts> FindDistinctTexts(std::span<const std::string_view> texts) {
  DistinctTexts distinct;
  distinct.ranks.resize(texts.size());
  ByteTable bytes;
  TextTable table(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].size() == 1) {
      distinct.ranks[i] = bytes.RankOf(texts[i], &distinct.texts);
    } else if (!table.RankOf(texts[i], &distinct.texts, &distinct.ranks[i])) {
      return std::nullopt;
    }
  }
  return distinct;
}

void SortTexts(DistinctTexts* distinct) {
  const std::vector<KeyedText> order = TextSorter(distinct->texts).Sort();
  std::vector<std::uint64_t> rank_of(order.size());
  std::vector<std::string_view> sorted(order.size());
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    rank_of[order[rank].index] = rank;
    sorted[rank] = distinct->texts[order[rank].index];
  }
  for (std::uint64_t& rank : distinct->ranks) rank = rank_of[rank];
  distinct->texts = std::move(sorted);
}

std::size_t SharedPrefix(std::string_view a, std::string_view b) {
  const std::size_t size = std::min(a.size(), b.size());
  std::size_t at = 0;
  for (; at + kKeyBytes <= size; at += kKeyBytes) {
    const std::uint64_t differing = LoadBytes(a, at) ^ LoadBytes(b, at);
    if (differing != 0) return at + static_cast<std::size_t>(std::countr_zero(differing)) / 8;
  }
  while (at < size && a[at] == b[at]) ++at;
  return at;
}

}  // namespace reprise
