#include "engine/run/lease.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <ctime>
#include <thread>
#include <utility>

#include "engine/run/recovery.h"
#include "engine/run/session_lock.h"
#include "format/try.h"

namespace reprise {

namespace {

// How often is looked again while somebody else adopts the dead holder's session, which takes as
// long as sealing what is in its log: 10 s in all.
constexpr int kAttempts = 2000;
// How often a holder has to be found alive: an adopter that has not left its mark yet looks like
// one.
constexpr int kAliveAttempts = 5;
constexpr auto kPause = std::chrono::milliseconds(5);

std::string ClockTime(TimeMicros time) {
  const std::time_t seconds = static_cast<std::time_t>(time / 1'000'000);
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(seconds));
}

// What stands in the way of the lease, found inside a transaction and cleared outside of it.
struct Obstacle {
  enum class Kind { kNone, kHolder, kOpenFence } kind = Kind::kNone;
  RunUid uid;
  std::string run_id;
  LeaseRecord lease;
};

Result<Obstacle> FindObstacle(CatalogView& catalog, const RunUid& uid) {
  Obstacle obstacle;
  obstacle.uid = uid;
  REPRISE_TRY_ASSIGN(const auto lease, catalog.GetLease(uid));
  if (!lease) return obstacle;
  REPRISE_TRY_ASSIGN(const auto run, catalog.GetRun(uid));
  obstacle.run_id = run ? run->run_id : ToHex(uid);
  obstacle.lease = *lease;
  if (lease->pending) {
    obstacle.kind = Obstacle::Kind::kOpenFence;
  } else if (lease->holder.session != 0) {
    obstacle.kind = Obstacle::Kind::kHolder;
  }
  return obstacle;
}

Status Busy(const Obstacle& obstacle) {
  const Holder& holder = obstacle.lease.holder;
  return Status::Error(
      Code::kBusy,
      fmt::format("run '{}' is being written by pid {} on host {} since {} (generation {}); finish "
                  "that writer or take the run over",
                  obstacle.run_id, holder.pid, holder.host, ClockTime(holder.since),
                  obstacle.lease.generation));
}

// Raises the generation, so that the living holder acknowledges nothing more; its rows are sealed
// and its fence set by the next round.
Status Pass(Session& session, const Obstacle& obstacle) {
  return session.MakeChanges([&](ChangeBuilder& changes) -> Status {
    REPRISE_TRY_ASSIGN(const auto lease, changes.catalog().GetLease(obstacle.uid));
    const bool same = lease && lease->generation == obstacle.lease.generation &&
                      lease->holder.session == obstacle.lease.holder.session;
    if (!same) return {};  // somebody else was faster; look again
    LeaseGranted granted;
    granted.generation = lease->generation + 1;
    granted.holder = session.holder();
    granted.fence = Fence{lease->holder.session, lease->generation, kOpenFence};
    REPRISE_TRY(changes.Add(obstacle.uid, granted));
    LeaseReleased released;
    released.generation = granted.generation;
    REPRISE_TRY_ASSIGN(const auto run, changes.catalog().GetRun(obstacle.uid));
    released.state = run ? run->state : 0;
    return changes.Add(obstacle.uid, released);
  });
}

Status ClearHolder(Session& session, LivingHolder living, const Obstacle& obstacle) {
  const SessionId holder = obstacle.lease.holder.session;
  const bool own = holder == session.id();
  REPRISE_TRY_ASSIGN(const bool alive, IsOwnerAlive(*session.context().logs, holder));
  if (!own && !alive) {
    Status adopted = AdoptSession(session, holder);
    return adopted.code() == Code::kBusy ? Status() : adopted;  // someone else is at it
  }
  return living == LivingHolder::kPass ? Pass(session, obstacle) : Busy(obstacle);
}

Status ClearOpenFence(Session& session, const Obstacle& obstacle) {
  const Status sealed = SealFencedRows(session, obstacle.uid);
  return sealed.code() == Code::kBusy || sealed.code() == Code::kNotFound ? Status() : sealed;
}

}  // namespace

Status ChangeWithLease(Session& session, LivingHolder living,
                       const std::function<Result<std::optional<RunUid>>(CatalogView&)>& find,
                       const std::function<Status(ChangeBuilder&)>& change) {
  for (int attempt = 0;; ++attempt) {
    Obstacle obstacle;
    REPRISE_TRY(session.MakeChanges([&](ChangeBuilder& changes) -> Status {
      obstacle = Obstacle();
      REPRISE_TRY_ASSIGN(const auto uid, find(changes.catalog()));
      if (uid) {
        REPRISE_TRY_ASSIGN(obstacle, FindObstacle(changes.catalog(), *uid));
      }
      return obstacle.kind == Obstacle::Kind::kNone ? change(changes) : Status();
    }));
    if (obstacle.kind == Obstacle::Kind::kNone) return {};
    Status cleared;
    if (obstacle.kind == Obstacle::Kind::kHolder) {
      cleared = ClearHolder(session, living, obstacle);
    } else {
      cleared = ClearOpenFence(session, obstacle);
    }
    const bool again = cleared.ok() || (cleared.code() == Code::kBusy && attempt < kAliveAttempts);
    if (!again) return cleared;
    if (attempt >= kAttempts) return Busy(obstacle);
    if (attempt > 0) std::this_thread::sleep_for(kPause);
  }
}

}  // namespace reprise
