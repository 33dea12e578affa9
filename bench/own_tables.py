"""Tables of Reprise itself: logging, bulk work, reading, branches, sampling, the codec."""

from bench_results import counter, cpu_micros, median, micros, show, show_both, show_rate

KEY_COUNTS = (1, 10, 100, 1000)


def keys_text(keys):
    return f"{keys:,} keys" if keys > 1 else "1 key"


def shown(program, name, figure):
    """A cell; a dash where the benchmark was left out."""
    return show_both(program.repetitions[name], figure) if program.has(name) else "—"


def rate(program, name, figure):
    return show_rate(program.repetitions[name], figure) if program.has(name) else "—"


def scaled(name, factor):
    return lambda entry: entry[name] * factor


ALL_IN_HEADER = ["a row of", "float32, keys as strings", "prepared", "double, keys as strings",
                 "prepared"]


def all_in_rows(log):
    nanos = lambda entry: cpu_micros(entry) * 1e3
    for keys in KEY_COUNTS:
        yield [keys_text(keys)] + [
            shown(log, f"LogAllIn/keys:{keys}/doubles:{doubles}/prepared:{prepared}", nanos)
            for doubles in (0, 1)
            for prepared in (0, 1)
        ]


CALL_HEADER = ["a row of", "`kNone`", "`kProcess`", "`kDisk`"]


def call_rows(log):
    for keys in KEY_COUNTS:
        yield [keys_text(keys)] + [
            shown(log, f"LogCall/keys:{keys}/durability:{level}", micros) for level in range(3)
        ]


BESIDE_HEADER = ["a row of 10 keys", "µs", "beside it", "µs", "times"]


def beside_rows(log):
    pairs = {
        "ProcessBesideWrite": ("`kProcess`", "a write(2) of 128 bytes"),
        "DiskBesideSync": ("`kDisk`, one writer", "an append of 128 bytes with fdatasync"),
    }
    for name, (ours, bare) in pairs.items():
        yield [ours, shown(log, name, micros), bare, shown(log, name, counter("bare_us")),
               shown(log, name, counter("times_bare"))]


def threads_text(log):
    name = "DiskByThreads/writers:64"
    figures = [show(median(log.repetitions[name], counter(counted)))
               for counted in ("rows_per_second", "rows_per_second_of_one", "times_one")]
    many, one, times = figures
    return f"""64 threads with a run each log {many} rows a second under `kDisk`, one thread {one}
    right before: {times} times as many."""


LATENCY_HEADER = ["half of the calls", "99 %", "99.9 %", "99.99 %", "all"]


def latency_rows(log):
    names = ("p50_us", "p99_us", "p99_9_us", "p99_99_us", "max_us")
    yield [shown(log, "LogLatency", counter(name)) for name in names]


def latency_text(log):
    runs = log.repetitions["LogLatency"]
    clock, segments = (median(runs, counter(name)) for name in ("clock_us", "segments"))
    return f"""How long a call of Log takes, in microseconds: 10 keys, prepared, `kNone`, 2,000,000
    calls in a row while {segments:.0f} segments are sealed. Reading the clock adds {clock:.3f} to
    each."""


BULK_HEADER = ["what", "millions a second", "CPU ns a value", "bytes a value"]


def bulk_rows(store):
    for keys, batch in ((10, 65_536), (10, 1_000), (100, 1_000)):
        name = f"AppendColumns/keys:{keys}/batch:{batch}"
        yield [f"AppendColumns, {keys} keys, {batch:,} rows a call, with Finish",
               rate(store, name, scaled("values_per_second", 1e-6)) + " values",
               shown(store, name, counter("cpu_ns_a_value")), "—"]
    for values, kind in enumerate(("float32", "doubles", "4 decimals")):
        for keys, rows in ((10, 65_535), (10, 4_096), (100, 10_000), (100, 4_096)):
            name = f"Seal/keys:{keys}/rows:{rows}/values:{values}"
            yield [f"sealing {rows:,} rows of {keys} keys, {kind}",
                   rate(store, name, scaled("rows_per_second", 1e-6)) + " rows",
                   shown(store, name, counter("cpu_ns_a_value")),
                   shown(store, name, counter("bytes_a_value"))]


MERGE_HEADER = ["what", "CPU ns a row", "bytes a value before", "after"]


def merge_rows(store):
    for rows in (50, 1_000, 16_000, 16_384):
        name = f"MergeFour/rows:{rows}"
        yield [f"four segments of {rows:,} rows become one",
               *(shown(store, name, counter(counted))
                 for counted in ("cpu_ns_a_row", "bytes_before", "bytes_after"))]
    name = "ShortSessions/sessions:100/rows:50"
    yield ["100 sessions of 50 rows, merged as they come",
           shown(store, name, counter("cpu_ns_a_row")), "—",
           shown(store, name, counter("bytes_after"))]


def upkeep_rows(store):
    for segments in (1, 10, 100):
        name = f"OpenAndResume/segments:{segments}"
        plural = "segments" if segments > 1 else "segment"
        yield [f"a store opened and its run of {segments} {plural} resumed",
               shown(store, name, micros) + " µs"]
    for depth, mode in ((1, "verify, default mode"), (2, "verify --deep")):
        name = f"VerifyLarge/depth:{depth}"
        yield [f"{mode}, a store of {show_bytes(store, name)}",
               rate(store, name, scaled("bytes_per_cpu_second", 1e-9)) + " GB a second of CPU"]
    yield ["verify --quick, the same store", shown(store, "VerifyLarge/depth:0", micros) + " µs"]
    rebuilds = {"RebuildOfSmallRuns": "the catalog of 2,000 small runs built anew",
                "RebuildOfLargeStore": "the catalog of a run of 125 segments built anew"}
    for name, what in rebuilds.items():
        yield [what, shown(store, name, micros) + " µs"]
    name = "ImportWandb"
    yield ["import of geom3d-xyn3s3m1.wandb, 3.7 MB",
           rate(store, name, scaled("bytes_per_second", 1e-6)) + " MB a second; of CPU " +
           rate(store, name, scaled("bytes_per_cpu_second", 1e-6))]


def show_bytes(program, name):
    return f"{median(program.repetitions[name], counter('bytes')) / 1e6:.0f} MB"


READINGS = {
    "OpenHistory": "the history opened, which is in all that follows",
    "SummaryAtEnd": "the summary of all keys, at the end",
    "SummaryAfterRewind": "the same after a rewind to the middle of a segment",
    "ReadNumbers": "ReadNumbers: one curve",
    "ReadNumbersOfMiddle": "1,000 steps of its middle",
    "ReadSeries": "ReadSeries: one curve, values of any type",
    "RowsOfAllKeys": "Rows: all rows with all keys",
    "RowsOfMiddle": "1,000 steps of the middle",
    "LastRows": "the last 100 rows",
}


def reading_rows(read):
    for name, what in READINGS.items():
        yield [what] + [shown(read, f"{name}/{run}", micros) for run in ("made", "real")]


RUN_READINGS = {
    "ReadRun": "ReadRun: one of 1,000 by its id",
    "ListRuns/limit:20": "ListRuns: the newest 20",
    "ListRuns/limit:0": "ListRuns: all 1,000",
}


def run_reading_rows(read):
    for name, what in RUN_READINGS.items():
        yield [what, shown(read, name, micros)]


CODEC_HEADER = ["column", "bytes a value", "encoding, GB/s", "decoding, GB/s"]


def size_cell(runs):
    """Of texts the size is that of a row, beside what the text has."""
    if "bytes_per_value" in runs[0]:
        return show(median(runs, counter("bytes_per_value")))
    size, text = (median(runs, counter(name)) for name in ("bytes_per_row", "text_bytes_per_row"))
    return f"{show(size)} for {show(text)} of JSON"


def codec_rows(codec):
    speed = scaled("bytes_per_second", 1e-9)
    for name, runs in codec.of_operation("Encode").items():
        yield [
            name,
            size_cell(runs),
            show(median(runs, speed)),
            show(median(codec.repetitions["Decode/" + name], speed)),
        ]


SLOW_HEADER = ["column", "MB a second"]
SLOW_ROWS = 12


def slow_speeds(codec):
    """Bytes a second by the name of the input: the median of the repetitions."""
    runs = codec.repetitions["EncodeSlowest"]
    names = [name for name in runs[0] if name.startswith("of ")]
    return {name.removeprefix("of "): median(runs, counter(name)) for name in names}


def slow_rows(codec):
    speeds = slow_speeds(codec)
    for name in sorted(speeds, key=speeds.get)[:SLOW_ROWS]:
        yield [name, show(speeds[name] / 1e6)]


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
        yield [what] + [shown(sample, f"{name}/rows:{size}", micros) for size in sizes]


BRANCH_HEADER = ["operation", "limit", "10^3 rows, depth 1", "10^8 rows, depth 1",
                 "10^3 rows, depth 100,000", "10^8 rows, depth 100,000", "largest ratio"]


def branch_rows(branch):
    runs = ["1e3x1", "1e8x1", "1e3x1e5", "1e8x1e5"]
    for name, (entry, *_) in branch.repetitions.items():
        times = [entry[f"{run}_us"] for run in runs]
        cells = [f"{entry[f'{run}_us']:.0f} ({entry[f'{run}_cpu_us']:.0f})" for run in runs]
        yield [name, f"{entry['limit_us']:.0f}", *cells, f"{max(times) / min(times):.2f}"]
