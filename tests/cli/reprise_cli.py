"""What the tests of the command line share: running the program on a store of their own."""

import json
import os
import pathlib
import pty
import subprocess
import sys
import tempfile
import unittest

SKIPPED = 77  # the exit status CTest takes as "skipped"


def program() -> str:
    return os.environ["REPRISE_PROGRAM"]


def data_dir() -> pathlib.Path:
    """Published run histories, found as tests/support/real_data.h says."""
    beside = pathlib.Path(__file__).resolve().parents[3] / "shared" / "data"
    return pathlib.Path(os.environ.get("REPRISE_DATA", beside))


class CliTest(unittest.TestCase):
    """A test with an empty folder and a store path in it."""

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="reprise-cli-")
        self.addCleanup(self._folder.cleanup)
        self.folder = pathlib.Path(self._folder.name)
        self.store = self.folder / "store"

    def run_program(self, *arguments, stdin=""):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("REPRISE_")}
        environment.pop("COLUMNS", None)
        return subprocess.run(
            [program(), "--store", str(self.store), *map(str, arguments)],
            input=stdin, capture_output=True, text=True, encoding="utf-8", timeout=120,
            env=environment, check=False)

    def reprise(self, *arguments, stdin="", expect=0) -> str:
        """Runs the program, checks its exit status, and gives its standard output."""
        done = self.run_program(*arguments, stdin=stdin)
        self.assertEqual(done.returncode, expect, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def on_terminal(self, *arguments) -> str:
        """All that the program writes if standard output and error are a terminal."""
        ours, its = pty.openpty()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("REPRISE_")}
        done = subprocess.Popen(
            [program(), "--store", str(self.store), *map(str, arguments)],
            stdin=subprocess.DEVNULL, stdout=its, stderr=its, env=environment)
        os.close(its)
        written = b""
        try:
            while piece := os.read(ours, 65536):
                written += piece
        except OSError:  # how Linux says that nobody has the terminal open any more
            pass
        os.close(ours)
        done.wait(timeout=120)
        return written.decode("utf-8", errors="strict")

    def rows(self, run, *arguments):
        """The run's rows as Python objects: 1 is an int, 1.0 a float, NaN a float."""
        text = self.reprise("history", run, "--format", "jsonl", *arguments)
        return [json.loads(line) for line in text.splitlines()]

    def log(self, run, rows, *arguments, expect=0):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        return self.reprise("log", run, *arguments, stdin=lines, expect=expect)


def main():
    if len(sys.argv) > 1 and sys.argv[1] == "--need-data" and not data_dir().is_dir():
        print(f"no run histories in {data_dir()}")
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1])
