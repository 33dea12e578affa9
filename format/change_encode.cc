// EncodeChange: one function per kind.
#include "format/change.h"
#include "format/flat_helpers.h"
#include "format/leaf_bytes.h"

namespace reprise {
namespace {

using flatbuffers::FlatBufferBuilder;

// A body in the buffer under construction, with the number of its kind.
struct FlatBody {
  schema::Body kind;
  flatbuffers::Offset<void> offset;
};

template <typename T>
FlatBody Body(flatbuffers::Offset<T> offset) {
  return {schema::BodyTraits<T>::enum_value, offset.Union()};
}

class BodyEncoder {
 public:
  explicit BodyEncoder(FlatBufferBuilder& builder) : builder_(builder) {}

  FlatBody operator()(const RunCreated& run) const {
    const FlatText entity = AddText(builder_, run.entity);
    const FlatText project = AddText(builder_, run.project);
    const FlatText run_id = AddText(builder_, run.run_id);
    const FlatText name = AddText(builder_, run.name);
    const FlatText notes = AddText(builder_, run.notes);
    const FlatTexts tags = AddTexts(builder_, run.tags);
    const FlatText group = AddText(builder_, run.group);
    const FlatText job_type = AddText(builder_, run.job_type);
    const FlatBytes config = AddBytes(builder_, EncodeLeaves(run.config));
    const schema::Node node = ToFlat(run.node);
    const schema::Moment forked_from = ToFlat(run.forked_from.value_or(StoredMoment()));
    return Body(schema::CreateRunCreated(builder_, entity, project, run_id, name, notes, tags,
                                         group, job_type, &node,
                                         run.forked_from ? &forked_from : nullptr, config));
  }

  FlatBody operator()(const LeaseGranted& lease) const {
    const auto holder = AddHolder(builder_, lease.holder);
    const schema::Fence fence = ToFlat(lease.fence.value_or(Fence()));
    return Body(schema::CreateLeaseGranted(builder_, lease.generation, holder,
                                           lease.fence ? &fence : nullptr));
  }

  FlatBody operator()(const FenceSet& set) const {
    const schema::Fence fence = ToFlat(set.fence);
    return Body(schema::CreateFenceSet(builder_, &fence));
  }

  FlatBody operator()(const LeaseReleased& released) const {
    schema::LeaseReleasedBuilder body(builder_);
    body.add_generation(released.generation);
    if (released.exit_code) body.add_exit_code(*released.exit_code);
    body.add_state(released.state);
    return Body(body.Finish());
  }

  FlatBody operator()(const ConfigMerged& merged) const {
    const FlatBytes entries = AddBytes(builder_, EncodeLeaves(merged.entries));
    return Body(schema::CreateConfigMerged(builder_, entries));
  }

  FlatBody operator()(const SummarySet& summary) const {
    const FlatText key = AddText(builder_, summary.key);
    const FlatBytes value =
        summary.value ? AddBytes(builder_, EncodeValue(*summary.value)) : FlatBytes();
    return Body(schema::CreateSummarySet(builder_, summary.step, summary.branch, key, value));
  }

  FlatBody operator()(const BranchMade& made) const {
    const schema::Node node = ToFlat(made.node);
    const schema::Moment asked = ToFlat(made.asked);
    return Body(schema::CreateBranchMade(builder_, static_cast<std::uint8_t>(made.kind), made.state,
                                         &node, &asked));
  }

  FlatBody operator()(const MetadataSet& set) const {
    const FlatText name = Optional(set.name);
    const FlatText notes = Optional(set.notes);
    const FlatText group = Optional(set.group);
    const FlatText job_type = Optional(set.job_type);
    const FlatTexts tags = set.tags ? builder_.CreateVectorOfStrings(*set.tags) : FlatTexts();
    return Body(schema::CreateMetadataSet(builder_, name, notes, group, job_type, tags));
  }

  FlatBody operator()(const Sealed& sealed) const {
    const auto segments = builder_.CreateVectorOfStructs(ToFlat(sealed.segments));
    return Body(schema::CreateSealed(builder_, segments));
  }

  FlatBody operator()(const RunDeleted&) const { return Body(schema::CreateRunDeleted(builder_)); }

  FlatBody operator()(const GapRecorded& gap) const { return Body(AddGap(builder_, gap)); }

 private:
  FlatText Optional(const std::optional<std::string>& text) const {
    return text ? builder_.CreateString(*text) : FlatText();
  }

  FlatBufferBuilder& builder_;
};

}  // namespace

std::string EncodeChange(const Change& change) {
  FlatBufferBuilder builder(512);
  const FlatBody body = std::visit(BodyEncoder(builder), change.body);
  const schema::Uid uid = ToFlat(change.uid);
  constexpr std::uint8_t kRevision = 0;
  return FinishFlat(
      builder, schema::CreateChange(builder, kRevision, change.number, change.session,
                                    change.boot_nanos, change.time, &uid, body.kind, body.offset));
}

}  // namespace reprise
