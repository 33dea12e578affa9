"""Prints, as JSON, what of this machine figures depend on.

    machine_facts.py DIRECTORY      the directory on the disk that is measured
"""

import json
import os
import pathlib
import platform
import subprocess
import sys


def first_value(path, key):
    """The value of the first `key : value` line of a file in /proc."""
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return "unknown"


def first_line(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[0]


def main(directory):
    kilobytes = int(first_value("/proc/meminfo", "MemTotal").split()[0])
    findmnt = ("findmnt", "--noheadings", "--output=FSTYPE", "--target")
    facts = {
        "cpu": first_value("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "memory_gib": round(kilobytes / 2**20),
        "kernel": ".".join(platform.release().split(".")[:2]),
        "compiler": first_line("c++", "--version"),
        "file_system": first_line(*findmnt, directory),
        "commit": first_line("git", "rev-parse", "--short", "HEAD"),
    }
    json.dump(facts, sys.stdout, indent=1)


if __name__ == "__main__":
    main(sys.argv[1])
