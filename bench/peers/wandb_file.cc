#include "bench/peers/wandb_file.h"

#include <algorithm>

#include "bench/bench_store.h"
#include "bench/peers/big_endian.h"
#include "bench/peers/crc32.h"

namespace reprise::bench {

namespace {

constexpr std::string_view kFileHeader{":W&B\xE1\xBE\0", 7};
constexpr std::size_t kBlockBytes = 32768;
constexpr std::size_t kChunkHeader = 7;

enum ChunkType : std::uint8_t { kWhole = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

std::uint32_t ChunkChecksum(std::uint8_t type, std::string_view payload) {
  const char byte = static_cast<char>(type);
  return Crc32Ieee(payload, Crc32Ieee({&byte, 1}));
}

ChunkType TypeOf(bool first, bool last) {
  if (first) return last ? kWhole : kFirst;
  return last ? kLast : kMiddle;
}

}  // namespace

WandbFile::WandbFile(const std::string& path) : file_(path, kBlockBytes) {
  if (file_.size() == 0) file_.Append(kFileHeader);
}

void WandbFile::Append(std::string_view record) {
  bool first = true;
  do {
    if (Left() < kChunkHeader) file_.Append(std::string(Left(), '\0'));
    const std::string_view piece = record.substr(0, Left() - kChunkHeader);
    record.remove_prefix(piece.size());
    AppendChunk(TypeOf(first, record.empty()), piece);
    first = false;
  } while (!record.empty());
}

std::size_t WandbFile::Left() const { return kBlockBytes - file_.size() % kBlockBytes; }

void WandbFile::AppendChunk(std::uint8_t type, std::string_view payload) {
  chunk_.clear();
  PutNative(ChunkChecksum(type, payload), &chunk_);
  PutNative(static_cast<std::uint16_t>(payload.size()), &chunk_);
  PutNative(type, &chunk_);
  chunk_.append(payload);
  file_.Append(chunk_);
}

WandbRecords::WandbRecords(const std::string& path) : file_(ReadFileWhole(path)) {
  if (!file_.starts_with(kFileHeader)) GiveUp("not a .wandb file");
  at_ = kFileHeader.size();
}

bool WandbRecords::Next() {
  record_.clear();
  std::uint8_t type = kFirst;
  while (type == kFirst || type == kMiddle) {
    SkipPadding();
    if (at_ == file_.size()) return false;
    type = TakeChunk();
  }
  return true;
}

void WandbRecords::SkipPadding() {
  const std::size_t left = kBlockBytes - at_ % kBlockBytes;
  if (left < kChunkHeader) at_ = std::min(at_ + left, file_.size());
}

std::uint8_t WandbRecords::TakeChunk() {
  const char* header = file_.data() + at_;
  const auto length = GetNative<std::uint16_t>(header + 4);
  const auto type = GetNative<std::uint8_t>(header + 6);
  if (at_ + kChunkHeader + length > file_.size()) GiveUp("a .wandb file that is cut short");
  const std::string_view payload(header + kChunkHeader, length);
  if (ChunkChecksum(type, payload) != GetNative<std::uint32_t>(header)) {
    GiveUp("a .wandb record's checksum is wrong");
  }
  record_.append(payload);
  at_ += kChunkHeader + length;
  return type;
}

}  // namespace reprise::bench
