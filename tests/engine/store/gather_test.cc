#include "engine/store/gather.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "engine/io/io.h"
#include "engine/log/log_writer.h"
#include "engine/segment/pack_writer.h"
#include "engine/store/layout.h"
#include "tests/support/temp_dir.h"

namespace reprise {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class GatherTest : public ::testing::Test {
 protected:
  static std::string MakeChange(ChangeNumber number, SessionId session, std::uint64_t boot_nanos) {
    Change change;
    change.number = number;
    change.session = session;
    change.boot_nanos = boot_nanos;
    change.uid = {1, 2};
    MetadataSet body;
    body.name = "name";
    change.body = body;
    return EncodeChange(change);
  }

  // A log of its own for each session, as if its process had been killed.
  void Log(SessionId session, const std::vector<std::vector<std::string>>& groups) {
    LogWriterOptions options;
    options.session = session;
    options.store_uuid = layout_.uuid;
    options.boot_id = boot_id_;
    const auto log = LogWriter::Make(SystemIo(), *layout_.logs, options);
    for (const auto& group : groups) ASSERT_TRUE(log->AddChanges(group).has_value());
  }

  void Pack(const std::vector<std::string>& changes) {
    PackWriterOptions options;
    options.session = 99;
    options.store_uuid = layout_.uuid;
    const auto packs = PackWriter::Make(SystemIo(), *layout_.packs, options);
    ASSERT_TRUE(packs->AppendEvents(changes).ok());
    ASSERT_TRUE(packs->Close().ok());
  }

  // Found, and then read again.
  Result<std::vector<Change>> Gather(ChangeNumber first = 0, ChangeNumber last = ~ChangeNumber{0}) {
    const auto found =
        GatherChanges(*layout_.logs, *layout_.packs, boot_id_,
                      [&](const GatherProblem& problem) { problems_.push_back(problem.file); });
    if (!found) return Fail(found.error());
    std::vector<Change> changes;
    const Status read = found->Read(first, last, [&](std::span<const Change> some) {
      changes.insert(changes.end(), some.begin(), some.end());
      return Status();
    });
    if (!read.ok()) return Fail(read);
    return changes;
  }
  // The session of each change, by number.
  std::vector<SessionId> Sessions() {
    const auto changes = Gather();
    EXPECT_TRUE(changes.has_value()) << changes.error().ToString();
    std::vector<SessionId> sessions;
    for (const Change& change : changes.value_or(std::vector<Change>())) {
      sessions.push_back(change.session);
    }
    return sessions;
  }

  TempDir temp_;
  const std::string boot_id_ = std::string(16, 'b');
  StoreLayout layout_ = MakeLayout(SystemIo(), temp_.Of("store")).value();
  std::vector<std::string> problems_;
};

TEST_F(GatherTest, FindsNothingInANewStore) {
  EXPECT_THAT(Gather().value(), IsEmpty());
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(GatherTest, OrdersChangesOfAllLogsAndPacks) {
  Log(1, {{MakeChange(2, 1, 20)}, {MakeChange(4, 1, 40)}});
  Log(2, {{MakeChange(3, 2, 30)}});
  Pack({MakeChange(1, 3, 10)});
  EXPECT_THAT(Sessions(), ElementsAre(3, 1, 2, 1));
}

TEST_F(GatherTest, CountsARecordInLogAndPackOnce) {
  Log(1, {{MakeChange(1, 1, 10)}});
  Pack({MakeChange(1, 1, 10)});
  EXPECT_THAT(Sessions(), ElementsAre(1));
}

TEST_F(GatherTest, TakesTheLatestOfSeveralRecordsWithOneNumber) {
  Log(1, {{MakeChange(1, 1, 10)}});
  Log(2, {{MakeChange(1, 2, 30)}});
  Log(3, {{MakeChange(1, 3, 20)}});
  EXPECT_THAT(Sessions(), ElementsAre(2));
}

TEST_F(GatherTest, DropsTheRestOfATransactionThatLostANumber) {
  Log(1, {{MakeChange(1, 1, 10), MakeChange(2, 1, 10), MakeChange(3, 1, 10)}});
  Log(2, {{MakeChange(1, 2, 20)}});
  EXPECT_THAT(Sessions(), ElementsAre(2));
}

TEST_F(GatherTest, DropsTheRestOfALostTransactionAlsoInAPack) {
  Pack({MakeChange(1, 1, 10), MakeChange(2, 1, 10)});
  Log(2, {{MakeChange(1, 2, 20)}});
  EXPECT_THAT(Sessions(), ElementsAre(2));
}

TEST_F(GatherTest, ReadsARangeOfThem) {
  Log(1, {{MakeChange(2, 1, 20)}, {MakeChange(4, 1, 40)}});
  Pack({MakeChange(1, 3, 10), MakeChange(3, 3, 30)});
  const auto changes = Gather(2, 3).value();
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].number, 2U);
  EXPECT_EQ(changes[1].number, 3U);
}

// Two frames that were filled at the same time: each is expanded once and gives every other change.
TEST_F(GatherTest, OrdersChangesOfFramesThatOverlap) {
  Pack({MakeChange(1, 1, 10), MakeChange(4, 1, 40), MakeChange(5, 1, 50)});
  Pack({MakeChange(2, 2, 20), MakeChange(3, 2, 30), MakeChange(6, 2, 60)});
  EXPECT_THAT(Sessions(), ElementsAre(1, 2, 2, 1, 1, 2));
}

// Those that only logs have are kept: their files may go before they are read.
TEST_F(GatherTest, ReadsWhatALogHadAfterItIsGone) {
  Log(1, {{MakeChange(1, 1, 10)}});
  const auto found =
      GatherChanges(*layout_.logs, *layout_.packs, boot_id_, [](const GatherProblem&) {});
  ASSERT_TRUE(layout_.logs->Remove(LogFileName(1, 1)).ok());
  std::size_t read = 0;
  ASSERT_TRUE(found
                  ->Read(0, found->last(),
                         [&](std::span<const Change> some) {
                           read += some.size();
                           return Status();
                         })
                  .ok());
  EXPECT_EQ(read, 1U);
}

TEST_F(GatherTest, SaysSoIfAPackIsGoneWhenItIsRead) {
  Pack({MakeChange(1, 1, 10)});
  const auto found =
      GatherChanges(*layout_.logs, *layout_.packs, boot_id_, [](const GatherProblem&) {});
  const auto packs = layout_.packs->List();
  for (const std::string& name : *packs) ASSERT_TRUE(layout_.packs->Remove(name).ok());
  const Status read =
      found->Read(0, found->last(), [](std::span<const Change>) { return Status(); });
  EXPECT_EQ(read.code(), Code::kNotFound);
}

// What cannot be read now must not be left out: its numbers would be given again.
TEST_F(GatherTest, ADiskThatCannotBeReadIsNotTakenForAnEmptyOne) {
  Log(1, {{MakeChange(1, 1, 10)}});
  Log(2, {{MakeChange(2, 2, 20)}});
  const std::string log = layout_.logs->path() + "/" + LogFileName(2, 1);
  std::filesystem::remove(log);
  std::filesystem::create_directory(log);  // is refused as what it is not: a file
  EXPECT_EQ(Gather().error().code(), Code::kIoError);
}

TEST_F(GatherTest, NamesTheChangeThatIsMissing) {
  Log(1, {{MakeChange(1, 1, 10)}, {MakeChange(3, 1, 30)}});
  const auto changes = Gather();
  ASSERT_FALSE(changes.has_value());
  EXPECT_EQ(changes.error().code(), Code::kCorrupt);
  EXPECT_THAT(std::string(changes.error().message()), HasSubstr("change 2 is in no log"));
}

TEST_F(GatherTest, ReportsARecordThatIsNoChangeAndGoesOn) {
  Log(1, {{MakeChange(1, 1, 10)}, {"not a change"}, {MakeChange(2, 1, 30)}});
  EXPECT_THAT(Sessions(), ElementsAre(1, 1));
  EXPECT_THAT(problems_, ElementsAre("log/0000000000000001"));
}

}  // namespace
}  // namespace reprise
