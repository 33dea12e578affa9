"""What Google Benchmark wrote, and the figures that are shown of it."""

import json
import statistics

MICROS = {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": 1e6}


class Program:
    """The results of one program: repetitions by benchmark, and what it says of itself."""

    def __init__(self, path):
        report = json.loads(path.read_text(encoding="utf-8"))
        self.context = report["context"]
        self.repetitions = {}
        for entry in report["benchmarks"]:
            if entry["run_type"] == "iteration" and not entry.get("error_occurred"):
                self.repetitions.setdefault(plain_name(entry), []).append(entry)

    def of_operation(self, operation):
        """Peers that were measured, with their repetitions."""
        prefix = operation + "/"
        return {
            name.removeprefix(prefix): runs
            for name, runs in self.repetitions.items()
            if name.startswith(prefix)
        }

    def has(self, name):
        """Whether the benchmark was measured: some are left out where data is missing."""
        return name in self.repetitions

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
    extra = ("iterations:", "repeats:", "min_time:", "manual_time", "real_time",
             "process_time")
    return "/".join(part for part in parts if not part.startswith(extra))


def micros(entry):
    return entry["real_time"] * MICROS[entry["time_unit"]]


def cpu_micros(entry):
    return entry["cpu_time"] * MICROS[entry["time_unit"]]


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


def show_rate(runs, figure):
    """As show_both, for figures of which the least is the worst."""
    return f"{show(median(runs, figure))} ({show(min(figure(run) for run in runs))})"
