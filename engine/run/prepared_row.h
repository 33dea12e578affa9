// What a public PreparedRow holds.
#ifndef REPRISE_ENGINE_RUN_PREPARED_ROW_H_
#define REPRISE_ENGINE_RUN_PREPARED_ROW_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/run/session.h"
#include "reprise/run_writer.h"

namespace reprise {

class PreparedRow::Impl {
 public:
  static Result<std::shared_ptr<const Impl>> Make(Session& session,
                                                  std::span<const std::string_view> keys);

  std::size_t size() const { return source_.size(); }
  // kInvalidArgument unless the row was prepared in this session and has so many values.
  Status CheckUse(SessionId session, std::size_t values) const;
  const Session::InternedShape& shape(bool has_time) const { return has_time ? timed_ : timeless_; }
  // Puts the values into the shape's order.
  void Arrange(std::span<const double> values, std::vector<ValueView>* arranged) const;

 private:
  SessionId session_ = 0;
  Session::InternedShape timed_;
  Session::InternedShape timeless_;
  std::vector<std::uint32_t> source_;  // of each shape column: its place among the keys given
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_PREPARED_ROW_H_
