// Turns the records of a log file's groups into parts and changes.
#ifndef REPRISE_ENGINE_LOG_LOG_DECODER_H_
#define REPRISE_ENGINE_LOG_LOG_DECODER_H_

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/log/group_scanner.h"
#include "engine/log/log_reader.h"
#include "format/row_part.h"

namespace reprise {

// Knows what was defined in the groups of one file so far.
// Thread safety: thread-compatible.
class LogDecoder {
 public:
  // Visits the group's records, or only learns its definitions if it is not `visible`. Records
  // that make no sense are passed over; `damage` gets the first of them. What the visitor returns
  // is passed on.
  Status Visit(const ScannedGroup& group, const LogVisitor& visitor, bool visible,
               std::string* damage);
  // A record said that the session ends.
  bool closed() const { return closed_; }

 private:
  struct RunEntry {
    BranchId branch;
    Generation generation = 0;
  };
  struct ShapeEntry {
    ShapePtr shape;
    std::vector<Type> types;
  };

  // Each false if the record makes no sense.
  bool Define(const Record& record);
  bool DefineRun(std::string_view payload);
  bool DefineKey(std::string_view payload);
  bool DefineShape(std::string_view payload);
  bool DecodePart(std::string_view payload, TimeMicros group_time, const LogVisitor& visitor,
                  LoggedPart* part, bool* wanted);
  Status VisitRecord(const ScannedGroup& group, const Record& record, const LogVisitor& visitor,
                     bool* makes_sense);

  std::unordered_map<std::uint32_t, RunEntry> runs_;
  std::unordered_map<std::uint32_t, std::string> keys_;
  std::unordered_map<std::uint32_t, ShapeEntry> shapes_;
  std::vector<ValueView> values_;  // of the part that is visited
  bool closed_ = false;
};

}  // namespace reprise

#endif  // REPRISE_ENGINE_LOG_LOG_DECODER_H_
