#include "engine/catalog/control.h"

#include <algorithm>
#include <charconv>

#include "format/try.h"

namespace reprise {
namespace {

constexpr std::string_view kControlName = "catalog.lock";
constexpr std::string_view kFilePrefix = "catalog.";

// 0 if `name` is not that of a catalog file.
std::uint64_t GenerationOf(std::string_view name) {
  if (!name.starts_with(kFilePrefix)) return 0;
  const std::string_view digits = name.substr(kFilePrefix.size());
  std::uint64_t generation = 0;
  const char* end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, generation);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == end;
  return whole && CatalogFileName(generation) == name ? generation : 0;
}

}  // namespace

Result<Control> Control::Open(Directory& directory, OpenMode mode) {
  REPRISE_TRY_ASSIGN(std::unique_ptr<File> file, directory.Open(kControlName, mode));
  return Control(std::move(file));
}

Result<Control> Control::OpenOrCreate(Directory& directory) {
  Result<std::unique_ptr<File>> made = directory.Create(kControlName);
  if (made.has_value()) {
    REPRISE_TRY(directory.Sync());
    return Control(std::move(*made));
  }
  if (made.error().code() != Code::kAlreadyExists) return Fail(made.error());
  return Open(directory, OpenMode::kReadWrite);
}

Result<CatalogControl> Control::Read() {
  std::string bytes(kCatalogControlSize, '\0');
  REPRISE_TRY_ASSIGN(const std::size_t size, file_->ReadAt(0, bytes.data(), bytes.size()));
  return DecodeCatalogControl(std::string_view(bytes).substr(0, size));
}

Status Control::Write(const CatalogControl& control, bool durable) {
  REPRISE_TRY(file_->WriteAt(0, EncodeCatalogControl(control)));
  return durable ? file_->DataSync() : Status();
}

Result<ControlLock> ControlLock::Take(Control& control, LockKind kind) {
  REPRISE_TRY(control.Lock(kind));
  return ControlLock(control);
}

ControlLock::~ControlLock() {
  // A lock that cannot be given back goes with the file.
  if (control_ != nullptr) static_cast<void>(control_->Unlock());
}

std::string CatalogFileName(std::uint64_t generation) {
  return std::string(kFilePrefix) + std::to_string(generation);
}

Result<std::vector<std::uint64_t>> CatalogFiles(Directory& directory) {
  REPRISE_TRY_ASSIGN(const std::vector<std::string> names, directory.List());
  std::vector<std::uint64_t> generations;
  for (const std::string& name : names) {
    if (const std::uint64_t generation = GenerationOf(name); generation != 0) {
      generations.push_back(generation);
    }
  }
  std::sort(generations.begin(), generations.end());
  return generations;
}

}  // namespace reprise
