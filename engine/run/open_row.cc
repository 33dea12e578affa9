#include "engine/run/open_row.h"

#include <utility>

namespace reprise {

namespace {

std::size_t Weight(std::string_view key, const ValueView& value) {
  return key.size() + 8 + value.text().size();
}

}  // namespace

void OpenRow::Open(Step step, bool has_time, TimeMicros time) {
  exists_ = true;
  step_ = step;
  has_time_ = has_time;
  time_ = time;
}

void OpenRow::Merge(const Shape& shape, std::span<const ValueView> values) {
  for (std::size_t c = 0; c < values.size(); ++c) {
    const std::string& key = shape.columns[c].key;
    const auto [at, is_new] = fields_.try_emplace(key);
    if (!is_new) bytes_ -= Weight(key, at->second);
    at->second = Value(values[c]);
    bytes_ += Weight(key, values[c]);
  }
}

std::size_t OpenRow::BytesWith(const Shape& shape, std::span<const ValueView> values) const {
  std::size_t bytes = bytes_;
  for (std::size_t c = 0; c < values.size(); ++c) {
    const std::string& key = shape.columns[c].key;
    bytes += Weight(key, values[c]);
    const auto old = fields_.find(key);
    if (old != fields_.end()) bytes -= Weight(key, old->second);
  }
  return bytes;
}

ShapePtr OpenRow::MergedShape() const {
  auto shape = std::make_shared<Shape>();
  shape->has_time = has_time_;
  for (const auto& [key, value] : fields_) shape->columns.push_back({key, value.type()});
  return shape;
}

std::vector<ValueView> OpenRow::MergedValues() const {
  std::vector<ValueView> values;
  for (const auto& [key, value] : fields_) values.push_back(value.view());
  return values;
}

void OpenRow::Close() {
  exists_ = false;
  bytes_ = 0;
  fields_.clear();
}

std::optional<Placement> PlaceRecord(Step committed, std::optional<Step> open,
                                     std::optional<Step> asked, std::optional<bool> commit) {
  Placement place;
  place.commits = commit.value_or(!asked.has_value());
  place.step = asked.value_or(open.value_or(committed + 1));
  place.merges = open == place.step;
  place.commits_open_row = open && place.step > *open;
  if (place.step < 0) return std::nullopt;
  if (place.merges || place.step > open.value_or(committed)) return place;
  return std::nullopt;
}

}  // namespace reprise
