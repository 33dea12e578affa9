#include "bench/peers/peer_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/bench_store.h"

namespace reprise::bench {

namespace {

std::uint64_t SizeOf(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) GiveUp("cannot ask for a file's size");
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace

PeerFile::PeerFile(const std::string& path, std::size_t buffer_bytes)
    : descriptor_(::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600)),
      buffer_bytes_(buffer_bytes) {
  if (descriptor_ < 0) GiveUp("cannot open " + path);
  size_ = SizeOf(descriptor_);
}

PeerFile::~PeerFile() { ::close(descriptor_); }

void PeerFile::Append(std::string_view bytes) {
  buffer_.append(bytes);
  size_ += bytes.size();
  const std::uint64_t in_file = size_ - buffer_.size();
  const std::uint64_t whole = size_ / buffer_bytes_ * buffer_bytes_;
  if (whole > in_file) Write(whole - in_file);
}

void PeerFile::Flush() { Write(buffer_.size()); }

void PeerFile::Write(std::size_t bytes) {
  if (::write(descriptor_, buffer_.data(), bytes) != static_cast<ssize_t>(bytes)) {
    GiveUp("cannot write a peer's file");
  }
  buffer_.erase(0, bytes);
}

void PeerFile::Truncate(std::uint64_t size) {
  Flush();
  if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) GiveUp("cannot cut a file short");
  size_ = size;
}

std::string ReadFileWhole(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) GiveUp("cannot open " + path);
  std::string content(SizeOf(descriptor), '\0');
  const ssize_t got = ::read(descriptor, content.data(), content.size());
  ::close(descriptor);
  if (got != static_cast<ssize_t>(content.size())) GiveUp("cannot read " + path);
  return content;
}

}  // namespace reprise::bench
