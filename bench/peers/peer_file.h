// Files as the peers that are plain files use them.
#ifndef REPRISE_BENCH_PEERS_PEER_FILE_H_
#define REPRISE_BENCH_PEERS_PEER_FILE_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace reprise::bench {

// Appends through a buffer of its own, which reaches the file in whole pieces of `buffer_bytes`,
// counted from the file's beginning, and when flushed.
class PeerFile {
 public:
  PeerFile(const std::string& path, std::size_t buffer_bytes);
  ~PeerFile();
  PeerFile(const PeerFile&) = delete;
  PeerFile& operator=(const PeerFile&) = delete;

  void Append(std::string_view bytes);
  void Flush();
  // Drops what is beyond, all of it flushed.
  void Truncate(std::uint64_t size);
  std::uint64_t size() const { return size_; }

 private:
  void Write(std::size_t bytes);

  int descriptor_;
  std::size_t buffer_bytes_;
  std::string buffer_;
  std::uint64_t size_;
};

std::string ReadFileWhole(const std::string& path);

}  // namespace reprise::bench

#endif  // REPRISE_BENCH_PEERS_PEER_FILE_H_
