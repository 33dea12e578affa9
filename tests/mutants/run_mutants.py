"""Runs the tests on one mutant after the other; see scripts/mutants.sh."""

import argparse
import collections
import dataclasses
import json
import pathlib
import resource
import signal
import sys
import time

import mutant_tree
import mutation
import test_order

WORK = mutation.ROOT / "build" / "mutants"
WITHOUT = WORK / "without_mutant.json"
PATIENCE = 4  # times what a step takes without a mutant
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


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure_without(tree):
    """Seconds of the processor that each step takes without a mutant. All must pass."""
    seconds = {}
    for step in test_order.steps(tree.root):
        if not tree.build(*step.targets):
            sys.exit(f"mutants: the copy does not build, see {tree.log}")
        before = processor_seconds()
        failure = tree.run(step, 1800)
        if failure is not None:
            sys.exit(f"mutants: without a mutant {step.name} fails: {failure}, see {tree.output}")
        seconds[step.name] = processor_seconds() - before
        print(f"without a mutant: {seconds[step.name]:.1f} s for {step.name}", flush=True)
    return seconds


def known_or_measured(tree):
    """As measure_without; once for the same checkout."""
    digest = tree.digest()
    if WITHOUT.exists():
        known = json.loads(WITHOUT.read_text(encoding="utf-8"))
        if known["digest"] == digest:
            return known["seconds"]
    seconds = measure_without(tree)
    WITHOUT.write_text(json.dumps({"digest": digest, "seconds": seconds}), encoding="utf-8")
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
        for step in test_order.steps_for(tree.root, mutant.path):
            if not tree.build(*step.targets):
                return "does not compile", None  # or does not link
            allowed = 10 + round(PATIENCE * seconds[step.part_of or step.name])
            failure = tree.run(step, allowed)
            if failure is not None:
                return "caught", f"{step.name.split()[0]}: {failure}"
        return "survived", None
    finally:
        tree.restore(mutant, text)


class Stop:
    """Asked for by a signal: the run ends with the mutant it is at."""

    def __init__(self):
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.ask)

    def ask(self, *_):
        self.asked = True


def run_mutants(tree, results, options):
    stop = Stop()
    seconds = known_or_measured(tree)
    counted = collections.Counter()
    for number, mutant in enumerate(mutation.draw(mutation.ROOT, options.seed), 1):
        record = results.known(number, mutant)
        if record is None or number in options.again:
            began = time.monotonic()
            result, by = test_mutant(tree, mutant, seconds)
            record = {"number": number, "mutant": dataclasses.asdict(mutant), "result": result,
                      "by": by, "seconds": round(time.monotonic() - began, 1)}
            results.add(record)
            print(f"{number}: {mutation.describe(mutant)}: {result}{' by ' + by if by else ''} "
                  f"({record['seconds']} s)", flush=True)
        counted[record["result"]] += 1
        if stop.asked or sum(counted[result] for result in COUNTED) >= options.count:
            return counted
    return counted


def main():
    parser = argparse.ArgumentParser(prog="scripts/mutants.sh")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200, help="that are caught or survive")
    parser.add_argument("--again", type=int, nargs="*", default=[], metavar="N",
                        help="test these again, though their results are known")
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
