#include "bench/peers/peer_checks.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace reprise::bench {

namespace {

// As the peer can know it at best.
double Kept(const Peer& peer, double value) {
  return peer.info().float32 ? static_cast<float>(value) : value;
}

NumericSeries Expected(const Peer& peer, const RunInput& run, std::size_t key) {
  NumericSeries curve = run.Curve(key);
  for (double& value : curve.values) value = Kept(peer, value);
  return curve;
}

bool IsSame(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

bool AreSame(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), IsSame);
}

bool IsSameCurve(const NumericSeries& a, const NumericSeries& b) {
  return a.steps == b.steps && AreSame(a.values, b.values);
}

void CheckLast(const Peer& peer, const RunInput& run, PeerReader* reader) {
  std::vector<double> expected;
  for (const double value : run.Row(run.rows() - 1)) expected.push_back(Kept(peer, value));
  MustBeSame(peer, "the last row", AreSame(reader->ReadLast(), expected));
}

void CheckCurve(const Peer& peer, const RunInput& run, std::size_t key, PeerReader* reader) {
  const NumericSeries expected = Expected(peer, run, key);
  MustBeSame(peer, run.keys[key], IsSameCurve(reader->ReadCurve(key), expected));
}

}  // namespace

void MustBeSame(const Peer& peer, const std::string& what, bool same) {
  if (!same) GiveUp(peer.info().name + ": " + what + " is not what was logged");
}

void CheckRun(const Peer& peer, const RunInput& run, PeerReader* reader) {
  for (std::size_t key = 0; key < run.keys.size(); ++key) CheckCurve(peer, run, key, reader);
  CheckLast(peer, run, reader);
}

void CheckQuickly(Peer* peer, const RunInput& run, const std::string& directory, Which which) {
  const auto reader = peer->OpenReader(directory, run.keys, which);
  CheckCurve(*peer, run, run.keys.size() - 1, reader.get());
  CheckLast(*peer, run, reader.get());
}

void CheckReading(const Peer& peer, const RunInput& run, PeerReader* reader) {
  CheckRun(peer, run, reader);
  const NumericSeries whole = Expected(peer, run, kReadKey);
  MustBeSame(peer, "a range",
             IsSameCurve(reader->ReadRange(kReadKey, kReadSteps), CutOf(whole, kReadSteps)));
  const BucketRule rule({run.steps.front(), run.steps.back()}, kReadBuckets);
  MustBeSame(peer, "a sample", reader->Sample(kReadKey, rule) == SampleOf(whole, rule));
}

}  // namespace reprise::bench
