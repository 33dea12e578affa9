#include "engine/log/log_definitions.h"

#include "format/log_file.h"

namespace reprise {

namespace {

constexpr std::size_t kDefinitionOverhead = kRecordHeaderSize + 16;
constexpr std::size_t kColumnBound = 6;  // key id and type

}  // namespace

std::uint32_t LogDefinitions::AddRun(const BranchId& branch, Generation generation) {
  const auto next = static_cast<std::uint32_t>(runs_.size());
  const auto [at, is_new] = run_ids_.try_emplace({branch, generation}, next);
  if (is_new) runs_.push_back({branch, generation, 0});
  return at->second;
}

std::uint32_t LogDefinitions::AddKey(const std::string& key) {
  const auto next = static_cast<std::uint32_t>(keys_.size());
  const auto [at, is_new] = key_ids_.try_emplace(key, next);
  if (is_new) keys_.push_back({&at->first, 0});  // nodes stay where they are
  return at->second;
}

std::uint32_t LogDefinitions::AddShape(const ShapePtr& shape) {
  const auto next = static_cast<std::uint32_t>(shapes_.size());
  const auto [at, is_new] = shape_ids_.try_emplace(shape, next);
  if (!is_new) return at->second;
  ShapeEntry entry{shape, {}, kDefinitionOverhead, 0};
  entry.keys.reserve(shape->columns.size());
  for (const ShapeColumn& column : shape->columns) {
    entry.keys.push_back(AddKey(column.key));
    entry.bound += kColumnBound + kDefinitionOverhead + column.key.size();
  }
  shapes_.push_back(std::move(entry));
  return next;
}

std::uint32_t LogDefinitions::AppendMissing(std::uint32_t run, std::uint32_t shape,
                                            std::string* group) {
  std::uint32_t records = 0;
  Run& defined_run = runs_[run];
  if (defined_run.file != file_) {
    AppendRunDefinition({run, defined_run.branch, defined_run.generation}, group);
    defined_run.file = file_;
    ++records;
  }
  ShapeEntry& entry = shapes_[shape];
  if (entry.file == file_) return records;
  records += AppendKeys(entry, group);
  ShapeDefinition definition{shape, entry.shape->has_time, {}};
  definition.columns.reserve(entry.keys.size());
  for (std::size_t i = 0; i < entry.keys.size(); ++i) {
    definition.columns.push_back({entry.keys[i], entry.shape->columns[i].type});
  }
  AppendShapeDefinition(definition, group);
  entry.file = file_;
  return records + 1;
}

std::uint32_t LogDefinitions::AppendKeys(const ShapeEntry& shape, std::string* group) {
  std::uint32_t records = 0;
  for (const std::uint32_t id : shape.keys) {
    Key& key = keys_[id];
    if (key.file == file_) continue;
    AppendKeyDefinition({id, *key.text}, group);
    key.file = file_;
    ++records;
  }
  return records;
}

}  // namespace reprise
