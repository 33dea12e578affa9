// Every chunk has a checksum of its own, so what damage does is confined to its chunk: a column
// costs the values of its key, times cost the times of a table, steps cost the rows of a table.
#include "engine/store/segment_salvage.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "engine/segment/pack_reader.h"
#include "format/try.h"

namespace reprise {

namespace {

constexpr std::string_view kTimesKey = "_timestamp";

// Damage, or a file that is not there; anything else is no loss.
bool IsDamage(const Status& status) {
  return status.code() == Code::kCorrupt || status.code() == Code::kNotFound;
}

class Salvage {
 public:
  explicit Salvage(const SegmentReader& segment) : segment_(segment) {}

  Result<SalvagedRows> Run() {
    REPRISE_TRY(segment_.ForEachColumn([&](std::string_view key, const Place& place) -> Status {
      if (place.table != table_) REPRISE_TRY(BeginTable(place.table));
      return AddColumn(key, place);
    }));
    return Finish();
  }

 private:
  using Place = SegmentReader::ColumnPlace;
  struct SavedRow {
    TimeMicros time = kNoTime;
    bool has_time = false;
    std::vector<std::pair<std::string_view, ValueView>> fields;
  };

  // Reads what all columns of a table share. Without steps nothing of it can be placed.
  Status BeginTable(std::size_t table) {
    table_ = table;
    times_.clear();
    const Status read = segment_.ReadSteps(table, &steps_);
    placed_ = read.ok();
    if (!read.ok()) return IsDamage(read) ? Status() : read;
    const Status timed = segment_.ReadTimes(table, &times_);
    if (timed.ok()) return {};
    times_.clear();
    if (!IsDamage(timed)) return timed;
    salvaged_.lost_keys.emplace(kTimesKey);
    return {};
  }

  Status AddColumn(std::string_view key, const Place& place) {
    Column column;
    const Status read = placed_ ? segment_.ReadColumnToo(place, &read_, &column) : Status();
    if (!read.ok() && !IsDamage(read)) return read;
    // In a dense table rows without steps are lost whole; rare shapes share rows among columns.
    if (!placed_ && place.table < segment_.tables()) return {};
    if (!placed_ || !read.ok()) {
      salvaged_.lost_keys.emplace(key);
      return {};
    }
    columns_.push_back(std::move(column));
    const std::string& name = *names_.emplace(key).first;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      SavedRow& row = rows_[steps_[i]];
      row.has_time = !times_.empty();
      if (row.has_time) row.time = times_[i];
      row.fields.emplace_back(name, columns_.back().value(i));
    }
    return {};
  }

  void AppendRow(Step step, SavedRow* row) {
    auto& fields = row->fields;
    std::sort(fields.begin(), fields.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    Shape shape;
    shape.has_time = row->has_time;
    std::vector<ValueView> values;
    for (const auto& [key, value] : fields) {
      shape.columns.push_back({std::string(key), value.type()});
      values.push_back(value);
    }
    auto& known = shapes_[shape];
    if (!known) known = std::make_shared<const Shape>(shape);
    salvaged_.rows.Append(known, step, row->time, values);
  }

  Result<SalvagedRows> Finish() {
    for (auto& [step, row] : rows_) AppendRow(step, &row);
    const std::uint64_t stated = segment_.ref().rows;
    const std::uint64_t saved = salvaged_.rows.rows();
    salvaged_.lost_rows = saved < stated ? stated - saved : 0;
    if (rows_.empty()) salvaged_.lost_keys.clear();  // whole rows are lost, not values of rows
    return std::move(salvaged_);
  }

  const SegmentReader& segment_;
  SegmentSize read_;  // of the columns that are kept
  SalvagedRows salvaged_;
  std::size_t table_ = ~std::size_t{0};
  bool placed_ = false;  // the steps of the table are known
  std::vector<Step> steps_;
  std::vector<TimeMicros> times_;
  std::deque<Column> columns_;  // that fields point into the bytes of
  std::set<std::string, std::less<>> names_;
  std::map<Step, SavedRow> rows_;
  std::map<Shape, ShapePtr> shapes_;
};

Result<SalvagedRows> Salvaged(Directory& packs, const SegmentRef& ref) {
  REPRISE_TRY_ASSIGN(auto pack, PackFile::Open(packs, ref.pack));
  REPRISE_TRY_ASSIGN(const auto segment,
                     SegmentReader::Open(std::move(pack), ref, FrameCheck::kTrustRef));
  SalvagedRows all;
  const Status read = segment->ReadAll(&all.rows);
  if (read.ok() && all.rows.rows() == ref.rows) return all;
  if (!read.ok() && !IsDamage(read)) return Fail(read);
  return Salvage(*segment).Run();
}

}  // namespace

Result<SalvagedRows> SalvageSegment(Directory& packs, const SegmentRef& ref) {
  Result<SalvagedRows> salvaged = Salvaged(packs, ref);
  if (salvaged || !IsDamage(salvaged.error())) return salvaged;
  SalvagedRows nothing;
  nothing.lost_rows = ref.rows;
  return nothing;
}

}  // namespace reprise
