"""Renders docs/benchmarks.md and its charts from the JSON that scripts/bench.sh has written.

    bench/render.py RESULTS DOCS

Every figure is the median of the repetitions, the worst one in brackets. All that was measured is
shown; where a peer is ahead of Reprise the table says so, and a list of its own repeats it.
"""

import json
import pathlib
import sys
import textwrap

import bar_chart
import bench_tables as tables
from bench_results import Program, counter, median, micros, show_both


def paragraph(text):
    return textwrap.fill(" ".join(text.split()), 100, break_on_hyphens=False)


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


def section(title, text, *parts):
    return "\n".join([f"## {title}\n", paragraph(text) + "\n", *parts])


def chart(docs, name, title, bars):
    (docs / "benchmarks").mkdir(exist_ok=True)
    (docs / "benchmarks" / f"{name}.svg").write_text(bar_chart.draw(title, bars), encoding="utf-8")
    return f"![{title}](benchmarks/{name}.svg)\n"


def chart_of(docs, name, peers, title, figure):
    return chart(docs, name, title, [(peer, median(runs, figure)) for peer, runs in peers.items()])


def logging_section(docs, results, comparison):
    peers = results.of_operation("log")
    text = """A run of 10 keys, float32 losses with noise, logged row by row into a new store.
    *Rows survive* what takes no row away for which the call has returned; each peer is held
    against Reprise at the same level (`nothing`: kNone; `kill`: kProcess; `power cut`: see the
    next table). *With finish*: until the files are complete, shared among the logs; that is what
    is compared. Slow peers log fewer rows, so that a measurement takes about a second."""
    rows = tables.log_rows(peers, results, comparison, "a log of 10 keys, µs")
    title = "Microseconds a log of 10 keys, finish included"
    picture = chart_of(docs, "log", peers, title, counter("all_us"))
    return section("Logging", text, tables.table(tables.LOG_HEADER, rows), picture)


def synced_section(results, comparison):
    text = """The same 10 keys, each row on stable storage when the call returns, where the peer
    knows how. The limit is an append of 256 bytes with an fdatasync, measured right after each
    repetition, because disks have moods: peers are compared by how often the limit they take.
    LMDB's second sync is a write to a file opened with O_DSYNC and not counted."""
    header = ["store", "µs a log", "limit, µs", "times the limit", "syncs a log", "times Reprise"]
    rows = tables.synced_rows(results, comparison)
    return section("Logging, each row on stable storage", text, tables.table(header, rows))


def reading_section(docs, results, comparison):
    text = """Of the finished run of 10 keys and 100,000 rows, files in the page cache; what can
    stay open between two readings does. Microseconds, then times Reprise."""
    rows = tables.timed_rows(results, tables.READINGS, comparison)
    title = "Microseconds to read a curve of 100,000 values"
    picture = chart_of(docs, "curve", results.of_operation("curve"), title, micros)
    header = ["store", *tables.READINGS.values()]
    return section("Reading", text, tables.table(header, rows), picture)


def size_section(docs, results, comparison):
    text = """All files of the finished run, over its values; steps, times, key names and indexes
    are in it. The made run has 10 keys, the real one has one."""
    header = ["store", "made run, bytes a value", "real run"]
    rows = tables.size_rows(results, comparison)
    peers = results.of_operation("curve")
    picture = chart_of(docs, "size", peers, "Bytes a value, all in", counter("bytes_a_value"))
    return section("Size", text, tables.table(header, rows), picture)


def change_section(results, comparison):
    text = """*Resume*: from nothing open to the next step being known, the run of 100,000 rows.
    *Rewind*: to the middle of a run of 10,000 rows; peers have no rewind that keeps what was
    behind, and what stands in for it loses that. The limit is as above. Microseconds, then times
    Reprise."""
    operations = {"resume": "resume", "rewind": "rewind"}
    stand_ins = results.about("rewind")
    rewinds = results.of_operation("rewind")
    rows = [
        [*row, show_both(rewinds[row[0]], counter("limit_us")), stand_ins[row[0]]]
        for row in tables.timed_rows(results, operations, comparison)
    ]
    header = ["store", "resume", "rewind", "limit beside it", "what stands in for a rewind"]
    return section("Going on, and going back", text, tables.table(header, rows))


def real_section(results, comparison):
    peers = results.of_operation("real_log")
    if not peers:
        return section("A real run", "Left out: the data was not there.")
    count = int(results.context["pythia_rows"])
    text = f"""The loss of pythia-160m-seed9's pretraining: one key, {count:,} rows, those left
    out that its restarts took back. Logged as above, then its curve read."""
    rows = tables.log_rows(peers, results, comparison, "a log of the real run, µs")
    curve = tables.timed_rows(results, {"real_curve": "the curve of the real run"}, comparison)
    log_table = tables.table(tables.LOG_HEADER, rows)
    curve_table = tables.table(["store", "its curve, µs; times Reprise"], curve)
    return section("A real run", text, log_table, curve_table)


def own_section(programs):
    text = """More of Reprise, in microseconds. A log: first the CPU time of the whole process
    under `kNone`, sealing in the background included, by values and with keys as strings or
    prepared; then the time it takes, prepared, by durability. And rewinding and forking by rows and
    depth of the lineage, medians of 300, in brackets what the thread computed."""
    log = tables.table(tables.OWN_LOG_HEADER, tables.own_log_rows(programs["log_bench"]))
    header = ["operation", "limit", "10^3 rows, depth 1", "10^7 rows, depth 1",
              "10^3 rows, depth 10,000", "10^7 rows, depth 10,000", "largest ratio"]
    branches = tables.table(header, tables.branch_rows(programs["branch_bench"]))
    paths = tables.table(["operation", "µs"], tables.own_path_rows(programs["log_bench"]))
    return section("Reprise itself", text, log, paths, branches)


def sample_section(sample):
    text = """1,000 buckets of one float32 key, all rows sealed. Warm is from the second sample of a
    key on. Microseconds."""
    sizes = (1_000_000, 10_000_000)
    header = ["what", *(f"{size:,} rows" for size in sizes)]
    return section("Sampling", text, tables.table(header, tables.sample_rows(sample, sizes)))


def codec_section(codec):
    suite = codec.repetitions["Suite"]
    size, speed, share = (
        median(suite, counter(name))
        for name in ("mean_bytes_per_value", "median_decode_GB_per_s", "median_decode_of_memcpy")
    )
    text = f"""Columns of 65,536 values, drawn as training runs log them (`bench/codec_suite.cc`),
    and the last three chosen against the encoder. The mean of the first 40 is {size:.3f} bytes a
    value; their median decoder gives {speed:.1f} GB/s, {share:.2f} times what copying 64 MiB
    gives, on {suite[0]["label"]}."""
    return section("The codec", text, tables.table(tables.CODEC_HEADER, tables.codec_rows(codec)))


def client_section(results_dir):
    path = results_dir / "clients.json"
    if not path.exists():
        return section("The clients themselves", "Not measured: scripts/bench.sh --clients does.")
    clients = json.loads(path.read_text(encoding="utf-8"))
    text = f"""As their users run them: 10,000 logs of 10 metrics, then one curve read back.
    Seconds of the whole process, with what starting it takes, and megabytes on disk;
    {clients["python"]}, load of the machine {clients["load"]}. Medians of three processes, or
    one if it took over a minute; in brackets the worst."""
    header = ["client", "language", "logging, s", "reading, s", "MB on disk"]
    rows = tables.client_rows(clients)
    return section("The clients themselves", text, tables.table(header, rows))


def ahead_section(comparison):
    text = "All figures of the tables below in which a peer is ahead of Reprise."
    header = ["figure", "peer", "the peer's", "Reprise's", "times ahead"]
    rows = sorted(comparison.ahead, key=lambda row: row[0])
    return section("Where a peer is ahead", text, tables.table(header, rows))


def settings_section(results):
    rows = results.about("settings").items()
    text = "*Real* settings are the client's, *tuned* ones the best for the same schema."
    return section("What was measured", text, tables.table(["store", "settings"], rows))


def render(results_dir, docs):
    names = ["limits_bench", "peer_bench", "log_bench", "sample_bench", "codec_bench",
             "branch_bench"]
    programs = {name: Program(results_dir / f"{name}.json") for name in names}
    facts = json.loads((results_dir / "machine.json").read_text(encoding="utf-8"))
    results, limits = programs["peer_bench"], programs["limits_bench"]
    comparison = tables.Comparison()
    limit_table = tables.table(["limit", "µs", ""], tables.limit_rows(limits))
    body = [
        logging_section(docs, results, comparison),
        synced_section(results, comparison),
        size_section(docs, results, comparison),
        reading_section(docs, results, comparison),
        change_section(results, comparison),
        real_section(results, comparison),
    ]
    page = [
        heading(results, facts, programs),
        ahead_section(comparison),
        section("The machine's limits", "What nothing here can be faster than.", limit_table),
        *body,
        own_section(programs),
        sample_section(programs["sample_bench"]),
        codec_section(programs["codec_bench"]),
        client_section(results_dir),
        settings_section(results),
    ]
    (docs / "benchmarks.md").write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    render(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
