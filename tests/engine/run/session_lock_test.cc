#include "engine/run/session_lock.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "engine/io/io.h"
#include "tests/support/temp_dir.h"

namespace reprise {
namespace {

constexpr SessionId kSession = 7;

class SessionLockTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto logs = SystemIo().files->OpenDirectory(dir_.path());
    ASSERT_TRUE(logs.has_value()) << logs.error().ToString();
    logs_ = std::move(*logs);
  }

  std::unique_ptr<SessionLock> Create() {
    auto lock = SessionLock::Create(*logs_, kSession);
    EXPECT_TRUE(lock.has_value());
    return lock ? std::move(*lock) : nullptr;
  }
  std::unique_ptr<SessionLock> Adopt() {
    auto lock = SessionLock::Adopt(*logs_, kSession);
    EXPECT_TRUE(lock.has_value());
    return lock ? std::move(*lock) : nullptr;
  }
  bool session_alive() { return IsSessionAlive(*logs_, kSession).value(); }
  bool owner_alive() { return IsOwnerAlive(*logs_, kSession).value(); }

  TempDir dir_;
  std::unique_ptr<Directory> logs_;
};

TEST_F(SessionLockTest, ShowsThatItsOwnerLives) {
  const auto lock = Create();
  EXPECT_TRUE(session_alive());
  EXPECT_TRUE(owner_alive());
}

TEST_F(SessionLockTest, ShowsThatItsOwnerIsGone) {
  Create().reset();
  EXPECT_FALSE(session_alive());
  EXPECT_FALSE(owner_alive());
}

TEST_F(SessionLockTest, CannotBeAdoptedWhileItsOwnerLives) {
  const auto lock = Create();
  EXPECT_EQ(Adopt(), nullptr);
  EXPECT_TRUE(owner_alive());
}

// A run whose holder died must not look busy to a second process (or thread) because a first one
// is just recovering it.
TEST_F(SessionLockTest, TellsAnAdopterFromTheOwner) {
  Create().reset();
  const auto adopter = Adopt();
  ASSERT_NE(adopter, nullptr);
  EXPECT_TRUE(session_alive());
  EXPECT_FALSE(owner_alive());
  EXPECT_EQ(Adopt(), nullptr);
}

TEST_F(SessionLockTest, MayBeAdoptedAgainAfterAnAdopterDied) {
  Create().reset();
  Adopt().reset();
  EXPECT_FALSE(session_alive());
  EXPECT_NE(Adopt(), nullptr);
}

// Else a dead session would count as a living one for ever.
TEST_F(SessionLockTest, OneThatCannotBeOpenedIsAnError) {
  Create().reset();
  const std::filesystem::path file = std::filesystem::directory_iterator(dir_.path())->path();
  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  EXPECT_FALSE(SessionLock::Adopt(*logs_, kSession).has_value());
  EXPECT_FALSE(IsSessionAlive(*logs_, kSession).has_value());
  EXPECT_FALSE(IsOwnerAlive(*logs_, kSession).has_value());
}

TEST_F(SessionLockTest, LeavesNobodyAliveOnceRemoved) {
  const auto lock = Create();
  ASSERT_TRUE(lock->Remove().ok());
  EXPECT_FALSE(session_alive());
  EXPECT_FALSE(owner_alive());
}

}  // namespace
}  // namespace reprise
