#!/usr/bin/env bash
# Measures Reprise and its peers, and writes docs/benchmarks.md with its charts. Measuring takes at
# most 10 minutes on an idle machine of two cores.
#
#   scripts/bench.sh              installs what is missing, builds, measures, renders
#   scripts/bench.sh --clients    also the real Python clients, in a venv under build/
#   scripts/bench.sh --render     only renders the page again, from what was measured last
#
# Before it measures it builds the programs, and the large stores: one of 1,000,000 runs, one of a
# run of 10^8 steps. These take some minutes and 2 GB, are built once a machine, and stay in
# $REPRISE_SCALE_DIR, else in build/bench-scale. Neither is part of the 10 minutes.
#
# Measures the disk of $REPRISE_BENCH_DIR, else of build/. Results are JSON in build/bench-results.
# The real runs are looked for in $REPRISE_DATA, else in ../shared/data. Leave the machine alone
# while it runs: the page says how loaded it was.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
results=$PWD/build/bench-results
programs=build/release/bench
export PYTHONDONTWRITEBYTECODE=1
export REPRISE_BENCH_DIR=${REPRISE_BENCH_DIR:-$PWD/build}
export REPRISE_SCALE_DIR=${REPRISE_SCALE_DIR:-$PWD/build/bench-scale}

with_clients=no render_only=no
for option in "$@"; do
  case "$option" in
    --clients) with_clients=yes ;;
    --render) render_only=yes ;;
    *) echo "bench: unknown option '$option'; see the head of scripts/bench.sh" >&2; exit 2 ;;
  esac
done

build() {
  scripts/deps.sh --bench
  cmake --preset release
  cmake --build --preset release --parallel "${JOBS:-$(nproc)}" \
    --target limits_bench peer_bench log_bench store_bench read_bench sample_bench codec_bench \
    codec_bench_base branch_bench scale_bench scale_stores reprise_client reprise_program
  "$programs/scale_stores" "$REPRISE_SCALE_DIR"
}

# measure PROGRAM [OPTION...]: five repetitions unless the options say otherwise.
measure() {
  local program=$1 name begin=$SECONDS
  shift
  name=$(basename "$program")
  echo "== $name"
  "$programs/$program" --benchmark_repetitions=5 --benchmark_out_format=json \
    --benchmark_out="$results/$name.part" "$@" >"$results/$name.txt" 2>"$results/$name.err" ||
    { cat "$results/$name.err" >&2; exit 1; }
  grep SKIPPED "$results/$name.err" || true
  mv "$results/$name.part" "$results/$name.json"
  echo "   $((SECONDS - begin)) s"
}

weigh_real_data() {
  if [ ! -d ../shared/data ]; then
    echo "SKIPPED: the size of real runs, as ../shared/data is not there"
    return
  fi
  python3 bench/real_data.py build/release/tools/reprise ../shared/data "$results/real-data.json"
}

measure_all() {
  rm -rf "$results"
  mkdir -p "$results"
  SECONDS=0
  python3 bench/machine_facts.py "$REPRISE_BENCH_DIR" >"$results/machine.json"
  cp "$REPRISE_SCALE_DIR"/*.json "$results"
  measure limits_bench
  measure peers/peer_bench
  # In random order, so that no slow minute of the machine has all repetitions of one figure.
  measure log_bench --benchmark_min_time=0.1 --benchmark_repetitions=9 \
    --benchmark_enable_random_interleaving=true
  measure store_bench
  measure read_bench --benchmark_min_time=0.05
  measure sample_bench --benchmark_min_time=0.05
  measure codec_bench --benchmark_min_time=0.01
  measure codec_bench_base --benchmark_filter=Suite
  measure scale_bench --benchmark_min_time=0.05
  # Its figures are medians of 300 operations each.
  measure branch_bench --benchmark_repetitions=1
  weigh_real_data
  echo "bench: measured in $SECONDS s"
}

# The clients are pinned; without PyPI, or where one of them cannot be installed, none is measured.
measure_clients() {
  local venv=$PWD/build/bench-venv
  if ! { python3 -m venv "$venv" &&
    "$venv/bin/pip" install -q -r bench/peers/requirements.txt; } >"$results/pip.txt" 2>&1; then
    echo "SKIPPED: the real clients, as pip could not install them:"
    tail -n 3 "$results/pip.txt"
    return
  fi
  echo "== clients"
  "$venv/bin/python" bench/peers/clients.py "$REPRISE_BENCH_DIR" "$results/clients.json"
}

render() {
  python3 bench/render.py "$results" docs
  echo "bench: rendered docs/benchmarks.md"
}

if [ "$render_only" = no ]; then
  build
  measure_all
fi
render
if [ "$with_clients" = yes ]; then
  measure_clients
  render
fi
