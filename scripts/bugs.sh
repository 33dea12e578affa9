#!/usr/bin/env bash
# Tests the tests: builds Reprise with one mistake at a time, and runs the tests that must notice
# it. Each mistake is a patch, tests/bugs/NN-name.patch, whose head says what it is, which rule it
# breaks, and which tests of which program fail by it.
#
#   scripts/bugs.sh [NN...]              these mistakes, or all of them
#   scripts/bugs.sh --check PROGRAM...   builds nothing: does each patch still apply to this
#                                        checkout, and do the test programs have the tests it names?
#
# The checkout stays as it is: a copy of it in build/bugs is patched and built. Prints a table, and
# exits 0 only if every mistake was caught: the tests pass without it, and with it they fail by
# their own expectations. A mistake that does not build, kills the test program or keeps it longer
# than $BUG_TIMEOUT seconds (300 if not set) counts as missed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source=$PWD
tree=$source/build/bugs/tree
logs=$source/build/bugs/logs
jobs=${JOBS:-$(nproc)}
seconds=${BUG_TIMEOUT:-300}

# --- what a patch says

title_of() { sed -n "1s/\.$//p" "$1"; }
# Lines of a program and its filter.
tests_of() { sed -n 's/^Caught-by: \([a-z_]*\) --gtest_filter=\(.*\)$/\1 \2/p' "$1"; }
number_of() { basename "$1" | cut -d - -f 1; }

# --- checking the patches

# What is wrong with the patch $1, a line each; the programs are in the map `program`.
problems_of() {
  local patch=$1 name filter test
  [ -n "$(title_of "$patch")" ] || echo "its first line does not say what the mistake is"
  grep -q '^Breaks: ' "$patch" || echo "no line 'Breaks: ' says which rule it breaks"
  [ -n "$(tests_of "$patch")" ] || echo "no line 'Caught-by: PROGRAM --gtest_filter=TESTS'"
  [ -z "$(sed -n 's/^+++ b\///p' "$patch" | grep -v '^\(engine\|format\)/')" ] ||
    echo "it changes more than engine/ and format/"
  patch -d "$source" -p1 -F0 -f -s --dry-run <"$patch" ||
    echo "it does not apply: make it anew from the present code"
  while read -r name filter; do
    if [ -z "${program[$name]-}" ]; then
      echo "there is no test program $name"
      continue
    fi
    for test in ${filter//:/ }; do
      "${program[$name]}" --gtest_list_tests --gtest_filter="$test" | grep -q '^  ' ||
        echo "$name has no test $test"
    done
  done < <(tests_of "$patch")
}

check() {
  local -A program=()
  local path patch problem wrong=0
  for path in "$@"; do program[$(basename "$path")]=$path; done
  for patch in tests/bugs/*.patch; do
    while read -r problem; do
      echo "$patch: $problem"
      wrong=1
    done < <(problems_of "$patch" 2>&1)
  done
  for number in $(basename -a tests/bugs/*.patch | cut -d - -f 1 | uniq -d); do
    echo "tests/bugs: two patches have the number $number"
    wrong=1
  done
  exit $wrong
}

if [ "${1-}" = --check ]; then
  shift
  check "$@"
fi

# --- building and running

files() { find . \( -path ./build -o -name .git \) -prune -o -type f -print | sort; }

# Makes the copy equal to the checkout. Writes only what differs, so that only that is built again.
copy_checkout() {
  local file
  comm -13 <(files) <(cd "$tree" && files) | (cd "$tree" && xargs -r -d '\n' rm --)
  files | while read -r file; do
    cmp -s "$file" "$tree/$file" || cp --parents --preserve=mode "$file" "$tree/"
  done
}

build() { cmake --build "$tree/build/dev" --parallel "$jobs" --target "$@"; }

# How the tests $2 of program $1 end: passed, failed, or what else there is to say. Output in $3.
run() {
  local status
  timeout "$seconds" "$(find "$tree/build/dev/tests" -type f -name "$1")" \
    --gtest_brief=1 --gtest_filter="$2" </dev/null >"$3" 2>&1
  status=$?
  case $status in
    0) echo passed ;;
    1) grep -q '^\[  FAILED  \]' "$3" && echo failed || echo "ended with status 1" ;;
    124) echo "ran longer than $seconds s" ;;
    *) echo "ended with status $status" ;;
  esac
}

# `caught` or `missed`, and why, for the patch $1.
try() {
  local patch=$1 name filter ended log
  log=$logs/$(basename "$patch" .patch)
  # shellcheck disable=SC2046
  build $(tests_of "$patch" | cut -d ' ' -f 1 | sort -u) >"$log.build" 2>&1 ||
    { echo "missed: does not build"; return; }
  while read -r name filter; do
    ended=$(run "$name" "$filter" "$log.$name")
    [ "$ended" = failed ] || { echo "missed: $filter $ended"; return; }
  done < <(tests_of "$patch")
  echo caught
}

# The tests that patches name pass as long as there is no mistake.
check_tests_pass() {
  local patch name filter ended
  build engine_tests format_tests run_tests >"$logs/build" 2>&1 ||
    { echo "bugs: the copy does not build, see $logs/build" >&2; exit 1; }
  for patch in "$@"; do
    while read -r name filter; do
      ended=$(run "$name" "$filter" "$logs/without")
      [ "$ended" = passed ] && continue
      echo "bugs: without any mistake $filter $ended, see $logs/without" >&2
      exit 1
    done < <(tests_of "$patch")
  done
}

patches=()
for number in "${@:-}"; do
  for patch in "$source"/tests/bugs/"$number"*.patch; do
    [ -f "$patch" ] || { echo "bugs: there is no tests/bugs/$number*.patch" >&2; exit 2; }
    patches+=("$patch")
  done
done

scripts/deps.sh || exit 1
mkdir -p "$tree" "$logs"
exec 9>"$logs/lock"
flock -n 9 || { echo "bugs: another run has build/bugs, wait for its end" >&2; exit 2; }
copy_checkout
cmake -S "$tree" --preset dev -DREPRISE_BUILD_TOOLS=OFF -DREPRISE_BUILD_EXAMPLES=OFF \
  >"$logs/configure" 2>&1 || { cat "$logs/configure"; exit 1; }
check_tests_pass "${patches[@]}"

caught=0
echo '| # | mistake | result | tests |'
echo '|---|---|---|---|'
for patch in "${patches[@]}"; do
  patch -d "$tree" -p1 -F0 -f -s <"$patch" && result=$(try "$patch") ||
    result="missed: does not apply"
  copy_checkout
  [ "$result" = caught ] && caught=$((caught + 1))
  tests=$(tests_of "$patch" | cut -d ' ' -f 2 | sed 's/.*/`&`/' | paste -s -d ' ')
  echo "| $(number_of "$patch") | $(title_of "$patch") | $result | $tests |"
done
echo "$caught of ${#patches[@]} caught"
[ "$caught" -eq ${#patches[@]} ]
