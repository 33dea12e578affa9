#include "bench/slow_texts.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <string_view>

#include "format/checksum.h"
#include "format/number_text.h"

namespace reprise::bench {
namespace {

std::mt19937_64& Random() {
  static std::mt19937_64 random(1);
  return random;
}
std::uint64_t Below(std::uint64_t limit) { return Random()() % limit; }
double Draw() { return static_cast<double>(Random()() >> 11U) * 0x1p-53; }

std::string RandomBytes(std::size_t count, std::uint64_t most) {
  std::string text(count, ' ');
  for (char& c : text) c = static_cast<char>(Below(most));
  return text;
}
std::string RandomLetters(std::size_t count) {
  std::string text(count, ' ');
  for (char& c : text) c = static_cast<char>('a' + Below(26));
  return text;
}

// Twelve characters whose hash begins with eight zeros: in a table of 2^k slots they share 2^(k -
// 8).
std::string Colliding() {
  for (;;) {
    std::string text = "life" + std::to_string(Below(90'000'000) + 10'000'000);
    if (Hash(text) >> 56U == 0) return text;
  }
}

std::string Number(double value, NumberStyle style = NumberStyle::kPython) {
  std::string text;
  PrintNumber(std::bit_cast<std::uint64_t>(value), style, &text);
  return text;
}

// "[1, 2, 3]" of what `number` gives.
std::string List(std::size_t count, const std::function<std::string(std::size_t i)>& number) {
  std::string text = "[";
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += ", ";
    text += number(i);
  }
  return text + "]";
}

// Edges of equal width, of a type that Narrow rounds to.
template <typename Narrow>
std::string Histogram(Narrow narrow) {
  const double first = -1 - Draw() / 3;
  const double step = (1 - first) / 64;
  const auto count = [](std::size_t i) { return std::to_string(Below(30) * i * (64 - i) / 64); };
  const auto edge = [&](std::size_t i) {
    return Number(narrow(static_cast<double>(i) * step + first));
  };
  return R"({"_type": "histogram", "values": )" + List(64, count) + R"(, "bins": )" +
         List(65, edge) + "}";
}

// Eight fields of one number each.
std::string Record(std::size_t row) {
  std::string text = "{";
  for (char key = 'a'; key < 'i'; ++key) {
    text += std::string(R"(")") + key + R"(": )";
    text += key % 2 == 0 ? std::to_string(row + Below(10)) : Number(std::round(Draw() * 1e4) / 1e4);
    text += ", ";
  }
  return text + R"("end": true})";
}

void AddRandomTexts(std::vector<TextRule>* rules) {
  for (const std::size_t size : {1U, 2U, 3U, 5U, 8U, 16U, 64U, 256U, 257U, 4'096U, 65'536U}) {
    rules->push_back({"random bytes, " + std::to_string(size) + " a row",
                      [size](std::size_t) { return RandomBytes(size, 256); }});
  }
  for (const std::size_t size : {1U, 4U, 12U, 48U, 1'024U}) {
    rules->push_back({"random letters, " + std::to_string(size) + " a row",
                      [size](std::size_t) { return RandomLetters(size); }});
  }
  rules->push_back(
      {"random letters, 1 to 16 a row", [](std::size_t) { return RandomLetters(1 + Below(16)); }});
}

void AddDictionaryTexts(std::vector<TextRule>* rules) {
  const auto add = [rules](const char* name, auto at) { rules->push_back({name, at}); };
  add("one text of 1 byte", [](std::size_t) { return std::string("x"); });
  add("two texts of 4 bytes",
      [](std::size_t) { return std::string(Below(2) == 0 ? "good" : "evil"); });
  add("texts that differ after 200 bytes",
      [](std::size_t) { return std::string(200, 'a') + RandomLetters(8); });
  add("texts that begin with 3 letters of one, 8 a row",
      [](std::size_t) { return "abc" + RandomLetters(5); });
  add("each text twice, 8 bytes", [last = std::string()](std::size_t row) mutable {
    if (row % 2 == 0) last = RandomLetters(8);
    return last;
  });
  add("each text twice, 2,000 bytes that differ late",
      [last = std::string()](std::size_t row) mutable {
        if (row % 2 == 0) last = std::string(1'992, 'a') + RandomLetters(8);
        return last;
      });
  add("texts that collide", [](std::size_t) { return Colliding(); });
  add("names with a rising number",
      [](std::size_t row) { return "checkpoint-" + std::to_string(row * 7); });
}

// Texts in which numbers are looked for, in vain or almost.
void AddAlmostTemplates(std::vector<TextRule>* rules) {
  const auto add = [rules](const char* name, auto at) { rules->push_back({name, at}); };
  add("random digits, 512 a row", [](std::size_t) {
    std::string text(512, '0');
    for (char& c : text) c = static_cast<char>('0' + Below(10));
    return text;
  });
  add("one number among words",
      [](std::size_t row) { return "the loss of the step is " + std::to_string(row) + " now"; });
  add("a quarter numbers, other words in every row", [](std::size_t) {
    std::string text;
    for (int i = 0; i < 16; ++i) text += RandomLetters(9) + " " + std::to_string(Below(9000)) + " ";
    return text;
  });
  add("a log line", [](std::size_t row) {
    return "step " + std::to_string(row) + " loss " + Number(std::round(Draw() * 1e4) / 1e4);
  });
}

void AddPlainLists(std::vector<TextRule>* rules) {
  const auto add = [rules](const char* name, auto at) { rules->push_back({name, at}); };
  const auto list = [add](const char* name, std::size_t count, auto number) {
    add(name, [count, number](std::size_t) { return List(count, number); });
  };
  list("512 digits", 512, [](std::size_t) { return std::to_string(Below(10)); });
  list("256 bytes as numbers", 256, [](std::size_t) { return std::to_string(Below(256)); });
  list("128 integers of 10 digits", 128,
       [](std::size_t) { return std::to_string(Random()() >> 31U); });
  list("128 integers of 18 digits", 128,
       [](std::size_t) { return std::to_string(Random()() >> 5U); });
  list("64 doubles of 17 digits", 64, [](std::size_t) { return Number(Draw()); });
  list("64 float32 values", 64,
       [](std::size_t) { return Number(static_cast<double>(static_cast<float>(Draw()))); });
  list("128 decimals of 4 places", 128,
       [](std::size_t) { return Number(std::round(Draw() * 1e4) / 1e4); });
  list("64 doubles with exponents", 64, [](std::size_t) {
    return Number(std::ldexp(Draw(), static_cast<int>(Below(2000)) - 1000));
  });
  list("128 decimals with zeros at the end", 128,
       [](std::size_t) { return std::to_string(Below(10)) + ".50"; });
  list("64 doubles and a NaN", 65,
       [](std::size_t i) { return i == 64 ? std::string("NaN") : Number(Draw()); });
  list("64 doubles in two styles", 64, [](std::size_t i) {
    return Number(i % 2 == 0 ? 3.0 : Draw() * 1e-6,
                  i % 4 == 0 ? NumberStyle::kJavaScript : NumberStyle::kPython);
  });
  add("lists of 1 to 128 doubles",
      [](std::size_t) { return List(Below(128) + 1, [](std::size_t) { return Number(Draw()); }); });
  add("lists of 1 to 256 digits", [](std::size_t) {
    return List(Below(256) + 1, [](std::size_t) { return std::to_string(Below(10)); });
  });
}

void AddRecords(std::vector<TextRule>* rules) {
  const auto add = [rules](const char* name, auto at) { rules->push_back({name, at}); };
  add("histograms, float64", [](std::size_t) { return Histogram([](double x) { return x; }); });
  add("histograms, float32", [](std::size_t) {
    return Histogram([](double x) { return static_cast<double>(static_cast<float>(x)); });
  });
  add("records of eight numbers", Record);
  add("records of one number",
      [](std::size_t) { return R"({"x": )" + std::to_string(Below(100)) + "}"; });
  add("32 pairs of numbers", [](std::size_t) {
    return List(32, [](std::size_t) {
      return List(2, [](std::size_t) { return std::to_string(Below(640)); });
    });
  });
  add("the eighth list is long", [](std::size_t) {
    std::string text;
    for (int i = 0; i < 7; ++i) text += std::to_string(Below(10)) + ";";
    return text + List(128, [](std::size_t) { return Number(Draw()); });
  });
}

}  // namespace

std::vector<TextRule> SlowTexts() {
  std::vector<TextRule> rules;
  AddRandomTexts(&rules);
  AddDictionaryTexts(&rules);
  AddAlmostTemplates(&rules);
  return rules;
}

std::vector<TextRule> SlowLists() {
  std::vector<TextRule> rules;
  AddPlainLists(&rules);
  AddRecords(&rules);
  return rules;
}

}  // namespace reprise::bench
