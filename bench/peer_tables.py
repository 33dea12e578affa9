"""The tables of peers: what was measured, and how it compares with Reprise."""

from bench_results import counter, median, micros, show, show_both

DEFAULT = "reprise/default"
# What Reprise is measured with, by what a peer's rows survive when its Log has returned.
SAME_SAFETY = {"nothing": "reprise/none", "kill": DEFAULT}


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


KEY_COUNTS = {"log_1": "1 key", "log": "10 keys", "log_100": "100 keys", "log_1000": "1,000 keys"}


def wide_cell(peers, name, what, safety, comparison):
    """One peer's log of so many keys, with the ratio to Reprise's at the same level."""
    all_us = counter("all_us")
    cell = show_both(peers[name], all_us)
    ours = SAME_SAFETY.get(safety[name])
    if not ours or name.startswith("reprise/"):
        return cell
    ours_us, theirs_us = median(peers[ours], all_us), median(peers[name], all_us)
    return f"{cell}; {comparison.against(ours_us, theirs_us, f'a log of {what}, µs', name)}"


def wide_rows(results, comparison):
    """The column of 10 keys adds to no list of those ahead: the table above has done that."""
    safety = results.about("safe_from")
    by_count = {name: results.of_operation(name) for name in KEY_COUNTS}
    for name in by_count["log"]:
        yield [name, safety[name]] + [
            wide_cell(peers, name, KEY_COUNTS[count], safety,
                      Comparison() if count == "log" else comparison)
            for count, peers in by_count.items()
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


def client_rows(clients):
    for name, runs in clients["clients"].items():
        yield [
            name,
            clients["language"][name],
            show_both(runs, counter("log_seconds")),
            show_both(runs, counter("read_seconds")),
            show(median(runs, counter("bytes")) / 1e6),
        ]
