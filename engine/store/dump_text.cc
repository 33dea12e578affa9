#include "engine/store/dump_text.h"

#include <fmt/format.h>

namespace reprise {

namespace {

constexpr std::size_t kShownBytes = 100;

std::string Body(const RunCreated& body) {
  return fmt::format("{} id={} name={} tags={} branch={} parent={} fork_step={} config_entries={}",
                     Escaped(body.entity + "/" + body.project), Escaped(body.run_id),
                     Escaped(body.name), body.tags.size(), DumpText(body.node.id),
                     body.node.has_parent ? DumpText(body.node.parent) : "none",
                     body.node.fork_step, body.config.size());
}
std::string FenceText(const Fence& fence) {
  const std::string sequence =
      fence.sequence == kOpenFence ? "open" : fmt::format("{}", fence.sequence);
  return fmt::format("session={} generation={} sequence={}", ToHex(fence.session), fence.generation,
                     sequence);
}
std::string Body(const LeaseGranted& body) {
  return fmt::format("generation={} session={} pid={} host={} fence={}", body.generation,
                     ToHex(body.holder.session), body.holder.pid, Escaped(body.holder.host),
                     body.fence ? FenceText(*body.fence) : "none");
}
std::string Body(const FenceSet& body) { return FenceText(body.fence); }
std::string Body(const LeaseReleased& body) {
  return fmt::format("generation={} state={} exit_code={}", body.generation, body.state,
                     body.exit_code ? fmt::format("{}", *body.exit_code) : "none");
}
std::string Body(const ConfigMerged& body) {
  std::string text;
  for (const auto& [path, value] : body.entries) {
    text += fmt::format(" {}={}", Escaped(path), DumpText(value));
  }
  return text.empty() ? text : text.substr(1);
}
std::string Body(const SummarySet& body) {
  return fmt::format("branch={} step={} {}={}", body.branch, body.step, Escaped(body.key),
                     body.value ? DumpText(*body.value) : "removed");
}
std::string Body(const BranchMade& body) {
  return fmt::format("kind={} branch={} parent={} fork_step={} asked={}?_step={} state={}",
                     static_cast<int>(body.kind), DumpText(body.node.id),
                     body.node.has_parent ? DumpText(body.node.parent) : "none",
                     body.node.fork_step, DumpText(body.asked.branch), body.asked.step, body.state);
}
std::string Body(const MetadataSet& body) {
  const auto field = [](std::string_view name, const std::optional<std::string>& value) {
    return value ? fmt::format(" {}={}", name, Escaped(*value)) : std::string();
  };
  std::string text = field("name", body.name) + field("notes", body.notes) +
                     field("group", body.group) + field("job_type", body.job_type);
  if (body.tags) text += fmt::format(" tags={}", body.tags->size());
  return text.empty() ? text : text.substr(1);
}
std::string Body(const Sealed& body) {
  std::string text = fmt::format("segments={}", body.segments.size());
  for (const SegmentRef& segment : body.segments) text += " [" + DumpText(segment) + "]";
  return text;
}
std::string Body(const RunDeleted&) { return ""; }
std::string Body(const GapRecorded& body) {
  std::string text =
      fmt::format("reason={} branch={} stream={} positions={}..{} rows={} session={}",
                  GapReasonName(body.reason), body.branch, static_cast<int>(body.stream),
                  body.first, body.last, body.rows, ToHex(body.session));
  for (const std::string& key : body.keys) text += " key=" + Escaped(key);
  for (const ChangeRange& range : body.changes) {
    text += fmt::format(" changes={}..{}", range.first, range.last);
  }
  for (const SegmentRef& segment : body.dropped) text += " dropped=[" + DumpText(segment) + "]";
  for (const SegmentRef& segment : body.segments) text += " [" + DumpText(segment) + "]";
  return text;
}

}  // namespace

std::string Escaped(std::string_view text) {
  std::string escaped = "'";
  for (const char c : text.substr(0, kShownBytes)) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte < 0x20 || byte >= 0x7f || c == '\'' || c == '\\') {
      escaped += fmt::format("\\x{:02x}", byte);
    } else {
      escaped.push_back(c);
    }
  }
  escaped += "'";
  if (text.size() > kShownBytes) escaped += fmt::format("... ({} bytes)", text.size());
  return escaped;
}

std::string Hex(std::string_view bytes) {
  std::string hex;
  for (const char c : bytes) hex += fmt::format("{:02x}", static_cast<std::uint8_t>(c));
  return hex;
}

std::string DumpText(const ValueView& value) {
  switch (value.type()) {
    case Type::kNull:
      return "null";
    case Type::kBool:
      return value.as_bool() ? "true" : "false";
    case Type::kInt64:
      return fmt::format("int64:{}", value.as_int64());
    case Type::kDouble:
      return fmt::format("double:{} ({:016x})", value.as_double(), value.bits());
    case Type::kString:
      return "string:" + Escaped(value.text());
    case Type::kBytes:
      return "bytes:" + Escaped(value.text());
    case Type::kJson:
      return "json:" + Escaped(value.text());
  }
  return "unknown";
}

std::string DumpText(const BranchId& branch) {
  return fmt::format("{}@{}", ToHex(branch.uid), branch.ordinal);
}

std::string DumpText(const SegmentRef& ref) {
  return fmt::format("{} stream={} {}..{} rows={} generation={} pack={} byte={} length={}",
                     DumpText(ref.branch), static_cast<int>(ref.stream), ref.first, ref.last,
                     ref.rows, ref.generation, ToHex(ref.pack), ref.offset, ref.length);
}

std::string DumpText(const Change& change) {
  const std::string body = std::visit([](const auto& b) { return Body(b); }, change.body);
  return fmt::format("change {} {} run={} session={} boot_nanos={} time={} {}", change.number,
                     ChangeName(change), ToHex(change.uid), ToHex(change.session),
                     change.boot_nanos, change.time, body);
}

}  // namespace reprise
