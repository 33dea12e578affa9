#include "engine/segment/pack_writer.h"

#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "engine/io/fork_guard.h"
#include "engine/segment/pack_choice.h"
#include "format/checksum.h"
#include "format/events.h"
#include "format/pack.h"
#include "format/segment_join.h"
#include "format/try.h"

namespace reprise {

namespace {

// Of changes, about, before they are compressed: what a reader of one frame has in memory.
constexpr std::size_t kEventFrameBytes = std::size_t{4} << 20;

class SessionPackWriter final : public PackWriter {
 public:
  SessionPackWriter(const Io& io, Directory& packs, const PackWriterOptions& options)
      : io_(io), packs_(packs), options_(options) {}

  Result<SegmentRef> AppendSegment(const SegmentInput& segment) override;
  Result<SegmentRef> AppendJoined(const JoinInput& segment) override;
  Status AppendEvents(std::span<const std::string> changes) override;
  PackMark Mark() override;
  Status Sync(PackMark since) override;
  Status LetGo() override;
  Status Close() override;

 private:
  // The payload for its place.
  using Payload = std::function<Result<std::string>(std::uint64_t file_id, std::uint64_t offset)>;
  // A frame without what depends on its place.
  struct Draft {
    FrameHeader header;
    Payload payload;
  };
  // Where a frame went.
  struct Placed {
    std::uint64_t pack = 0;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
  };

  // The header says what the facts do, values aside.
  Result<SegmentRef> AppendSegmentFrame(const SegmentFacts& facts, const Payload& payload);
  Status AppendEventFrame(std::span<const std::string> changes);
  Result<Placed> Append(const Draft& draft);
  // Those below require mutex_.
  Status CheckOpen() const;
  Result<Placed> WriteFrame(const Draft& draft);
  Status SyncPacks();
  Status SyncAll();
  Status SyncPack(HeldPack* pack);
  // The current pack, if any, gets no more frames.
  void Retire();

  const Io io_;
  Directory& packs_;
  const PackWriterOptions options_;
  const ForkGuard fork_guard_;

  std::mutex mutex_;
  // All below is guarded by mutex_.
  bool closed_ = false;
  std::uint64_t losses_ = 0;  // syncs that failed
  Status last_loss_;
  std::optional<HeldPack> current_;
  std::vector<HeldPack> retired_;    // wait for the next sync
  std::vector<HeldPack> abandoned_;  // kept for their locks
};

Status SessionPackWriter::CheckOpen() const {
  if (!closed_) return {};
  return Status::Error(Code::kClosed, "pack writer is closed; open the store again");
}

void SessionPackWriter::Retire() {
  if (!current_.has_value()) return;
  if (current_->is_dirty) {
    retired_.push_back(std::move(*current_));
  } else if (current_->failed) {
    abandoned_.push_back(std::move(*current_));
  }
  current_.reset();
}

Result<SessionPackWriter::Placed> SessionPackWriter::Append(const Draft& draft) {
  REPRISE_TRY(fork_guard_.Check());
  const std::lock_guard lock(mutex_);
  REPRISE_TRY(CheckOpen());
  if (!current_.has_value()) {
    REPRISE_TRY_ASSIGN(current_, TakePack(io_, packs_, options_));
  }
  Result<Placed> placed = WriteFrame(draft);
  if (current_->failed || current_->end >= options_.pack_bytes) Retire();
  return placed;
}

// A `continues` frame at the end of the pack, if it is due.
std::string ContinuesFrame(const HeldPack& pack) {
  if (pack.skipped_from == 0) return {};
  FrameHeader header;
  header.kind = FrameKind::kContinues;
  header.first = static_cast<std::int64_t>(pack.skipped_from);
  header.last = static_cast<std::int64_t>(pack.end);
  return EncodeFrameHeader(header, pack.file_id, pack.end);
}

Result<SessionPackWriter::Placed> SessionPackWriter::WriteFrame(const Draft& draft) {
  std::string bytes = ContinuesFrame(*current_);
  const std::uint64_t offset = current_->end + bytes.size();
  const std::uint64_t payload_offset = offset + kFrameHeaderSize;
  REPRISE_TRY_ASSIGN(const std::string payload, draft.payload(current_->file_id, payload_offset));
  FrameHeader header = draft.header;
  header.payload_length = static_cast<std::uint32_t>(payload.size());
  if (header.kind == FrameKind::kEvents) {
    header.payload_checksum = Checksum(payload, current_->file_id, payload_offset);
  }
  bytes += EncodeFrameHeader(header, current_->file_id, offset);
  bytes += payload;
  const Status status = current_->file->WriteAt(current_->end, bytes);
  if (!status.ok()) {
    // On a full disk the next try overwrites what came of this one, which no one has been told of.
    current_->failed = status.code() != Code::kNoSpace;
    return Fail(status);
  }
  current_->is_dirty = true;
  current_->end += bytes.size();
  current_->skipped_from = 0;
  return Placed{current_->pack, offset, kFrameHeaderSize + payload.size()};
}

Result<SegmentRef> SessionPackWriter::AppendSegmentFrame(const SegmentFacts& facts,
                                                         const Payload& payload) {
  Draft draft;
  draft.header.branch = facts.branch;
  draft.header.stream = facts.stream;
  draft.header.generation = facts.generation;
  draft.header.first = facts.first_step;
  draft.header.last = facts.last_step;
  draft.header.rows = static_cast<std::uint32_t>(facts.rows);
  draft.payload = payload;
  REPRISE_TRY_ASSIGN(const Placed placed, Append(draft));
  SegmentRef ref;
  ref.pack = placed.pack;
  ref.offset = placed.offset;
  ref.length = placed.length;
  ref.branch = draft.header.branch;
  ref.stream = draft.header.stream;
  ref.first = draft.header.first;
  ref.last = draft.header.last;
  ref.rows = draft.header.rows;
  ref.generation = draft.header.generation;
  return ref;
}

Result<SegmentRef> SessionPackWriter::AppendSegment(const SegmentInput& segment) {
  SegmentFacts facts = segment.facts;
  facts.first_step = segment.rows->first_step();
  facts.last_step = segment.rows->last_step();
  facts.rows = segment.rows->rows();
  return AppendSegmentFrame(facts, [&](std::uint64_t file_id, std::uint64_t offset) {
    return EncodeSegment(segment, file_id, offset);
  });
}

Result<SegmentRef> SessionPackWriter::AppendJoined(const JoinInput& segment) {
  return AppendSegmentFrame(segment.facts, [&](std::uint64_t file_id, std::uint64_t offset) {
    return JoinSegments(segment, file_id, offset);
  });
}

// How many of the changes make a frame; at least one.
std::size_t CountForFrame(std::span<const std::string> changes) {
  std::size_t bytes = 0;
  std::size_t count = 0;
  while (count < changes.size() && (count == 0 || bytes < kEventFrameBytes)) {
    bytes += changes[count++].size();
  }
  return count;
}

Status SessionPackWriter::AppendEvents(std::span<const std::string> changes) {
  while (!changes.empty()) {
    const std::size_t count = CountForFrame(changes);
    REPRISE_TRY(AppendEventFrame(changes.first(count)));
    changes = changes.subspan(count);
  }
  return {};
}

Status SessionPackWriter::AppendEventFrame(std::span<const std::string> changes) {
  Draft draft;
  draft.header.kind = FrameKind::kEvents;
  draft.header.rows = static_cast<std::uint32_t>(changes.size());
  draft.payload = [&](std::uint64_t, std::uint64_t) { return EncodeEvents(changes); };
  REPRISE_TRY(Append(draft));
  return {};
}

Status SessionPackWriter::SyncPack(HeldPack* pack) {
  if (!pack->is_dirty) return {};
  const bool failed_before = std::exchange(pack->failed, true);
  REPRISE_TRY(pack->file->DataSync());
  if (pack->name_may_be_lost) REPRISE_TRY(packs_.Sync());
  pack->name_may_be_lost = false;
  pack->is_dirty = false;
  pack->failed = failed_before;
  return {};
}

// Whatever fails, all frames that are not synced now must be appended again: none stays dirty.
Status SessionPackWriter::SyncAll() {
  Status status;
  if (current_.has_value()) {
    status = SyncPack(&*current_);
    if (!status.ok()) Retire();
  }
  for (HeldPack& pack : std::exchange(retired_, {})) {
    if (status.ok()) status = SyncPack(&pack);
    if (pack.failed || pack.is_dirty) abandoned_.push_back(std::move(pack));
  }
  return status;
}

Status SessionPackWriter::SyncPacks() {
  Status status = SyncAll();
  if (status.ok()) return status;
  ++losses_;
  last_loss_ = status;
  return status;
}

PackMark SessionPackWriter::Mark() {
  const std::lock_guard lock(mutex_);
  return {losses_};
}

Status SessionPackWriter::Sync(PackMark since) {
  REPRISE_TRY(fork_guard_.Check());
  const std::lock_guard lock(mutex_);
  REPRISE_TRY(CheckOpen());
  return since.losses == losses_ ? SyncPacks() : last_loss_;
}

Status SessionPackWriter::LetGo() {
  REPRISE_TRY(fork_guard_.Check());
  const std::lock_guard lock(mutex_);
  REPRISE_TRY(CheckOpen());
  REPRISE_TRY(SyncPacks());
  current_.reset();
  return {};
}

Status SessionPackWriter::Close() {
  REPRISE_TRY(fork_guard_.Check());
  const std::lock_guard lock(mutex_);
  if (closed_) return {};
  REPRISE_TRY(SyncPacks());
  closed_ = true;
  current_.reset();
  abandoned_.clear();
  return {};
}

}  // namespace

std::unique_ptr<PackWriter> PackWriter::Make(const Io& io, Directory& packs,
                                             const PackWriterOptions& options) {
  return std::make_unique<SessionPackWriter>(io, packs, options);
}

}  // namespace reprise
