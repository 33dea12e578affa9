#!/usr/bin/env bash
# bands_test.sh COMPARE: what compare.awk says of measurements within and beyond their bands.
set -uo pipefail
compare=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "bands_test: $*"
  cat "$work/table"
  exit 1
}

# Holds the lines of $2 (";" between them) against those of $1; the exit status is awk's.
hold() {
  tr ';' '\n' <<<"$1" >"$work/bands"
  tr ';' '\n' <<<"$2" >"$work/measured"
  awk -f "$compare" "$work/bands" "$work/measured" >"$work/table"
}
ends_with() { [ "$(tail -n 1 "$work/table")" = "$1" ] || fail "$2"; }
says() { grep -q "$1" "$work/table" || fail "$2"; }

hold '# head;;a 1000 +10% # what;b 2.5 +60%' 'a 1099;b 3.9' || fail "within the band fails"
ends_with '2 passed, 0 failed, 0 skipped' "not both passed"

hold 'a 1000 +10%;b 2.5 +60%' 'a 1101;b 2.5' && fail "a count beyond its band passes"
ends_with '1 passed, 1 failed, 0 skipped' "not one failed"
says '^bench.a .*+10.1%.*FAILED$' "the failure does not say by how much"

hold 'a 1000 +10%;b 2.5 +60%' 'a 1000;b 4.1' && fail "a ratio beyond its band passes"
hold 'c 1.8161205 +0%' 'c 1.8161205' || fail "the exact figure fails"
hold 'c 1.8161205 +0%' 'c 1.8161209' && fail "a byte more passes"

hold 'a 1000 +10%' 'a 900' || fail "an improvement fails"
says 'better: record it' "an improvement goes unsaid"

hold 'b 2.5 +60%' 'b 9.9;b 2.4' || fail "the better of two measurements does not count"
hold 'a 1000 +10%;b 2.5 +60%' 'a 1000' && fail "what was not measured passes"
says '^bench.b .*FAILED: not measured$' "what was not measured goes unsaid"
hold 'a 1000 +10%' 'a 1000;b 1' && fail "what has no band passes"
hold 'a 1000 +10%;b 2.5 10%' 'a 1000;b 2.5' && fail "a line that is not one passes"

hold 'a 1000 +10%;b 2.5 +60%' 'a 1000;b skipped no disk here' || fail "what was skipped fails"
ends_with '1 passed, 0 failed, 1 skipped' "what was skipped is not counted"
says '^bench.b .*skipped: no disk here$' "why goes unsaid"
exit 0
