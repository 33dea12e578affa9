// Where a damaged log may end without a word, as the protocol says (format/log.md): worked out from
// the sound bytes alone, without the engine.
#ifndef REPRISE_TESTS_FAULTS_SWEEP_LOG_ORACLE_H_
#define REPRISE_TESTS_FAULTS_SWEEP_LOG_ORACLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reprise {

// Which boot of the machine reads the log.
enum class Boot : std::uint8_t { kSame, kAnother };

class LogOracle {
 public:
  LogOracle(std::string sound, Boot boot);

  // Of a damaged file: after how many of its groups it counts as torn, so that the rest is not
  // there and nothing is wrong. Nothing: rows that are missing must be told as damage.
  //
  // A group is whole if its bytes are where they were. The first that is not ends the log unless
  // one behind it is whole: within one boot what is before a whole group was whole once, and after
  // another boot what a whole group says was on disk before it. A file that ends in its header or
  // is nothing but zeros was never written.
  std::optional<std::size_t> TornAfter(std::string_view damaged) const;

  // Where group `i` begins; for i == groups() the end of the last one.
  std::size_t offset(std::size_t i) const { return groups_[i].offset; }
  std::size_t groups() const { return groups_.size() - 1; }

 private:
  struct Group {
    std::size_t offset = 0;
    std::uint64_t sequence = 0;
    std::uint64_t durable_upto = 0;
  };
  bool IsWhole(std::string_view damaged, std::size_t group) const;

  std::string sound_;
  Boot boot_;
  std::vector<Group> groups_;  // and one more for the end
};

}  // namespace reprise

#endif  // REPRISE_TESTS_FAULTS_SWEEP_LOG_ORACLE_H_
