#include <flatbuffers/flatbuffers.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "format/schema/segment_generated.h"
#include "format/segment_index.h"

namespace reprise {

namespace {

// Facts are five numbers: what is longer was not written by EncodeSegmentFacts.
constexpr std::size_t kMaxFactsBytes = 256;

Status Damaged(std::string_view what) {
  return Status::Error(Code::kCorrupt,
                       fmt::format("segment facts are damaged: {}; run 'reprise verify'", what));
}

}  // namespace

std::string EncodeSegmentFacts(const SegmentFacts& facts) {
  flatbuffers::FlatBufferBuilder builder(kMaxFactsBytes);
  builder.Finish(schema::CreateSegmentFacts(builder, facts.values, facts.rows_before,
                                            static_cast<std::uint8_t>(facts.prefix),
                                            facts.prefix_base, facts.sealed_at));
  return std::string(reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize());
}

Status DecodeSegmentFacts(std::string_view bytes, SegmentFacts* facts) {
  if (bytes.size() > kMaxFactsBytes) return Damaged("they are too long");
  // FlatBuffers reads numbers in place, so they must lie where numbers may.
  alignas(8) std::array<std::uint8_t, kMaxFactsBytes> aligned;
  std::memcpy(aligned.data(), bytes.data(), bytes.size());
  flatbuffers::Verifier verifier(aligned.data(), bytes.size(), /*max_depth=*/16,
                                 /*max_tables=*/4096);
  if (!schema::VerifySegmentFactsBuffer(verifier)) return Damaged("an offset leads outside");
  const schema::SegmentFacts* stored = schema::GetSegmentFacts(aligned.data());
  if (stored->prefix() > static_cast<std::uint8_t>(PrefixKind::kDelta)) {
    return Damaged(fmt::format("unknown kind of prefix {}", stored->prefix()));
  }
  facts->values = stored->values();
  facts->rows_before = stored->rows_before();
  facts->prefix = static_cast<PrefixKind>(stored->prefix());
  facts->prefix_base = stored->prefix_base();
  facts->sealed_at = stored->sealed_at();
  return {};
}

}  // namespace reprise
