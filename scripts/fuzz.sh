#!/usr/bin/env bash
# Runs libFuzzer on the targets of fuzz/, one after the other; stops at nothing, so that a finding
# in one leaves the others their time.
#
#   scripts/fuzz.sh [SECONDS] [TARGET...]      180 seconds each, all targets
#
# Starts from fuzz/corpus and from what earlier runs kept in build/fuzz/found. An input that breaks
# a promise is written to build/fuzz/broken: fuzz/README.md says what to do with it. Exits 0 only
# if there is none.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-180}
[ $# -gt 0 ] && shift
targets=("$@")
[ ${#targets[@]} -eq 0 ] && mapfile -t targets < <(ls fuzz/corpus)

scripts/deps.sh --dev || exit 1
cmake --preset fuzz >/dev/null || exit 1
cmake --build --preset fuzz --parallel "${JOBS:-$(nproc)}" --target "${targets[@]/#/fuzz_}" ||
  exit 1

failed=()
mkdir -p build/fuzz/broken
for target in "${targets[@]}"; do
  found=build/fuzz/found/$target
  mkdir -p "$found"
  echo "== $target"
  "build/fuzz/fuzz/fuzz_$target" -max_total_time="$seconds" -max_len=8192 -timeout=10 \
    -rss_limit_mb=2048 -verbosity=1 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/broken/$target-" "$found" "fuzz/corpus/$target" \
    >"build/fuzz/$target.txt" 2>&1 || failed+=("$target")
  grep -E 'INITED|DONE|broken promise|ERROR|SUMMARY' "build/fuzz/$target.txt"
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "fuzz: findings in ${failed[*]}: see build/fuzz/broken and build/fuzz/TARGET.txt"
  exit 1
fi
echo "fuzz: no finding in ${targets[*]}"
