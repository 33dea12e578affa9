#include "engine/store/gathered_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <memory>
#include <set>

#include "engine/segment/pack_reader.h"
#include "format/events.h"
#include "format/try.h"

namespace reprise {

namespace {

// What is given to a reader at once.
constexpr std::size_t kMostAtOnce = 1000;
constexpr std::size_t kMostBytesAtOnce = std::size_t{1} << 20;

// The records of one number by time. Of the same record in a log and a pack the pack's comes last,
// that of the first frame.
bool IsBefore(const ChangePlace& a, const ChangePlace& b) {
  return std::tie(a.number, a.boot_nanos, a.session, b.frame, b.ordinal) <
         std::tie(b.number, b.boot_nanos, b.session, a.frame, a.ordinal);
}

using Places = std::deque<ChangePlace>;

// Of the records of one number, sorted by time, the last of those not abandoned is true. The others
// abandon their transactions: one is committed whole or not at all, so whatever followed them in
// it, at higher numbers, never became true either. `end` if none is true.
Places::const_iterator ChooseOne(const Places::const_iterator& begin,
                                 const Places::const_iterator& end,
                                 std::set<ChangeTransaction>* abandoned) {
  auto chosen = end;
  for (auto place = begin; place != end; ++place) {
    if (!abandoned->contains(TransactionOf(*place))) chosen = place;
  }
  if (chosen == end) return end;
  for (auto place = begin; place != end; ++place) {
    const ChangeTransaction transaction = TransactionOf(*place);
    if (transaction != TransactionOf(*chosen)) abandoned->insert(transaction);
  }
  return chosen;
}

std::vector<ChangeRange> Union(std::vector<ChangeRange> all) {
  std::sort(all.begin(), all.end(),
            [](const ChangeRange& a, const ChangeRange& b) { return a.first < b.first; });
  std::vector<ChangeRange> ranges;
  for (const ChangeRange& range : all) {
    if (ranges.empty() || range.first - 1 > ranges.back().last) {
      ranges.push_back(range);
    } else {
      ranges.back().last = std::max(ranges.back().last, range.last);
    }
  }
  return ranges;
}

}  // namespace

// Changes next to one another, in order, as they are stored.
struct GatheredChanges::Window {
  std::vector<ChangePlace> places;
  std::vector<std::size_t> begins;  // of each in `bytes`, and the end
  std::string bytes;
  std::shared_ptr<PackFile> pack;  // the last one that was read

  std::string_view of(std::size_t i) const {
    return std::string_view(bytes).substr(begins[i], places[i].size);
  }
};

void GatheredChanges::Add(const Change& change, std::string_view bytes, std::uint32_t frame,
                          std::uint32_t ordinal) {
  places_.push_back({change.number, change.boot_nanos, change.session, frame, ordinal,
                     static_cast<std::uint32_t>(bytes.size())});
  const auto* gap = std::get_if<GapRecorded>(&change.body);
  if (gap == nullptr || gap->changes.empty()) return;
  gaps_[{change.number, change.session, change.boot_nanos}] = gap->changes;
}

void GatheredChanges::AddLogged(const Change& change, std::string_view bytes) {
  Add(change, bytes, ChangePlace::kInLog, static_cast<std::uint32_t>(logged_.size()));
  logged_.emplace_back(bytes);
}

void GatheredChanges::AddPacked(const Change& change, std::string_view bytes, std::uint64_t pack,
                                std::uint64_t offset, std::uint32_t ordinal) {
  if (frames_.empty() || frames_.back().pack != pack || frames_.back().offset != offset) {
    frames_.push_back({pack, offset});
  }
  Add(change, bytes, static_cast<std::uint32_t>(frames_.size() - 1), ordinal);
}

void GatheredChanges::Choose() {
  // Packs are mostly in order: they are made one after the other.
  if (!std::is_sorted(places_.begin(), places_.end(), IsBefore)) {
    std::sort(places_.begin(), places_.end(), IsBefore);
  }
  KeepOneEach();
  EraseVoid();
  DropUnusedBytes();
}

void GatheredChanges::KeepOneEach() {
  std::set<ChangeTransaction> abandoned;
  auto kept = places_.begin();
  for (auto first = places_.cbegin(); first != places_.cend();) {
    const auto end = std::find_if(first, places_.cend(), [&](const ChangePlace& place) {
      return place.number != first->number;
    });
    const auto chosen = ChooseOne(first, end, &abandoned);
    if (chosen != end) *kept++ = *chosen;
    first = end;
  }
  places_.erase(kept, places_.end());
}

// A gap may be void itself, by another one; what it voids stays so, but is missing then.
void GatheredChanges::EraseVoid() {
  const auto find_ranges = [&] {
    std::vector<ChangeRange> all;
    for (const auto& [key, ranges] : gaps_) all.insert(all.end(), ranges.begin(), ranges.end());
    return Union(std::move(all));
  };
  const auto is_there = [&](const auto& gap) {
    const auto& [number, session, boot_nanos] = gap.first;
    const auto place = std::lower_bound(
        places_.begin(), places_.end(), number,
        [](const ChangePlace& one, ChangeNumber value) { return one.number < value; });
    return place != places_.end() && place->number == number &&
           TransactionOf(*place) == ChangeTransaction(session, boot_nanos);
  };
  std::erase_if(gaps_, [&](const auto& gap) { return !is_there(gap); });
  const std::vector<ChangeRange> ranges = find_ranges();
  if (ranges.empty()) return;
  std::erase_if(places_, [&](const ChangePlace& place) {
    return SkipVoid(ranges, place.number) != place.number;
  });
  std::erase_if(gaps_, [&](const auto& gap) { return !is_there(gap); });
  void_ranges_ = find_ranges();
}

void GatheredChanges::DropUnusedBytes() {
  std::vector<std::string> used(logged_.size());
  for (const ChangePlace& place : places_) {
    if (place.frame == ChangePlace::kInLog) used[place.ordinal] = std::move(logged_[place.ordinal]);
  }
  logged_ = std::move(used);
}

Status GatheredChanges::FetchFrame(Window* window, std::span<const std::uint32_t> wanted) const {
  const Frame& frame = frames_[window->places[wanted.front()].frame];
  if (window->pack == nullptr || window->pack->id() != frame.pack) {
    REPRISE_TRY_ASSIGN(window->pack, PackFile::Open(*packs_, frame.pack));
  }
  REPRISE_TRY_ASSIGN(const std::string payload, window->pack->ReadEvents(frame.offset));
  std::uint32_t ordinal = 0;
  std::size_t found = 0;
  REPRISE_TRY(ForEachEvent(payload, [&](std::string_view bytes) -> Status {
    if (found < wanted.size() && window->places[wanted[found]].ordinal == ordinal) {
      const std::size_t i = wanted[found];
      if (bytes.size() == window->places[i].size) {
        bytes.copy(window->bytes.data() + window->begins[i], bytes.size());
        ++found;
      }
    }
    ++ordinal;
    return {};
  }));
  if (found == wanted.size()) return {};
  return Status::Error(Code::kCorrupt,
                       fmt::format("a frame has changed while it was read: at byte {} of '{}'; "
                                   "run 'reprise verify' again",
                                   frame.offset, window->pack->path()));
}

// Frame by frame, so that each is expanded once.
Status GatheredChanges::Fetch(Window* window) const {
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < window->places.size(); ++i) {
    const ChangePlace& place = window->places[i];
    if (place.frame == ChangePlace::kInLog) {
      logged_[place.ordinal].copy(window->bytes.data() + window->begins[i], place.size);
    } else {
      order.push_back(i);
    }
  }
  const auto at = [&](std::uint32_t i) {
    return std::pair(window->places[i].frame, window->places[i].ordinal);
  };
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return at(a) < at(b); });
  for (auto first = order.begin(); first != order.end();) {
    const auto end =
        std::find_if(first, order.end(), [&](auto i) { return at(i).first != at(*first).first; });
    REPRISE_TRY(FetchFrame(window, {first, end}));
    first = end;
  }
  return {};
}

namespace {

// Decodes what `of` gives for 0 to `count` - 1, and passes it on, some at a time.
template <typename Of>
Status VisitDecoded(std::size_t count, Of of,
                    const std::function<Status(std::span<const Change>)>& visit) {
  std::vector<Change> some;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i) {
    REPRISE_TRY_ASSIGN(Change change, DecodeChange(of(i)));
    some.push_back(std::move(change));
    bytes += of(i).size();
    if (some.size() < kMostAtOnce && bytes < kMostBytesAtOnce) continue;
    REPRISE_TRY(visit(some));
    some.clear();
    bytes = 0;
  }
  return some.empty() ? Status() : visit(some);
}

}  // namespace

Status GatheredChanges::Read(ChangeNumber first, ChangeNumber last,
                             const std::function<Status(std::span<const Change>)>& visit) const {
  auto next = std::lower_bound(
      places_.begin(), places_.end(), first,
      [](const ChangePlace& place, ChangeNumber number) { return place.number < number; });
  while (next != places_.end() && next->number <= last) {
    Window window;
    std::size_t bytes = 0;
    for (; next != places_.end() && next->number <= last; ++next) {
      if (!window.places.empty() && bytes + next->size > kWindowBytes) break;
      window.places.push_back(*next);
      window.begins.push_back(bytes);
      bytes += next->size;
    }
    window.bytes.resize(bytes);
    REPRISE_TRY(Fetch(&window));
    REPRISE_TRY(VisitDecoded(
        window.places.size(), [&](std::size_t i) { return window.of(i); }, visit));
  }
  return {};
}

bool GatheredChanges::IsSameAs(const GatheredChanges& other) const {
  return std::equal(places_.begin(), places_.end(), other.places_.begin(), other.places_.end(),
                    [](const ChangePlace& a, const ChangePlace& b) {
                      return a.number == b.number && TransactionOf(a) == TransactionOf(b);
                    });
}

ChangeNumber SkipVoid(const std::vector<ChangeRange>& ranges, ChangeNumber number) {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), number,
                       [](ChangeNumber n, const ChangeRange& range) { return n < range.first; });
  if (after == ranges.begin() || number > std::prev(after)->last) return number;
  return std::prev(after)->last + 1;
}

ChangeStream StreamOf(GatheredChanges changes) {
  const auto shared = std::make_shared<const GatheredChanges>(std::move(changes));
  return [shared](const std::function<Status(std::span<const Change>)>& fold) {
    return shared->Read(0, std::numeric_limits<ChangeNumber>::max(), fold);
  };
}

}  // namespace reprise
