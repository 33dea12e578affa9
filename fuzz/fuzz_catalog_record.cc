// Any bytes as a record of the catalog, or as the file that says which catalog counts. Input: which
// of them (u8), then the bytes. The checksum of the latter is made right.
#include "format/bytes.h"
#include "format/catalog_control.h"
#include "format/catalog_records.h"
#include "format/checksum.h"
#include "fuzz/fuzz_input.h"

namespace reprise::fuzz {
namespace {

template <typename Record>
void TryRecord(std::string_view bytes) {
  Record record;
  const Status decoded = DecodeRecord(bytes, &record);
  if (!decoded.ok()) {
    Require(decoded.code() == Code::kCorrupt, "what is wrong is the record");
    return;
  }
  Require(EncodeRecord(record) == bytes, "equal records have equal bytes");
}

// Writers ask for the generation alone, after each write.
void TryLease(std::string_view bytes) {
  TryRecord<LeaseRecord>(bytes);
  LeaseRecord lease;
  const Result<Generation> generation = LeaseGenerationOf(bytes);
  if (!DecodeRecord(bytes, &lease).ok()) return;
  Require(generation.has_value() && *generation == lease.generation,
          "both readers say the same generation");
}

void TryControl(std::string_view bytes) {
  constexpr std::size_t kChecksumOffset = kCatalogControlSize - sizeof(std::uint64_t);
  std::string file(bytes);
  if (file.size() == kCatalogControlSize) {
    const std::string_view sealed = std::string_view(file).substr(0, kChecksumOffset);
    StoreLittle(file.data() + kChecksumOffset, Checksum(sealed, 0, 0));
  }
  const Result<CatalogControl> control = DecodeCatalogControl(file);
  if (control.has_value()) Require(EncodeCatalogControl(*control) == file, "it comes back");
}

void Try(FuzzInput input) {
  switch (input.UpTo(8)) {
    case 0:
      return TryRecord<MetaRecord>(input.Rest());
    case 1:
      return TryRecord<ProjectRecord>(input.Rest());
    case 2:
      return TryRecord<RunRecord>(input.Rest());
    case 3:
      return TryRecord<BranchRecord>(input.Rest());
    case 4:
      return TryRecord<SegmentRecord>(input.Rest());
    case 5:
      return TryLease(input.Rest());
    case 6:
      return TryRecord<SessionRecord>(input.Rest());
    case 7:
      return TryRecord<ExplicitRecord>(input.Rest());
    default:
      return TryControl(input.Rest());
  }
}

}  // namespace
}  // namespace reprise::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::fuzz::Try(reprise::fuzz::FuzzInput(data, size));
  return 0;
}
