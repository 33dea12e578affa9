// Samples of random histories, against working them out value by value.
//
// REPRISE_SAMPLE_SEED: the first seed, else always the same ones.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <random>

#include "tests/support/naive_sample.h"
#include "tests/support/run_fixture.h"

namespace reprise {
namespace {

constexpr std::uint64_t kDefaultSeed = 20'000;
constexpr std::uint64_t kSeeds = 4;

std::uint64_t FirstSeed() {
  const char* text = std::getenv("REPRISE_SAMPLE_SEED");
  return text == nullptr ? kDefaultSeed : std::strtoull(text, nullptr, 10);
}

class SampleRandom : public RunFixture, public ::testing::WithParamInterface<std::uint64_t> {
 protected:
  std::uint64_t Below(std::uint64_t limit) { return random_() % limit; }

  double AnyDouble(std::uint64_t kind) {
    const double plain = static_cast<double>(Below(2'000'001)) / 1000 - 1000;
    if (kind == 0) return plain;
    switch (Below(40)) {
      case 0:
        return std::numeric_limits<double>::quiet_NaN();
      case 1:
        return kind > 1 ? std::numeric_limits<double>::infinity() : -0.0;
      case 2:
        return kind > 2 ? -std::numeric_limits<double>::infinity() : 0.0;
      case 3:
        return std::numeric_limits<double>::max();
      case 4:
        return std::numeric_limits<double>::denorm_min();
      default:
        return kind == 1 ? plain : std::ldexp(plain, static_cast<int>(Below(1900)) - 950);
    }
  }

  std::int64_t AnyInt64() {
    if (Below(3) == 0) return static_cast<std::int64_t>(random_());
    return (std::int64_t{1} << 53) + static_cast<std::int64_t>(Below(5));
  }

  // How far apart steps are: mostly neighbours, sometimes far.
  Step Gap(std::uint64_t style) {
    if (style == 0 || Below(3) != 0) return 1;
    return 1 + static_cast<Step>(Below(style == 1 ? 5 : std::uint64_t{1} << 44));
  }

  // Many rows of one shape. Each kind of column now and then.
  void AppendMany(RunWriter& run) {
    const std::uint64_t style = Below(3);
    std::vector<Step> steps;
    Step step = run.next_step() - 1;
    for (std::uint64_t i = 1 + Below(Below(2) == 0 ? 400 : 7000); i > 0; --i) {
      step += Gap(style);
      steps.push_back(step);
    }
    std::vector<double> doubles;
    std::vector<double> wild;
    std::vector<std::int64_t> integers;
    const std::uint64_t kind = Below(4);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      doubles.push_back(AnyDouble(0));
      wild.push_back(Below(500) == 0 || kind > 0 ? AnyDouble(kind) : std::nan(""));
      integers.push_back(AnyInt64());
    }
    std::vector<ColumnBatch::Column> columns;
    if (Below(4) != 0) columns.push_back({"calm", Type::kDouble, doubles, {}, {}});
    if (Below(5) == 0) {
      columns.push_back({"mixed", Type::kDouble, doubles, {}, {}});
    } else {
      columns.push_back({"mixed", Type::kInt64, {}, integers, {}});
    }
    if (Below(3) != 0) columns.push_back({"wild", Type::kDouble, wild, {}, {}});
    ColumnBatch batch;
    batch.steps = steps;
    batch.columns = columns;
    const auto appended = run.AppendColumns(batch);
    ASSERT_TRUE(appended) << appended.error().ToString();
  }

  // Rows whose shapes alternate; text, null and bools among the numbers.
  void LogMany(RunWriter& run) {
    for (std::uint64_t i = Below(5000); i > 0; --i) {
      std::vector<Field> fields = {{"calm", AnyDouble(0)}};
      if (Below(2) == 0) fields.push_back({"mixed", Below(2) == 0});
      if (Below(8) == 0) {
        fields.push_back({"wild", Below(2) == 0 ? ValueView("text") : ValueView()});
      }
      if (Below(8) == 0) fields[0].value = AnyInt64();
      const auto logged = run.Log(fields);
      ASSERT_TRUE(logged) << logged.error().ToString();
    }
  }

  Step AnyStep(const History& history) {
    const Step last = std::max<Step>(history.last_step(), 1);
    const Step any = static_cast<Step>(Below(static_cast<std::uint64_t>(last) + 1));
    return Below(4) == 0 ? std::min(any, Step{100}) : any;
  }

  void CheckOne(const History& history, const std::string& key, const Series& series,
                SampleOptions options) {
    const auto& steps = options.steps;
    const auto sampled = history.Sample(key, options);
    ASSERT_TRUE(sampled) << sampled.error().ToString();
    ASSERT_EQ(sampled->size(), options.buckets);
    const StepRange range{steps ? steps->first : sampled->front().steps.first,
                          steps ? steps->last : history.last_step()};
    const std::string difference = options.snapped ? FindSnappedDifference(*sampled, series, range)
                                                   : FindSampleDifference(*sampled, series, range);
    ASSERT_EQ(difference, "") << key << (options.snapped ? " snapped" : "") << " at " << range.first
                              << ".." << range.last << " of branch " << history.branch();
  }

  // Steps at random, so that samples before and after something are of the same.
  void CheckKey(const History& history, const std::string& key, std::uint64_t seed) {
    random_.seed(seed);
    const auto series = history.ReadSeries(key);
    if (!series) {
      EXPECT_EQ(CodeOf(history.Sample(key)), series.error().code());
      return;
    }
    for (const std::uint64_t buckets : {1U, 2U, 3U, 7U, 50U, 1000U, 20'000U}) {
      SampleOptions options;
      options.buckets = buckets;
      ASSERT_NO_FATAL_FAILURE(CheckOne(history, key, *series, options));
      options.snapped = true;
      ASSERT_NO_FATAL_FAILURE(CheckOne(history, key, *series, options));
      const Step one = AnyStep(history);
      const Step other = AnyStep(history);
      options.steps = {std::min(one, other), std::max(one, other)};
      ASSERT_NO_FATAL_FAILURE(CheckOne(history, key, *series, options));
      options.snapped = false;
      ASSERT_NO_FATAL_FAILURE(CheckOne(history, key, *series, options));
    }
  }

  void CheckAll(std::uint64_t seed) {
    for (const std::string& run : runs_) {
      const auto history = store().OpenHistory(At(run));
      ASSERT_TRUE(history) << history.error().ToString();
      for (const char* key : {"calm", "mixed", "wild"}) {
        ASSERT_NO_FATAL_FAILURE(CheckKey(*history, key, seed)) << run;
      }
    }
  }

  void RewindSomewhere(RunWriter& run) {
    if (run.next_step() == 0) return;
    const auto history = store().OpenHistory(At(run.run_id()));
    ASSERT_TRUE(history) << history.error().ToString();
    ASSERT_TRUE(run.Rewind(std::min(AnyStep(*history), history->last_committed_step())).ok());
  }

  void ForkSomewhere() {
    const std::string& from = runs_[Below(runs_.size())];
    const auto history = store().OpenHistory(At(from));
    ASSERT_TRUE(history) << history.error().ToString();
    const Step step = std::min(AnyStep(*history), history->last_committed_step());
    const std::string id = "run" + std::to_string(runs_.size());
    RunOptions options;
    options.fork_from = At(fmt::format("{}?_step={}", from, step));
    writers_.emplace(id, Start(id, std::move(options)));
    runs_.push_back(id);
  }

  void Act() {
    const std::string& id = runs_[Below(runs_.size())];
    if (!writers_.contains(id)) writers_.emplace(id, Start(id));
    RunWriter& run = writers_.at(id);
    switch (Below(7)) {
      case 0:
        return LogMany(run);
      case 1:
        return RewindSomewhere(run);
      case 2:
        return runs_.size() < 4 ? ForkSomewhere() : AppendMany(run);
      case 3:
        ASSERT_TRUE(run.Finish().ok());
        writers_.erase(id);
        return;
      default:
        return AppendMany(run);
    }
  }

  std::mt19937_64 random_{GetParam()};
  std::vector<std::string> runs_{"run0"};
  std::map<std::string, RunWriter> writers_;
};

TEST_P(SampleRandom, IsWhatTheValuesGive) {
  SCOPED_TRACE("REPRISE_SAMPLE_SEED=" + std::to_string(GetParam()));
  for (int i = 0; i < 8; ++i) {
    for (int act = 0; act < 4; ++act) ASSERT_NO_FATAL_FAILURE(Act());
    const std::uint64_t seed = random_();
    ASSERT_NO_FATAL_FAILURE(CheckAll(seed));
    if (i % 3 != 2) {
      random_.seed(seed + 1);
      continue;
    }
    writers_.clear();
    Reopen();
    ASSERT_NO_FATAL_FAILURE(CheckAll(seed)) << "once sealed";
    random_.seed(seed + 1);
  }
  writers_.clear();
  CloseStore();
  ASSERT_TRUE(RebuildCatalog(path()).ok());
  Reopen();
  ASSERT_NO_FATAL_FAILURE(CheckAll(GetParam())) << "once rebuilt";
}
INSTANTIATE_TEST_SUITE_P(Seeds, SampleRandom, ::testing::Range(FirstSeed(), FirstSeed() + kSeeds));

}  // namespace
}  // namespace reprise
