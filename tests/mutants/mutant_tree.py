"""A copy of the checkout, in which mutants are built and tested."""

import filecmp
import hashlib
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time

import test_order

BYTES = 4 << 30  # of memory, or of disk, that the tests of one step may take


def files(root):
    found = set()
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in (".git", "build", "__pycache__")]
        found.update(os.path.relpath(os.path.join(folder, name), root) for name in names)
    return found - {".git"}


def limit_process(cpu_seconds):
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
    resource.setrlimit(resource.RLIMIT_DATA, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def wait(process, seconds, is_full):
    """The exit status, or why it had to be stopped. Others may want the processor: for what only
    waits, the time is six times that of a program that works."""
    end = time.monotonic() + 6 * seconds
    while time.monotonic() < end:
        try:
            return process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            if is_full():
                return "fills the disk"
    return "hangs"


def stop(process):
    """Also what it started and left behind."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def failure_of(ended, output):
    """None for a step that passed; else the test that failed first, or what else happened."""
    if ended == 0:
        return None
    if ended == -signal.SIGXCPU:
        return "hangs"
    if isinstance(ended, str):
        return ended
    found = re.search(r"^(?:\[  FAILED  \]|FAIL:|ERROR:) ([\w/.]+)", output, re.MULTILINE)
    return found[1] if found else f"ends with status {ended}"


class MutantTree:

    def __init__(self, checkout, work, jobs):
        self.checkout = checkout
        self.work = work
        self.root = work / "tree"
        self.build_folder = self.root / "build" / "dev"
        self.jobs = jobs
        self.log = work / "build.log"
        self.output = work / "output"

    def prepare(self):
        self.root.mkdir(parents=True, exist_ok=True)
        self.copy_checkout()
        with self.log.open("w", encoding="utf-8") as log:
            subprocess.run(
                ["cmake", "-S", self.root, "--preset", "dev", "-DREPRISE_BUILD_EXAMPLES=OFF",
                 "-DREPRISE_INSTALL=OFF", "-DCMAKE_CXX_FLAGS_DEBUG=-O1",
                 "-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=gold"],
                check=True, stdout=log, stderr=log, cwd=self.root)

    def copy_checkout(self):
        """Writes only what differs, so that only that is built again."""
        wanted = files(self.checkout)
        for name in files(self.root) - wanted:
            (self.root / name).unlink()
        for name in wanted:
            source, copy = self.checkout / name, self.root / name
            if not copy.exists() or not filecmp.cmp(source, copy, shallow=False):
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, copy)

    def digest(self):
        """Of all that is in the checkout."""
        state = hashlib.sha256()
        for name in sorted(files(self.checkout)):
            state.update(f"{name}\0".encode() + (self.checkout / name).read_bytes() + b"\0")
        return state.hexdigest()

    def build(self, *targets):
        with self.log.open("a", encoding="utf-8") as log:
            done = subprocess.run(["ninja", "-C", self.build_folder, f"-j{self.jobs}", *targets],
                                  check=False, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        return done.returncode == 0

    def object_of(self, path):
        """The bytes that a file is compiled to, or None if it does not compile."""
        folder, rest = path.split("/", 1)
        name = f"{folder}/CMakeFiles/reprise_{folder}.dir/{rest}.o"
        return (self.build_folder / name).read_bytes() if self.build(name) else None

    def run(self, step, seconds):
        """How the tests of a step fail, or None if they pass. `seconds` are of the processor's."""
        with tempfile.TemporaryDirectory(prefix="mutant-", ignore_cleanup_errors=True) as folder:
            environment = {**test_order.SHORT, **os.environ, "TMPDIR": folder}
            full = shutil.disk_usage(folder).used + BYTES
            with self.output.open("w+", encoding="utf-8", errors="replace") as output:
                process = subprocess.Popen(
                    step.command, cwd=self.build_folder, env=environment, stdout=output,
                    stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
                    preexec_fn=lambda: limit_process(seconds))
                try:
                    ended = wait(process, seconds, lambda: shutil.disk_usage(folder).used > full)
                finally:
                    stop(process)
                output.seek(0)
                return failure_of(ended, output.read(1 << 20))

    def mutate(self, mutant):
        """Gives the text that the file had."""
        path = self.root / mutant.path
        text = path.read_text(encoding="utf-8")
        path.write_text(mutant.apply(text), encoding="utf-8")
        return text

    def restore(self, mutant, text):
        (self.root / mutant.path).write_text(text, encoding="utf-8")
