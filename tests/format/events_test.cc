#include "format/events.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "format/bytes.h"

namespace reprise {
namespace {

using Changes = std::vector<std::string>;

std::string Encode(const Changes& changes) {
  const auto payload = EncodeEvents(changes);
  EXPECT_TRUE(payload.has_value());
  return payload.value_or("");
}

Result<Changes> Decode(std::string_view payload) {
  Changes changes;
  const Status read = ForEachEvent(payload, [&](std::string_view change) {
    changes.emplace_back(change);
    return Status();
  });
  if (!read.ok()) return Fail(read);
  return changes;
}

Code CodeOf(const Result<Changes>& changes) {
  return changes.has_value() ? Code::kOk : changes.error().code();
}

TEST(Events, ComeBackInOrder) {
  const Changes changes = {"a", "", std::string(300, 'x')};
  EXPECT_EQ(Decode(Encode(changes)), changes);
  EXPECT_EQ(Decode(Encode({})), Changes());
}

TEST(Events, TakeLessThanWhatTheyRepeat) {
  const Changes changes(1000, "the same host, the same project, the same session");
  EXPECT_LT(Encode(changes).size(), 1000U);
  EXPECT_EQ(Decode(Encode(changes)), changes);
}

TEST(Events, StopAtTheFirstFailure) {
  int seen = 0;
  const auto fail = [&](std::string_view) {
    ++seen;
    return Status::Error(Code::kInternal, "stop");
  };
  EXPECT_EQ(ForEachEvent(Encode({"first", "second"}), fail).code(), Code::kInternal);
  EXPECT_EQ(seen, 1);
}

TEST(Events, RefuseAPayloadThatIsCutOrTooLong) {
  const std::string payload = Encode({"first", "second"});
  for (std::size_t size = 0; size < payload.size(); ++size) {
    EXPECT_EQ(CodeOf(Decode(std::string_view(payload).substr(0, size))), Code::kCorrupt) << size;
  }
  EXPECT_EQ(CodeOf(Decode(payload + '\0')), Code::kCorrupt);
}

TEST(Events, RefuseAnotherLengthThanTheyHave) {
  std::string payload = Encode({"first", "second"});
  const auto size = LoadLittle<std::uint32_t>(payload.data());
  for (const std::uint32_t wrong : {0U, size - 1, size + 1, ~0U}) {
    StoreLittle(payload.data(), wrong);
    EXPECT_EQ(CodeOf(Decode(payload)), Code::kCorrupt) << wrong;
  }
}

// A reader refuses to unfold a few bytes into many, so a writer must not ask it to.
TEST(Events, UnfoldAtMostTwoHundredAndFiftySixTimes) {
  const Changes changes = {std::string(std::size_t{8} << 20, 'a')};
  const std::string payload = Encode(changes);
  EXPECT_GT(payload.size() * 256, changes[0].size());
  EXPECT_EQ(Decode(payload), changes);
}

TEST(Events, SurviveRandomDamage) {
  std::mt19937_64 random(7);
  Changes changes;
  for (int i = 0; i < 100; ++i) changes.push_back("change number " + std::to_string(i * i));
  const std::string whole = Encode(changes);
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = whole;
    damaged[random() % damaged.size()] ^= static_cast<char>(1U << (random() % 8));
    const auto decoded = Decode(damaged);
    // zlib checks what it expands; damage can only hide in what does not matter to it.
    if (decoded.has_value()) {
      EXPECT_EQ(*decoded, changes);
    } else {
      EXPECT_EQ(decoded.error().code(), Code::kCorrupt);
    }
  }
}

}  // namespace
}  // namespace reprise
