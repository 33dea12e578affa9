// What a dump says of files of a release, to the letter.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "engine/store/dump_text.h"
#include "format/bytes.h"
#include "reprise/verify.h"
#include "tests/support/file_bytes.h"
#include "tests/support/golden.h"
#include "tests/support/temp_dir.h"

namespace reprise {
namespace {

// Of a golden file, under a name that it could have in a store.
std::string DumpOf(const std::string& golden, const std::string& name) {
  const TempDir temp;
  WriteFile(temp.Of(name), testing::ReadGolden(golden));
  std::string text;
  const Status dumped =
      DumpFile(temp.Of(name), [&](const std::string& line) { text += line + "\n"; });
  EXPECT_TRUE(dumped.ok()) << dumped.ToString();
  return text;
}

TEST(Dump, OfASuperblockSaysAllThatIsInIt) {
  EXPECT_TRUE(testing::MatchesGolden("superblock_dump.txt", DumpOf("superblock.bin", "STORE")));
}

TEST(Dump, OfALogHasEachRecord) {
  EXPECT_TRUE(testing::MatchesGolden("log_dump.txt", DumpOf("session.log", "session.log")));
}

TEST(Dump, OfAPackHasEachTableAndChunk) {
  EXPECT_TRUE(testing::MatchesGolden("pack_dump.txt", DumpOf("pack.bin", "60a24181fe94f82a.pack")));
}

TEST(Dump, OfAChangeSaysAllThatIsInIt) {
  const std::string golden = testing::ReadGolden("changes.bin");
  std::string text;
  std::string_view bytes;
  for (ByteReader in(golden); !in.AtCleanEnd() && in.Sized(&bytes);) {
    text += DumpText(DecodeChange(bytes).value()) + "\n";
  }
  EXPECT_TRUE(testing::MatchesGolden("changes_dump.txt", text));
}

}  // namespace
}  // namespace reprise
