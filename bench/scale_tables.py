"""Tables of the sizes that the engine is designed for."""

from bench_results import counter, micros, show, show_both

BUILD_HEADER = ["store", "size", "built in, s", "of it CPU, s", "most memory, MiB", "of it its own"]
WORK_HEADER = ["work", "s", "most memory, MiB", "of it its own"]


def size_text(name, facts):
    if name == "many-runs":
        return f"{facts['runs']:,.0f} runs, {show(facts['bytes_a_run'])} bytes each"
    return f"{facts['steps']:,.0f} steps, {show(facts['bytes_a_row'])} bytes each"


def build_rows(stores):
    for name, facts in stores.items():
        memory = [show(facts[figure]) for figure in ("peak_mib", "peak_own_mib")]
        yield [name, size_text(name, facts), show(facts["seconds"]), show(facts["cpu_seconds"]),
               *memory]


WORK = {
    "ManyRunsAtOnce/runs:10000": "10,000 runs open at once, 20 rows of 10 metrics to each in turns",
    "ManyKeys/keys:100000": "a run of 100,000 keys, 10 values of each, then its summary",
}


def work_rows(scale):
    for name, what in WORK.items():
        runs = scale.repetitions[name]
        yield [what, *(show_both(runs, counter(figure))
                       for figure in ("seconds", "peak_mib", "peak_own_mib"))]


DETAILS = {
    "ManyRunsAtOnce/runs:10000": {
        "start_us": "starting one of 10,000 runs, by 64 threads, µs",
        "log_us": "logging a row to one of them, µs",
        "finish_us": "finishing one, by 64 threads, µs",
    },
    "ManyKeys/keys:100000": {
        "log_us": "logging a row of 1,000 of 100,000 keys, µs",
        "summary_ms": "the summary of 100,000 keys, ms",
        "curve_ms": "one curve of 100,000, ms",
    },
}

READINGS = {
    "ListTwentyRuns": "the store of many runs opened and the newest 20 listed, ms",
    "OpenLongRun": "the store of the long run and its history opened, ms",
    "SampleLongRun/exact": "1,000 exact buckets of it, warm, ms",
    "SampleLongRun/snapped": "the same, snapped to cells, ms",
}


def figure_rows(scale):
    for benchmark, figures in DETAILS.items():
        for name, what in figures.items():
            yield [what, show_both(scale.repetitions[benchmark], counter(name))]
    for name, what in READINGS.items():
        if scale.has(name):
            yield [what, show_both(scale.repetitions[name], lambda entry: micros(entry) / 1e3)]
