// DecodeChange: one function per kind.
#include <fmt/format.h>

#include "format/change.h"
#include "format/flat_helpers.h"

namespace reprise {
namespace {

constexpr std::uint8_t kNewestRevision = 0;

void Decode(const schema::RunCreated& stored, FlatReader& in, RunCreated* run) {
  run->entity = in.Text(stored.entity());
  run->project = in.Text(stored.project());
  run->run_id = in.Text(stored.run_id());
  run->name = in.Text(stored.name());
  run->notes = in.Text(stored.notes());
  run->tags = in.Texts(stored.tags());
  run->group = in.Text(stored.group());
  run->job_type = in.Text(stored.job_type());
  run->node = in.Node(stored.node());
  if (stored.forked_from() != nullptr) run->forked_from = in.Moment(stored.forked_from());
  run->config = in.Leaves(stored.config());
}

void Decode(const schema::LeaseGranted& stored, FlatReader& in, LeaseGranted* lease) {
  lease->generation = stored.generation();
  lease->holder = in.OneHolder(stored.holder());
  if (stored.fence() != nullptr) lease->fence = in.OneFence(stored.fence());
}

void Decode(const schema::FenceSet& stored, FlatReader& in, FenceSet* set) {
  set->fence = in.OneFence(stored.fence());
}

void Decode(const schema::LeaseReleased& stored, FlatReader&, LeaseReleased* released) {
  released->generation = stored.generation();
  released->state = stored.state();
  if (const auto code = stored.exit_code(); code.has_value()) released->exit_code = *code;
}

void Decode(const schema::ConfigMerged& stored, FlatReader& in, ConfigMerged* merged) {
  merged->entries = in.Leaves(stored.entries());
}

void Decode(const schema::SummarySet& stored, FlatReader& in, SummarySet* summary) {
  summary->branch = stored.branch();
  summary->step = stored.step();
  summary->key = in.Text(stored.key());
  if (stored.value() != nullptr) summary->value = in.OneValue(stored.value());
}

void Decode(const schema::BranchMade& stored, FlatReader& in, BranchMade* made) {
  if (stored.kind() > static_cast<std::uint8_t>(BranchKind::kRestore)) in.Reject();
  made->kind = static_cast<BranchKind>(stored.kind());
  made->node = in.Node(stored.node());
  made->asked = in.Moment(stored.asked());
  made->state = stored.state();
}

void Decode(const schema::MetadataSet& stored, FlatReader& in, MetadataSet* set) {
  if (stored.name() != nullptr) set->name = in.Text(stored.name());
  if (stored.notes() != nullptr) set->notes = in.Text(stored.notes());
  if (stored.group() != nullptr) set->group = in.Text(stored.group());
  if (stored.job_type() != nullptr) set->job_type = in.Text(stored.job_type());
  if (stored.tags() != nullptr) set->tags = in.Texts(stored.tags());
}

void Decode(const schema::Sealed& stored, FlatReader& in, Sealed* sealed) {
  if (stored.segments() == nullptr) return in.Reject();
  sealed->segments = in.Segments(stored.segments());
}

void Decode(const schema::RunDeleted&, FlatReader&, RunDeleted*) {}

void Decode(const schema::GapRecorded& stored, FlatReader& in, GapRecorded* gap) {
  *gap = in.Gap(stored);
}

template <typename Stored, typename Body>
void DecodeInto(const schema::Change& change, FlatReader& in, ChangeBody* body) {
  const Stored* stored = change.body_as<Stored>();
  if (stored == nullptr) return in.Reject();
  Decode(*stored, in, &body->emplace<Body>());
}

void DecodeBody(const schema::Change& change, FlatReader& in, ChangeBody* body) {
  switch (change.body_type()) {
    case schema::Body::RunCreated:
      return DecodeInto<schema::RunCreated, RunCreated>(change, in, body);
    case schema::Body::LeaseGranted:
      return DecodeInto<schema::LeaseGranted, LeaseGranted>(change, in, body);
    case schema::Body::FenceSet:
      return DecodeInto<schema::FenceSet, FenceSet>(change, in, body);
    case schema::Body::LeaseReleased:
      return DecodeInto<schema::LeaseReleased, LeaseReleased>(change, in, body);
    case schema::Body::ConfigMerged:
      return DecodeInto<schema::ConfigMerged, ConfigMerged>(change, in, body);
    case schema::Body::SummarySet:
      return DecodeInto<schema::SummarySet, SummarySet>(change, in, body);
    case schema::Body::BranchMade:
      return DecodeInto<schema::BranchMade, BranchMade>(change, in, body);
    case schema::Body::MetadataSet:
      return DecodeInto<schema::MetadataSet, MetadataSet>(change, in, body);
    case schema::Body::Sealed:
      return DecodeInto<schema::Sealed, Sealed>(change, in, body);
    case schema::Body::RunDeleted:
      return DecodeInto<schema::RunDeleted, RunDeleted>(change, in, body);
    case schema::Body::GapRecorded:
      return DecodeInto<schema::GapRecorded, GapRecorded>(change, in, body);
    default:
      return in.Reject();
  }
}

bool IsNewer(const schema::Change& change) {
  return change.revision() > kNewestRevision || change.body_type() > schema::Body::MAX;
}

tl::unexpected<Status> Damaged(std::string_view why, std::size_t size) {
  return Fail(Code::kCorrupt, fmt::format("change does not decode: at byte 0 ({} bytes, {}); run "
                                          "`reprise verify`",
                                          size, why));
}

tl::unexpected<Status> Newer(const schema::Change& change) {
  return Fail(
      Code::kUnsupportedVersion,
      fmt::format("change is of a newer release: number {} (revision {}, kind {}); upgrade "
                  "this program",
                  change.number(), change.revision(), static_cast<int>(change.body_type())));
}

}  // namespace

Result<Change> DecodeChange(std::string_view bytes) {
  const AlignedBytes aligned(bytes);
  const auto* stored = VerifiedRoot<schema::Change>(aligned);
  if (stored == nullptr) return Damaged("an offset leads out of it", bytes.size());
  if (IsNewer(*stored)) return Newer(*stored);
  FlatReader in(bytes.size());
  Change change;
  change.number = stored->number();
  change.session = stored->session();
  change.boot_nanos = stored->boot_nanos();
  change.time = stored->time();
  change.uid = in.Uid(stored->uid());
  DecodeBody(*stored, in, &change.body);
  if (in.failed()) return Damaged("a part is missing, repeated or out of range", bytes.size());
  if (EncodeChange(change) != bytes) return Damaged("not as it is encoded", bytes.size());
  return change;
}

}  // namespace reprise
