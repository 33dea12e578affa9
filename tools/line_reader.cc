#include "tools/line_reader.h"

#include <array>

namespace reprise::tools {

bool LineReader::Next(std::string* line) {
  std::array<char, 16384> piece;
  line->clear();
  too_long_ = false;
  for (bool any = false;; any = true) {
    in_->getline(piece.data(), static_cast<std::streamsize>(piece.size()));
    const bool ended = in_->good();  // with its newline, which is counted
    const auto counted = static_cast<std::size_t>(in_->gcount());
    const std::size_t size = counted - (ended ? 1 : 0);
    too_long_ = too_long_ || line->size() + size > kMaxLineBytes;
    if (!too_long_) line->append(piece.data(), size);
    if (ended) return true;
    if (in_->eof() || in_->bad() || counted == 0) return any || counted > 0;
    in_->clear();  // the piece was full
  }
}

}  // namespace reprise::tools
