#!/usr/bin/env bash
# How many of the branches of engine/ and format/ the tests take.
#
#   scripts/coverage.sh            installs, builds, tests, tells
#   scripts/coverage.sh --report   only tells again what the last tests took
#
# The programmes of faults are run as short as under sanitizers: they repeat themselves, and what a
# killed process took is not counted. Branches that only an exception takes are left out, as the
# compiler makes one of nearly every call. Prints folders and the total, and leaves each branch that
# was not taken, by file and line, in build/coverage/untaken.txt. Exits 1 below $COVERAGE_LEAST per
# cent of branches (88 if not set).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=build/coverage

run_tests() {
  scripts/deps.sh --coverage
  cmake --preset coverage >/dev/null
  cmake --build --preset coverage --parallel "${JOBS:-$(nproc)}"
  find "$build" -name '*.gcda' -delete
  export REPRISE_SEQUENCE_LENGTH=${REPRISE_SEQUENCE_LENGTH:-3}
  export REPRISE_CRASH_IMAGES=${REPRISE_CRASH_IMAGES:-15000}
  export REPRISE_KILLS=${REPRISE_KILLS:-200}
  # An installed library that counts cannot be linked without its compiler's own.
  ctest --preset coverage --label-exclude consumer --parallel "${JOBS:-$(nproc)}" --quiet </dev/null
}

case "${1:-}" in
  --report) ;;
  "") run_tests ;;
  *) sed -n '/^#   /s/^# *//p' "$0" >&2; exit 64 ;;
esac
gcovr --root . --filter 'engine/' --filter 'format/' --gcov-exclude '.*_generated.*' \
  --exclude-throw-branches --exclude-unreachable-branches -j "$(nproc)" \
  --json "$build/coverage.json" "$build/engine" "$build/format"
python3 scripts/coverage_report.py "$build/coverage.json" "$build/untaken.txt" \
  "${COVERAGE_LEAST:-88}"
