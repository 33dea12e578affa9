#include "engine/run/shape_cache.h"

#include <map>
#include <utility>

#include "engine/run/row_rules.h"
#include "format/checksum.h"
#include "format/try.h"

namespace reprise {

namespace {

// More different key lists than this in one run are no longer worth remembering.
constexpr std::size_t kMaxEntries = 4096;

std::uint64_t HashFields(std::span<const Field> fields, bool has_time) {
  std::uint64_t hash = has_time ? 1 : 2;
  for (const Field& field : fields) {
    hash = (hash ^ Hash(field.key)) * 0x9E3779B97F4A7C15ULL +
           static_cast<std::uint64_t>(field.value.type());
  }
  return hash;
}

}  // namespace

bool ShapeCache::Matches(const Entry& entry, std::span<const Field> fields, bool has_time) {
  if (entry.has_time != has_time || entry.given.size() != fields.size()) return false;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (entry.given[i].type != fields[i].value.type() || entry.given[i].key != fields[i].key) {
      return false;
    }
  }
  return true;
}

Result<ShapeCache::Entry> ShapeCache::MakeEntry(Session& session, std::span<const Field> fields,
                                                bool has_time) {
  Entry entry;
  entry.has_time = has_time;
  std::map<std::string_view, std::uint32_t> sources;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    REPRISE_TRY(CheckKey(fields[i].key));
    entry.given.push_back({std::string(fields[i].key), fields[i].value.type()});
    if (fields[i].key == kStepKey || fields[i].key == kTimestampKey) continue;
    sources[fields[i].key] = static_cast<std::uint32_t>(i);
  }
  Shape shape;
  shape.has_time = has_time;
  for (const auto& [key, source] : sources) {
    shape.columns.push_back({std::string(key), fields[source].value.type()});
    entry.source.push_back(source);
  }
  entry.shape = session.Intern(std::move(shape));
  return entry;
}

Result<const ShapeCache::Entry*> ShapeCache::Find(Session& session, std::span<const Field> fields,
                                                  bool has_time) {
  if (last_ != nullptr && Matches(*last_, fields, has_time)) return last_;
  const std::uint64_t hash = HashFields(fields, has_time);
  const auto [begin, end] = entries_.equal_range(hash);
  for (auto at = begin; at != end; ++at) {
    if (Matches(at->second, fields, has_time)) return last_ = &at->second;
  }
  REPRISE_TRY_ASSIGN(Entry entry, MakeEntry(session, fields, has_time));
  if (entries_.size() >= kMaxEntries) entries_.clear();
  return last_ = &entries_.emplace(hash, std::move(entry))->second;
}

Result<ShapeCache::Resolved> ShapeCache::Resolve(Session& session, std::span<const Field> fields,
                                                 bool has_time) {
  REPRISE_TRY_ASSIGN(const Entry* entry, Find(session, fields, has_time));
  values_.clear();
  std::size_t bytes = 0;
  for (const std::uint32_t source : entry->source) {
    const Field& field = fields[source];
    REPRISE_TRY(CheckValue(field.key, field.value));
    bytes += field.value.text().size() + 8 + field.key.size();
    values_.push_back(field.value);
  }
  REPRISE_TRY(CheckRowBytes(bytes));
  return Resolved{&entry->shape, values_};
}

}  // namespace reprise
