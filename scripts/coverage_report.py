#!/usr/bin/env python3
"""Tells how many branches were taken, by folder, from the JSON that gcovr writes.

    coverage_report.py COVERAGE.json UNTAKEN.txt LEAST

Writes each line with a branch that was not taken to UNTAKEN.txt. Exits 1 if fewer than LEAST per
cent of all branches were taken.
"""

import json
import os
import sys


def branches_of(file):
    """(line number, how many branches, how many of them were taken) of each line that has any."""
    for line in file["lines"]:
        branches = [branch for branch in line["branches"] if not branch.get("throw")]
        if branches and not line.get("gcovr/noncode"):
            yield line["line_number"], len(branches), sum(b["count"] > 0 for b in branches)


def share(taken, total):
    return f"{100 * taken / total:5.1f} %  {taken:6} of {total:6}"


def main():
    source, untaken_path, least = sys.argv[1], sys.argv[2], float(sys.argv[3])
    with open(source, encoding="utf-8") as file:
        files = json.load(file)["files"]
    folders = {}
    untaken = []
    for file in files:
        folder = folders.setdefault(os.path.dirname(file["file"]), [0, 0])
        for number, total, taken in branches_of(file):
            folder[0] += taken
            folder[1] += total
            if taken < total:
                untaken.append(f"{file['file']}:{number}: {total - taken} of {total}")
    with open(untaken_path, "w", encoding="utf-8") as file:
        file.write("\n".join(untaken) + "\n")
    for folder, (taken, total) in sorted(folders.items()):
        if total:
            print(f"{folder:24} {share(taken, total)}")
    taken = sum(folder[0] for folder in folders.values())
    total = sum(folder[1] for folder in folders.values())
    print(f"{'all':24} {share(taken, total)} branches; the others are in {untaken_path}")
    return 0 if total and 100 * taken / total >= least else 1


if __name__ == "__main__":
    sys.exit(main())
