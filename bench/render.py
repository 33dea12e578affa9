"""Renders docs/benchmarks.md and its charts from the JSON that scripts/bench.sh has written.

    bench/render.py RESULTS DOCS

Every figure is the median of the repetitions, the worst one in brackets. All that was measured is
shown; where a peer is ahead of Reprise the table says so, and a list of its own repeats it.
"""

import json
import pathlib
import sys

import own_sections as own
import peer_sections as peers
from bench_results import Program
from page import paragraph, section, table
from peer_tables import Comparison, limit_rows

PROGRAMS = ["limits_bench", "peer_bench", "log_bench", "store_bench", "read_bench", "sample_bench",
            "codec_bench", "codec_bench_base", "branch_bench", "scale_bench"]
STORES = ["many-runs", "long-run"]
REAL_DATA = "real-data"


def heading(results, facts, programs):
    loads = ", ".join(
        f"{name} {' '.join(f'{load:.1f}' for load in program.context['load_avg'])}"
        for name, program in programs.items()
    )
    libraries = ("SQLite", "RocksDB", "LMDB")
    versions = ", ".join(f"{name} {results.context[name.lower()]}" for name in libraries)
    repetitions = len(next(iter(results.repetitions.values())))
    paragraphs = [
        """Made by scripts/bench.sh, which measures, and `bench/render.py`, which writes this page:
        not for editing. What the programs do and how to repeat it:
        [bench/README.md](../bench/README.md). More of what rewinding and forking take, and what
        they write: [branch-benchmarks.md](branch-benchmarks.md).""",
        f"""**Measured** {results.context["date"]}, commit {facts["commit"]}, on a machine with
        {facts["cores"]} cores ({facts["cpu"]}), {facts["memory_gib"]} GiB, {facts["file_system"]},
        Linux {facts["kernel"]}; {facts["compiler"]}, release preset; {versions}.""",
        f"""**Load** of the machine as each program began, over 1, 5 and 15 minutes: {loads}. The
        programs themselves make a load of about 1; above that something else was running, and
        times may be longer than on an idle machine.""",
        f"""Figures are medians of {repetitions} repetitions, in brackets the worst one. "Times
        Reprise" is a peer's figure over that of Reprise: above 1 Reprise is ahead, and where the
        **peer is ahead**, it says so. Peers are written in C++ on the libraries that the clients
        use: what the clients' own languages cost is not in these figures.""",
    ]
    return "\n\n".join(["# Benchmarks", *map(paragraph, paragraphs)]) + "\n"


def read_json(path):
    return json.loads(path.read_text(encoding="utf-8"))


def read_facts(results_dir, names):
    """What building the large stores took, say, of those that are there."""
    paths = {name: results_dir / f"{name}.json" for name in names}
    return {name: read_json(path) for name, path in paths.items() if path.exists()}


def page(programs, stores, facts, results_dir, docs):
    results, comparison = programs["peer_bench"], Comparison()
    compared = [
        peers.logging_section(docs, results, comparison),
        peers.wide_section(results, comparison),
        peers.synced_section(results, comparison),
        peers.size_section(docs, results, comparison),
        peers.reading_section(docs, results, comparison),
        peers.change_section(results, comparison),
        peers.real_section(results, comparison),
    ]
    limits = table(["limit", "µs", ""], limit_rows(programs["limits_bench"]))
    return [
        heading(results, facts, programs),
        own.target_section({**programs, **stores, **read_facts(results_dir, [REAL_DATA])}),
        peers.ahead_section(comparison),
        section("The machine's limits", "What nothing here can be faster than.", limits),
        *compared,
        own.log_section(programs["log_bench"]),
        own.bulk_section(programs["store_bench"]),
        own.reading_section(programs["read_bench"]),
        own.branch_section(programs["branch_bench"]),
        own.scale_section(programs["scale_bench"], stores),
        own.sample_section(programs["sample_bench"]),
        own.codec_section(programs["codec_bench"], programs["codec_bench_base"]),
        own.client_section(results_dir),
        peers.settings_section(results),
    ]


def render(results_dir, docs):
    programs = {name: Program(results_dir / f"{name}.json") for name in PROGRAMS}
    facts = read_json(results_dir / "machine.json")
    sections = page(programs, read_facts(results_dir, STORES), facts, results_dir, docs)
    (docs / "benchmarks.md").write_text("\n".join(sections), encoding="utf-8")


if __name__ == "__main__":
    render(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
