// The framing of W&B transaction logs (`run-<id>.wandb`): a 7-byte file header, then chunks in
// blocks of 32,768 bytes counted from the file's start, joined to records.
#ifndef REPRISE_TOOLS_IMPORT_WANDB_FRAMING_H_
#define REPRISE_TOOLS_IMPORT_WANDB_FRAMING_H_

#include <cstdint>
#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

#include "reprise/status.h"

namespace reprise::tools {

// A place in the file that could not be read.
struct FramingDamage {
  std::uint64_t offset = 0;  // the first byte concerned
  std::uint64_t lost = 0;    // bytes from there that were given up
  std::string what;          // "chunk checksum mismatch", "file ends inside a chunk" ...
};

// Reads records one by one. At damage it gives up the rest of the block, reports it, and goes on
// with the first whole record of a later block.
class WandbFraming {
 public:
  // `file` must be open in binary mode at its start, and outlive this.
  WandbFraming(std::istream* file, std::function<void(const FramingDamage&)> on_damage);

  // Reads the file header. An empty file is damage and no failure. kInvalidArgument: no W&B log.
  // kUnsupportedVersion: its version byte is above 1.
  Status ReadHeader();

  // The next record's bytes, valid until the next call; nothing at the end. `offset` is where its
  // first chunk begins.
  struct Record {
    std::string_view bytes;
    std::uint64_t offset = 0;
  };
  std::optional<Record> Next();

 private:
  struct Chunk {
    int type = 0;
    std::string_view payload;
    std::uint64_t offset = 0;
  };

  bool LoadBlock();
  std::uint64_t position() const { return block_start_ + at_; }
  std::optional<Chunk> NextChunk();
  std::optional<Chunk> TakeChunk();
  bool SkipPadding();
  void SkipZeroes();
  void GiveUpBlock(std::uint64_t offset, std::string what);
  void DropPartial(std::uint64_t end, std::string what);

  std::istream* file_;
  std::function<void(const FramingDamage&)> on_damage_;
  std::string block_;
  std::uint64_t block_start_ = 0;
  std::size_t at_ = 0;  // in block_
  std::string partial_;
  std::uint64_t partial_offset_ = 0;
  bool in_partial_ = false;
  bool after_damage_ = false;  // MIDDLE and LAST chunks belong to what was already reported
};

}  // namespace reprise::tools

#endif  // REPRISE_TOOLS_IMPORT_WANDB_FRAMING_H_
