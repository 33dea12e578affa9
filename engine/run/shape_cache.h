// From the fields of a Log call to a shape and values in its order, fast where calls repeat.
#ifndef REPRISE_ENGINE_RUN_SHAPE_CACHE_H_
#define REPRISE_ENGINE_RUN_SHAPE_CACHE_H_

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/run/session.h"
#include "format/row_batch.h"
#include "reprise/value.h"

namespace reprise {

// Remembers the key lists it has seen, so that a call with the same keys, in the same order and of
// the same types as one before costs a comparison. Thread-compatible.
class ShapeCache {
 public:
  struct Resolved {
    const Session::InternedShape* shape = nullptr;
    std::span<const ValueView> values;  // in the shape's order; valid until the next call
  };

  // Checks keys and values. Of a key given twice the last value counts. `_step` and `_timestamp`
  // are left out.
  Result<Resolved> Resolve(Session& session, std::span<const Field> fields, bool has_time);

 private:
  struct GivenColumn {
    std::string key;
    Type type;
  };
  struct Entry {
    std::vector<GivenColumn> given;
    bool has_time = true;
    Session::InternedShape shape;
    std::vector<std::uint32_t> source;  // of each shape column: its index among the fields
  };

  static bool Matches(const Entry& entry, std::span<const Field> fields, bool has_time);
  Result<const Entry*> Find(Session& session, std::span<const Field> fields, bool has_time);
  Result<Entry> MakeEntry(Session& session, std::span<const Field> fields, bool has_time);

  std::unordered_multimap<std::uint64_t, Entry> entries_;
  const Entry* last_ = nullptr;
  std::vector<ValueView> values_;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_RUN_SHAPE_CACHE_H_
