"""Every published W&B log, imported and read back, gives exactly the rows that are known of it."""

import gzip
import json
import math
import struct

import reprise_cli

NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def bits(value):
    """A form in which equality means the same type and the same bits."""
    if isinstance(value, str) and value in NON_FINITE:
        value = NON_FINITE[value]
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else struct.pack(">d", value)
    if isinstance(value, bool) or value is None:
        return repr(value)
    if isinstance(value, int):
        # Integers beyond 64 bits are doubles in a store.
        return value if -(2**63) <= value < 2**63 else struct.pack(">d", float(value))
    if isinstance(value, list):
        return tuple(bits(v) for v in value)
    if isinstance(value, dict):
        return tuple(sorted((k, bits(v)) for k, v in value.items()))
    return ("text", value)


def flatten(value, path, leaves):
    """Nested maps joined with '.'; lists, empty maps, and maps with _type are kept whole."""
    if isinstance(value, dict) and value and "_type" not in value:
        for name, member in value.items():
            flatten(member, f"{path}.{name}", leaves)
    else:
        leaves[path] = bits(value)


def comparable(row, next_step):
    """One row as (step, time in microseconds, values by key)."""
    step = row.pop("_step")
    time = row.pop("_timestamp", None)
    leaves = {}
    for key, value in row.items():
        flatten(value, key, leaves)
    return (next_step if step is None else step,
            None if time is None else round(time * 1e6), leaves)


def all_comparable(lines):
    rows = []
    next_step = 0
    for line in lines:
        if line.strip():
            rows.append(comparable(json.loads(line), next_step))
            next_step = rows[-1][0] + 1
    return rows


class WandbTruthTest(reprise_cli.CliTest):

    def check(self, file, truth):
        run = "imported-" + file.stem
        done = self.run_program("import", "wandb", file, "--run", run)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        text = self.reprise("history", run, "--format", "jsonl", "--strict-json")
        with gzip.open(truth, "rt", encoding="utf-8") as lines:
            expected = all_comparable(lines)
        got = all_comparable(text.splitlines())
        self.assertEqual(len(got), len(expected))
        for row, known in zip(got, expected):
            self.assertEqual(row, known)

    def test_every_file_gives_its_known_rows(self):
        root = reprise_cli.data_dir()
        files = sorted((root / "wandb").rglob("*.wandb"))
        self.assertTrue(files)
        for file in files:
            with self.subTest(file.name):
                self.check(file, root / "truth" / (file.name + ".jsonl.gz"))

    def test_damage_is_reported_with_its_byte(self):
        root = reprise_cli.data_dir() / "wandb"
        for name in ("kwt-3ojed7lz-torn.wandb", "fixtures/bad-crc.wandb",
                     "fixtures/truncated-tail.wandb"):
            with self.subTest(name):
                text = self.reprise("import", "wandb", root / name, "--run", (root / name).stem,
                                    expect=1)
                self.assertRegex(text, r"skipped 1: .* byte \d+")

    def test_an_undamaged_file_leaves_nothing_out(self):
        file = reprise_cli.data_dir() / "wandb" / "alpaca-mn7ue82j.wandb"
        text = self.reprise("import", "wandb", file)
        self.assertNotIn("skipped", text)
        run = json.loads(self.reprise("ls", "--json"))
        self.assertEqual((run["run_id"], run["state"]), ("mn7ue82j", "finished"))


if __name__ == "__main__":
    reprise_cli.main()
