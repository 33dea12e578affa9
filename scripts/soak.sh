#!/usr/bin/env bash
# The programme of faults, longer than the tests run it.
#
#   scripts/soak.sh --hours N [PRESET]    rounds of everything, from new seeds, for so long
#   scripts/soak.sh --full [PRESET]       each programme once, at its full count: hours
#
# PRESET is asan for hours, dev for the full counts, unless it is said. Prints what each program
# counted, and stops at a failure. A failure is repeated with the seed that was printed and the same
# program. The counters of the last full run are in docs/reliability-figures.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  sed -n '/^#   /s/^# *//p' "$0" >&2
  exit 64
}

hours=
case "${1:-}" in
  --hours)
    [ -n "${2:-}" ] || usage
    hours=$2 preset=${3:-asan}
    ;;
  --full) preset=${2:-dev} ;;
  *) usage ;;
esac

scripts/deps.sh
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset" --parallel "${JOBS:-$(nproc)}" \
  --target run_tests crash_tests sweep_tests disk_tests engine_tests
tests=build/$preset/tests

new_seed() { od -An -N4 -tu4 /dev/urandom | tr -d ' '; }

# run PROGRAM FILTER: its counters, or all it said if it failed.
run() {
  local log
  log=$(mktemp)
  if ! "$tests/$1" --gtest_filter="$2" >"$log" 2>&1; then
    cat "$log"
    echo "soak: $1 --gtest_filter=$2 failed"
    exit 1
  fi
  grep -vE '^(\[|Note:|Running|$)' "$log" || true
  rm -f "$log"
}

# Each program with one more seed, and a few minutes.
round() {
  export REPRISE_MODEL_SEED REPRISE_KILL_SEED REPRISE_CRASH_SEED
  REPRISE_MODEL_SEED=$(new_seed) REPRISE_KILL_SEED=$(new_seed) REPRISE_CRASH_SEED=$(new_seed)
  REPRISE_MODEL_OPS=50000 run engine/run/run_tests 'Model.*'
  REPRISE_KILLS=400 run engine/run/run_tests '*Kill.*'
  run faults/crash/crash_tests '*'
  run faults/sweep/sweep_tests '*'
  run faults/disks/disk_tests '*'
  run engine_tests 'RepairRandom.*'
}

full() {
  REPRISE_CRASH_IMAGES=1000000 run faults/crash/crash_tests '*CrashImages*'
  REPRISE_RECOVERY_IMAGES=100000 run faults/crash/crash_tests '*RecoveryImages*'
  REPRISE_FAULT_RUNS=0 run faults/crash/crash_tests '-*CrashImages*:*RecoveryImages*'
  REPRISE_KILLS=10000 run engine/run/run_tests '*Kill.*'
  REPRISE_MODEL_OPS=2000000 run engine/run/run_tests 'Model.*'
  REPRISE_SEQUENCE_LENGTH=6 run engine/run/run_tests '*Sequence*'
  REPRISE_SWEEP=full run faults/sweep/sweep_tests '*'
  run faults/disks/disk_tests '*'
}

if [ -z "$hours" ]; then
  full
  echo "soak: every programme at its full count, nothing found"
  exit
fi
rounds=0
end=$((SECONDS + hours * 3600))
while [ "$SECONDS" -lt "$end" ]; do
  round
  rounds=$((rounds + 1))
done
echo "soak: $rounds rounds, nothing found"
