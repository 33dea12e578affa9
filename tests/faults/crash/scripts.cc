#include "tests/faults/crash/scripts.h"

#include <array>
#include <limits>

#include "format/try.h"

namespace reprise {

namespace {

Status OpenTwice(Workload& work) {
  REPRISE_TRY_ASSIGN(const int first, work.Open(Durability::kProcess));
  REPRISE_TRY(work.Close(first));
  REPRISE_TRY_ASSIGN(const int second, work.Open(Durability::kProcess));
  REPRISE_TRY(work.Start(second, "a"));
  REPRISE_TRY(work.Log(second, "a", Value(1)));
  return work.Close(second);
}

// Rows of every form, an open one among them.
Status AppendUnder(Workload& work, Durability level) {
  REPRISE_TRY_ASSIGN(const int store, work.Open(level));
  REPRISE_TRY(work.Start(store, "a"));
  REPRISE_TRY(work.LogRows(store, "a", 3));
  REPRISE_TRY(work.LogAt(store, "a", 10, {{"x", Value(0.5)}, {"text", Value("two\nlines")}}, {}));
  REPRISE_TRY(work.LogAt(store, "a", 10, {{"z", Value(true)}}, {}));
  REPRISE_TRY(work.LogAt(store, "a", 11, {{"x", Value(-0.0)}}, true));
  REPRISE_TRY(work.Sync(store));
  REPRISE_TRY(work.Append(store, "a", 4));
  REPRISE_TRY(work.Start(store, "b"));
  REPRISE_TRY(work.Log(store, "b", Value(std::numeric_limits<double>::infinity())));
  REPRISE_TRY(work.Log(store, "a", Value(std::string(700, 'l'))));
  REPRISE_TRY(work.Configure(store, "a", {{"lr", Value(1e-3)}}));
  REPRISE_TRY(work.LogRows(store, "b", 2));
  REPRISE_TRY(work.Finish(store, "a", 0));
  REPRISE_TRY(work.LogRows(store, "b", 2));
  return {};
}

Status AppendNone(Workload& work) { return AppendUnder(work, Durability::kNone); }
Status AppendProcess(Workload& work) { return AppendUnder(work, Durability::kProcess); }
Status AppendDisk(Workload& work) { return AppendUnder(work, Durability::kDisk); }

// A sync fails: what was written goes to a new file, or to another pack.
Status Mend(Workload& work) {
  REPRISE_TRY_ASSIGN(const int store, work.Open(Durability::kProcess));
  REPRISE_TRY(work.Start(store, "a"));
  REPRISE_TRY(work.LogRows(store, "a", 4));
  work.FailNextSync();
  REPRISE_TRY(work.Sync(store));
  REPRISE_TRY(work.LogRows(store, "a", 2));
  work.FailNextSync();
  REPRISE_TRY(work.Configure(store, "a", {{"lr", Value(1e-3)}}));
  REPRISE_TRY(work.LogRows(store, "a", 2));
  REPRISE_TRY(work.Sync(store));
  return work.LogRows(store, "a", 2);
}

Status SealRows(Workload& work) {
  REPRISE_TRY_ASSIGN(const int store, work.Open(Durability::kProcess));
  REPRISE_TRY(work.Start(store, "a"));
  REPRISE_TRY(work.Start(store, "b"));
  REPRISE_TRY(work.LogRows(store, "a", 4));
  REPRISE_TRY(work.LogRows(store, "b", 2));
  REPRISE_TRY(work.Seal(store, "a"));
  REPRISE_TRY(work.LogAt(store, "a", 7, {{"x", Value(7)}}, false));
  REPRISE_TRY(work.Rotate(store));
  REPRISE_TRY(work.LogRows(store, "b", 2));
  REPRISE_TRY(work.LogRows(store, "a", 2));
  REPRISE_TRY(work.Seal(store, "b"));
  REPRISE_TRY(work.Rotate(store));
  REPRISE_TRY(work.Log(store, "b", Value(9)));
  return work.Close(store);
}

Status MergeSegments(Workload& work) {
  REPRISE_TRY_ASSIGN(const int store, work.Open(Durability::kProcess));
  REPRISE_TRY(work.Start(store, "a"));
  for (int i = 0; i < 5; ++i) {
    REPRISE_TRY(work.LogRows(store, "a", 2));
    REPRISE_TRY(work.Seal(store, "a"));
  }
  REPRISE_TRY(work.Merge(store, "a"));
  REPRISE_TRY(work.Log(store, "a", Value(1)));
  return work.Close(store);
}

Status RewindRuns(Workload& work) {
  REPRISE_TRY_ASSIGN(const int store, work.Open(Durability::kProcess));
  REPRISE_TRY(work.Start(store, "a"));
  REPRISE_TRY(work.LogRows(store, "a", 5));
  REPRISE_TRY(work.Rewind(store, "a", 2));
  REPRISE_TRY(work.LogRows(store, "a", 3));
  REPRISE_TRY(work.LogAt(store, "a", 20, {{"x", Value(20)}}, false));
  REPRISE_TRY(work.Rewind(store, "a", 4));
  REPRISE_TRY(work.Log(store, "a", Value(50)));
  REPRISE_TRY(work.Finish(store, "a", 0));
  REPRISE_TRY(work.RewindOutside(store, "a", 1));
  REPRISE_TRY(work.Restore(store, "a", 1));
  REPRISE_TRY(work.Start(store, "a"));
  return work.LogRows(store, "a", 2);
}

Status ForkRuns(Workload& work) {
  REPRISE_TRY_ASSIGN(const int store, work.Open(Durability::kProcess));
  REPRISE_TRY(work.Start(store, "a"));
  REPRISE_TRY(work.LogRows(store, "a", 4));
  REPRISE_TRY(work.Fork(store, "a", 2, "b"));
  REPRISE_TRY(work.LogRows(store, "a", 2));
  REPRISE_TRY(work.Start(store, "b"));
  REPRISE_TRY(work.LogRows(store, "b", 3));
  REPRISE_TRY_ASSIGN(const int other, work.Open(Durability::kProcess));
  REPRISE_TRY(work.Fork(other, "b", 4, "c"));
  REPRISE_TRY(work.Start(other, "c"));
  REPRISE_TRY(work.LogRows(other, "c", 2));
  REPRISE_TRY(work.LogRows(store, "b", 2));
  return work.Close(store);
}

Status DeleteRuns(Workload& work) {
  REPRISE_TRY_ASSIGN(const int store, work.Open(Durability::kProcess));
  REPRISE_TRY(work.Start(store, "a"));
  REPRISE_TRY(work.LogRows(store, "a", 3));
  REPRISE_TRY(work.Fork(store, "a", 1, "b"));
  REPRISE_TRY(work.Finish(store, "a", 0));
  REPRISE_TRY(work.Delete(store, "a"));
  REPRISE_TRY(work.Start(store, "a"));
  REPRISE_TRY(work.LogRows(store, "a", 2));
  REPRISE_TRY(work.Finish(store, "a", 1));
  REPRISE_TRY(work.Delete(store, "a"));
  REPRISE_TRY(work.Start(store, "b"));
  return work.Log(store, "b", Value(1));
}

Status ChangeMetadata(Workload& work) {
  REPRISE_TRY_ASSIGN(const int store, work.Open(Durability::kProcess));
  REPRISE_TRY(work.Start(store, "a"));
  REPRISE_TRY(work.Log(store, "a", Value(1)));
  REPRISE_TRY(work.Annotate(store, "a", "first", "of two"));
  REPRISE_TRY_ASSIGN(const int other, work.Open(Durability::kProcess));
  REPRISE_TRY(work.Annotate(other, "a", "second", std::string(600, 'n')));
  REPRISE_TRY(work.Log(store, "a", Value(2)));
  REPRISE_TRY(work.Configure(store, "a", {{"a.b", Value(1)}, {"c", Value("d")}}));
  REPRISE_TRY(work.Annotate(other, "a", "third", ""));
  REPRISE_TRY(work.Configure(store, "a", {{"a.b", Value(2)}}));
  REPRISE_TRY(work.Close(other));
  return work.Log(store, "a", Value(3));
}

Status FinishRuns(Workload& work) {
  REPRISE_TRY_ASSIGN(const int store, work.Open(Durability::kProcess));
  REPRISE_TRY(work.Start(store, "a"));
  REPRISE_TRY(work.Start(store, "b"));
  REPRISE_TRY(work.LogAt(store, "a", 3, {{"x", Value(3)}}, false));
  REPRISE_TRY(work.LogRows(store, "b", 2));
  REPRISE_TRY(work.Finish(store, "a", 0));
  REPRISE_TRY(work.Start(store, "a"));
  REPRISE_TRY(work.LogRows(store, "a", 2));
  REPRISE_TRY(work.Finish(store, "b", 3));
  REPRISE_TRY(work.Finish(store, "a", 0));
  return work.Close(store);
}

// Two processes die; each time the next one adopts what was left.
Status AdoptSessions(Workload& work) {
  REPRISE_TRY_ASSIGN(const int first, work.Open(Durability::kProcess));
  REPRISE_TRY(work.Start(first, "a"));
  REPRISE_TRY(work.Start(first, "b"));
  REPRISE_TRY(work.LogRows(first, "a", 3));
  REPRISE_TRY(work.Rewind(first, "a", 1));
  REPRISE_TRY(work.LogRows(first, "a", 2));
  REPRISE_TRY(work.LogRows(first, "b", 2));
  work.Kill();
  REPRISE_TRY_ASSIGN(const int second, work.Open(Durability::kProcess));
  REPRISE_TRY(work.Start(second, "a"));
  REPRISE_TRY(work.LogRows(second, "a", 2));
  work.Kill();
  REPRISE_TRY_ASSIGN(const int third, work.Open(Durability::kProcess));
  REPRISE_TRY(work.Start(third, "a"));
  REPRISE_TRY(work.Log(third, "a", Value(1)));
  return work.Close(third);
}

Status TakeOver(Workload& work) {
  REPRISE_TRY_ASSIGN(const int first, work.Open(Durability::kProcess));
  REPRISE_TRY(work.Start(first, "a"));
  REPRISE_TRY(work.LogRows(first, "a", 3));
  REPRISE_TRY(work.LogAt(first, "a", 9, {{"x", Value(9)}}, false));
  REPRISE_TRY_ASSIGN(const int second, work.Open(Durability::kProcess));
  REPRISE_TRY(work.Start(second, "a", true));
  REPRISE_TRY(work.ExpectFenced(first, "a"));
  REPRISE_TRY(work.LogRows(second, "a", 3));
  REPRISE_TRY(work.Close(first));
  REPRISE_TRY(work.LogRows(second, "a", 1));
  return work.Finish(second, "a", 0);
}

Status RebuildCatalogs(Workload& work) {
  REPRISE_TRY_ASSIGN(const int first, work.Open(Durability::kProcess));
  REPRISE_TRY(work.Start(first, "a"));
  REPRISE_TRY(work.LogRows(first, "a", 3));
  REPRISE_TRY(work.Fork(first, "a", 1, "b"));
  REPRISE_TRY(work.Rebuild());
  REPRISE_TRY(work.LogRows(first, "a", 2));
  REPRISE_TRY(work.Close(first));
  REPRISE_TRY(work.Rebuild());
  REPRISE_TRY_ASSIGN(const int second, work.Open(Durability::kProcess));
  REPRISE_TRY(work.Start(second, "b"));
  REPRISE_TRY(work.Log(second, "b", Value(1)));
  return work.Close(second);
}

// Dead are a deleted run, rows of another that no fork shows, and segments that were merged. The
// second time changes are dead too, which the first one copied.
Status ReclaimSpace(Workload& work) {
  REPRISE_TRY_ASSIGN(const int store, work.Open(Durability::kProcess));
  for (const char* run : {"a", "b"}) {
    REPRISE_TRY(work.Start(store, run));
    REPRISE_TRY(work.LogRows(store, run, 3));
    REPRISE_TRY(work.Seal(store, run));
    REPRISE_TRY(work.LogRows(store, run, 2));
    REPRISE_TRY(work.Finish(store, run, 0));
  }
  REPRISE_TRY(work.Fork(store, "a", 1, "c"));
  REPRISE_TRY(work.Delete(store, "a"));
  REPRISE_TRY(work.Delete(store, "b"));
  REPRISE_TRY(work.Start(store, "c"));
  for (int i = 0; i < 4; ++i) {
    REPRISE_TRY(work.LogRows(store, "c", 1));
    REPRISE_TRY(work.Seal(store, "c"));
  }
  REPRISE_TRY(work.Merge(store, "c"));
  REPRISE_TRY(work.Log(store, "c", Value(1)));
  REPRISE_TRY(work.Reclaim(store));
  REPRISE_TRY(work.LogRows(store, "c", 2));
  REPRISE_TRY(work.Start(store, "a"));
  REPRISE_TRY(work.LogRows(store, "a", 2));
  REPRISE_TRY(work.Finish(store, "a", 0));
  REPRISE_TRY(work.Delete(store, "a"));
  REPRISE_TRY(work.Reclaim(store));
  REPRISE_TRY(work.Log(store, "c", Value(2)));
  return work.Close(store);
}

constexpr std::array<Script, 16> kScripts{{
    {"open", OpenTwice},
    {"append under kNone", AppendNone},
    {"append under kProcess", AppendProcess},
    {"append under kDisk", AppendDisk},
    {"mend", Mend},
    {"seal", SealRows},
    {"merge", MergeSegments},
    {"rewind", RewindRuns},
    {"fork", ForkRuns},
    {"delete", DeleteRuns},
    {"metadata", ChangeMetadata},
    {"finish", FinishRuns},
    {"adopt", AdoptSessions},
    {"takeover", TakeOver},
    {"rebuild", RebuildCatalogs},
    {"reclaim", ReclaimSpace},
}};

}  // namespace

std::span<const Script> Scripts() { return kScripts; }

}  // namespace reprise
