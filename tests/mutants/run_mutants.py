"""Runs the tests on one mutant after the other; see scripts/mutants.sh."""

import argparse
import collections
import dataclasses
import json
import pathlib
import sys
import time

import mutant_tree
import mutation
import test_order

WORK = mutation.ROOT / "build" / "mutants"
SHORTEST_TIMEOUT = 30  # seconds
PATIENCE = 6           # times what a step takes without a mutant
COUNTED = ("caught", "survived")


class Results:
    """What came of each mutant, a line of JSON each; the last line of a number counts."""

    def __init__(self, path):
        self.path = path
        self.by_number = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                record = json.loads(line)
                self.by_number[record["number"]] = record

    def known(self, number, mutant):
        """None also if the number was another mutant's, of another seed or other sources."""
        record = self.by_number.get(number)
        return record if record and record["mutant"] == dataclasses.asdict(mutant) else None

    def add(self, record):
        self.by_number[record["number"]] = record
        with self.path.open("a", encoding="utf-8") as out:
            out.write(json.dumps(record) + "\n")


def time_without(tree):
    """Seconds of each step without a mutant. All must pass."""
    seconds = {}
    for path in (None, *mutation.sources(mutation.ROOT)):
        for step in test_order.steps(tree.root, path):
            if step in seconds:
                continue
            if not tree.build(*step.targets):
                sys.exit(f"mutants: the copy does not build, see {tree.log}")
            began = time.monotonic()
            failure = tree.run(step, 1800)
            if failure is not None:
                sys.exit(f"mutants: without a mutant {step.name} fails: {failure}, see "
                         f"{tree.output}")
            seconds[step] = time.monotonic() - began
            print(f"without a mutant {step.name} takes {seconds[step]:.1f} s", flush=True)
    return seconds


def test_mutant(tree, mutant, seconds):
    """What comes of it, and which tests noticed it."""
    before = tree.object_of(mutant.path)
    text = tree.mutate(mutant)
    try:
        after = tree.object_of(mutant.path)
        if after is None:
            return "does not compile", None
        if after == before:
            return "same object", None
        for step in test_order.steps(tree.root, mutant.path):
            if not tree.build(*step.targets):
                return "does not compile", None  # or does not link
            failure = tree.run(step, max(SHORTEST_TIMEOUT, PATIENCE * seconds[step]))
            if failure is not None:
                return "caught", f"{step.name}: {failure}"
        return "survived", None
    finally:
        tree.restore(mutant, text)


def run_mutants(tree, results, options):
    seconds = time_without(tree)
    counted = collections.Counter()
    for number, mutant in enumerate(mutation.draw(mutation.ROOT, options.seed), 1):
        record = results.known(number, mutant)
        if record is None or record["result"] == options.again:
            began = time.monotonic()
            result, by = test_mutant(tree, mutant, seconds)
            record = {"number": number, "mutant": dataclasses.asdict(mutant), "result": result,
                      "by": by, "seconds": round(time.monotonic() - began, 1)}
            results.add(record)
            print(f"{number}: {mutation.describe(mutant)}: {result}{' by ' + by if by else ''} "
                  f"({record['seconds']} s)", flush=True)
        counted[record["result"]] += 1
        if sum(counted[result] for result in COUNTED) >= options.count:
            return counted
    return counted


def main():
    parser = argparse.ArgumentParser(prog="scripts/mutants.sh")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200, help="that are caught or survive")
    parser.add_argument("--again", help="test those again whose result this was: survived")
    parser.add_argument("--results", type=pathlib.Path, default=WORK / "results.jsonl",
                        help="known results are kept, so that a run can be continued")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    tree = mutant_tree.MutantTree(mutation.ROOT, WORK, options.jobs)
    tree.prepare()
    counted = run_mutants(tree, Results(options.results), options)
    print(", ".join(f"{number} {result}" for result, number in sorted(counted.items())))
    caught = counted["caught"]
    sys.exit(caught * 10 < 9 * (caught + counted["survived"]))


if __name__ == "__main__":
    main()
