#include "tools/import/wandb_framing.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <utility>

#include "format/bytes.h"

namespace reprise::tools {
namespace {

constexpr std::size_t kBlockBytes = 32768;
constexpr std::size_t kHeaderBytes = 7;  // of the file and of a chunk
constexpr std::string_view kMagic = "\x3A\x57\x26\x42\xE1\xBE";
constexpr int kNewestVersion = 1;

// A row has at most 8 MiB. Parsed, some 44 times the record's bytes are in use where it is made up.
constexpr std::size_t kMaxRecordBytes = std::size_t{16} << 20;

enum ChunkType { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

bool AllZero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

std::uint32_t Crc(std::string_view type_and_payload) {
  const auto* data = reinterpret_cast<const Bytef*>(type_and_payload.data());
  return static_cast<std::uint32_t>(crc32_z(0, data, type_and_payload.size()));
}

}  // namespace

WandbFraming::WandbFraming(std::istream* file, std::function<void(const FramingDamage&)> on_damage)
    : file_(file), on_damage_(std::move(on_damage)) {}

bool WandbFraming::LoadBlock() {
  block_start_ += block_.size();
  block_.resize(kBlockBytes);
  file_->read(block_.data(), static_cast<std::streamsize>(kBlockBytes));
  block_.resize(static_cast<std::size_t>(file_->gcount()));
  at_ = 0;
  return !block_.empty();
}

Status WandbFraming::ReadHeader() {
  if (!LoadBlock()) {
    on_damage_({0, 0, "file is empty: its writer died before the first block was written"});
    return {};
  }
  const std::string_view start = std::string_view(block_).substr(0, kHeaderBytes);
  if (start.substr(0, kMagic.size()) != kMagic.substr(0, start.size())) {
    return Status::Error(Code::kInvalidArgument,
                         "not a W&B transaction log: byte 0 (does not begin with ':W&B')");
  }
  at_ = start.size();
  if (start.size() < kHeaderBytes) {
    on_damage_({0, start.size(), "file ends inside its header"});
    return {};
  }
  const int version = static_cast<unsigned char>(start.back());
  if (version > kNewestVersion) {
    return Status::Error(
        Code::kUnsupportedVersion,
        fmt::format("W&B log version is not known: byte 6 (version {}, known up to {})", version,
                    kNewestVersion));
  }
  return {};
}

// What there is of a record up to `end` of the file is lost.
void WandbFraming::DropPartial(std::uint64_t end, std::string what) {
  if (!std::exchange(in_partial_, false)) return;
  on_damage_({partial_offset_, end - partial_offset_, std::move(what)});
  partial_.clear();
}

void WandbFraming::GiveUpBlock(std::uint64_t offset, std::string what) {
  std::uint64_t first = offset;
  if (std::exchange(in_partial_, false)) first = std::min(first, partial_offset_);
  partial_.clear();
  at_ = block_.size();
  after_damage_ = true;
  if (first < offset) what += fmt::format(" at byte {}", offset);
  on_damage_({first, position() - first, std::move(what)});
}

// True if something that may be a chunk follows in this block.
bool WandbFraming::SkipPadding() {
  const std::string_view rest = std::string_view(block_).substr(at_);
  if (rest.empty()) return false;
  if (rest.size() >= kHeaderBytes) return true;
  const bool block_end = block_.size() == kBlockBytes;
  if (!AllZero(rest)) {
    GiveUpBlock(position(), block_end ? "padding is not zero" : "file ends inside a chunk header");
  }
  at_ = block_.size();
  return false;
}

// A header of zeroes: space that was allotted and never written. Everything up to the next block
// that holds data is one finding.
void WandbFraming::SkipZeroes() {
  const std::uint64_t first = position();
  const bool zero = AllZero(std::string_view(block_).substr(at_));
  GiveUpBlock(first, zero ? "region of zeroes" : "chunk header of zeroes");
}

std::optional<WandbFraming::Chunk> WandbFraming::TakeChunk() {
  const std::string_view rest = std::string_view(block_).substr(at_);
  const std::string_view header = rest.substr(0, kHeaderBytes);
  if (AllZero(header)) {
    SkipZeroes();
    return std::nullopt;
  }
  const auto stored = LoadLittle<std::uint32_t>(header.data());
  const auto length = LoadLittle<std::uint16_t>(header.data() + 4);
  const int type = static_cast<unsigned char>(header[6]);
  if (length > kBlockBytes - at_ - kHeaderBytes) {
    GiveUpBlock(position(), fmt::format("chunk overruns its block ({} bytes)", length));
    return std::nullopt;
  }
  if (length > rest.size() - kHeaderBytes) {
    GiveUpBlock(position(), fmt::format("file ends inside a chunk (has {} of {} bytes)",
                                        rest.size() - kHeaderBytes, length));
    return std::nullopt;
  }
  const std::uint32_t computed = Crc(rest.substr(6, std::size_t{1} + length));
  if (computed != stored) {
    GiveUpBlock(position(), fmt::format("chunk checksum mismatch (stored {:08x}, computed {:08x})",
                                        stored, computed));
    return std::nullopt;
  }
  if (type < kFull || type > kLast) {
    GiveUpBlock(position(), fmt::format("chunk type is not known ({})", type));
    return std::nullopt;
  }
  Chunk chunk{type, rest.substr(kHeaderBytes, length), position()};
  at_ += kHeaderBytes + length;
  return chunk;
}

std::optional<WandbFraming::Chunk> WandbFraming::NextChunk() {
  while (true) {
    if (!SkipPadding()) {
      if (block_.empty() || !LoadBlock()) return std::nullopt;
      continue;
    }
    if (std::optional<Chunk> chunk = TakeChunk()) return chunk;
  }
}

std::optional<WandbFraming::Record> WandbFraming::Next() {
  while (std::optional<Chunk> chunk = NextChunk()) {
    if (chunk->type == kFull || chunk->type == kFirst) {
      DropPartial(chunk->offset, "record has no end: another one begins");
      after_damage_ = false;
      if (chunk->type == kFull) return Record{chunk->payload, chunk->offset};
      partial_.assign(chunk->payload);
      partial_offset_ = chunk->offset;
      in_partial_ = true;
      continue;
    }
    if (!in_partial_) {
      if (!after_damage_) on_damage_({chunk->offset, chunk->payload.size(), "record has no start"});
      after_damage_ = true;
      continue;
    }
    if (partial_.size() + chunk->payload.size() > kMaxRecordBytes) {
      DropPartial(position(), "record over 16 MiB");
      after_damage_ = true;
      continue;
    }
    partial_ += chunk->payload;
    if (chunk->type == kMiddle) continue;
    in_partial_ = false;
    return Record{partial_, partial_offset_};
  }
  DropPartial(position(), "file ends inside a record");
  return std::nullopt;
}

}  // namespace reprise::tools
