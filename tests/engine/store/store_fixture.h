// A small store on disk, and ways to damage it.
#ifndef REPRISE_TESTS_ENGINE_STORE_STORE_FIXTURE_H_
#define REPRISE_TESTS_ENGINE_STORE_STORE_FIXTURE_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "reprise/store.h"
#include "reprise/verify.h"
#include "tests/support/file_bytes.h"
#include "tests/support/temp_dir.h"

namespace reprise {

class StoreFixture : public ::testing::Test {
 protected:
  // Two runs: one rewound and finished, one forked from it.
  void MakeStore() {
    Store store = Store::Open(path()).value();
    RunWriter a = Start(store, "a");
    LogRows(a, 100, 1.0);
    ASSERT_TRUE(a.Rewind(49).ok());
    LogRows(a, 50, 2.0);
    ASSERT_TRUE(a.Finish().ok());
    ForkOptions fork;
    fork.run_id = "b";
    ASSERT_TRUE(store.Fork(Moment{"a", {}, 70}, fork).has_value());
    RunOptions resume;
    resume.run_id = "b";
    resume.project = "e/p";
    resume.resume = Resume::kMust;
    RunWriter b = store.StartRun(resume).value();
    LogRows(b, 30, 3.0);
    ASSERT_TRUE(b.Finish().ok());
    const Status closed = store.Close();
    ASSERT_TRUE(closed.ok()) << closed.ToString();
  }

  static RunWriter Start(Store& store, const std::string& id) {
    RunOptions options;
    options.project = "e/p";
    options.run_id = id;
    return store.StartRun(options).value();
  }

  static void LogRows(RunWriter& run, int rows, double scale) {
    for (int i = 0; i < rows; ++i) {
      ASSERT_TRUE(run.Log({{"loss", scale / (i + 1)}, {"epoch", i}}).has_value());
    }
  }

  std::string path() const { return temp_.Of("store"); }

  VerifyReport Check(bool quick = false) const {
    VerifyOptions options;
    options.quick = quick;
    auto report = Verify(path(), options);
    EXPECT_TRUE(report.has_value()) << report.error().ToString();
    return report.value_or(VerifyReport());
  }

  static std::vector<std::string> Codes(const VerifyReport& report) {
    std::vector<std::string> codes;
    for (const Finding& finding : report.findings) codes.push_back(finding.code);
    return codes;
  }
  // All findings as text, for messages of tests.
  static std::string Text(const VerifyReport& report) {
    std::string text;
    for (const Finding& f : report.findings) {
      text += std::string(SeverityName(f.severity)) + " " + f.code + " " + f.file + "@" +
              std::to_string(f.offset) + " " + f.run + ": " + f.message + "\n";
    }
    return text;
  }

  // The only file of a directory of the store whose name ends so.
  std::string FileIn(const std::string& directory, const std::string& ending) const {
    std::string found;
    for (const auto& entry : std::filesystem::directory_iterator(path() + "/" + directory)) {
      if (!entry.path().string().ends_with(ending)) continue;
      EXPECT_EQ(found, "");
      found = entry.path();
    }
    EXPECT_NE(found, "");
    return found;
  }

  TempDir temp_;
};

}  // namespace reprise

#endif  // REPRISE_TESTS_ENGINE_STORE_STORE_FIXTURE_H_
