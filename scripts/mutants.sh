#!/usr/bin/env bash
# Tests the tests with mutants: small changes of engine/ and format/, each of one random place, made
# by tests/mutants/mutation.py. The tests are run on one after the other, until the first fails.
#
#   scripts/mutants.sh [--seed S] [--count N] [--results FILE] [--again N...] [--jobs N]
#   tests/mutants/mutation.py --seed S [--count N]    only shows them
#
# The checkout stays as it is: a copy of it in build/mutants is changed and built. A mutant is
# caught if a test fails, crashes, or hangs: takes four times as long as without it, and 10 s more.
# Which tests there are, and in which order, says tests/mutants/test_order.py. A mutant that
# does not compile, or compiles to the same object code, is not counted and the next one taken.
#
# Prints a line for each mutant and the counts, writes the same to FILE as JSON, and exits 0 only if
# 90 % of N (200 if not said) were caught. What FILE knows is not tested again, but for those that
# --again names: so a run can be continued, and survivors tried on new tests. Needs Python 3.11.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/deps.sh
mkdir -p build/mutants
exec 9>build/mutants/lock
flock -n 9 || { echo "mutants: another run has build/mutants, wait for its end" >&2; exit 2; }
exec python3 -B tests/mutants/run_mutants.py "$@"
