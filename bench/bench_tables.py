"""The tables of docs/benchmarks.md: what was measured, and how it compares with Reprise."""

from bench_results import counter, cpu_micros, median, micros, show, show_both

DEFAULT = "reprise/default"
# What Reprise is measured with, by what a peer's rows survive when its Log has returned.
SAME_SAFETY = {"nothing": "reprise/none", "kill": DEFAULT}


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


class Comparison:
    """Says how often slower than Reprise a peer is, and keeps those that are not."""

    def __init__(self):
        self.ahead = []

    def against(self, ours, theirs, what, name):
        """The last part of a cell or a row; `what` names the figure in the table of those ahead."""
        ratio = theirs / ours
        if ratio >= 1:
            return show(ratio)
        self.ahead.append([what, name, show(theirs), show(ours), show(1 / ratio)])
        return f"**{show(ratio)}: ahead**"


def log_rows(peers, results, comparison, title):
    all_us = counter("all_us")
    safety = results.about("safe_from")
    for name, runs in peers.items():
        ours = SAME_SAFETY.get(safety[name])
        ratio = "—"
        if ours and not name.startswith("reprise/"):
            ours_us, theirs_us = median(peers[ours], all_us), median(runs, all_us)
            ratio = comparison.against(ours_us, theirs_us, title, name)
        yield [
            name,
            safety[name],
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


def times_limit(entry):
    return entry["log_us"] / entry["limit_us"]


def synced_rows(results, comparison):
    peers = results.of_operation("log_synced")
    ours = median(peers[DEFAULT], times_limit)
    what = "a log on stable storage, times the limit"
    for name, runs in peers.items():
        theirs = median(runs, times_limit)
        yield [
            name,
            show_both(runs, counter("log_us")),
            show_both(runs, counter("limit_us")),
            show_both(runs, times_limit),
            show(median(runs, counter("syncs"))),
            "—" if name == DEFAULT else comparison.against(ours, theirs, what, name),
        ]


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
    return f"{cell}; {comparison.against(ours, theirs, what + ', µs', name)}"


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
                text = f"bytes a value of the {what} run"
                cell += "; " + comparison.against(ours, median(peers[name], figure), text, name)
            row.append(cell)
        yield row


def limit_rows(limits):
    notes = {
        "Memcpy64MiB": lambda us: f"{2**26 / us / 1e3:.1f} GB/s",
    }
    for name, runs in limits.repetitions.items():
        note = notes[name](median(runs, micros)) if name in notes else ""
        yield [name, show_both(runs, micros), note]


def log_runs(log, keys, level, doubles, prepared):
    return log.repetitions[
        f"LogRow/keys:{keys}/durability:{level}/doubles:{doubles}/prepared:{prepared}"
    ]


def own_log_rows(log):
    for keys in (1, 10, 100):
        row = [f"{keys} keys" if keys > 1 else "1 key"]
        for doubles in (0, 1):
            for prepared in (0, 1):
                row.append(show_both(log_runs(log, keys, 0, doubles, prepared), cpu_micros))
        yield row + [show_both(log_runs(log, keys, level, 0, 1), micros) for level in range(3)]


OWN_LOG_HEADER = [
    "a row of", "CPU: float32", "prepared", "CPU: double", "prepared", "`kNone`", "`kProcess`",
    "`kDisk`",
]


def codec_rows(codec):
    speed = lambda entry: entry["bytes_per_second"] / 1e9
    for name, runs in codec.of_operation("Encode").items():
        yield [
            name,
            show(median(runs, counter("bytes_per_value"))),
            show(median(runs, speed)),
            show(median(codec.repetitions["Decode/" + name], speed)),
        ]


CODEC_HEADER = ["column", "bytes a value", "encoding, GB/s", "decoding, GB/s"]

SAMPLES = {
    "SampleWarm/exact": "exact, warm",
    "SampleZoomed": "exact, warm, each time of other steps",
    "SampleWarm/snapped": "snapped to cells, warm",
    "SampleFirst/exact": "exact, of a history that was just opened",
    "SampleFirst/snapped": "snapped, of a history that was just opened",
    "ScanInMemory": "a scan of all values, if they are in memory",
    "ReadAndScan": "reading all values and scanning them",
}


def sample_rows(sample, sizes):
    for name, what in SAMPLES.items():
        yield [what] + [
            show_both(sample.repetitions[f"{name}/rows:{size}"], micros) for size in sizes
        ]


def own_path_rows(log):
    operations = {
        "ReadCurve": "a curve of 100,000 values, the only key of a finished run",
        "OpenAndResume": "a store opened and that run resumed, until it can log",
    }
    for name, what in operations.items():
        yield [what, show_both(log.repetitions[name], micros)]


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
