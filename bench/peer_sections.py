"""The sections of docs/benchmarks.md that compare Reprise with its peers."""

import bar_chart
import peer_tables as tables
from bench_results import counter, median, micros, show_both
from page import section, table


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
    return section("Logging", text, table(tables.LOG_HEADER, rows), picture)


def synced_section(results, comparison):
    text = """The same 10 keys, each row on stable storage when the call returns, where the peer
    knows how. The limit is an append of 256 bytes with an fdatasync, measured right after each
    repetition, because disks have moods: peers are compared by how often the limit they take.
    LMDB's second sync is a write to a file opened with O_DSYNC and not counted."""
    header = ["store", "µs a log", "limit, µs", "times the limit", "syncs a log", "times Reprise"]
    rows = tables.synced_rows(results, comparison)
    return section("Logging, each row on stable storage", text, table(header, rows))


def reading_section(docs, results, comparison):
    text = """Of the finished run of 10 keys and 100,000 rows, files in the page cache; what can
    stay open between two readings does. Microseconds, then times Reprise."""
    rows = tables.timed_rows(results, tables.READINGS, comparison)
    title = "Microseconds to read a curve of 100,000 values"
    picture = chart_of(docs, "curve", results.of_operation("curve"), title, micros)
    header = ["store", *tables.READINGS.values()]
    return section("Reading", text, table(header, rows), picture)


def size_section(docs, results, comparison):
    text = """All files of the finished run, holes left out, over its values; steps, times, key
    names and indexes are in it. The made run has 10 keys, the real one has one."""
    header = ["store", "made run, bytes a value", "real run"]
    rows = tables.size_rows(results, comparison)
    peers = results.of_operation("curve")
    picture = chart_of(docs, "size", peers, "Bytes a value, all in", counter("bytes_a_value"))
    return section("Size", text, table(header, rows), picture)


def change_section(results, comparison):
    text = """*Resume*: from nothing open to the next step being known, the run of 100,000 rows.
    *Rewind* and *fork*: at the middle of a run of 10,000 rows of 10 keys. Peers have no rewind that
    keeps what was behind, and what stands in for it loses that; nor have they forks that share
    rows, so the 5,000 rows up to the middle are copied. The limits are as above. Microseconds,
    then times Reprise."""
    operations = {"resume": "resume", "rewind": "rewind", "fork": "fork"}
    limits = {name: results.of_operation(name) for name in ("rewind", "fork")}
    rows = [
        [name, resume, rewind, limit_cell(limits["rewind"], name), fork,
         limit_cell(limits["fork"], name)]
        for name, resume, rewind, fork in tables.timed_rows(results, operations, comparison)
    ]
    header = ["store", "resume", "rewind", "limit beside it", "fork", "limit beside it"]
    instead = [[name, text, results.about("fork")[name]]
               for name, text in results.about("rewind").items() if name in limits["fork"]]
    instead_header = ["store", "what stands in for a rewind", "for a fork"]
    return section("Going on, going back, and forking", text, table(header, rows),
                   table(instead_header, instead))


def limit_cell(peers, name):
    return show_both(peers[name], counter("limit_us"))


def wide_section(results, comparison):
    text = """The same with 1, 100 and 1,000 keys a row, finish included: microseconds a log, then
    times Reprise at the same level. Rows of many keys are fewer, about as many values as half of
    the run of 10 keys."""
    header = ["store", "rows survive", *tables.KEY_COUNTS.values()]
    rows = tables.wide_rows(results, comparison)
    return section("Logging, by keys a row", text, table(header, rows))


def real_section(results, comparison):
    peers = results.of_operation("real_log")
    if not peers:
        return section("A real run", "Left out: the data was not there.")
    count = int(results.context["pythia_rows"])
    text = f"""The loss of pythia-160m-seed9's pretraining: one key, {count:,} rows, those left
    out that its restarts took back. Logged as above, then its curve read."""
    rows = tables.log_rows(peers, results, comparison, "a log of the real run, µs")
    curve = tables.timed_rows(results, {"real_curve": "the curve of the real run"}, comparison)
    log_table = table(tables.LOG_HEADER, rows)
    curve_table = table(["store", "its curve, µs; times Reprise"], curve)
    return section("A real run", text, log_table, curve_table)


def ahead_section(comparison):
    text = "All figures of the tables below in which a peer is ahead of Reprise."
    header = ["figure", "peer", "the peer's", "Reprise's", "times ahead"]
    rows = sorted(comparison.ahead, key=lambda row: row[0])
    return section("Where a peer is ahead", text, table(header, rows))


def settings_section(results):
    rows = results.about("settings").items()
    text = "*Real* settings are the client's, *tuned* ones the best for the same schema."
    return section("What was measured", text, table(["store", "settings"], rows))
