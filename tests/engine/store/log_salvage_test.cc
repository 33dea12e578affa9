// Rows of which the log says something that cannot be, under right checksums.
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include "format/log_file.h"
#include "format/row_part.h"
#include "tests/engine/store/repair_fixture.h"
#include "tests/support/child_process.h"

namespace reprise {
namespace {

class LogSalvageTest : public RepairFixture {
 protected:
  // A dead process's log: each row in two parts, the second of which says another value.
  void MakeLogOfParts(int rows) {
    const int code = RunInChild([&] {
      Store store = Store::Open(path()).value();
      RunWriter run = Start(store, "parts");
      for (int i = 0; i < rows; ++i) {
        if (!run.Log({{"loss", 1.0}}, {.step = i})) return 1;
        if (!run.Log({{"loss", 2.0}, {"epoch", i}}, {.step = i})) return 1;
      }
      return kill(getpid(), SIGKILL);
    });
    ASSERT_EQ(code, -SIGKILL);
  }

  // Gives the last part of the row a shape that the log does not define.
  void ForgeShapeOfRow(Step step) {
    const std::string path = FileIn("log", ".log");
    std::string log = ReadFile(path);
    const LogHeader file = DecodeLogHeader(log).value();
    std::size_t part_at = 0;
    std::size_t group_at = 0;
    for (std::size_t at = kLogHeaderSize; at < log.size();) {
      GroupHeader header;
      std::string damage;
      ASSERT_TRUE(
          ReadGroupHeader({file.file_id, at}, std::string_view(log).substr(at), &header, &damage))
          << damage;
      const std::size_t begin = at + kGroupHeaderSize;
      RecordReader records(std::string_view(log).substr(begin, header.payload_size));
      for (Record record; records.Next(&record);) {
        RowPartHeader part;
        const bool is_part = record.kind == RecordKind::kRowPart;
        if (!is_part || !RowPartReader(record.payload).ReadHeader(&part) || part.step != step) {
          continue;
        }
        part_at = begin + records.position() + kRecordHeaderSize;
        group_at = at;
      }
      at = begin + header.payload_size;
    }
    ASSERT_GT(part_at, 0U);
    log[part_at + 1] = 0x7F;  // behind the run's handle, a byte as well
    FrameAgain(file.file_id, group_at, &log);
    WriteFile(path, log);
  }

 private:
  static void FrameAgain(std::uint64_t file_id, std::size_t at, std::string* log) {
    GroupHeader header;
    std::string damage;
    const GroupPlace place{file_id, at};
    ASSERT_TRUE(ReadGroupHeader(place, std::string_view(*log).substr(at), &header, &damage));
    std::string group = log->substr(at, kGroupHeaderSize + header.payload_size);
    WriteGroupHeader(place, header, &group);
    log->replace(at, group.size(), group);
  }
};

TEST_F(LogSalvageTest, ARowIsNotKeptWithoutAPartThatMakesNoSense) {
  MakeLogOfParts(20);
  const auto before = AllRows();
  ForgeShapeOfRow(7);
  Mend();
  auto expected = before;
  ASSERT_EQ(expected.erase("parts@0 7"), 1U);
  EXPECT_EQ(AllRows(), expected);
  const Lineage lineage = Store::Open(path()).value().ReadLineage("parts").value();
  ASSERT_EQ(lineage.gaps.size(), 1U);
  EXPECT_EQ(lineage.gaps[0].steps, (StepRange{7, 7}));
}

}  // namespace
}  // namespace reprise
