#!/usr/bin/env bash
# Installs what is missing, builds one preset, and runs its tests.
#
#   scripts/test.sh [PRESET]      PRESET: dev (default), release, asan, tsan, clang
#
# The last line is `N passed, N failed, N skipped`. Exits 0 only if nothing failed. Tests of real
# data look for it in $REPRISE_DATA, else in ../shared/data, and are skipped without it.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=${1:-dev}
jobs=${JOBS:-$(nproc)}
report=$PWD/build/$preset/junit.xml

# A step before the tests that fails counts as one failure.
step() {
  echo "== $*"
  "$@" </dev/null && return
  echo "test: '$*' failed"
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
}

step scripts/deps.sh
step cmake --preset "$preset"
step cmake --build --preset "$preset" --parallel "$jobs"

# Sanitizers take four times as long; the programmes of faults are made in full without them.
case "$preset" in
  asan | tsan)
    export REPRISE_SEQUENCE_LENGTH=${REPRISE_SEQUENCE_LENGTH:-3}
    export REPRISE_CRASH_IMAGES=${REPRISE_CRASH_IMAGES:-15000}
    export REPRISE_KILLS=${REPRISE_KILLS:-200}
    ;;
esac

rm -f "$report"
echo "== ctest --preset $preset"
ctest --preset "$preset" --parallel "$jobs" --output-junit "$report" </dev/null
status=$?

# Why tests were skipped; CTest itself only says that they were.
sed -n '/no real data:/s/^ *//p' "$report" 2>/dev/null | sort -u

# The attribute $1 of the report's testsuite element.
count() {
  sed -n "/<testsuite /,/>/s/.*[[:space:]]$1=\"\([0-9]*\)\".*/\1/p" "$report" 2>/dev/null |
    head -n 1
}
total=$(count tests)
failed=$(count failures)
# GoogleTest's skips, and tests that could not run.
skipped=$(($(count skipped) + $(count disabled)))
passed=$((${total:-0} - ${failed:-0} - skipped))
# A test whose program is missing fails the run, though the report calls it skipped.
if [ "$status" -ne 0 ] && [ "${failed:-0}" -eq 0 ]; then failed=1; fi
echo "${passed} passed, ${failed:-0} failed, ${skipped} skipped"
exit $((status != 0))
