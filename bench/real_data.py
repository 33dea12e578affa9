"""Imports all real runs that the tool can import, and weighs their numbers.

    bench/real_data.py REPRISE DATA OUTPUT

Counted are the segments' bytes for numbers, steps and times, with all that belongs to them:
directories, cells, checksums, key names. Text columns are left out with their chunks; in tables
too small for columns of their own all bytes count. A value is a number, or a row's step or time.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

NUMBERS = (1, 2, 3)  # bool, int64, double
COLUMN = re.compile(r"^ +'.*' type=(\d+) values=(\d+)(?: at \d+, (\d+) bytes)?")
TABLE = re.compile(r"^ +table \d+ \w+ rows=(\d+) columns=\d+ time=(\w+)")
SEGMENT = re.compile(r"^ *\d+ segment .* length=(\d+)$")


def imports(data):
    """The importable files: kind and path."""
    for folder, kind in (("wandb", "wandb"), ("csv", "csv"), ("jsonl", "jsonl")):
        for path in sorted((data / folder).iterdir()):
            if path.is_file():
                yield kind, path


def import_all(tool, data, store):
    subprocess.run([tool, "--store", store, "init"], check=True, stdout=subprocess.DEVNULL)
    for number, (kind, path) in enumerate(imports(data)):
        how = [] if kind == "wandb" else ["--on-conflict", "rewind"]
        # Exit status 1: something was skipped. Of a torn file that is so.
        done = subprocess.run([tool, "--store", store, "import", kind, *how, "--run",
                               f"run-{number}", str(path)], capture_output=True, check=False)
        if done.returncode > 1:
            sys.exit(f"real_data: {path}: {done.stderr.decode()}")
        yield path.name


def weigh(dump):
    """Bytes and values of a pack's segments."""
    size = values = 0
    for line in dump.splitlines():
        if match := SEGMENT.match(line):
            size += int(match[1])
        elif match := TABLE.match(line):
            values += int(match[1]) * (2 if match[2] == "true" else 1)
        elif match := COLUMN.match(line):
            if int(match[1]) in NUMBERS:
                values += int(match[2])
            else:
                size -= int(match[3] or 0)
    return size, values


def main(tool, data, output):
    with tempfile.TemporaryDirectory() as folder:
        store = f"{folder}/store"
        files = list(import_all(tool, data, store))
        size = values = 0
        for pack in pathlib.Path(store, "packs").iterdir():
            dump = subprocess.run([tool, "dump", pack], check=True, capture_output=True, text=True)
            more = weigh(dump.stdout)
            size, values = size + more[0], values + more[1]
    figures = {"files": len(files), "bytes": size, "values": values,
               "bytes_a_value": size / values}
    pathlib.Path(output).write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3])
