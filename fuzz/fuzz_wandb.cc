// Any bytes as a W&B transaction log. Input: which chunk keeps a wrong checksum, counted from 1
// (u8), then the file. The file's header and the other checksums are made right, so that what is in
// the chunks is decoded.
#include <zlib.h>

#include <fstream>
#include <sstream>

#include "format/bytes.h"
#include "fuzz/checking_sink.h"
#include "fuzz/fuzz_input.h"
#include "tools/import/wandb.h"
#include "tools/import/wandb_framing.h"

namespace reprise::fuzz {
namespace {

constexpr std::size_t kBlockBytes = 32768;
constexpr std::size_t kHeaderBytes = 7;
constexpr std::string_view kFileHeader("\x3A\x57\x26\x42\xE1\xBE\x00", kHeaderBytes);

std::size_t ToBlockEnd(std::size_t at) { return kBlockBytes - at % kBlockBytes; }

// Where the chunk at `at` ends; 0 if it does not fit.
std::size_t EndOfChunk(std::string_view file, std::size_t at) {
  const std::size_t end = at + kHeaderBytes + LoadLittle<std::uint16_t>(file.data() + at + 4);
  return end <= file.size() && end - at <= ToBlockEnd(at) ? end : 0;
}

void Seal(std::size_t wrong, std::string* file) {
  file->replace(0, std::min(file->size(), kHeaderBytes), kFileHeader);
  std::size_t at = kHeaderBytes;
  for (std::size_t chunk = 1; at + kHeaderBytes <= file->size(); ++chunk) {
    if (ToBlockEnd(at) < kHeaderBytes) {
      at += ToBlockEnd(at);
      continue;
    }
    const std::size_t end = EndOfChunk(*file, at);
    if (end == 0) return;
    const auto* sealed = reinterpret_cast<const Bytef*>(file->data() + at + 6);
    const auto crc = static_cast<std::uint32_t>(crc32_z(0, sealed, end - at - 6));
    StoreLittle(file->data() + at, chunk == wrong ? ~crc : crc);
    at = end;
  }
}

// Records and damage are in the file, in order.
void RequireFraming(const std::string& file) {
  std::istringstream stream(file);
  std::uint64_t lost = 0;
  std::uint64_t read = 0;
  tools::WandbFraming framing(&stream, [&](const tools::FramingDamage& damage) {
    Require(!damage.what.empty() && damage.offset <= file.size(), "damage is in the file");
    Require(damage.lost <= file.size() - damage.offset, "no more is lost than there is");
    lost += damage.lost;
  });
  Require(framing.ReadHeader().ok(), "the header was made right");
  std::uint64_t last = 0;
  while (const auto record = framing.Next()) {
    Require(record->offset > last && record->offset < file.size(), "records come in order");
    last = record->offset;
    read += record->bytes.size();
  }
  Require(read <= file.size() && lost <= file.size(), "nothing is read or lost twice");
}

void Try(FuzzInput input) {
  const std::size_t wrong = input.Number<std::uint8_t>();
  std::string file(input.Rest());
  Seal(wrong, &file);
  RequireFraming(file);
  RequireImport(file,
                [](const std::string& path, tools::RunSink* sink, tools::ImportReport* report) {
                  return tools::ImportWandb({path}, sink, report);
                });
}

}  // namespace
}  // namespace reprise::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::fuzz::Try(reprise::fuzz::FuzzInput(data, size));
  return 0;
}
