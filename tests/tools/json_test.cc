#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "tools/json_reader.h"
#include "tools/json_writer.h"
#include "tools/log_input.h"

namespace reprise::tools {
namespace {

Config Flatten(std::string_view text) {
  const Result<JsonNode> node = ParseJson(text);
  Config leaves;
  if (node.has_value()) FlattenJson(*node, "", &leaves);
  return leaves;
}

Value Scalar(std::string_view text) {
  const Result<JsonNode> node = ParseJson(text);
  EXPECT_TRUE(node.has_value()) << text;
  return node.has_value() ? node->scalar : Value();
}

std::string Json(const ValueView& value, NonFinite non_finite = NonFinite::kBare) {
  std::string text;
  AppendJsonValue(value, non_finite, &text);
  return text;
}

TEST(ParseJson, KeepsIntegersAndDoublesApart) {
  EXPECT_EQ(Scalar("1"), Value(std::int64_t{1}));
  EXPECT_EQ(Scalar("1.0"), Value(1.0));
  EXPECT_EQ(Scalar("1e0"), Value(1.0));
  EXPECT_EQ(Scalar("-0.0"), Value(-0.0));
  EXPECT_EQ(Scalar("true"), Value(true));
  EXPECT_EQ(Scalar(" null "), Value());
}

TEST(ParseJson, TakesIntegersBeyond64BitsAsDoubles) {
  EXPECT_EQ(Scalar("9223372036854775807"), Value(std::numeric_limits<std::int64_t>::max()));
  EXPECT_EQ(Scalar("-9223372036854775808"), Value(std::numeric_limits<std::int64_t>::min()));
  EXPECT_EQ(Scalar("9223372036854775808"), Value(9223372036854775808.0));
}

TEST(ParseJson, ReadsBareNonFiniteNumbers) {
  EXPECT_TRUE(std::isnan(Scalar("NaN").as_double()));
  EXPECT_EQ(Scalar("Infinity"), Value(std::numeric_limits<double>::infinity()));
  EXPECT_EQ(Scalar("-Infinity"), Value(-std::numeric_limits<double>::infinity()));
  const Config leaves = Flatten(R"({"a":NaN,"b":-Infinity})");
  ASSERT_EQ(leaves.size(), 2u);
  EXPECT_TRUE(std::isnan(leaves[0].second.as_double()));
}

TEST(ParseJson, RejectsWhatIsNoJson) {
  for (const char* text : {"", "{", "01", "1.", ".5", "+1", "nan", "{\"a\":}", "1 2", "'a'", "[1,]",
                           "\"\xC3\"", "{\"a\" 1}"}) {
    EXPECT_FALSE(ParseJson(text).has_value()) << text;
  }
}

TEST(ParseJson, MakesHalfAPairOfSurrogatesTheReplacementCharacter) {
  EXPECT_EQ(ParseJson(R"("a\udcffb")")->scalar.text(),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(ParseJson(R"({"\ude00":1})")->members[0].name, "\xEF\xBF\xBD");
  EXPECT_EQ(ParseJson(R"("\ud83d\ude00")")->scalar.text(), "\xF0\x9F\x98\x80");
  EXPECT_FALSE(ParseJson(R"("\ud83d")").has_value());
}

TEST(ParseJson, RefusesDeepNestingInsteadOfOverflowing) {
  const std::string deep = std::string(1000000, '[');
  EXPECT_FALSE(ParseJson(deep).has_value());
  std::string maps;
  for (int i = 0; i < 100000; ++i) maps += "{\"a\":";
  EXPECT_FALSE(ParseJson(maps).has_value());
}

TEST(FlattenJson, JoinsNestedMapsWithDots) {
  const Config want = {{"a.b", Value(1)}, {"a.c.d", Value("x")}, {"e", Value(true)}};
  EXPECT_EQ(Flatten(R"({"a":{"b":1,"c":{"d":"x"}},"e":true})"), want);
}

TEST(FlattenJson, KeepsListsAndTypedMapsAsTheirText) {
  const Config want = {
      {"image", Value(ValueView::Json(R"({"_type": "image-file", "size": [1, {"x": 2}]})"))},
      {"list", Value(ValueView::Json("[1, 2.50, [NaN]]"))},
      {"empty", Value(ValueView::Json("{}"))}};
  EXPECT_EQ(Flatten(R"({"image":{"_type": "image-file", "size": [1, {"x": 2}]},)"
                    R"("list":[1, 2.50, [NaN]],"empty":{}})"),
            want);
}

TEST(KeepLastOfEachPath, LetsTheLastValueWin) {
  Config leaves = {{"a.b", Value(1)}, {"c", Value(2)}, {"a.b", Value(3)}};
  KeepLastOfEachPath(&leaves);
  EXPECT_EQ(leaves, (Config{{"c", Value(2)}, {"a.b", Value(3)}}));
}

TEST(AsStep, TakesWholeNumbersOnly) {
  EXPECT_EQ(AsStep(ValueView(5)), 5);
  EXPECT_EQ(AsStep(ValueView(5.0)), 5);
  EXPECT_EQ(AsStep(ValueView(5.5)), std::nullopt);
  EXPECT_EQ(AsStep(ValueView("5")), std::nullopt);
  EXPECT_EQ(AsStep(ValueView(true)), std::nullopt);
  EXPECT_EQ(AsStep(ValueView(std::nan(""))), std::nullopt);
  EXPECT_EQ(AsStep(ValueView(1e300)), std::nullopt);
}

TEST(AsTime, RoundsToTheNearestMicrosecond) {
  EXPECT_EQ(AsTime(ValueView(1710246727.8440418)), 1710246727844042);
  EXPECT_EQ(AsTime(ValueView(3)), 3000000);
  EXPECT_EQ(AsTime(ValueView(std::numeric_limits<double>::infinity())), std::nullopt);
  EXPECT_EQ(AsTime(ValueView(1e300)), std::nullopt);
}

TEST(WriteJson, KeepsADoubleRecognizable) {
  EXPECT_EQ(Json(1.0), "1.0");
  EXPECT_EQ(Json(-0.0), "-0.0");
  EXPECT_EQ(Json(0.1), "0.1");
  EXPECT_EQ(Json(1e300), "1e+300");
  EXPECT_EQ(Json(1), "1");
}

TEST(WriteJson, WritesEveryDoubleSoThatItReadsBack) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 20000; ++i) {
    const double value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    ASSERT_EQ(Scalar(Json(value)), Value(value)) << Json(value);
  }
}

TEST(WriteJson, WritesNonFiniteNumbersBareOrAsStrings) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(Json(std::nan("")), "NaN");
  EXPECT_EQ(Json(-infinity), "-Infinity");
  EXPECT_EQ(Json(infinity, NonFinite::kString), "\"Infinity\"");
  EXPECT_EQ(Json(ValueView::Json("[NaN, {\"a\": -Infinity}]"), NonFinite::kString),
            R"(["NaN",{"a":"-Infinity"}])");
}

TEST(WriteJson, WritesJsonValuesAsTheyCameOnOneLine) {
  EXPECT_EQ(Json(ValueView::Json("{\"a\":\n[1, 2.50, 12345678901234567890123]}")),
            R"({"a":[1,2.50,12345678901234567890123]})");
  EXPECT_EQ(Json(ValueView::Json("no json\x1b")), R"("no json\u001b")");
}

TEST(WriteJson, EscapesWhatATerminalObeys) {
  EXPECT_EQ(Json("a\"\\\n\x1b\xC2\x9B\xFF损"), "\"a\\\"\\\\\\n\\u001b\\u009b\xEF\xBF\xBD损\"");
}

TEST(WriteJson, WritesBytesAsBase64) {
  EXPECT_EQ(Json(ValueView::Bytes("M")), R"({"_type":"bytes","base64":"TQ=="})");
  EXPECT_EQ(Json(ValueView::Bytes("Man")), R"({"_type":"bytes","base64":"TWFu"})");
}

TEST(ParseLogLine, HonoursStepAndTime) {
  const Result<LogRecord> record = ParseLogLine(R"({"_step":7,"_timestamp":1.5,"a":{"b":1}})", "");
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->options.step, 7);
  EXPECT_EQ(record->options.time, 1500000);
  EXPECT_EQ(record->fields, (Config{{"a.b", Value(1)}}));
}

TEST(ParseLogLine, TakesTheStepFromTheKeyAskedFor) {
  const Result<LogRecord> record = ParseLogLine(R"({"global_step":7.0,"loss":1})", "global_step");
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->options.step, 7);
  EXPECT_EQ(record->fields, (Config{{"loss", Value(1)}}));
}

TEST(ParseLogLine, RefusesStepsThatAreNone) {
  EXPECT_FALSE(ParseLogLine(R"({"_step":1.5})", "").has_value());
  EXPECT_FALSE(ParseLogLine(R"({"_step":1,"s":2})", "s").has_value());
  EXPECT_FALSE(ParseLogLine("[1]", "").has_value());
  EXPECT_EQ(ParseLogLine(R"({"_step":null})", "")->options.step, std::nullopt);
}

}  // namespace
}  // namespace reprise::tools
