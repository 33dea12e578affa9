"""Holds figures against the targets of targets.json.

A target is a limit (`at_most` or `at_least`) for figures: `of` lists [program, benchmark, value],
and the worst of them counts. A value is a counter, or time_us or cpu_us. Each may be divided by
another one (`over`; no benchmark: the figure's own) and is multiplied by `times` to be in `unit`.
For the large stores the program is the store's name, without a benchmark, and the value one of
those that were noted when it was built. `only_if` has such a value and what it must be: a target
for a million runs means nothing for a thousand.
"""

import json
import pathlib

from bench_results import counter, cpu_micros, median, micros, show

TARGETS = pathlib.Path(__file__).with_name("targets.json")
HEADER = ["figure", "target", "measured", ""]


class Missing(Exception):
    """What a target needs and was not measured."""


def value_of(sources, program, benchmark, value):
    """The median of the repetitions. `sources` are programs, and facts of stores, by name."""
    source = sources.get(program)
    if isinstance(source, dict):
        if value in source:
            return source[value]
    elif source and source.has(benchmark):
        figure = {"time_us": micros, "cpu_us": cpu_micros}.get(value, counter(value))
        return median(source.repetitions[benchmark], figure)
    raise Missing(f"{program} {benchmark or value}")


def measured(target, sources):
    if "only_if" in target:
        *place, expected = target["only_if"]
        if value_of(sources, *place) != expected:
            raise Missing(f"{place[0]} of {expected:,} {place[2]}")
    figures = []
    for place in target["of"]:
        figure = value_of(sources, *place) * target.get("times", 1)
        if "over" in target:
            program, benchmark, value = target["over"]
            figure /= value_of(sources, program, benchmark or place[1], value)
        figures.append(figure)
    return max(figures) if "at_most" in target else min(figures)


def row(target, sources):
    """The cells, and whether the target is met."""
    unit = target["unit"]
    at_most = "at_most" in target
    limit = target["at_most" if at_most else "at_least"]
    cells = [target["what"], f"{'≤' if at_most else '≥'} {limit:,g} {unit}"]
    try:
        figure = measured(target, sources)
    except Missing as missing:
        return [*cells, "—", f"not measured: {missing}"], False
    met = figure <= limit if at_most else figure >= limit
    return [*cells, f"{show(figure)} {unit}", "met" if met else "**not met**"], met


def rows(sources):
    """All targets as rows of a table, and how many are met."""
    done = [row(target, sources) for target in json.loads(TARGETS.read_text(encoding="utf-8"))]
    return [cells for cells, _ in done], sum(met for _, met in done)
