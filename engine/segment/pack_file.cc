#include <fmt/format.h>

#include <algorithm>

#include "engine/segment/pack_reader.h"
#include "engine/segment/pack_scan.h"
#include "engine/segment/pack_writer.h"
#include "format/try.h"

namespace reprise {

namespace {

constexpr std::string_view kPackSuffix = ".pack";

class OpenPackFile final : public PackFile {
 public:
  OpenPackFile(std::unique_ptr<File> file, const PackHeader& header)
      : file_(std::move(file)), header_(header) {}

  std::uint64_t id() const override { return header_.pack; }
  std::uint64_t file_id() const override { return header_.file_id; }
  const std::string& path() const override { return file_->path(); }
  Result<std::uint64_t> Size() override { return file_->Size(); }
  Result<std::string> Read(std::uint64_t offset, std::uint64_t size) override {
    return ReadAll(*file_, offset, size);
  }
  Result<std::string> ReadEvents(std::uint64_t offset) override;
  Status Scan(const std::function<Status(const PackFrame&)>& on_frame,
              const std::function<Status(const PackDamage&)>& on_damage) override;

 private:
  const std::unique_ptr<File> file_;
  const PackHeader header_;
};

Result<std::string> OpenPackFile::ReadEvents(std::uint64_t offset) {
  REPRISE_TRY_ASSIGN(const std::uint64_t size, Size());
  REPRISE_TRY_ASSIGN(WholeFrame frame, ReadFrame({file_.get(), file_id(), id(), size}, offset));
  if (frame.header.kind == FrameKind::kEvents) return std::move(frame.payload);
  return Fail(
      InPack(path(), offset,
             Status::Error(Code::kCorrupt, "this is not a frame of events; run 'reprise verify'")));
}

Status OpenPackFile::Scan(const std::function<Status(const PackFrame&)>& on_frame,
                          const std::function<Status(const PackDamage&)>& on_damage) {
  REPRISE_TRY_ASSIGN(const std::uint64_t size, Size());
  const PackSpan span{file_.get(), file_id(), id(), size};
  return WalkFrames(
      span, kPackHeaderSize,
      [&](const WholeFrame& frame) {
        return on_frame({frame.header.kind, RefOf(frame, id()), frame.payload});
      },
      on_damage);
}

Result<PackHeader> ReadPackHeader(File& file, std::uint64_t pack) {
  REPRISE_TRY_ASSIGN(const std::string bytes, ReadAll(file, 0, kPackHeaderSize));
  Result<PackHeader> header = DecodePackHeader(bytes);
  if (!header.has_value()) return Fail(InPack(file.path(), 0, header.error()));
  if (header->pack == pack) return header;
  return Fail(Code::kCorrupt,
              fmt::format("pack has another pack's name: '{}' (its header says {}); rename it",
                          file.path(), PackFileName(header->pack)));
}

}  // namespace

std::string PackFileName(std::uint64_t pack) { return ToHex(pack) + std::string(kPackSuffix); }

Result<std::shared_ptr<PackFile>> PackFile::Open(Directory& packs, std::uint64_t pack) {
  REPRISE_TRY_ASSIGN(std::unique_ptr<File> file, packs.Open(PackFileName(pack), OpenMode::kRead));
  REPRISE_TRY_ASSIGN(const PackHeader header, ReadPackHeader(*file, pack));
  return std::shared_ptr<PackFile>(std::make_shared<OpenPackFile>(std::move(file), header));
}

Result<std::vector<std::uint64_t>> ListPacks(Directory& packs) {
  REPRISE_TRY_ASSIGN(const std::vector<std::string> names, packs.List());
  std::vector<std::uint64_t> ids;
  for (const std::string& name : names) {
    std::uint64_t id = 0;
    if (!name.ends_with(kPackSuffix)) continue;
    if (FromHex(std::string_view(name).substr(0, name.size() - kPackSuffix.size()), &id)) {
      ids.push_back(id);
    }
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace reprise
