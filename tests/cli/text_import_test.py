"""Published CSV, TSV and JSONL files come back as they were."""

import csv
import json

import reprise_cli


class TextImportTest(reprise_cli.CliTest):

    def test_a_crash_and_resume_is_replayed_as_rewinds(self):
        file = reprise_cli.data_dir() / "csv" / "pythia-160m-seed9.tsv"
        self.reprise("import", "csv", file, expect=1)
        self.assertEqual(self.reprise("ls", "--json"), "")  # the failed import left nothing
        self.reprise("import", "csv", file, "--run", "pythia", "--on-conflict", "rewind")
        run = json.loads(self.reprise("ls", "--json"))
        self.assertEqual((run["rows"], run["branch"]), (142999, 2))
        last = {}
        previous = 0
        with open(file, encoding="utf-8") as lines:
            for cells in csv.DictReader(lines, delimiter="\t"):
                step = int(cells["step"])
                if step <= previous:
                    last = {s: v for s, v in last.items() if s < step}
                last[step] = float(cells["train/lm_loss"])
                previous = step
        got = {row["_step"]: row["train/lm_loss"] for row in self.rows("pythia")}
        self.assertEqual(got, last)
        self.assertEqual(len(self.rows("pythia@0")), 22624)

    def test_wide_and_sparse_csv_keeps_its_cells(self):
        file = reprise_cli.data_dir() / "csv" / "olmo-1B-10xC.csv"
        self.reprise("import", "csv", file, "--run", "olmo")
        with open(file, encoding="utf-8", newline="") as lines:
            expected = [{k: float(v) for k, v in cells.items() if v != ""}
                        for cells in csv.DictReader(lines)]
        got = self.rows("olmo")
        self.assertEqual(len(got), len(expected))
        for row, known in zip(got, expected):
            values = {k: float(v) for k, v in row.items() if k != "_step"}
            missing = {k: v for k, v in known.items() if k not in values}
            self.assertLessEqual(len(missing), 1)  # the step's own column, if there is one
            self.assertTrue(values.items() <= known.items())

    def test_jsonl_keeps_its_rows(self):
        file = reprise_cli.data_dir() / "jsonl" / "dreamerv3-metrics.jsonl"
        self.reprise("import", "jsonl", file, "--run", "dreamer", "--on-conflict", "last")
        expected = {}
        with open(file, encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                expected.setdefault(row.pop("step"), {}).update(row)
        got = {row.pop("_step"): row for row in self.rows("dreamer")}
        self.assertEqual(repr(sorted(got)), repr(sorted(expected)))
        for step, row in expected.items():
            self.assertEqual(repr(sorted(got[step].items())), repr(sorted(row.items())))


if __name__ == "__main__":
    reprise_cli.main()
