// Files of W&B, and LevelDB's framing of records in them.
//
// file: 7 bytes of header, then blocks of 32 KiB (the first is 7 bytes shorter) of chunks: u32
//       CRC-32 of type and payload, u16 length, u8 type (1 whole, 2 first, 3 middle, 4 last). Less
//       than 7 bytes at a block's end are zero.
#ifndef REPRISE_BENCH_PEERS_WANDB_FILE_H_
#define REPRISE_BENCH_PEERS_WANDB_FILE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/peers/peer_file.h"

namespace reprise::bench {

// Makes the file, or appends to it.
class WandbFile {
 public:
  explicit WandbFile(const std::string& path);

  void Append(std::string_view record);
  PeerFile& file() { return file_; }

 private:
  std::size_t Left() const;
  void AppendChunk(std::uint8_t type, std::string_view payload);

  PeerFile file_;
  std::string chunk_;
};

// Walks the records of a file. What was written whole must be whole.
class WandbRecords {
 public:
  explicit WandbRecords(const std::string& path);

  bool Next();
  std::string_view record() const { return record_; }
  // Where the next record begins.
  std::uint64_t offset() const { return at_; }

 private:
  void SkipPadding();
  // Returns its type.
  std::uint8_t TakeChunk();

  std::string file_;
  std::size_t at_;
  std::string record_;
};

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_PEERS_WANDB_FILE_H_
