// What the numbers in a session's log stand for, and which of them the file that is written has
// said already: numbers hold for the session, but each file defines those it uses.
#ifndef REPRISE_ENGINE_LOG_LOG_DEFINITIONS_H_
#define REPRISE_ENGINE_LOG_LOG_DEFINITIONS_H_

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "format/ids.h"
#include "format/row_batch.h"

namespace reprise {

// Thread safety: thread-compatible.
class LogDefinitions {
 public:
  // Equal runs and equal shapes get equal numbers.
  std::uint32_t AddRun(const BranchId& branch, Generation generation);
  std::uint32_t AddShape(const ShapePtr& shape);

  bool Knows(std::uint32_t run, std::uint32_t shape) const {
    return run < runs_.size() && shape < shapes_.size();
  }
  // Requires Knows.
  const Shape& shape(std::uint32_t id) const { return *shapes_[id].shape; }
  // At least what defining the shape and all of its keys takes.
  std::size_t ShapeBound(std::uint32_t id) const { return shapes_[id].bound; }

  // From here on definitions go to a new file, which has none.
  void BeginFile() { ++file_; }
  bool AreInFile(std::uint32_t run, std::uint32_t shape) const {
    return runs_[run].file == file_ && shapes_[shape].file == file_;
  }
  // Appends the records that a row of this run and shape needs and the file does not have; returns
  // how many.
  std::uint32_t AppendMissing(std::uint32_t run, std::uint32_t shape, std::string* group);

 private:
  // `file` is the ordinal of the last file that has the definition; 0: none.
  struct Run {
    BranchId branch;
    Generation generation = 0;
    std::uint32_t file = 0;
  };
  struct Key {
    const std::string* text = nullptr;
    std::uint32_t file = 0;
  };
  struct ShapeEntry {
    ShapePtr shape;
    std::vector<std::uint32_t> keys;
    std::size_t bound = 0;
    std::uint32_t file = 0;
  };
  struct ByContent {
    bool operator()(const ShapePtr& a, const ShapePtr& b) const { return *a < *b; }
  };

  std::uint32_t AddKey(const std::string& key);
  std::uint32_t AppendKeys(const ShapeEntry& shape, std::string* group);

  std::uint32_t file_ = 0;
  std::vector<Run> runs_;
  std::vector<Key> keys_;
  std::vector<ShapeEntry> shapes_;
  std::map<std::pair<BranchId, Generation>, std::uint32_t> run_ids_;
  std::unordered_map<std::string, std::uint32_t> key_ids_;
  std::map<ShapePtr, std::uint32_t, ByContent> shape_ids_;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_LOG_LOG_DEFINITIONS_H_
