#include "engine/io/thread.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <csignal>
#include <future>
#include <memory>
#include <string>

#include "tests/support/child_process.h"

namespace reprise {
namespace {

TEST(Thread, IsJoinedByItsDestructor) {
  std::atomic<bool> done = false;
  {
    Thread thread;
    ASSERT_TRUE(thread.Start("worker", [&] { done = true; }).ok());
  }
  EXPECT_TRUE(done);
}

TEST(Thread, BlocksTheHostsSignalsButNotItsOwnFaults) {
  sigset_t inside;
  Thread thread;
  ASSERT_TRUE(thread.Start("worker", [&] { pthread_sigmask(SIG_BLOCK, nullptr, &inside); }).ok());
  thread.Join();
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGXFSZ, SIGPIPE, SIGALRM, SIGPROF}) {
    EXPECT_EQ(sigismember(&inside, signal), 1) << signal;
  }
  EXPECT_EQ(sigismember(&inside, SIGSEGV), 0);
  EXPECT_EQ(sigismember(&inside, SIGBUS), 0);
}

TEST(Thread, LeavesTheCallersSignalsAsTheyWere) {
  Thread thread;
  ASSERT_TRUE(thread.Start("worker", [] {}).ok());
  sigset_t mask;
  pthread_sigmask(SIG_BLOCK, nullptr, &mask);
  EXPECT_EQ(sigismember(&mask, SIGTERM), 0);
}

TEST(Thread, HasItsName) {
  char name[16] = {};
  std::promise<void> named;
  Thread thread;
  ASSERT_TRUE(thread
                  .Start("reprise-seal",
                         [&] {
                           named.get_future().wait();
                           pthread_getname_np(pthread_self(), name, sizeof(name));
                         })
                  .ok());
  named.set_value();
  thread.Join();
  EXPECT_STREQ(name, "reprise-seal");
}

TEST(Thread, RunsOneBodyAtATimeAndCanStartAgain) {
  std::promise<void> stop;
  int runs = 0;
  Thread thread;
  ASSERT_TRUE(thread.Start("worker", [&] { stop.get_future().wait(); }).ok());
  EXPECT_EQ(thread.Start("worker", [] {}).code(), Code::kInvalidArgument);
  stop.set_value();
  thread.Join();
  ASSERT_TRUE(thread.Start("worker", [&] { ++runs; }).ok());
  thread.Join();
  EXPECT_EQ(runs, 1);
}

TEST(Thread, IsNotWaitedForInAChild) {
  std::promise<void> stop;
  auto thread = std::make_unique<Thread>();
  ASSERT_TRUE(thread->Start("worker", [&] { stop.get_future().wait(); }).ok());
  EXPECT_EQ(RunInChild([&] {
              alarm(10);
              thread.reset();
              return 0;
            }),
            0);
  stop.set_value();
}

}  // namespace
}  // namespace reprise
