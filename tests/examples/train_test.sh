#!/usr/bin/env bash
# train_test.sh TRAIN REPRISE: kills a training program and looks whether its run goes on as if
# nothing had happened. Several times, since what recovers a run works in parallel with it.
set -uo pipefail
train=$1
reprise=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
unset REPRISE_RUN_ID REPRISE_RESUME
export REPRISE_STORE=$work/runs.reprise

fail() {
  echo "train_test: $*"
  exit 1
}
learn() { "$train" --run "$run" "$@" >output 2>&1; }
# The steps of history $1, and its numbers without times.
steps() { "$reprise" history "$1" --format csv | tail -n +2 | cut -d, -f1; }
numbers() {
  "$reprise" history "$1" --steps "$2" --format jsonl | sed 's/"_timestamp":[^,}]*//'
}

for run in first second third fourth; do
  (learn --kill-at 730) 2>/dev/null
  [ $? -eq 137 ] || fail "$run was not killed: $(cat output)"
  cmp <(steps "$run") <(seq 0 730) || fail "acknowledged rows of $run are missing or doubled"
  learn --resume --steps 800 || fail "$run did not resume: $(cat output)"
  grep -q '^next step of the run: 731;' output || fail "$run has another next step: $(cat output)"
  cmp <(steps "$run") <(seq 0 800) || fail "$run does not have each step once"
  cmp <(numbers "$run@0" 501:730) <(numbers "$run" 501:730) ||
    fail "$run computed other numbers after the resume"
done

run=variant
learn --from 'first?_step=500' --steps 600 || fail "no fork: $(cat output)"
cmp <(numbers first 0:600) <(numbers variant 0:600) || fail "the fork does not go on as its parent"
"$reprise" verify --deep >output || fail "the store is not clean: $(cat output)"
