// Writing beyond RLIMIT_FSIZE without being killed for it.
#ifndef REPRISE_ENGINE_IO_FILE_SIZE_SIGNAL_H_
#define REPRISE_ENGINE_IO_FILE_SIZE_SIGNAL_H_

#include <csignal>

namespace reprise {

// Whether the process has a limit on file sizes, so that a write can raise SIGXFSZ.
bool HasFileSizeLimit();

// Keeps SIGXFSZ, whose default is to kill the process, from reaching this thread while it lives,
// and takes back the one that a write has raised meanwhile. One that was pending before stays so.
class FileSizeSignalBlock {
 public:
  FileSizeSignalBlock();
  ~FileSizeSignalBlock();
  FileSizeSignalBlock(const FileSizeSignalBlock&) = delete;
  FileSizeSignalBlock& operator=(const FileSizeSignalBlock&) = delete;

 private:
  sigset_t before_;
  bool was_pending_;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_IO_FILE_SIZE_SIGNAL_H_
