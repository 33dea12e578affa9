#include "engine/io/environment.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <vector>

namespace reprise {

namespace {

struct KnownUser {
  uid_t uid = 0;
  std::string name;
};

// The first one that was asked for. Set once, and kept as long as the process lives.
std::atomic<const KnownUser*> known_user{nullptr};

std::string NameOf(const KnownUser& user) {
  return user.name.empty() ? fmt::format("uid-{}", user.uid) : user.name;
}

// Without a name where the database has none. False: it could not be asked.
bool LookUp(uid_t uid, KnownUser* user) {
  std::vector<char> buffer(16384);  // what _SC_GETPW_R_SIZE_MAX suggests is less everywhere
  passwd entry{};
  passwd* found = nullptr;
  const int error = getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
  user->uid = uid;
  if (error == 0 && found != nullptr) user->name = found->pw_name;
  return error == 0;
}

}  // namespace

std::optional<std::string> EnvironmentVariable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

std::string UserName() {
  const uid_t uid = geteuid();
  const KnownUser* known = known_user.load(std::memory_order_acquire);
  if (known != nullptr && known->uid == uid) return NameOf(*known);
  auto user = std::make_unique<KnownUser>();
  const bool answered = LookUp(uid, user.get());
  std::string name = NameOf(*user);
  if (!answered || known != nullptr) return name;
  // Of threads that ask at the same time one keeps its answer.
  if (known_user.compare_exchange_strong(known, user.get())) (void)user.release();
  return name;
}

}  // namespace reprise
