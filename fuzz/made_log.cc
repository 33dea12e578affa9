#include "fuzz/made_log.h"

namespace reprise::fuzz {
namespace {

constexpr std::uint64_t kFileId = 0x1234'5678'9ABC'DEF0;

std::uint32_t CountRecords(std::string_view payload) {
  RecordReader reader(payload);
  Record record;
  std::uint32_t count = 0;
  while (reader.Next(&record)) ++count;
  return count;
}

std::string GroupBytes(const MadeGroup& group) {
  std::string bytes(kGroupHeaderSize, '\0');
  bytes += group.payload;
  WriteGroupHeader({kFileId + group.file, group.offset}, group.header, &bytes);
  return bytes;
}

class LogMaker {
 public:
  explicit LogMaker(FuzzInput* input) : input_(*input) { BeginFile(false); }

  MadeLog Make() {
    while (!input_.empty()) AddPiece();
    return std::move(log_);
  }

 private:
  void AddPiece() {
    switch (input_.UpTo(4)) {
      case 0:
        return AddGroup({}, 0);
      case 1:
        log_.files.back() += input_.Take(input_.Number<std::uint8_t>());
        return;
      case 2:
        return Damage();
      case 3:
        return BeginFile((input_.Number<std::uint8_t>() & 1) != 0);
      default:
        return AddOddGroup();
    }
  }

  void BeginFile(bool continues) {
    LogHeader header;
    header.file_id = kFileId + log_.files.size();
    header.store_uuid = std::string(16, 'u');
    header.session = kMadeSession;
    header.file = static_cast<std::uint32_t>(log_.files.size() + 1);
    header.first_sequence = sequence_;
    header.boot_id = MadeBoot();
    header.continues = continues;
    log_.files.push_back(EncodeLogHeader(header));
  }

  void AddOddGroup() {
    GroupHeader header;
    sequence_ += input_.Number<std::uint8_t>();
    header.durable_upto = input_.Number<std::uint8_t>();
    AddGroup(header, input_.Number<std::uint8_t>());
  }

  void AddGroup(const GroupHeader& header, std::uint32_t more_records) {
    MadeGroup group;
    group.file = log_.files.size() - 1;
    group.offset = log_.files.back().size();
    group.payload = input_.Take(input_.Number<std::uint16_t>());
    group.header = header;
    group.header.sequence = sequence_++;
    group.header.record_count = CountRecords(group.payload) + more_records;
    log_.files.back() += GroupBytes(group);
    log_.groups.push_back(std::move(group));
  }

  void Damage() {
    const std::size_t where = input_.Number<std::uint16_t>();
    const auto change = input_.Number<std::uint8_t>();
    if (log_.groups.empty()) return;
    const MadeGroup& group = log_.groups.back();
    char& byte = log_.files[group.file][group.offset + where % (group.end() - group.offset)];
    byte = static_cast<char>(byte ^ change);
  }

  FuzzInput& input_;
  MadeLog log_;
  Sequence sequence_ = 1;
};

}  // namespace

std::string MadeBoot() { return std::string(16, 'b'); }

bool MadeLog::IsWhole(const MadeGroup& group) const {
  const std::string_view stored =
      std::string_view(files[group.file]).substr(group.offset, group.end() - group.offset);
  return stored == GroupBytes(group);
}

MadeLog MakeLog(FuzzInput* input) { return LogMaker(input).Make(); }

}  // namespace reprise::fuzz
