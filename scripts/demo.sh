#!/usr/bin/env bash
# Shows Reprise at work, in about a minute: a training run is killed, resumed, goes wrong, is
# rewound and forked; two real runs are imported; then the store is looked at and verified.
#
#   scripts/demo.sh
#
# Installs what is missing (scripts/deps.sh), builds into build/release, and works on a store of
# its own in build/demo, which every run of the demo makes anew. Real runs are looked for in
# $REPRISE_DATA, else in ../shared/data; without them that part is left out. On a terminal it
# rests after each part; DEMO_PAUSE=0 (seconds) makes it hurry.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
jobs=${JOBS:-$(nproc)}
default_pause=0
[ -t 1 ] && default_pause=3
pause=${DEMO_PAUSE:-$default_pause}

bold='' dim='' plain=''
if [ -t 1 ]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; fi

fail() {
  echo "demo: $*" >&2
  exit 1
}

# A step before the story: quiet unless it fails.
prepare() {
  echo "== $*"
  "$@" </dev/null >"$log" 2>&1 || { tail -n 40 "$log"; fail "'$*' failed"; }
}

part() {
  [ "$part_number" -gt 0 ] && sleep "$pause"
  part_number=$((part_number + 1))
  printf '\n%s%d. %s%s\n' "$bold" "$part_number" "$1" "$plain"
}

say() { printf '%s%s%s\n' "$dim" "$*" "$plain"; }

# Prints a command, then runs it.
run() {
  printf '\n%s$ %s%s\n' "$bold" "$1" "$plain"
  eval "$1" || fail "that command failed (exit status $?)"
}

# The same, for a command that must die by SIGKILL.
run_killed() {
  printf '\n%s$ %s%s\n' "$bold" "$1" "$plain"
  { (eval "exec $1"); } 2>/dev/null
  local status=$?
  [ "$status" -eq 137 ] || fail "that command was not killed (exit status $status)"
  echo "(exit status 137: killed)"
}

mkdir -p build
log=$root/build/demo-build.log
prepare scripts/deps.sh
prepare cmake --preset release
prepare cmake --build --preset release --parallel "$jobs" --target reprise_program train

rm -rf "$root/build/demo"
mkdir -p "$root/build/demo"
DATA=$(cd "${REPRISE_DATA:-../shared/data}" 2>/dev/null && pwd) || DATA=''
cd "$root/build/demo" || fail "no folder build/demo"
PATH=$root/build/release/tools:$root/build/release/examples:$PATH
unset REPRISE_RUN_ID REPRISE_RESUME
export REPRISE_STORE=runs.reprise
part_number=0
SECONDS=0

part "A training run, killed half-way"
say "A small network learns two spirals. After the row of step 1750 it gets SIGKILL."
run_killed "train --run main --kill-at 1750"
say ""
say "Every acknowledged row is there, each step once:"
run "reprise ls"
run "reprise history main --tail 2 --keys train/loss,grad_norm"
run "reprise history main --format csv |
    tail -n +2 | cut -d, -f1 | cmp - <(seq 0 1750)"
say "cmp is silent: steps 0 to 1750, none missing, none twice."

part "Resumed"
say "The next step is 1751, right after the last acknowledged row. But the newest"
say "checkpoint is of step 1500, so the program rewinds its run to it: weights and"
say "history must agree. What it had logged beyond stays readable, as main@0."
run "train --run main --resume --steps 2000"
run "reprise history main --format csv |
    tail -n +2 | cut -d, -f1 | cmp - <(seq 0 2000)"
say "Steps 1501 to 1750 were computed twice. Do both branches have the same numbers?"
run "numbers() { reprise history \"\$1\" --steps 1501:1750 --format jsonl |
    sed 's/\"_timestamp\":[^,}]*//'; }
  cmp <(numbers main@0) <(numbers main) && echo 'the same, to the last bit'"

part "It goes wrong"
say "Too slow? Somebody raises the learning rate by a factor of 300."
run "train --run main --resume --steps 3000 --lr 3"
run "reprise show main | sed -n '/^KEY/,\$p'"

part "Rewound to before the mistake, continued with a lower learning rate"
run "reprise rewind 'main?_step=2000'"
run "train --run main --resume --steps 3000 --lr 0.005"

part "Forked into two variants from one checkpoint"
say "A fork shares its parent's rows up to the step; nothing is copied."
run "train --run bold --from 'main?_step=2500' --steps 4000 --lr 0.03"
run "train --run calm --from 'main?_step=2500' --steps 4000 --lr 0.001"

if [ -n "$DATA" ]; then
  part "Two real runs, imported"
  say "LLM fine-tuning recorded by W&B; and pretraining of Pythia 160M, whose log jumps"
  say "back twice, where the job crashed and was resumed: each jump becomes a rewind."
  say "DATA=$DATA"
  run "reprise import wandb \$DATA/wandb/alpaca-mn7ue82j.wandb"
  run "reprise import csv \$DATA/csv/pythia-160m-seed9.tsv --run pythia \\
    --on-conflict rewind"
else
  say ""
  say "(no real runs to import: set REPRISE_DATA to their folder)"
fi

part "The store, at the end"
run "reprise tree"
run "reprise ls"
run "reprise show bold"
run "reprise stat"
run "reprise verify --deep"
printf '\n%sThe demo took %d seconds. Its store is build/demo/%s%s\n' \
  "$bold" "$SECONDS" "$REPRISE_STORE" "$plain"
