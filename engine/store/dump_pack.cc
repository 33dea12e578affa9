// A pack as text: its header, each frame, and what is in it.
#include <fmt/format.h>

#include "engine/segment/pack_reader.h"
#include "engine/segment/segment_bytes.h"
#include "engine/store/dump_text.h"
#include "format/events.h"
#include "format/pack.h"
#include "format/segment_index.h"
#include "format/try.h"

namespace reprise {

namespace {

std::string_view FormName(TableForm form) {
  switch (form) {
    case TableForm::kDense:
      return "dense";
    case TableForm::kTiny:
      return "tiny";
    case TableForm::kSparse:
      return "sparse";
  }
  return "unknown";
}

std::string ChunkText(const SegmentIndex& index, std::size_t chunk) {
  if (chunk >= index.chunks.size()) return "no chunk";
  const SegmentChunk& c = index.chunks[chunk];
  return fmt::format("at {}, {} bytes, checksum {:016x}", c.offset, c.length, c.checksum);
}

void DumpCells(const SegmentIndex& index, const SegmentTable& table, const DumpLine& line) {
  bool first = table.form == TableForm::kDense;
  for (const SegmentTable::Column& column : table.columns) {
    if (!column.has_cells()) continue;
    if (first) {
      line(fmt::format("{:>10}     steps of cells {}", "",
                       ChunkText(index, table.cell_steps_chunk())));
    }
    first = false;
    line(fmt::format("{:>10}     {} cells of {} {}", "", CellCount(column.rows),
                     Escaped(index.keys.key(column.key)), ChunkText(index, column.cells)));
  }
}

void DumpTable(const SegmentIndex& index, std::size_t t, const DumpLine& line) {
  const SegmentTable& table = index.tables[t];
  line(fmt::format("{:>10}   table {} {} rows={} columns={} time={}", "", t, FormName(table.form),
                   table.rows, table.columns.size(), table.has_time));
  const bool tiny = table.form == TableForm::kTiny;
  if (tiny) line(fmt::format("{:>10}     block {}", "", ChunkText(index, table.first_chunk)));
  if (!tiny) line(fmt::format("{:>10}     steps {}", "", ChunkText(index, table.steps_chunk())));
  if (!tiny && table.has_time) {
    line(fmt::format("{:>10}     times {}", "", ChunkText(index, table.times_chunk())));
  }
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const SegmentTable::Column& column = table.columns[c];
    line(fmt::format("{:>10}     {} type={} values={}{}", "", Escaped(index.keys.key(column.key)),
                     static_cast<int>(column.type), column.rows,
                     tiny ? "" : " " + ChunkText(index, table.column_chunk(c))));
  }
  DumpCells(index, table, line);
}

Result<SegmentIndex> ReadIndex(const std::shared_ptr<PackFile>& pack, const SegmentRef& ref) {
  REPRISE_TRY_ASSIGN(const SegmentBytes bytes, SegmentBytes::Open(pack, ref));
  REPRISE_TRY_ASSIGN(const SegmentFooter footer, bytes.ReadFooter());
  const std::uint64_t length = footer.index_length();
  std::string buffer;
  REPRISE_TRY_ASSIGN(const std::string_view index,
                     bytes.Read(bytes.size() - kSegmentFooterSize - length, length, &buffer));
  return DecodeSegmentIndex(index, footer, bytes.known_facts(), bytes.size());
}

void DumpSegment(const std::shared_ptr<PackFile>& pack, const SegmentRef& ref,
                 const DumpLine& line) {
  line(fmt::format("{:>10} segment {}", ref.offset, DumpText(ref)));
  const auto index = ReadIndex(pack, ref);
  if (!index) return line(fmt::format("{:>10}   damaged: {}", "", index.error().message()));
  const SegmentFacts& facts = index->facts;
  line(fmt::format("{:>10}   facts values={} rows_before={} prefix={} prefix_base={} sealed_at={}",
                   "", facts.values, facts.rows_before, static_cast<int>(facts.prefix),
                   facts.prefix_base, facts.sealed_at));
  for (std::size_t t = 0; t < index->tables.size(); ++t) DumpTable(*index, t, line);
  if (index->has_prefix()) {
    line(fmt::format("{:>10}   prefix {}", "", ChunkText(*index, index->chunks.size() - 1)));
  }
  const auto segment = SegmentReader::Open(pack, ref);
  const Status bytes = segment ? (*segment)->VerifyBytes() : segment.error();
  if (!bytes.ok()) line(fmt::format("{:>10}   damaged: {}", "", bytes.message()));
}

void DumpEvents(const PackFrame& frame, const DumpLine& line) {
  line(fmt::format("{:>10} events length={}", frame.ref.offset, frame.ref.length));
  const Status read = ForEachEvent(frame.payload, [&](std::string_view bytes) -> Status {
    const auto change = DecodeChange(bytes);
    line(fmt::format(
        "{:>10}   {}", "",
        change ? DumpText(*change) : "damaged: " + std::string(change.error().message())));
    return {};
  });
  if (!read.ok()) line(fmt::format("{:>10}   damaged: {}", "", read.message()));
}

void DumpFrame(const std::shared_ptr<PackFile>& pack, const PackFrame& frame,
               const DumpLine& line) {
  switch (frame.kind) {
    case PackFrame::Kind::kSegment:
      return DumpSegment(pack, frame.ref, line);
    case PackFrame::Kind::kEvents:
      return DumpEvents(frame, line);
    case PackFrame::Kind::kContinues:
      line(fmt::format("{:>10} continues", frame.ref.offset));
  }
}

}  // namespace

Status DumpPack(Directory& directory, const std::string& name, const DumpLine& line) {
  std::uint64_t id = 0;
  const std::string_view stem = std::string_view(name).substr(0, name.rfind('.'));
  if (!FromHex(stem, &id)) {
    return Status::Error(Code::kInvalidArgument,
                         fmt::format("a pack's file name must be its number: '{}'; give it the "
                                     "name that it had in the store",
                                     name));
  }
  const auto pack = PackFile::Open(directory, id);
  if (!pack) {
    line(fmt::format("{:>10} damaged header: {}", 0, pack.error().message()));
    return {};
  }
  REPRISE_TRY_ASSIGN(const std::uint64_t size, (*pack)->Size());
  line(fmt::format("{:>10} pack {} file_id={:016x} size={}", 0, ToHex(id), (*pack)->file_id(),
                   size));
  const auto on_frame = [&](const PackFrame& frame) -> Status {
    DumpFrame(*pack, frame, line);
    return {};
  };
  const auto on_damage = [&](const PackDamage& damage) -> Status {
    line(
        fmt::format("{:>10} damaged: {} bytes ({})", damage.offset, damage.length, damage.message));
    return {};
  };
  return (*pack)->Scan(on_frame, on_damage);
}

}  // namespace reprise
