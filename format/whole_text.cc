// Plain text stores where each row's text *ends* rather than its length: differenced once, the two
// pack alike, and a range of rows is found without adding up the lengths before it.
//
// A dictionary is front-coded: each entry has the bytes it shares with the entry before, and the
// rest. Decoding expands it, which is where a small hostile chunk could ask for much memory; the
// limits of column.h apply to what it expands to, and to the rows, which share the text of an entry
// only until they are copied.
#include "format/whole_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "format/bytes.h"
#include "format/chunk_kind.h"
#include "format/number_column.h"
#include "format/try.h"
#include "format/vector_chunk.h"

namespace reprise {
namespace {

// Longer texts are sorted into a dictionary only if they repeat: comparing them is slow, and what
// they share with their neighbours is a small part of them.
constexpr std::size_t kSortableBytes = 256;

Status Damaged(std::string_view what) {
  return Status::Error(Code::kCorrupt,
                       fmt::format("text chunk is damaged: {}; run `reprise verify --deep`", what));
}

// How much neighbours share is looked up in so many of the texts. Random hexadecimal digits have
// more than this in common, random letters less.
constexpr std::size_t kSampledTexts = 32;
constexpr std::size_t kLeastShared = 18;  // bytes

// Whether texts that are mostly distinct have beginnings in common. A byte that sorting finds
// shared by twice as many texts pays for the bits by which their ranks grow, so a few of them tell.
bool ShareBeginnings(const DistinctTexts& distinct) {
  const std::size_t count = distinct.texts.size();
  if (count <= kSampledTexts) return true;
  std::array<std::string_view, kSampledTexts> sample;
  for (std::size_t i = 0; i < kSampledTexts; ++i) {
    sample[i] = distinct.texts[i * count / kSampledTexts];
  }
  std::sort(sample.begin(), sample.end());
  std::size_t shared = 0;
  for (std::size_t i = 1; i < kSampledTexts; ++i) shared += SharedPrefix(sample[i - 1], sample[i]);
  return shared >= kLeastShared;
}

bool WorthSorting(const DistinctTexts& distinct, std::size_t rows) {
  if (distinct.texts.size() <= rows / 2) return true;
  std::size_t bytes = 0;
  for (const std::string_view text : distinct.texts) bytes += text.size();
  return bytes <= distinct.texts.size() * kSortableBytes && ShareBeginnings(distinct);
}

void AppendSizedNumbers(std::span<const std::uint64_t> numbers, std::string* out) {
  const std::size_t at = out->size();
  EncodeNumbers(NumberKind::kIntegers, numbers, out);
  ByteWriter(out).SizeSince(at);
}

// Ranks of a dictionary, or ends of texts that mostly are not empty: a dictionary of them would
// take more.
void AppendSizedVectors(std::span<const std::uint64_t> numbers, std::string* out) {
  const std::size_t at = out->size();
  EncodeVectorChunk(NumberKind::kIntegers, numbers, nullptr, out);
  ByteWriter(out).SizeSince(at);
}

// Appends a dictionary if it takes fewer than `limit` bytes; else gives false, and appends
// anything.
bool AppendDictionary(const DistinctTexts& distinct, std::size_t limit, std::string* out) {
  std::string ranks;
  AppendSizedVectors(distinct.ranks, &ranks);
  // Every text but the first has a byte that the one before has not.
  if (ranks.size() + distinct.texts.size() - 1 >= limit) return false;
  std::vector<std::uint64_t> shared;
  std::vector<std::uint64_t> rest;
  shared.reserve(distinct.texts.size());
  rest.reserve(distinct.texts.size());
  std::size_t suffix_bytes = 0;
  std::string_view previous;
  for (const std::string_view text : distinct.texts) {
    shared.push_back(SharedPrefix(previous, text));
    rest.push_back(text.size() - shared.back());
    suffix_bytes += rest.back();
    previous = text;
  }
  if (ranks.size() + suffix_bytes >= limit) return false;
  const std::size_t at = out->size();
  ByteWriter writer(out);
  writer.Fixed(static_cast<std::uint8_t>(ChunkKind::kTextDictionary));
  writer.Varint(distinct.texts.size());
  AppendSizedNumbers(shared, out);
  AppendSizedNumbers(rest, out);
  writer.Raw(ranks);
  for (std::size_t i = 0; i < shared.size(); ++i) {
    writer.Raw(distinct.texts[i].substr(shared[i]));
  }
  return out->size() - at < limit;
}

// `bytes` in all. Texts that lie one behind the other in memory, as those of a column do, are
// copied together.
void AppendAll(std::span<const std::string_view> texts, std::size_t bytes, std::string* out) {
  out->reserve(out->size() + bytes);
  std::string_view run;
  for (const std::string_view text : texts) {
    if (run.data() + run.size() == text.data()) {
      run = {run.data(), run.size() + text.size()};
      continue;
    }
    out->append(run);
    run = text;
  }
  out->append(run);
}

void AppendPlain(std::span<const std::string_view> texts, std::string* out) {
  std::vector<std::uint64_t> ends;
  ends.reserve(texts.size());
  std::uint64_t end = 0;
  std::size_t filled = 0;
  for (const std::string_view text : texts) {
    ends.push_back(end += text.size());
    filled += text.empty() ? 0 : 1;
  }
  ByteWriter writer(out);
  writer.Fixed(static_cast<std::uint8_t>(ChunkKind::kPlainText));
  if (filled > texts.size() / 2) {
    AppendSizedVectors(ends, out);
  } else {
    AppendSizedNumbers(ends, out);
  }
  AppendAll(texts, end, out);
}

// Decodes rows of a number chunk that stands in a text chunk.
Status DecodeRows(std::string_view numbers, std::size_t rows, std::size_t first, std::size_t count,
                  std::vector<std::uint64_t>* out) {
  out->resize(count);
  return DecodeNumbers(numbers, rows, first, *out);
}

Status DecodePlain(ByteReader* reader, std::size_t rows, std::size_t first, std::size_t count,
                   Column* out) {
  std::string_view packed_ends;
  std::string_view text;
  if (!reader->Sized(&packed_ends)) return Damaged("the ends of its rows run past its own");
  reader->Raw(reader->remaining(), &text);
  // The end of the row before the range is where the range begins.
  const std::size_t lead = first == 0 ? 0 : 1;
  std::vector<std::uint64_t> ends;
  REPRISE_TRY(DecodeRows(packed_ends, rows, first - lead, count + lead, &ends));
  const std::uint64_t begin = lead == 0 ? 0 : ends[0];
  if (begin > text.size()) {
    return Damaged(
        fmt::format("row {} ends at byte {} of {} bytes of text", first - 1, begin, text.size()));
  }
  std::uint64_t at = begin;
  for (std::size_t i = lead; i < ends.size(); ++i) {
    if (ends[i] < at || ends[i] - at > kMaxTextBytes || ends[i] > text.size() ||
        ends[i] - begin > kMaxColumnTextBytes) {
      return Damaged(fmt::format("row {} ends at byte {} of {} bytes of text", first + i - lead,
                                 ends[i], text.size()));
    }
    out->slots.push_back(
        {static_cast<std::uint32_t>(at - begin), static_cast<std::uint32_t>(ends[i] - at)});
    at = ends[i];
  }
  if (first + count == rows && at != text.size()) {
    return Damaged(fmt::format("its rows end at byte {} of {} bytes of text", at, text.size()));
  }
  out->blob.assign(text.substr(begin, at - begin));
  return {};
}

// Rebuilds the entries of a dictionary in `blob`, one after the other.
Status ExpandDictionary(std::span<const std::uint64_t> shared, std::span<const std::uint64_t> rest,
                        std::string_view suffixes, std::string* blob,
                        std::vector<Column::TextSlot>* entries) {
  ByteReader reader(suffixes);
  Column::TextSlot previous;
  for (std::size_t i = 0; i < shared.size(); ++i) {
    if (shared[i] > previous.size || rest[i] > reader.remaining() ||
        shared[i] + rest[i] > kMaxTextBytes ||
        blob->size() + shared[i] + rest[i] > kMaxColumnTextBytes) {
      return Damaged(fmt::format("dictionary entry {} has an impossible size ({} + {} bytes)", i,
                                 shared[i], rest[i]));
    }
    std::string_view suffix;
    reader.Raw(static_cast<std::size_t>(rest[i]), &suffix);
    const Column::TextSlot entry{static_cast<std::uint32_t>(blob->size()),
                                 static_cast<std::uint32_t>(shared[i] + rest[i])};
    blob->resize(blob->size() + static_cast<std::size_t>(shared[i]));
    std::copy_n(blob->begin() + previous.offset, shared[i], blob->begin() + entry.offset);
    blob->append(suffix);
    entries->push_back(entry);
    previous = entry;
  }
  return reader.AtCleanEnd() ? Status() : Damaged("its dictionary does not use all its text");
}

Status DecodeDictionary(ByteReader* reader, std::size_t rows, std::size_t first, std::size_t count,
                        Column* out) {
  std::uint64_t size = 0;
  std::string_view packed_shared;
  std::string_view packed_rest;
  std::string_view packed_ranks;
  std::string_view suffixes;
  if (!reader->BoundedVarint(rows, &size) || size == 0 || !reader->Sized(&packed_shared) ||
      !reader->Sized(&packed_rest) || !reader->Sized(&packed_ranks)) {
    return Damaged("its dictionary runs past its end");
  }
  reader->Raw(reader->remaining(), &suffixes);
  const auto entry_count = static_cast<std::size_t>(size);
  std::vector<std::uint64_t> shared;
  std::vector<std::uint64_t> rest;
  std::vector<std::uint64_t> ranks;
  std::vector<Column::TextSlot> entries;
  REPRISE_TRY(DecodeRows(packed_shared, entry_count, 0, entry_count, &shared));
  REPRISE_TRY(DecodeRows(packed_rest, entry_count, 0, entry_count, &rest));
  REPRISE_TRY(ExpandDictionary(shared, rest, suffixes, &out->blob, &entries));
  REPRISE_TRY(DecodeRows(packed_ranks, rows, first, count, &ranks));
  std::size_t text_bytes = 0;
  for (const std::uint64_t rank : ranks) {
    if (rank >= entries.size()) {
      return Damaged(fmt::format("rank {} of {} dictionary entries", rank, entries.size()));
    }
    out->slots.push_back(entries[rank]);
    text_bytes += entries[rank].size;
  }
  if (text_bytes <= kMaxColumnTextBytes) return {};
  return Damaged(fmt::format("its rows have {} bytes of text, at most {} are allowed", text_bytes,
                             kMaxColumnTextBytes));
}

}  // namespace

void EncodeWholeTexts(std::span<const std::string_view> texts,
                      std::optional<DistinctTexts> distinct, std::string* out) {
  const std::size_t at = out->size();
  AppendPlain(texts, out);
  const std::size_t plain = out->size() - at;
  if (!distinct || !WorthSorting(*distinct, texts.size())) return;
  SortTexts(&*distinct);
  if (AppendDictionary(*distinct, plain, out)) {
    out->erase(at, plain);
  } else {
    out->resize(at + plain);
  }
}

Status DecodeWholeTexts(std::string_view chunk, std::size_t rows, std::size_t first,
                        std::size_t count, Column* out) {
  ByteReader reader(chunk);
  std::uint8_t kind = 0;
  if (rows == 0 || !reader.Fixed(&kind)) {
    return Damaged(fmt::format("{} bytes for {} rows", chunk.size(), rows));
  }
  out->slots.reserve(count);
  switch (static_cast<ChunkKind>(kind)) {
    case ChunkKind::kPlainText:
      return DecodePlain(&reader, rows, first, count, out);
    case ChunkKind::kTextDictionary:
      return DecodeDictionary(&reader, rows, first, count, out);
    default:
      return Status::Error(Code::kUnsupportedVersion,
                           fmt::format("text chunk is not readable: kind {} at byte 0 is not one "
                                       "of text; upgrade this reader",
                                       kind));
  }
}

}  // namespace reprise
