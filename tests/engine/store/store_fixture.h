// A small store on disk, and ways to damage it.
#ifndef REPRISE_TESTS_ENGINE_STORE_STORE_FIXTURE_H_
#define REPRISE_TESTS_ENGINE_STORE_STORE_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "engine/io/io.h"
#include "engine/segment/pack_reader.h"
#include "reprise/store.h"
#include "reprise/verify.h"
#include "tests/support/child_process.h"
#include "tests/support/file_bytes.h"
#include "tests/support/temp_dir.h"

namespace reprise {

// Of findings that are about no rows.
inline constexpr StepRange kNoSteps{0, -1};

// A test that leaves its store sound ends with one in which verify finds nothing; one whose last
// Check found something was meant to leave it so.
class StoreFixture : public ::testing::Test {
 protected:
  void TearDown() override {
    if (found_something_ || IsSkipped() || !std::filesystem::exists(path() + "/STORE")) return;
    const VerifyReport report = Check();
    EXPECT_THAT(Codes(report), ::testing::IsEmpty()) << Text(report);
  }

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

  // One finished run without rows.
  void MakeRun(const std::string& id) {
    Store store = Store::Open(path()).value();
    ASSERT_TRUE(Start(store, id).Finish().ok());
    ASSERT_TRUE(store.Close().ok());
  }

  // A process that logs 100 rows, each in a group of its own, and is killed.
  void MakeKilledStore() {
    const int code = RunInChild([&] {
      Store store = Store::Open(path()).value();
      RunWriter run = Start(store, "killed");
      LogRows(run, 100, 1.0);
      if (!run.Sync().ok()) return 1;
      return kill(getpid(), SIGKILL);
    });
    ASSERT_EQ(code, -SIGKILL);
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

  // As thoroughly as can be, unless asked otherwise.
  VerifyReport Check(const VerifyOptions& options = {.depth = VerifyDepth::kDeep}) {
    auto report = Verify(path(), options);
    EXPECT_TRUE(report.has_value()) << report.error().ToString();
    if (!report) return {};
    found_something_ = !report->findings.empty();
    for (const Finding& finding : report->findings) EXPECT_TRUE(Advises(finding)) << Text(finding);
    return *report;
  }
  VerifyReport CheckAt(VerifyDepth depth) { return Check({.depth = depth}); }

  // For a test that damages the store and never checks it.
  void LeaveDamaged() { found_something_ = true; }

  // Whether the deep verify finds this and nothing else.
  ::testing::AssertionResult FindsOnly(const Finding& expected) {
    const VerifyReport report = Check();
    if (report.findings.size() != 1) {
      return ::testing::AssertionFailure() << "not one finding:\n" << Text(report);
    }
    return IsFinding(report.findings[0], expected);
  }
  // Place, run and gravity must be equal, and the length unless none is expected;
  // `expected.message` is part of the message.
  static ::testing::AssertionResult IsFinding(const Finding& found, const Finding& expected) {
    const bool same = found.code == expected.code && found.severity == expected.severity &&
                      found.file == expected.file && found.offset == expected.offset &&
                      found.run == expected.run && found.steps == expected.steps &&
                      (expected.length == 0 || found.length == expected.length) &&
                      found.message.find(expected.message) != std::string::npos;
    if (same) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure()
           << "found    " << Text(found) << "expected " << Text(expected);
  }
  // Whether it says what to do, other than what was done to find it.
  static bool Advises(const Finding& finding) {
    return finding.message.find("; ") != std::string::npos &&
           finding.message.find("reprise verify") == std::string::npos;
  }

  static std::vector<std::string> Codes(const VerifyReport& report) {
    std::vector<std::string> codes;
    for (const Finding& finding : report.findings) codes.push_back(finding.code);
    return codes;
  }
  // All findings as text, for messages of tests.
  static std::string Text(const VerifyReport& report) {
    std::string text;
    for (const Finding& finding : report.findings) text += Text(finding);
    return text;
  }
  static std::string Text(const Finding& f) {
    return std::string(SeverityName(f.severity)) + " " + f.code + " " + f.file + "@" +
           std::to_string(f.offset) + " " + f.run + " " + std::to_string(f.steps.first) + ".." +
           std::to_string(f.steps.last) + ": " + f.message + "\n";
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

  // The same, as findings name it.
  std::string NameIn(const std::string& directory, const std::string& ending) const {
    return FileIn(directory, ending).substr(path().size() + 1);
  }
  std::string OnlyPack() const { return NameIn("packs", ".pack"); }

  // The whole frames of the store's one pack; payloads are gone.
  std::vector<PackFrame> Frames() const {
    const auto packs = SystemIo().files->OpenDirectory(path() + "/packs").value();
    const auto pack = PackFile::Open(*packs, ListPacks(*packs).value().at(0)).value();
    std::vector<PackFrame> frames;
    const auto keep = [&](const PackFrame& frame) -> Status {
      frames.push_back({frame.kind, frame.ref, {}});
      return {};
    };
    EXPECT_TRUE(pack->Scan(keep, [](const PackDamage&) { return Status(); }).ok());
    return frames;
  }
  std::vector<SegmentRef> Segments() const {
    std::vector<SegmentRef> segments;
    for (const PackFrame& frame : Frames()) {
      if (frame.kind == PackFrame::Kind::kSegment) segments.push_back(frame.ref);
    }
    return segments;
  }

  TempDir temp_;

 private:
  bool found_something_ = false;  // by the last Check
};

}  // namespace reprise

#endif  // REPRISE_TESTS_ENGINE_STORE_STORE_FIXTURE_H_
