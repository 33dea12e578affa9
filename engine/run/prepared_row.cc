#include "engine/run/prepared_row.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <utility>

#include "engine/run/row_rules.h"
#include "format/try.h"

namespace reprise {

namespace {

// Keys in the order of a shape, and where each stands among those given.
Result<std::map<std::string_view, std::uint32_t>> Sorted(std::span<const std::string_view> keys) {
  std::map<std::string_view, std::uint32_t> sorted;
  std::size_t bytes = 0;
  for (const std::string_view key : keys) {
    REPRISE_TRY(CheckKey(key));
    if (key == kStepKey || key == kTimestampKey) {
      return Fail(Code::kInvalidArgument,
                  fmt::format("'{}' is not a key of a prepared row; pass it in LogOptions", key));
    }
    bytes += key.size() + sizeof(double);
    if (!sorted.emplace(key, static_cast<std::uint32_t>(sorted.size())).second) {
      return Fail(Code::kInvalidArgument,
                  fmt::format("key '{}' stands in the row twice; give each key once", key));
    }
  }
  REPRISE_TRY(CheckRowBytes(bytes));
  return sorted;
}

}  // namespace

Result<std::shared_ptr<const PreparedRow::Impl>> PreparedRow::Impl::Make(
    Session& session, std::span<const std::string_view> keys) {
  REPRISE_TRY_ASSIGN(const auto sorted, Sorted(keys));
  auto made = std::make_shared<Impl>();
  Shape shape;
  for (const auto& [key, source] : sorted) {
    shape.columns.push_back({std::string(key), Type::kDouble});
    made->source_.push_back(source);
  }
  made->session_ = session.id();
  made->timed_ = session.Intern(shape);
  shape.has_time = false;
  made->timeless_ = session.Intern(std::move(shape));
  return made;
}

Status PreparedRow::Impl::CheckUse(SessionId session, std::size_t values) const {
  if (session != session_) {
    return Status::Error(Code::kInvalidArgument,
                         "the row was prepared through another store; prepare it anew");
  }
  if (values == size()) return {};
  return Status::Error(
      Code::kInvalidArgument,
      fmt::format("{} values for a prepared row of {} keys; give one for each", values, size()));
}

void PreparedRow::Impl::Arrange(std::span<const double> values,
                                std::vector<ValueView>* arranged) const {
  arranged->resize(source_.size());
  ValueView* to = arranged->data();
  for (const std::uint32_t source : source_) *to++ = values[source];
}

PreparedRow::PreparedRow(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

std::size_t PreparedRow::size() const { return impl_->size(); }

}  // namespace reprise
