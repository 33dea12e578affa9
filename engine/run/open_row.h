// The rules of steps (semantics of logging): where a record goes, what it commits, what it merges
// into. Pure state, no files.
#ifndef REPRISE_ENGINE_RUN_OPEN_ROW_H_
#define REPRISE_ENGINE_RUN_OPEN_ROW_H_

#include <map>
#include <optional>
#include <span>
#include <string>

#include "format/row_batch.h"
#include "reprise/options.h"
#include "reprise/value.h"

namespace reprise {

// The row of the highest step, to which a further record at that step may still add.
class OpenRow {
 public:
  bool exists() const { return exists_; }
  Step step() const { return step_; }
  TimeMicros time() const { return time_; }
  bool has_time() const { return has_time_; }
  std::size_t bytes() const { return bytes_; }

  // Opens a row; requires !exists().
  void Open(Step step, bool has_time, TimeMicros time);
  // For each key the last value wins, its type too.
  void Merge(const Shape& shape, std::span<const ValueView> values);
  // What the row would weigh with these values too.
  std::size_t BytesWith(const Shape& shape, std::span<const ValueView> values) const;

  // The row as it stands: its shape and, in its order, its values (valid until the row changes).
  ShapePtr MergedShape() const;
  std::vector<ValueView> MergedValues() const;
  void Close();

 private:
  bool exists_ = false;
  Step step_ = kNoStep;
  bool has_time_ = false;
  TimeMicros time_ = kNoTime;
  std::size_t bytes_ = 0;
  std::map<std::string, Value, std::less<>> fields_;
};

// Where one record goes.
struct Placement {
  Step step = 0;
  bool commits_open_row = false;  // the row that is open now is complete
  bool merges = false;            // adds to the open row
  bool commits = false;           // the record's row is complete with it
};

// `committed` is the last committed step (or the one rewound or forked to), `open` the open row's.
// nullopt: the step is not above the head; nothing may be written.
std::optional<Placement> PlaceRecord(Step committed, std::optional<Step> open,
                                     std::optional<Step> asked, std::optional<bool> commit);

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_OPEN_ROW_H_
