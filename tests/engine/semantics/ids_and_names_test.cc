// How runs, projects and keys are called, and what can be changed of a run at any time.
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "tests/support/run_fixture.h"

namespace reprise {
namespace {

class IdsAndNames : public RunFixture {
 protected:
  std::string IdFor(const std::string& asked) {
    const auto run = store().StartRun({.run_id = asked});
    return run ? run->run_id() : std::string(CodeName(run.error().code()));
  }
  Code KeyCode(RunWriter& run, const std::string& key) { return CodeOf(run.Log({{key, 1}})); }
};

TEST_F(IdsAndNames, OtherCharactersOfAnIdBecomeDashes) {
  EXPECT_EQ(IdFor("Run_1-a"), "Run_1-a");
  EXPECT_EQ(IdFor("my run/7.5"), "my-run-7-5");
  EXPECT_EQ(IdFor("caf\xC3\xA9"), "caf-") << "a code point is one character";
}

TEST_F(IdsAndNames, AnIdHasAtMost64Characters) {
  EXPECT_EQ(IdFor(std::string(64, 'a')), std::string(64, 'a'));
  EXPECT_EQ(IdFor(std::string(65, 'a')), "invalid_argument");
}

TEST_F(IdsAndNames, WithoutAnIdEightRandomCharactersAreTaken) {
  std::set<std::string> ids;
  for (int i = 0; i < 20; ++i) {
    const std::string id = IdFor("");
    EXPECT_TRUE(std::regex_match(id, std::regex("[a-z0-9]{8}"))) << id;
    ids.insert(id);
  }
  EXPECT_EQ(ids.size(), 20u);
}

TEST_F(IdsAndNames, AnIdIsUniqueInItsProjectAlone) {
  EXPECT_EQ(StartCode({.project = "me/one", .run_id = "same"}), Code::kOk);
  EXPECT_EQ(StartCode({.project = "me/two", .run_id = "same"}), Code::kOk);
  EXPECT_EQ(StartCode({.project = "two", .run_id = "same"}), Code::kOk);
  EXPECT_EQ(StartCode({.project = "me/two", .run_id = "same"}), Code::kAlreadyExists);
  EXPECT_EQ(InfoOf("me/one/same").project, "me/one");
  EXPECT_EQ(CodeOf(store().ReadRun("same")), Code::kInvalidArgument) << "it means three runs";
}

TEST_F(IdsAndNames, AProjectWithoutAnEntityIsTheUsers) {
  const RunWriter run = Start("a", {.project = "dogs"});
  EXPECT_TRUE(run.project().ends_with("/dogs")) << run.project();
  EXPECT_EQ(InfoOf("dogs/a").project, run.project());
}

TEST_F(IdsAndNames, TheDefaultProjectIsUncategorized) {
  const RunWriter run = Start("a");
  EXPECT_TRUE(run.project().ends_with("/uncategorized")) << run.project();
  EXPECT_GT(run.project().size(), std::string("/uncategorized").size()) << "the user's name";
}

TEST_F(IdsAndNames, ProjectsAreLettersDigitsUnderscoreDotAndDash) {
  RunOptions options;
  for (const char* bad : {"a b", "a/b/c", "/x", "x/", "\xC3\xA9", "a:b"}) {
    options.project = bad;
    EXPECT_EQ(StartCode(options), Code::kInvalidArgument) << bad;
  }
  options.project = std::string(129, 'p');
  EXPECT_EQ(StartCode(options), Code::kInvalidArgument);
  options.project = "My.team_1/proj-2.x";
  EXPECT_EQ(StartCode(options), Code::kOk);
}

TEST_F(IdsAndNames, TheGeneratedNameEndsWithTheRunsOrdinalInItsProject) {
  for (int i = 1; i <= 3; ++i) {
    const RunWriter run = Start("r" + std::to_string(i));
    const std::string name = InfoOf(run.run_id()).name;
    EXPECT_TRUE(std::regex_match(name, std::regex("[a-z]+-[a-z]+-" + std::to_string(i)))) << name;
  }
}

TEST_F(IdsAndNames, AKeyIsUtf8WithoutControlCharacters) {
  RunWriter run = Start("a");
  for (const char* good : {"a", "train/loss.min", "a.b", " ", "caf\xC3\xA9", "\xF0\x9F\x8C\x8D"}) {
    EXPECT_EQ(KeyCode(run, good), Code::kOk) << good;
  }
  const std::vector<std::string> bad = {"",     "a\nb",     std::string("a\0b", 3), "\x7F",
                                        "\xFF", "\xC0\x80", "\xED\xA0\x80",         "\xC3"};
  for (const std::string& key : bad) {
    EXPECT_EQ(KeyCode(run, key), Code::kInvalidArgument) << testing::PrintToString(key);
  }
  EXPECT_EQ(run.next_step(), 6);
}

TEST_F(IdsAndNames, MetadataChangesWithoutTheLeaseAndWithoutTouchingHistory) {
  RunWriter run = Start("a", {.tags = {{"b", "a", "a"}}});
  LogSteps(run, 0, 3);
  EXPECT_EQ(InfoOf("a").tags, (std::vector<std::string>{"a", "b"}));
  ASSERT_TRUE(store()
                  .SetMetadata("a", {.name = "new",
                                     .notes = "n",
                                     .group = "g",
                                     .job_type = "eval",
                                     .add_tags = {"c", "b"},
                                     .remove_tags = {"a"}})
                  .ok());
  const auto check = [&](RunState state, std::uint64_t rows) {
    const RunInfo info = InfoOf("a");
    EXPECT_EQ(info.name, "new");
    EXPECT_EQ(info.notes, "n");
    EXPECT_EQ(info.group, "g");
    EXPECT_EQ(info.job_type, "eval");
    EXPECT_EQ(info.tags, (std::vector<std::string>{"b", "c"}));
    EXPECT_EQ(info.state, state);
    EXPECT_EQ(info.rows, rows);
    EXPECT_EQ(info.branch, 0u);
  };
  check(RunState::kRunning, 4);
  EXPECT_EQ(run.Log({{"x", 4}}), 4);
  ASSERT_TRUE(run.Finish().ok());
  ASSERT_TRUE(store().SetMetadata("a", {.group = "g"}).ok());
  check(RunState::kFinished, 5);
}

TEST_F(IdsAndNames, NamesNeedNotBeUnique) {
  ASSERT_TRUE(Start("a", {.name = "twin"}).Finish().ok());
  ASSERT_TRUE(Start("b", {.name = "twin"}).Finish().ok());
  EXPECT_EQ(InfoOf("a").name, InfoOf("b").name);
}

TEST_F(IdsAndNames, AnIdOfADeletedRunBeginsAnotherLife) {
  MakeRun("a", 9);
  const std::string uid = InfoOf("a").uid;
  ASSERT_TRUE(store().Delete("a").ok());
  EXPECT_EQ(CodeOf(store().OpenHistory(At("a"))), Code::kNotFound);
  EXPECT_EQ(CodeOf(store().ReadRun("a")), Code::kNotFound);
  const auto run = store().StartRun({.run_id = "a"});
  ASSERT_TRUE(run) << run.error().ToString();
  EXPECT_FALSE(run->resumed());
  EXPECT_EQ(run->next_step(), 0);
  EXPECT_NE(InfoOf("a").uid, uid);
  EXPECT_EQ(StepsOf("a"), std::vector<Step>{}) << "rows of two lives never mix";
}

TEST_F(IdsAndNames, DeletingALiveRunNeedsTakeover) {
  RunWriter run = Start("a");
  LogSteps(run, 0, 3);
  EXPECT_EQ(store().Delete("a").code(), Code::kBusy);
  EXPECT_EQ(run.Log({{"x", 4}}), 4);
  EXPECT_TRUE(store().Delete("a", Takeover::kTake).ok());
  EXPECT_EQ(CodeOf(store().ReadRun("a")), Code::kNotFound);
  EXPECT_EQ(CodeOf(run.Log({{"x", 5}})), Code::kFenced);
}

TEST_F(IdsAndNames, MomentsAreReadAsUsersWriteThem) {
  const Moment full = At("entity/project/run@3?_step=12");
  EXPECT_EQ(full.run, "entity/project/run");
  EXPECT_EQ(full.branch, 3u);
  EXPECT_EQ(full.step, 12);
  const Moment bare = At("run");
  EXPECT_EQ(bare.run, "run");
  EXPECT_FALSE(bare.branch || bare.step);
  EXPECT_EQ(At("run?_step=-1").step, -1);
  for (const char* bad : {"", "a@", "a@x", "a?_step=", "a?_step=x", "a?step=1", "a/b/c/d",
                          "a@99999999999", "a?_step=99999999999999999999"}) {
    EXPECT_EQ(CodeOf(ParseMoment(bad)), Code::kInvalidArgument) << bad;
  }
}

}  // namespace
}  // namespace reprise
