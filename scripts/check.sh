#!/usr/bin/env bash
# Everything a change should pass before it lands. Longer than .ci/run: adds ThreadSanitizer,
# Clang's lock analysis, public headers compiled alone, clang-tidy and clang-format.
#
#   scripts/check.sh [STEP...]
#
# Steps, all by default: format, dev, headers, tidy, asan, tsan, clang, bench.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
jobs=${JOBS:-$(nproc)}

# Tracked and new files, without those that were just deleted.
our_files() { git ls-files -co --exclude-standard "$@" | xargs -r ls -d 2>/dev/null; }

build_and_test() {
  cmake --preset "$1" >/dev/null && cmake --build --preset "$1" --parallel "$jobs" &&
    ctest --preset "$1" --parallel "$jobs"
}
check_format() { our_files '*.h' '*.cc' | xargs clang-format --dry-run --Werror; }
check_dev() { build_and_test dev; }
check_headers() {
  cmake --preset dev >/dev/null && cmake --build --preset dev-headers --parallel "$jobs"
}
# Part of the build, so that only what changed is looked at again.
check_tidy() {
  cmake --preset tidy >/dev/null && cmake --build --preset tidy --parallel "$jobs" -- -k 0
}
check_asan() { build_and_test asan; }
check_tsan() { build_and_test tsan; }
check_clang() { build_and_test clang; }
check_bench() { scripts/bench_check.sh; }

steps=("$@")
[ ${#steps[@]} -eq 0 ] && steps=(format dev headers tidy asan tsan clang bench)
failed=()
for step in "${steps[@]}"; do
  echo "== $step"
  "check_$step" || failed+=("$step")
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "check: failed: ${failed[*]}"
  exit 1
fi
echo "check: all of ${steps[*]} passed"
