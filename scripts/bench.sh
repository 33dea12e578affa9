#!/usr/bin/env bash
# Measures Reprise and its peers, and writes docs/benchmarks.md with its charts. At most 10 minutes.
#
#   scripts/bench.sh              installs what is missing, builds, measures, renders
#   scripts/bench.sh --clients    also the real Python clients, in a venv under build/
#   scripts/bench.sh --render     only renders the page again, from what was measured last
#
# Measures the disk of $REPRISE_BENCH_DIR, else of build/. Results are JSON in build/bench-results.
# The real run is looked for in $REPRISE_DATA, else in ../shared/data. Leave the machine alone while
# it runs: the page says how loaded it was.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
results=$PWD/build/bench-results
programs=build/release/bench
export PYTHONDONTWRITEBYTECODE=1
export REPRISE_BENCH_DIR=${REPRISE_BENCH_DIR:-$PWD/build}

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
    --target limits_bench peer_bench log_bench sample_bench codec_bench branch_bench \
    reprise_client
}

# measure PROGRAM [OPTION...]: five repetitions unless the options say otherwise.
measure() {
  local program=$1 name
  shift
  name=$(basename "$program")
  echo "== $name"
  "$programs/$program" --benchmark_repetitions=5 --benchmark_out_format=json \
    --benchmark_out="$results/$name.part" "$@" >"$results/$name.txt" 2>"$results/$name.err" ||
    { cat "$results/$name.err" >&2; exit 1; }
  grep SKIPPED "$results/$name.err" || true
  mv "$results/$name.part" "$results/$name.json"
}

measure_all() {
  rm -rf "$results"
  mkdir -p "$results"
  python3 bench/machine_facts.py "$REPRISE_BENCH_DIR" >"$results/machine.json"
  measure limits_bench
  measure peers/peer_bench
  measure log_bench --benchmark_min_time=0.1
  measure sample_bench --benchmark_min_time=0.05
  measure codec_bench --benchmark_min_time=0.01
  # Its figures are medians of 300 operations each.
  measure branch_bench --benchmark_repetitions=1
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
  echo "bench: rendered docs/benchmarks.md after $SECONDS s"
}

if [ "$render_only" = no ]; then
  SECONDS=0
  build
  measure_all
fi
render
if [ "$with_clients" = yes ]; then
  measure_clients
  render
fi
