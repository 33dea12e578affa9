// See left_over.h. All is done inside the write transaction: nobody can append a change meanwhile.
#include "engine/run/left_over.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "engine/log/log_reader.h"
#include "format/change.h"
#include "format/try.h"

namespace reprise {

namespace {

using Transaction = std::vector<Change>;  // never empty; numbered one after another

bool Continues(const Transaction& transaction, const Change& change) {
  const Change& last = transaction.back();
  return change.boot_nanos == last.boot_nanos && change.number == last.number + 1;
}

// Those that begin at `next` or above, of one session.
Status AddTransactions(const StoreContext& context, SessionId session, ChangeNumber next,
                       std::vector<Transaction>* transactions) {
  std::vector<Transaction> found;
  const auto add = [&](const LoggedChange& logged) -> Status {
    REPRISE_TRY_ASSIGN(Change change, DecodeChange(logged.bytes));
    if (found.empty() || !Continues(found.back(), change)) {
      // What was committed is most of a log, and not wanted.
      if (!found.empty() && found.back().front().number < next) found.pop_back();
      found.emplace_back();
    }
    found.back().push_back(std::move(change));
    return {};
  };
  // Damage is told by those whom it concerns; what can be read counts, as for a catalog built anew.
  REPRISE_TRY(ScanChanges(*context.logs, session, context.boot_id, add));
  std::erase_if(found, [&](const Transaction& one) { return one.front().number < next; });
  std::move(found.begin(), found.end(), std::back_inserter(*transactions));
  return {};
}

// The one that counts of those that begin at `next`; null if there is none.
const Transaction* FindLast(const std::vector<Transaction>& transactions, ChangeNumber next) {
  const Transaction* last = nullptr;
  for (const Transaction& one : transactions) {
    if (one.front().number != next) continue;
    const auto age = [](const Change& change) {
      return std::pair(change.boot_nanos, change.session);
    };
    if (last == nullptr || age(last->front()) < age(one.front())) last = &one;
  }
  return last;
}

}  // namespace

Status PublishLeftOvers(const StoreContext& context) {
  return context.catalog->Write([&](CatalogUpdate& catalog) -> Status {
    REPRISE_TRY_ASSIGN(ChangeNumber next, catalog.NextNumber());
    REPRISE_TRY_ASSIGN(const auto sessions, ListSessions(*context.logs));
    std::vector<Transaction> transactions;
    for (const SessionId session : sessions) {
      REPRISE_TRY(AddTransactions(context, session, next, &transactions));
    }
    while (const Transaction* last = FindLast(transactions, next)) {
      for (const Change& change : *last) REPRISE_TRY(catalog.Apply(change));
      REPRISE_TRY_ASSIGN(next, catalog.NextNumber());
    }
    return {};
  });
}

}  // namespace reprise
