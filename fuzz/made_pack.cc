#include "fuzz/made_pack.h"

#include "format/checksum.h"
#include "format/events.h"
#include "format/segment_index.h"

namespace reprise::fuzz {
namespace {

class PackMaker {
 public:
  explicit PackMaker(FuzzInput* input) : input_(*input) { pack_.bytes = MadePackHeader(); }

  MadePack Make() {
    // Beginning a session takes two bytes of the input and up to a block of the pack.
    constexpr std::size_t kLargest = std::size_t{1} << 20;
    while (!input_.empty() && pack_.bytes.size() < kLargest) AddPiece();
    return std::move(pack_);
  }

 private:
  void AddPiece() {
    switch (input_.UpTo(4)) {
      case 0:
        return AddSegment();
      case 1:
        return AddEvents();
      case 2:
        pack_.bytes += input_.Take(input_.Number<std::uint8_t>());
        return;
      case 3:
        return BeginSession();
      default:
        return Damage();
    }
  }

  std::size_t payload_offset() const { return pack_.bytes.size() + kFrameHeaderSize; }

  void AddFrame(const FrameHeader& header, const std::string& payload) {
    MadeFrame frame;
    frame.offset = pack_.bytes.size();
    frame.kind = header.kind;
    frame.bytes = EncodeFrameHeader(header, kMadePackFileId, frame.offset) + payload;
    pack_.bytes += frame.bytes;
    pack_.frames.push_back(std::move(frame));
  }

  void AddSegment() {
    FrameHeader header;
    header.branch = {{1, 2}, 3};
    header.rows = input_.Number<std::uint8_t>() + 1U;
    header.first = input_.Number<std::uint8_t>();
    header.last = header.first + header.rows;
    std::string payload(input_.Take(input_.Number<std::uint16_t>()));
    payload += EncodeSegmentFooter({}, kMadePackFileId, payload_offset() + payload.size());
    header.payload_length = static_cast<std::uint32_t>(payload.size());
    AddFrame(header, payload);
  }

  void AddEvents() {
    std::vector<std::string> changes(input_.Number<std::uint8_t>());
    for (std::string& change : changes) change = input_.Take(input_.Number<std::uint8_t>());
    const std::string payload = *EncodeEvents(changes);
    FrameHeader header;
    header.kind = FrameKind::kEvents;
    header.rows = static_cast<std::uint32_t>(changes.size());
    header.payload_length = static_cast<std::uint32_t>(payload.size());
    header.payload_checksum = Checksum(payload, kMadePackFileId, payload_offset());
    AddFrame(header, payload);
  }

  void BeginSession() {
    const std::size_t end = pack_.frames.empty() ? kPackHeaderSize : pack_.frames.back().end();
    const std::size_t blocks = (pack_.bytes.size() + kPackBlockBytes - 1) / kPackBlockBytes;
    pack_.bytes.resize(blocks * kPackBlockBytes);
    FrameHeader header;
    header.kind = FrameKind::kContinues;
    header.first = static_cast<std::int64_t>(end);
    header.last = static_cast<std::int64_t>(pack_.bytes.size());
    AddFrame(header, "");
  }

  void Damage() {
    const std::size_t where = input_.Number<std::uint16_t>();
    const auto change = input_.Number<std::uint8_t>();
    if (pack_.frames.empty()) return;
    const MadeFrame& frame = pack_.frames.back();
    char& byte = pack_.bytes[frame.offset + where % frame.bytes.size()];
    byte = static_cast<char>(byte ^ change);
  }

  FuzzInput& input_;
  MadePack pack_;
};

}  // namespace

std::string MadePackHeader() {
  PackHeader header;
  header.file_id = kMadePackFileId;
  header.store_uuid = std::string(16, 'u');
  header.pack = kMadePack;
  return EncodePackHeader(header);
}

bool MadePack::IsWhole(const MadeFrame& frame) const {
  const std::string_view stored = std::string_view(bytes).substr(frame.offset, frame.bytes.size());
  if (frame.kind != FrameKind::kSegment) return stored == frame.bytes;
  const std::size_t footer = frame.bytes.size() - kSegmentFooterSize;
  const std::string_view made = frame.bytes;
  return stored.substr(0, kFrameHeaderSize) == made.substr(0, kFrameHeaderSize) &&
         stored.substr(footer) == made.substr(footer);
}

MadePack MakePack(FuzzInput* input) { return PackMaker(input).Make(); }

}  // namespace reprise::fuzz
