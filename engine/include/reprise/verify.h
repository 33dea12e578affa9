// Telling the truth about a store: checks that change nothing, and the rebuild of what is derived.
#ifndef REPRISE_VERIFY_H_
#define REPRISE_VERIFY_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/status.h"
#include "reprise/value.h"

namespace reprise {

// How bad a finding is; stored nowhere, shown to people and programs.
enum class Severity : std::uint8_t {
  kNote,        // nothing acknowledged is lost: a torn tail, an orphan, a stale catalog entry
  kCatalog,     // the catalog is damaged and can be rebuilt
  kLost,        // acknowledged data cannot be read
  kVersion,     // written by a newer release; not checked
  kIncomplete,  // could not be checked now
  kIo,          // the medium refused a read
};
std::string_view SeverityName(Severity severity);

// One thing found, with its place and what to do.
struct Finding {
  Severity severity = Severity::kNote;
  std::string code;  // stable, such as "segment.damaged"
  // Relative to the store; empty: no one file. Of a session's log the name without its number.
  std::string file;
  std::uint64_t offset = 0;
  std::string run;  // "entity/project/id@branch", or empty
  StepRange steps{0, -1};
  std::string message;
  std::string action{};      // what to do: the end of the message
  std::uint64_t length = 0;  // bytes from `offset`; 0: not known
};

// How thoroughly Verify looks. Each depth finds all that the one before it finds.
enum class VerifyDepth : std::uint8_t {
  // What holds the store together. Reads the superblock, all logs, the catalog, and of packs the
  // headers of files and frames, the footers of segments, and changes; so it costs a few small
  // reads a segment, however long that is, and more only where it found damage.
  // Finds files and segments that are missing, cut short or not those they should be, damage in
  // all that it reads, a change that is missing or contradicts others, a damaged or stale catalog,
  // and sessions that died.
  // Does not find damage between a segment's header and its footer: there the rows are.
  kQuick,
  // Reads the rest of packs too, and checks every byte against its checksum: segments with their
  // indexes, also those that were merged into others or belong to deleted runs. Compares branches
  // and segments of the catalog with those of the changes. Finds what a disk, a copy or another
  // program did to the store.
  // Does not find what was written wrong and checksummed then: that is a bug's work.
  kChecksums,
  // Decodes every row. Finds also rows that do not decode or are out of order, counts, cells and
  // prefix summaries that are not those of the rows, and any entry of the catalog that is not what
  // a rebuild gives. The catalog is rebuilt under TMPDIR.
  kDeep,
};
// "quick", "checksums", "deep".
std::string_view VerifyDepthName(VerifyDepth depth);

struct VerifyOptions {
  VerifyDepth depth = VerifyDepth::kChecksums;
  // Only this run; empty: all. Superblock, logs, changes, catalog and the ends of all segments are
  // checked anyhow, since its data cannot be found without them. Rows that it inherits from another
  // run are read by kDeep, and checked against their checksums where that run is verified.
  std::string run{};
  // Called for each finding as it is made, before Verify returns.
  std::function<void(const Finding&)> on_finding{};
};

struct VerifyReport {
  VerifyDepth depth = VerifyDepth::kChecksums;  // that was asked for
  std::vector<Finding> findings;
  std::uint64_t runs = 0;
  std::uint64_t branches = 0;
  std::uint64_t segments = 0;
  std::uint64_t rows = 0;    // of segments, as changes say; kDeep: and those only in a log
  std::uint64_t values = 0;  // that were decoded: only kDeep does
  std::uint64_t bytes = 0;   // read and checked
  // 0 clean, 1 notes only, 2 data lost, 3 catalog only, 4 newer format, 5 incomplete, 74 I/O.
  int ExitCode() const;
};

// Checks superblock, logs, packs, segments, catalog and their cross-references, as thoroughly as
// `options.depth` says. Read-only; works beside live writers. Never stops at the first finding.
Result<VerifyReport> Verify(const std::string& store_path, const VerifyOptions& options = {});

// Builds the catalog anew from logs and packs alone and puts it in place of the old one, which
// goes to quarantine/.
Status RebuildCatalog(const std::string& store_path);

// The catalog as text, one line per entry, in key order; what a rebuild must reproduce.
Result<std::string> DumpCatalog(const std::string& store_path);

// Decodes a superblock, log, pack or catalog file as far as it can: one line per structure, with
// byte offsets, control characters escaped.
Status DumpFile(const std::string& path, const std::function<void(const std::string&)>& line);

// Where the bytes of a store are.
struct StoreStat {
  std::uint64_t superblock_bytes = 0;
  std::uint64_t log_bytes = 0;
  std::uint64_t pack_bytes = 0;
  std::uint64_t catalog_bytes = 0;
  std::uint64_t segments = 0;
  std::uint64_t segment_bytes = 0;  // of the packs' bytes, those of published segments
  std::uint64_t cell_bytes = 0;     // of these, those of cells, which Sample reads
  std::uint64_t reclaimable_bytes = 0;  // of the packs' bytes, those that Store::Reclaim gives back
  std::uint64_t rows = 0;
  std::uint64_t values = 0;
  std::uint64_t runs = 0;
};
Result<StoreStat> ReadStoreStat(const std::string& store_path);

}  // namespace reprise

#endif  // REPRISE_VERIFY_H_
