"""Which tests a mutant has to pass, in the order in which they are run: those of its own folder
first, and the longer tests take the later. The programmes of faults are cut short."""

import dataclasses
import re

# A part of what they do on their own, and the same each time.
SHORT = {
    "REPRISE_REPAIR_FLIPS": "60",
    "REPRISE_CRASH_IMAGES": "5000",
    "REPRISE_RECOVERY_IMAGES": "1000",
    "REPRISE_REPAIR_IMAGES": "50",
    "REPRISE_FAULT_RUNS": "1000",
    "REPRISE_KILLS": "30",
    "REPRISE_KILL_SEED": "1",
    "REPRISE_MODEL_OPS": "3000",
    "REPRISE_SEQUENCE_LENGTH": "3",
    "REPRISE_SWEEP_SEED": "1",
    "REPRISE_SWEEP_STRIDE": "499",
}

PATHS = {
    "engine_tests": "tests/engine_tests",
    "format_tests": "tests/format_tests",
    "tools_tests": "tests/tools_tests",
    "bounds_tests": "tests/faults/bounds/bounds_tests",
    "run_tests": "tests/engine/run/run_tests",
    "preload_tests": "tests/faults/preload/preload_tests",
    "sweep_tests": "tests/faults/sweep/sweep_tests",
    "crash_tests": "tests/faults/crash/crash_tests",
}
# Three quarters of the time of engine_tests.
SLOW = ("Protocol09Crash.*", "Protocol19Crash.*", "RepairRandom.*", "*/SampleRandom.*",
        "PageWalkTest.NoFlipCrashesOrChangesAnAnswer", "Fork.LeaksNothing*")
# Looks for kinds of damage that a wide stride does not meet.
DENSE = "FileSweep.SectorsLostMisplacedOrStale"
# Rooms whose behaviour the tests of semantics see.
SEEN_BY_SEMANTICS = ("run", "history")


@dataclasses.dataclass(frozen=True)
class Step:
    name: str
    targets: tuple  # to build
    command: tuple  # run in the build folder
    part_of: str = ""  # the step that has these tests too


def program(name, chosen="", part_of=""):
    return Step(f"{name} {chosen}".strip(), (name,),
                (f"./{PATHS[name]}", "--gtest_brief=1", "--gtest_fail_fast",
                 f"--gtest_filter={chosen or '*'}"), part_of)


def quick_engine_tests(chosen="", part_of=""):
    return program("engine_tests", f"{chosen}-{':'.join(SLOW)}", part_of)


def suites(folder):
    """Of the tests in a folder, as --gtest_filter takes them."""
    names = set()
    for path in folder.glob("*_test.cc"):
        names.update(re.findall(r"^TEST(?:_F|_P)?\(\s*(\w+),", path.read_text(encoding="utf-8"),
                                re.MULTILINE))
    return ":".join(f"{name}.*:*/{name}.*" for name in sorted(names))


def verbs(root):
    return Step("cli", ("reprise_program",),
                ("env", "REPRISE_PROGRAM=tools/reprise", "python3", "-B",
                 f"{root}/tests/cli/verbs_test.py", "--failfast"))


def corpus(root):
    """Replays what fuzzing has found."""
    names = sorted(path.name for path in (root / "fuzz" / "corpus").iterdir())
    script = "".join(f"fuzz/replay_{name} {root}/fuzz/corpus/{name} || exit 1\n" for name in names)
    return Step("fuzz corpus", tuple(f"replay_{name}" for name in names), ("sh", "-c", script))


def steps(root):
    """All that there are."""
    return [quick_engine_tests(), program("format_tests"), program("tools_tests"), verbs(root),
            corpus(root), program("run_tests"), program("preload_tests"),
            program("engine_tests", ":".join(SLOW)), program("bounds_tests"),
            program("sweep_tests", f"-{DENSE}"), program("crash_tests")]


def steps_for(root, path):
    """For a mutant of the file `path`."""
    every = steps(root)
    folder, room = path.split("/")[:2]
    if folder == "format":
        first = [program("format_tests")]
    else:
        rooms = (room, "semantics") if room in SEEN_BY_SEMANTICS else (room,)
        chosen = [suites(root / "tests" / "engine" / name) for name in rooms]
        first = [quick_engine_tests(names, every[0].name) for names in chosen if names]
        every.remove(program("format_tests"))  # which know nothing of the engine
    return first + [step for step in every if step not in first]
