#include "engine/log/log_output.h"

#include "engine/log/log_writer.h"
#include "format/try.h"

namespace reprise {

Result<std::shared_ptr<LogOutput>> LogOutput::Create(Directory& directory, LogHeader header) {
  REPRISE_TRY_ASSIGN(auto file, directory.Create(LogFileName(header.session, header.file)));
  return std::shared_ptr<LogOutput>(new LogOutput(directory, std::move(file), std::move(header)));
}

Result<std::string_view> LogOutput::Append(LogGroup* group, Sequence durable_upto) {
  if (size_ == 0) REPRISE_TRY(WriteHeader());
  const std::string_view framed = group->Frame({header_.file_id, size_}, durable_upto);
  REPRISE_TRY(file_->WriteAt(size_, framed));
  size_ += framed.size();
  return framed;
}

Status LogOutput::WriteHeader() {
  REPRISE_TRY(file_->WriteAt(0, EncodeLogHeader(header_)));
  REPRISE_TRY(Sync());
  size_ = kLogHeaderSize;
  return {};
}

Status LogOutput::Sync() {
  const std::lock_guard lock(sync_mutex_);
  if (sync_failure_.ok()) sync_failure_ = SyncOnce();
  return sync_failure_;
}

Status LogOutput::SyncOnce() {
  REPRISE_TRY(file_->DataSync());
  if (!name_is_synced_) REPRISE_TRY(directory_.Sync());
  name_is_synced_ = true;
  return {};
}

}  // namespace reprise
