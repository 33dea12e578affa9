#!/usr/bin/env bash
# Looks for what the tests have not met: random calls against the model, and writers killed at
# random moments, from seeds that are new each time. Prints each seed, and stops at a failure.
#
#   scripts/soak.sh [MINUTES] [PRESET]      60 minutes on the asan build, if not said otherwise
#
# A failure is repeated with REPRISE_MODEL_SEED or REPRISE_KILL_SEED and the same test program.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
minutes=${1:-60}
preset=${2:-asan}

scripts/deps.sh
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset" --parallel "${JOBS:-$(nproc)}" --target run_tests
tests=build/$preset/tests/engine/run/run_tests

new_seed() { od -An -N4 -tu4 /dev/urandom | tr -d ' '; }

calls=0 kills=0
end=$((SECONDS + minutes * 60))
while [ "$SECONDS" -lt "$end" ]; do
  REPRISE_MODEL_SEED=$(new_seed) REPRISE_MODEL_OPS=50000 \
    "$tests" --gtest_filter='Model.*' --gtest_brief=1
  calls=$((calls + 50000))
  REPRISE_KILL_SEED=$(new_seed) REPRISE_KILLS=200 \
    "$tests" --gtest_filter='*Kill.*' --gtest_brief=1
  kills=$((kills + 200))
done
echo "soak: at least $calls calls and $kills kills, no difference and nothing lost"
