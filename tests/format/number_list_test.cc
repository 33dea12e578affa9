#include "format/number_list.h"

#include <gtest/gtest.h>

#include <string>

namespace reprise {
namespace {

// The lists of `text` as "1|2|3", or "1| 2| 3" if they are spaced; one after the other.
std::vector<std::string> ListsOf(std::string_view text) {
  std::vector<std::string> lists;
  NumberListReader reader(text);
  NumberList list;
  while (reader.Next(&list)) {
    std::string joined;
    std::string between;
    for (const std::string_view number : list.numbers) {
      joined += between;
      joined += number;
      between = list.spaced ? "| " : "|";
    }
    EXPECT_EQ(text.substr(list.begin, list.numbers[0].size()), list.numbers[0]);
    EXPECT_EQ(list.end, static_cast<std::size_t>(list.numbers.back().data() - text.data()) +
                            list.numbers.back().size());
    lists.push_back(joined);
  }
  return lists;
}

NumberTraits TraitsOf(std::string_view text) {
  NumberListReader reader(text);
  NumberList list;
  EXPECT_TRUE(reader.Next(&list)) << text;
  return list.traits;
}

using Lists = std::vector<std::string>;

TEST(NumberList, FindsTheListsOfAHistogram) {
  EXPECT_EQ(
      ListsOf(R"({"_type": "histogram", "values": [1, 2, 1], "bins": [-0.5, 1e-07, 2.0, 3]})"),
      (Lists{"1| 2| 1", "-0.5| 1e-07| 2.0| 3"}));
  EXPECT_EQ(ListsOf(R"({"values":[1,2],"bins":[0.5]})"), (Lists{"1|2", "0.5"}));
}

TEST(NumberList, EndsAListWhereTheSeparatorChanges) {
  EXPECT_EQ(ListsOf("1,2, 3,4"), (Lists{"1|2", "3|4"}));
  EXPECT_EQ(ListsOf("1, 2,3"), (Lists{"1| 2", "3"}));
  EXPECT_EQ(ListsOf("[1, 2], [3, 4]"), (Lists{"1| 2", "3| 4"}));
  EXPECT_EQ(ListsOf("1,,2,"), (Lists{"1", "2"}));
  EXPECT_EQ(ListsOf("1, x"), (Lists{"1"}));
}

TEST(NumberList, LeavesWordsAndDatesAlone) {
  EXPECT_EQ(ListsOf("v1.2 2024-05-01 12px x7 1_000 0x1F 1e 1.2.3 5. .5 +5 - -x 3-4 1E5"), Lists{});
  EXPECT_EQ(ListsOf("12:30:05"), (Lists{"12", "30", "05"}));
  EXPECT_EQ(ListsOf("12345678901234567890123456"), Lists{});
  EXPECT_EQ(ListsOf(""), Lists{});
}

TEST(NumberList, TellsHowNumbersAreWritten) {
  EXPECT_TRUE(TraitsOf("1, 2").integer);
  EXPECT_FALSE(TraitsOf("1, 2").fraction);
  EXPECT_TRUE(TraitsOf("1, 2.5").integer);
  EXPECT_TRUE(TraitsOf("1, 2.5").fraction);
  EXPECT_FALSE(TraitsOf("1.5, 1e-07").integer);
  EXPECT_FALSE(TraitsOf("1.5, 1e-07").javascript);
  EXPECT_TRUE(TraitsOf("1.5, 1e-7").javascript);
  EXPECT_TRUE(TraitsOf("-0.00001").javascript);
  EXPECT_FALSE(TraitsOf("10.00001").javascript);
}

}  // namespace
}  // namespace reprise
