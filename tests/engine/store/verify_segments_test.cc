// What verify says of segments that changes name: damaged, missing, or whole and wrong.
#include <gmock/gmock.h>

#include "format/pack.h"
#include "tests/engine/store/forger.h"
#include "tests/engine/store/store_fixture.h"

namespace reprise {
namespace {

using ::testing::ElementsAre;

class VerifySegments : public StoreFixture {
 protected:
  void SetUp() override { MakeRun("a"); }

  // Summaries of the rows that RowsAt makes.
  static SummaryTable SummaryOf(const std::vector<Step>& steps) {
    SummaryTable table;
    for (const Step step : steps) table.Add("loss", step, 0.5 * static_cast<double>(step));
    return table;
  }

  // A segment of the run's first branch.
  SegmentRef Publish(const std::vector<Step>& steps, Stream stream = Stream::kHistory) {
    Forger forger(path());
    SegmentFacts facts = forger.FactsOf(forger.Uid("a"), 0);
    facts.stream = stream;
    const SegmentRef segment = forger.Append(facts, RowsAt(steps));
    forger.Publish(segment);
    return segment;
  }
  // The one that follows steps 0..2, with what it says of them.
  SegmentRef PublishNext(std::uint64_t rows_before, PrefixKind kind, const SummaryTable& prefix,
                         Step prefix_base = 0) {
    Forger forger(path());
    SegmentFacts facts = forger.FactsOf(forger.Uid("a"), 0);
    facts.rows_before = rows_before;
    facts.prefix = kind;
    facts.prefix_base = prefix_base;
    const bool none = kind == PrefixKind::kNone;
    const SegmentRef segment = forger.Append(facts, RowsAt({3, 4}), none ? nullptr : &prefix);
    forger.Publish(segment);
    return segment;
  }

  static Finding Expected(std::string_view code, const SegmentRef& segment,
                          std::string_view message) {
    return {Severity::kLost,
            std::string(code),
            "packs/" + PackFileName(segment.pack),
            segment.offset,
            "e/p/a@0",
            {segment.first, segment.last},
            std::string(message),
            {},
            segment.length};
  }
};

TEST_F(VerifySegments, FindsNothingInSegmentsThatAreRight) {
  Publish({0, 1, 2});
  PublishNext(3, PrefixKind::kFull, SummaryOf({0, 1, 2}));
  Publish({0, 1}, Stream::kConsole);
  EXPECT_THAT(Codes(Check()), ElementsAre());
}

TEST_F(VerifySegments, NamesOneWhoseHeaderIsDamaged) {
  const SegmentRef segment = Publish({0, 1, 2});
  FlipByte(FileIn("packs", ".pack"), segment.offset + 2);
  EXPECT_TRUE(FindsOnly(Expected("segment.damaged", segment, "frame")));
}

TEST_F(VerifySegments, NamesOneThatIsNotWhatWasPublished) {
  SegmentRef published;
  {
    Forger forger(path());
    published = forger.Append(forger.FactsOf(forger.Uid("a"), 0), RowsAt({0, 1, 2}));
    published.rows = 2;
    forger.Publish(published);
  }
  EXPECT_TRUE(FindsOnly(Expected("segment.damaged", published,
                                 "not the segment that was published (found 3 rows at 0 to 2")));
}

TEST_F(VerifySegments, NamesEachOneOfAPackThatIsNotThere) {
  std::vector<SegmentRef> segments;
  {
    Forger forger(path());
    for (const Step step : {0, 1}) {
      SegmentRef segment = forger.Append(forger.FactsOf(forger.Uid("a"), 0), RowsAt({step}));
      segment.pack = 1;
      forger.Publish(segment);
      segments.push_back(segment);
    }
  }
  const VerifyReport report = Check();
  // The frames are there after all, where no change names them.
  ASSERT_THAT(Codes(report), ElementsAre("segment.missing", "segment.missing",
                                         "pack.unreferenced_segment", "pack.unreferenced_segment"))
      << Text(report);
  EXPECT_TRUE(IsFinding(report.findings[0], Expected("segment.missing", segments[0], "ENOENT")));
  EXPECT_TRUE(IsFinding(report.findings[1], Expected("segment.missing", segments[1], "ENOENT")));
}

TEST_F(VerifySegments, NamesOneWhoseRowsDoNotDecode) {
  const SegmentRef segment = Publish({0, 5, 3});
  EXPECT_TRUE(FindsOnly(Expected("segment.undecodable", segment, "restore")));
}

TEST_F(VerifySegments, DecodesThoseOfOtherStreams) {
  const SegmentRef segment = Publish({0, 5, 3}, Stream::kConsole);
  EXPECT_TRUE(FindsOnly(Expected("segment.undecodable", segment, "restore")));
}

TEST_F(VerifySegments, TellsSummariesThatAreNotOfTheRowsBefore) {
  Publish({0, 1, 2});
  const SegmentRef next = PublishNext(3, PrefixKind::kFull, SummaryOf({0, 1}));
  EXPECT_TRUE(FindsOnly(
      Expected("segment.summary_differs", next, "the summary of key 'loss' before it is not")));
}

TEST_F(VerifySegments, TellsAWrongCountOfRowsBefore) {
  Publish({0, 1, 2});
  const SegmentRef next = PublishNext(4, PrefixKind::kFull, SummaryOf({0, 1, 2}));
  EXPECT_TRUE(FindsOnly(Expected("segment.summary_differs", next, "(declared 4, found 3)")));
}

TEST_F(VerifySegments, TellsSummariesThatAreMissing) {
  Publish({0, 1, 2});
  const SegmentRef next = PublishNext(3, PrefixKind::kNone, {});
  EXPECT_TRUE(FindsOnly(
      Expected("segment.summary_differs", next, "summaries of earlier rows are missing")));
}

TEST_F(VerifySegments, TellsSummariesThatLackAKey) {
  Publish({0, 1, 2});
  const SegmentRef next = PublishNext(3, PrefixKind::kFull, {});
  EXPECT_TRUE(FindsOnly(Expected("segment.summary_differs", next, "(0 of 1)")));
}

TEST_F(VerifySegments, TellsSummariesThatDoNotFollowTheSegmentBefore) {
  Publish({0, 1, 2});
  const SegmentRef next = PublishNext(3, PrefixKind::kDelta, {});
  EXPECT_TRUE(FindsOnly(Expected("segment.summary_differs", next, "keys of the segment before")));
}

TEST_F(VerifySegments, TellsSummariesThatBuildOnNothing) {
  Publish({0, 1, 2});
  const SegmentRef next = PublishNext(3, PrefixKind::kDelta, SummaryOf({0, 1, 2}));
  EXPECT_TRUE(
      FindsOnly(Expected("segment.summary_differs", next, "a full table at step 0 that is not")));
}

}  // namespace
}  // namespace reprise
