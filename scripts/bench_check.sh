#!/usr/bin/env bash
# Measures the fast benchmarks and holds them against their bands in bench/bands/bands.txt: the
# instructions of hot paths, what operations take beside the machine's limits and a peer, and the
# bytes a value of the codec. No absolute time decides. See bench/README.md.
#
#   scripts/bench_check.sh
#
# Installs what is missing and builds with the release preset. Prints a table; its last line is
# `N passed, N failed, N skipped`. Exits 0 only if nothing failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
jobs=${JOBS:-$(nproc)}
results=$PWD/build/bench-check
export programs=$PWD/build/release/bench/bands
export REPRISE_BENCH_DIR=$results/stores

# A step before the measuring that fails counts as one failure.
step() {
  echo "== $*"
  "$@" </dev/null && return
  echo "bench_check: '$*' failed"
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
}

# The instructions of a whole program, all its threads. Nothing, and the reason on stderr, if the
# program fails.
collected() {
  local said
  said=$(timeout 300 valgrind --tool=callgrind --callgrind-out-file=/dev/null \
    "$programs/hot_paths" "$@" 2>&1) || { printf '%s\n' "$said" >&2; return 1; }
  sed -n 's/.*Collected : //p' <<<"$said"
}

# count NAME COUNT UNITS: of one unit of a hot path. What the program does before cancels.
count() {
  local once twice
  once=$(collected "$1" "$2") && twice=$(collected "$1" $((2 * $2))) || return 0
  awk -v name="$1" -v once="$once" -v twice="$twice" -v units="$3" \
    'BEGIN { printf "%s %.4f\n", name, (twice - once) / units }'
}
export -f collected count

# Callgrind has AVX2 if the machine has it, and never more, so that all machines that count at all
# count the same kernels.
count_all() {
  valgrind -q --tool=none "$programs/hot_paths" >"$results/paths"
  if grep -qx 'kernels x86-64-v3' "$results/paths"; then
    sed 1d "$results/paths" | xargs -P "$jobs" -L 1 bash -c 'count "$@"' count
  else
    sed 1d "$results/paths" |
      sed 's/ .*/ skipped valgrind has no AVX2 here, and counts are of the kernels that use it/'
  fi
}

advise() {
  cat <<'ADVICE'

What to do about a band that was left:
- a count: `valgrind --tool=callgrind --callgrind-out-file=out build/release/bench/bands/hot_paths
  NAME COUNT` (COUNT as `hot_paths` without arguments lists it), then `callgrind_annotate out`,
  shows where the instructions are; the same on the commit before shows what is new. Counts are of
  the compiler and libraries that the head of bench/bands/bands.txt names.
- a ratio: run scripts/bench_check.sh again with nothing else on the machine. If it stays, a
  profiler over the benchmark of bench/README.md that measures the same shows why.
- if the change is worth it, move the line in a commit of its own: see the head of the file.
ADVICE
}

step scripts/deps.sh --bench-check
step cmake --preset release
step cmake --build --preset release --parallel "$jobs" --target hot_paths ratios

rm -rf "$results"
mkdir -p "$results/stores"
SECONDS=0
echo "== instructions of hot paths"
count_all >"$results/counts"
# What disturbs one run rarely disturbs the next; the better one counts.
for run in first second; do
  echo "== ratios, $run run"
  timeout 300 "$programs/ratios" >"$results/ratios-$run"
done
rm -rf "$results/stores"
echo "== measured in $SECONDS s"

table=$(awk -f bench/bands/compare.awk bench/bands/bands.txt "$results"/{counts,ratios-*})
status=$?
sed '$d' <<<"$table"
[ "$status" -ne 0 ] && advise
tail -n 1 <<<"$table"
exit "$status"
