"""Renders docs/benchmarks.md and its charts from the JSON that scripts/bench.sh has written.

    bench/render.py RESULTS DOCS

Every figure is the median of the repetitions, the worst one in brackets. All that was measured is
shown; where a peer is ahead of Reprise the table says so, and a list of its own repeats it.
"""

import json
import pathlib
import statistics
import sys

import bar_chart

MICROS = {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": 1e6}
DEFAULT = "reprise/default"
# What Reprise is measured with, by what a peer's rows survive when its Log has returned.
SAME_SAFETY = {"nothing": "reprise/none", "kill": DEFAULT}


class Program:
    """The results of one program: repetitions by benchmark, and what it says of itself."""

    def __init__(self, path):
        report = json.loads(path.read_text(encoding="utf-8"))
        self.context = report["context"]
        self.repetitions = {}
        for entry in report["benchmarks"]:
            if entry["run_type"] == "iteration":
                self.repetitions.setdefault(plain_name(entry), []).append(entry)

    def of_operation(self, operation):
        """Peers that were measured, with their repetitions."""
        prefix = operation + "/"
        return {
            name.removeprefix(prefix): runs
            for name, runs in self.repetitions.items()
            if name.startswith(prefix)
        }

    def about(self, kind):
        """What the program says of each peer: its settings, say."""
        prefix = kind + ":"
        return {
            name.removeprefix(prefix): value
            for name, value in self.context.items()
            if name.startswith(prefix)
        }


def plain_name(entry):
    """Without what Google Benchmark adds: iterations:1, real_time and so on."""
    parts = entry["name"].split("/")
    extra = ("iterations:", "repeats:", "min_time:", "manual_time", "real_time")
    return "/".join(part for part in parts if not part.startswith(extra))


def micros(entry):
    return entry["real_time"] * MICROS[entry["time_unit"]]


def counter(name):
    return lambda entry: entry[name]


def median(runs, figure):
    return statistics.median(figure(run) for run in runs)


def worst(runs, figure):
    return max(figure(run) for run in runs)


def show(value):
    """Three digits, or all of a whole number."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value >= 0.001 else f"{value:.1g}"


def show_both(runs, figure):
    return f"{show(median(runs, figure))} ({show(worst(runs, figure))})"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


class Comparison:
    """Says how often slower than Reprise a peer is, and keeps those that are not."""

    def __init__(self):
        self.ahead = []

    def against(self, ours, theirs, what):
        """The last column of a row. `what` names the figure in the list of those ahead."""
        ratio = theirs / ours
        if ratio >= 1:
            return f"{show(ratio)}"
        self.ahead.append(f"{what}: {show(theirs)}, Reprise {show(ours)} ({show(1 / ratio)} times)")
        return f"**{show(ratio)}: ahead**"


def log_rows(peers, results, comparison, title):
    all_us = counter("all_us")
    safety = results.about("safe_from")
    synced = results.of_operation("log_synced")
    for name, runs in peers.items():
        safe_from = safety[name]
        ours = peers[SAME_SAFETY[safe_from]] if safe_from in SAME_SAFETY else synced[DEFAULT]
        ratio = "—"
        if not name.startswith("reprise/"):
            what = f"{title}, {name}, µs"
            ratio = comparison.against(median(ours, all_us), median(runs, all_us), what)
        yield [
            name,
            safe_from,
            show_both(runs, counter("log_us")),
            show_both(runs, all_us),
            show_both(runs, counter("cpu_us")),
            show(median(runs, counter("writes"))),
            show(median(runs, counter("syncs"))),
            show(runs[0]["rows"]),
            ratio,
        ]


LOG_HEADER = [
    "store", "rows survive", "µs a log", "with finish", "CPU µs, all threads", "writes a log",
    "syncs a log", "logs", "times Reprise",
]


def synced_rows(results, limit_us, comparison):
    peers = results.of_operation("log_synced")
    figure = counter("log_us")
    ours = median(peers[DEFAULT], figure)
    for name, runs in peers.items():
        theirs = median(runs, figure)
        what = f"a log on stable storage, {name}, µs"
        ratio = "—" if name == DEFAULT else comparison.against(ours, theirs, what)
        times_limit = show(theirs / limit_us)
        syncs = show(median(runs, counter("syncs")))
        yield [name, show_both(runs, figure), times_limit, syncs, ratio]


READINGS = {
    "curve": "a curve of 100,000 values",
    "range": "1,000 values of its middle",
    "sample": "least and greatest of 1,000 buckets",
    "last": "the last value of 10 keys",
}


def timed_cell(peers, name, what, comparison):
    """One peer's time, with the ratio to Reprise's."""
    if name not in peers:
        return "—"
    cell = show_both(peers[name], micros)
    if name == DEFAULT:
        return cell
    ours, theirs = median(peers[DEFAULT], micros), median(peers[name], micros)
    return f"{cell}; {comparison.against(ours, theirs, f'{what}, {name}, µs')}"


def timed_rows(results, operations, comparison):
    by_operation = {name: results.of_operation(name) for name in operations}
    names = next(iter(by_operation.values()))
    for name in names:
        yield [name] + [
            timed_cell(peers, name, operations[operation], comparison)
            for operation, peers in by_operation.items()
        ]


def size_rows(results, comparison):
    made, real = results.of_operation("curve"), results.of_operation("real_curve")
    figure = counter("bytes_a_value")
    for name, runs in made.items():
        row = [name]
        for what, peers in (("made", made), ("real", real)):
            if name not in peers:
                row.append("—")
                continue
            cell = show(median(peers[name], figure))
            if name != DEFAULT:
                ours = median(peers[DEFAULT], figure)
                text = f"bytes a value of the {what} run, {name}"
                cell += "; " + comparison.against(ours, median(peers[name], figure), text)
            row.append(cell)
        yield row


def limit_rows(limits):
    notes = {
        "Memcpy64MiB": lambda us: f"{2**26 / us / 1e3:.1f} GB/s",
    }
    for name, runs in limits.repetitions.items():
        note = notes[name](median(runs, micros)) if name in notes else ""
        yield [name, show_both(runs, micros), note]


def own_log_rows(log):
    levels = ["`kNone`", "`kProcess`", "`kDisk`"]
    for keys in (1, 10, 100):
        row = [f"{keys} keys" if keys > 1 else "1 key"]
        for level in range(len(levels)):
            row.append(show_both(log.repetitions[f"LogRow/keys:{keys}/durability:{level}"], micros))
        yield row


def branch_rows(branch):
    runs = ["1e3x1", "1e7x1", "1e3x1e4", "1e7x1e4"]
    for name, (entry, *_) in branch.repetitions.items():
        times = [entry[f"{run}_us"] for run in runs]
        cells = [f"{entry[f'{run}_us']:.0f} ({entry[f'{run}_cpu_us']:.0f})" for run in runs]
        yield [name, f"{entry['limit_us']:.0f}", *cells, f"{max(times) / min(times):.2f}"]


def client_rows(clients):
    for name, runs in clients["clients"].items():
        yield [
            name,
            clients["language"][name],
            show_both(runs, counter("log_seconds")),
            show_both(runs, counter("read_seconds")),
            show(median(runs, counter("bytes")) / 1e6),
        ]


def heading(results, facts, programs):
    loads = ", ".join(
        f"{name} {' '.join(f'{load:.1f}' for load in program.context['load_avg'])}"
        for name, program in programs.items()
    )
    versions = ", ".join(f"{name} {results.context[name.lower()]}" for name in
                         ("SQLite", "RocksDB", "LMDB"))
    return f"""# Benchmarks

Made by scripts/bench.sh, which measures, and `bench/render.py`, which writes this page: not for
editing. What the programs do and how to repeat it: [bench/README.md](../bench/README.md). What
rewinding and forking take, and what they write: [branch-benchmarks.md](branch-benchmarks.md).

**Measured** {results.context["date"]}, commit {facts["commit"]}, on a machine with
{facts["cores"]} cores ({facts["cpu"]}), {facts["memory_gib"]} GiB, {facts["file_system"]}, Linux
{facts["kernel"]}; {facts["compiler"]}, release preset; {versions}.

**Load** of the machine as each program began, over 1, 5 and 15 minutes: {loads}. Above about 0.5
something else was running, and times may be longer than on an idle machine.

Figures are medians of {len(next(iter(results.repetitions.values())))} repetitions, in brackets the
worst one. "Times Reprise" is a peer's figure over that of Reprise: above 1 Reprise is ahead, and
where the **peer is ahead**, it says so. Peers are C++ on the libraries that the clients use: none
of the clients' own language is in these figures.
"""


def section(title, text, *tables):
    return f"## {title}\n\n{text}\n\n" + "\n".join(tables)


def chart(docs, name, title, bars):
    (docs / "benchmarks").mkdir(exist_ok=True)
    (docs / "benchmarks" / f"{name}.svg").write_text(bar_chart.draw(title, bars), encoding="utf-8")
    return f"![{title}](benchmarks/{name}.svg)\n"


def chart_of(docs, results, operation, title, figure):
    peers = results.of_operation(operation)
    bars = [(name, median(runs, figure)) for name, runs in peers.items()]
    return chart(docs, operation + "-" + title.split()[0].lower(), title, bars)


def logging_section(docs, results, comparison):
    peers = results.of_operation("log")
    text = """A run of 10 keys, float32 losses with noise, logged row by row into a new store. *Rows survive*: what takes
no row away for which the call has returned; each peer is held against Reprise at the same level
(`nothing`: kNone; `kill`: kProcess; `power cut`: kDisk of the next table). *With finish*: until the files are
complete, shared among the logs; that is what is compared. Slow peers log fewer rows, so that a
measurement takes a second."""
    rows = log_rows(peers, results, comparison, "a log of 10 keys")
    picture = chart_of(docs, results, "log", "Microseconds a log of 10 keys, finish included",
                       counter("all_us"))
    return section("Logging", text, table(LOG_HEADER, rows), picture)


def synced_section(results, limits, comparison):
    limit = median(limits.repetitions["AppendAndFdatasync256Bytes"], micros)
    text = f"""Each row on stable storage when the call returns, where the peer knows how. The limit is an append of
256 bytes with an fdatasync: {show(limit)} µs, measured apart. LMDB's second sync is a write to a
file opened with O_DSYNC and not counted."""
    header = ["store", "µs a log", "times the limit", "syncs a log", "times Reprise"]
    rows = synced_rows(results, limit, comparison)
    return section("Logging, each row on stable storage", text, table(header, rows))


def reading_section(docs, results, comparison):
    text = """Of the finished run of 10 keys and 100,000 rows, files in the page cache; what can stay open between two
readings does. Microseconds, then times Reprise."""
    rows = timed_rows(results, READINGS, comparison)
    picture = chart_of(docs, results, "curve", "Read: microseconds a curve of 100,000 values", micros)
    return section("Reading", text, table(["store", *READINGS.values()], rows), picture)


def size_section(docs, results, comparison):
    text = """All files of the finished run, over its values; steps, times, key names and indexes are in it. The made run has
10 keys, the real one has one."""
    header = ["store", "made run, bytes a value", "real run"]
    rows = size_rows(results, comparison)
    picture = chart_of(docs, results, "curve", "Size: bytes a value of the made run",
                       counter("bytes_a_value"))
    return section("Size", text, table(header, rows), picture)


def change_section(results, comparison):
    text = """*Resume*: from nothing open to the next step being known, the run of 100,000 rows. *Rewind*: to the middle of
a run of 10,000 rows; peers have no rewind, and what stands in for it loses the rows behind. Microseconds, then times Reprise."""
    operations = {"resume": "resume", "rewind": "rewind"}
    stand_ins = results.about("rewind")
    rows = [
        [*row, stand_ins.get(row[0], "")] for row in timed_rows(results, operations, comparison)
    ]
    header = ["store", "resume", "rewind", "what stands in for a rewind"]
    return section("Going on, and going back", text, table(header, rows))


def real_section(results, comparison):
    peers = results.of_operation("real_log")
    if not peers:
        return section("A real run", "Left out: the data was not there.")
    text = f"""The loss of pythia-160m-seed9's pretraining: one key, {int(results.context["pythia_rows"]):,} rows, those left out that its restarts
took back. Logged as above, then its curve read."""
    rows = log_rows(peers, results, comparison, "a log of the real run")
    readings = {"real_curve": "its curve, µs; times Reprise"}
    curve = timed_rows(results, readings, comparison)
    return section("A real run", text, table(LOG_HEADER, rows),
                   table(["store", *readings.values()], curve))


def own_section(programs):
    text = """More of Reprise: the mean time of a log over many, by keys and durability, in microseconds; and rewinding and
forking by rows and depth of the lineage (in brackets what the thread computed), in microseconds, medians of 300."""
    log = table(["a row of", "`kNone`", "`kProcess`", "`kDisk`"], own_log_rows(programs["log_bench"]))
    header = ["operation", "limit", "10^3 rows, depth 1", "10^7 rows, depth 1",
              "10^3 rows, depth 10,000", "10^7 rows, depth 10,000", "largest ratio"]
    return section("Reprise itself", text, log, table(header, branch_rows(programs["branch_bench"])))


def client_section(results_dir):
    path = results_dir / "clients.json"
    if not path.exists():
        return section("The clients themselves", "Not measured: scripts/bench.sh --clients does.")
    clients = json.loads(path.read_text(encoding="utf-8"))
    text = f"""As their users run them: 10,000 logs of 10 metrics, then one curve read back, each in a process of its own and
with what starting it takes. Whole seconds of the process, and megabytes on disk; {clients["python"]}, load {clients["load"]}."""
    header = ["client", "language", "logging, s", "reading, s", "MB on disk"]
    return section("The clients themselves", text, table(header, client_rows(clients)))


def ahead_section(comparison):
    text = "All figures above in which a peer is ahead of Reprise."
    lines = [f"- {line}" for line in comparison.ahead] or ["- none"]
    return section("Where a peer is ahead", text, "\n".join(lines) + "\n")


def settings_section(results):
    rows = results.about("settings").items()
    return section("What was measured", "", table(["store", "settings"], rows)).replace("\n\n\n", "\n")


def render(results_dir, docs):
    names = ["limits_bench", "peer_bench", "log_bench", "branch_bench"]
    programs = {name: Program(results_dir / f"{name}.json") for name in names}
    facts = json.loads((results_dir / "machine.json").read_text(encoding="utf-8"))
    results, limits = programs["peer_bench"], programs["limits_bench"]
    comparison = Comparison()
    limit_table = table(["limit", "µs", ""], limit_rows(limits))
    body = [
        logging_section(docs, results, comparison),
        synced_section(results, limits, comparison),
        size_section(docs, results, comparison),
        reading_section(docs, results, comparison),
        change_section(results, comparison),
        real_section(results, comparison),
    ]
    page = [
        heading(results, facts, programs),
        ahead_section(comparison),
        section("The machine's limits", "What nothing on this machine can be faster than.", limit_table),
        *body,
        own_section(programs),
        client_section(results_dir),
        settings_section(results),
    ]
    (docs / "benchmarks.md").write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    render(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
