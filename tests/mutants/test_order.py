"""Which tests a mutant has to pass, in the order in which they are run: those of its own folder
first, and the longer a program takes the later. The programmes of faults are cut short."""

import dataclasses
import re

# Tests of the public face see most of these rooms.
ALSO = {"run": ("semantics",), "history": ("semantics",)}

# A tenth and less of what the tests do on their own, and the same each time.
SHORT = {
    "REPRISE_CRASH_IMAGES": "1500",
    "REPRISE_RECOVERY_IMAGES": "500",
    "REPRISE_REPAIR_IMAGES": "100",
    "REPRISE_FAULT_RUNS": "400",
    "REPRISE_KILLS": "30",
    "REPRISE_KILL_SEED": "1",
    "REPRISE_MODEL_OPS": "3000",
    "REPRISE_SEQUENCE_LENGTH": "3",
    "REPRISE_SWEEP_SEED": "1",
    "REPRISE_SWEEP_STRIDE": "997",
}

PROGRAMS = {
    "engine_tests": "tests/engine_tests",
    "format_tests": "tests/format_tests",
    "tools_tests": "tests/tools_tests",
    "bounds_tests": "tests/faults/bounds/bounds_tests",
    "run_tests": "tests/engine/run/run_tests",
    "preload_tests": "tests/faults/preload/preload_tests",
    "sweep_tests": "tests/faults/sweep/sweep_tests",
    "crash_tests": "tests/faults/crash/crash_tests",
}
LONG = ("run_tests", "preload_tests", "sweep_tests", "crash_tests")


@dataclasses.dataclass(frozen=True)
class Step:
    name: str
    targets: tuple  # to build
    command: tuple  # in the build folder


def suites(folder):
    """Of the tests in a folder, as --gtest_filter takes them."""
    names = set()
    for path in sorted(folder.glob("*_test.cc")):
        found = re.findall(r"^TEST(?:_F|_P)?\(\s*(\w+),", path.read_text(encoding="utf-8"),
                           re.MULTILINE)
        names.update(found)
    return ":".join(f"{name}.*:*/{name}.*" for name in sorted(names))


def of_program(name, filtered="*"):
    return Step(name if filtered == "*" else f"{name} of the room", (name,),
                (f"./{PROGRAMS[name]}", "--gtest_brief=1", "--gtest_fail_fast",
                 f"--gtest_filter={filtered}"))


def of_corpus(root):
    """Replays what fuzzing has found."""
    names = sorted(path.name for path in (root / "fuzz" / "corpus").iterdir())
    script = "".join(f"fuzz/replay_{name} {root}/fuzz/corpus/{name} || exit 1\n" for name in names)
    return Step("fuzz corpus", tuple(f"replay_{name}" for name in names), ("sh", "-c", script))


def of_verbs(root):
    return Step("cli", ("reprise_program",),
                ("env", "REPRISE_PROGRAM=tools/reprise", "python3", "-B",
                 f"{root}/tests/cli/verbs_test.py", "--failfast"))


def steps(root, path=None):
    """For a mutant of the file `path`, or all there are."""
    room = path.split("/")[1] if path and path.startswith("engine/") else None
    first = []
    if path and room is None:
        first.append(of_program("format_tests"))
    for folder in (room, *ALSO.get(room, ())) if room else ():
        if chosen := suites(root / "tests" / "engine" / folder):
            first.append(of_program("engine_tests", chosen))
    rest = [of_program(name) for name in PROGRAMS if name not in LONG]
    rest += [of_verbs(root), of_corpus(root)]
    rest += [of_program(name) for name in LONG]
    return first + [step for step in rest if step not in first]
