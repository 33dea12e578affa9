// A row is mostly one part, which is passed through. Parts of an open row are copied; how two
// shapes merge depends on the shapes only, so it is worked out once for each pair.
#include <fmt/format.h>

#include <map>
#include <utility>

#include "engine/log/log_reader.h"
#include "format/try.h"

namespace reprise {

namespace {

// How a part is merged into a row: the shape that results, and where each of its values comes from.
struct Merge {
  ShapePtr row;  // kept, so that the address stays theirs
  ShapePtr part;
  ShapePtr merged;
  std::vector<std::pair<bool, std::size_t>> sources;  // from the part?, index there
};

// Both sorted by key; a key of the part replaces the row's.
Merge PlanMerge(const ShapePtr& row, const ShapePtr& part) {
  Merge plan{row, part, nullptr, {}};
  Shape merged;
  merged.has_time = row->has_time;
  std::size_t r = 0;
  std::size_t p = 0;
  while (r < row->columns.size() || p < part->columns.size()) {
    const bool part_ends = p == part->columns.size();
    const bool row_ends = r == row->columns.size();
    const bool from_part = !part_ends && (row_ends || part->columns[p].key <= row->columns[r].key);
    if (from_part && !row_ends && part->columns[p].key == row->columns[r].key) ++r;
    merged.columns.push_back(from_part ? part->columns[p] : row->columns[r]);
    plan.sources.emplace_back(from_part, from_part ? p++ : r++);
  }
  plan.merged = std::make_shared<const Shape>(std::move(merged));
  return plan;
}

}  // namespace

class RowAssembler::Impl {
 public:
  explicit Impl(OnRow on_row) : on_row_(std::move(on_row)) {}

  Status Add(const LoggedPart& part) {
    REPRISE_TRY(CheckOrder(part));
    if (is_open_ && part.step > step_) REPRISE_TRY(CommitOpen());
    if (!is_open_ && part.commit) {
      committed_ = part.step;
      return on_row_(*part.shape, part.step, part.time, part.values, part.sequence);
    }
    if (is_open_ && !part.restate) {
      MergeIntoRow(part);
    } else {
      BeginRow(part);
    }
    last_part_ = part.sequence;
    return part.commit ? CommitOpen() : Status();
  }

  bool is_open() const { return is_open_; }
  Step step() const { return step_; }

  Status CommitOpen() {
    if (!is_open_) return {};
    is_open_ = false;
    committed_ = step_;
    views_.assign(values_.begin(), values_.end());
    return on_row_(shape_, step_, time_, views_, last_part_);
  }

 private:
  Status CheckOrder(const LoggedPart& part) const {
    const Step lowest = is_open_ ? step_ : committed_ + 1;
    if (part.step >= lowest) return {};
    return Status::Error(
        Code::kCorrupt,
        fmt::format("row part out of order: step {} where at least {} follows (run {}, branch {}, "
                    "group {}); run `reprise verify --deep`",
                    part.step, lowest, ToHex(part.branch.uid), part.branch.ordinal, part.sequence));
  }

  void BeginRow(const LoggedPart& part) {
    is_open_ = true;
    shape_ = *part.shape;
    step_ = part.step;
    time_ = part.time;
    values_.assign(part.values.begin(), part.values.end());
  }

  void MergeIntoRow(const LoggedPart& part) {
    const Merge& plan = PlanFor(*part.shape);
    std::vector<Value> merged;
    merged.reserve(plan.sources.size());
    for (const auto& [from_part, index] : plan.sources) {
      if (from_part) {
        merged.emplace_back(part.values[index]);
      } else {
        merged.push_back(std::move(values_[index]));
      }
    }
    values_ = std::move(merged);
    shape_ = plan.merged;
  }

  const Merge& PlanFor(const ShapePtr& part) {
    constexpr std::size_t kKeptPlans = 256;
    const std::pair key(shape_.get(), part.get());
    auto found = plans_.find(key);
    if (found == plans_.end()) {
      if (plans_.size() >= kKeptPlans) plans_.clear();
      found = plans_.emplace(key, PlanMerge(shape_, part)).first;
    }
    return found->second;
  }

  OnRow on_row_;
  Step committed_ = kNoStep;

  bool is_open_ = false;
  ShapePtr shape_;
  Step step_ = 0;
  TimeMicros time_ = kNoTime;
  std::vector<Value> values_;
  Sequence last_part_ = 0;

  std::vector<ValueView> views_;  // of values_, while on_row_ runs
  std::map<std::pair<const Shape*, const Shape*>, Merge> plans_;
};

RowAssembler::RowAssembler(OnRow on_row) : impl_(std::make_unique<Impl>(std::move(on_row))) {}
RowAssembler::~RowAssembler() = default;
RowAssembler::RowAssembler(RowAssembler&&) noexcept = default;
RowAssembler& RowAssembler::operator=(RowAssembler&&) noexcept = default;

Status RowAssembler::Add(const LoggedPart& part) { return impl_->Add(part); }
bool RowAssembler::has_open_row() const { return impl_->is_open(); }
Step RowAssembler::open_step() const { return impl_->step(); }
Status RowAssembler::CommitOpen() { return impl_->CommitOpen(); }

}  // namespace reprise
