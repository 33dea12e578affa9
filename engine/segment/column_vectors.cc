#include "engine/segment/column_vectors.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/segment/vector_file.h"
#include "format/cells.h"
#include "format/try.h"
#include "format/vector_codec.h"

namespace reprise {

namespace {

class DenseVectors final : public ColumnVectors {
 public:
  DenseVectors(const TableReader* reader, const SegmentTable& table, std::size_t column)
      : bytes_(&reader->bytes()),
        steps_(&reader->bytes(), reader->index().chunks[table.steps_chunk()], Type::kInt64,
               table.rows),
        values_(&reader->bytes(), reader->index().chunks[table.column_chunk(column)],
                table.columns[column].type, table.rows) {}

  Status ReadSteps(std::size_t vector, std::span<Step> steps) const override {
    // Signed and unsigned integers of one size may alias.
    REPRISE_TRY(
        steps_.Read(vector, {reinterpret_cast<std::uint64_t*>(steps.data()), steps.size()}));
    return bytes_->Named(UnreadableVector(vector, CheckSteps(steps)));
  }
  Status ReadValues(std::size_t vector, std::span<std::uint64_t> bits) const override {
    return values_.Read(vector, bits);
  }

 private:
  const SegmentBytes* const bytes_;
  const VectorFile steps_;
  const VectorFile values_;
};

class WholeVectors final : public ColumnVectors {
 public:
  WholeVectors(const SegmentReader* segment, const SegmentReader::ColumnPlace& place)
      : segment_(segment), place_(place) {}

  Status ReadSteps(std::size_t vector, std::span<Step> steps) const override {
    std::vector<Step> all;
    REPRISE_TRY(segment_->ReadSteps(place_.table, &all));
    std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(vector * kCellRows), steps.size(),
                steps.begin());
    return UnreadableVector(vector, CheckSteps(steps));
  }
  Status ReadValues(std::size_t vector, std::span<std::uint64_t> bits) const override {
    Column all;
    REPRISE_TRY(segment_->ReadColumn(place_, &all));
    std::copy_n(all.bits.begin() + static_cast<std::ptrdiff_t>(vector * kCellRows), bits.size(),
                bits.begin());
    return {};
  }

 private:
  const SegmentReader* const segment_;
  const SegmentReader::ColumnPlace place_;
};

}  // namespace

Status UnreadableVector(std::size_t vector, const Status& why) {
  if (why.ok()) return why;
  return Status::Error(why.code(), fmt::format("column chunk is not readable: vector {} {}; run "
                                               "'reprise verify --deep'",
                                               vector, why.message()));
}

std::unique_ptr<const ColumnVectors> MakeDenseVectors(const TableReader* reader, std::size_t table,
                                                      std::size_t column) {
  return std::make_unique<DenseVectors>(reader, reader->table(table), column);
}

std::unique_ptr<const ColumnVectors> MakeWholeVectors(const SegmentReader* segment,
                                                      const SegmentReader::ColumnPlace& place) {
  return std::make_unique<WholeVectors>(segment, place);
}

}  // namespace reprise
