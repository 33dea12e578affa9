"""What each verb of the program does, prints, and answers with."""

import json
import math
import unicodedata

import reprise_cli

LOSSES = [{"_step": s, "loss": 1.0 / (s + 1), "lr": 0.1} for s in range(10)]


def width(line):
    """Columns a line takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


class LogTest(reprise_cli.CliTest):

    def test_values_come_back_as_they_were_logged(self):
        row = {"i": 1, "d": 1.0, "b": True, "n": None, "s": "x\n\"é损", "big": 2**63 - 1,
               "tiny": 5e-324, "inf": math.inf, "list": [1, 2.5, {"a": None}],
               "image": {"_type": "image-file", "size": [3, 4]}, "empty": {}}
        self.log("demo/a", [row])
        got, = self.rows("a")
        self.assertEqual(got.pop("_step"), 0)
        got.pop("_timestamp")
        self.assertEqual(repr(sorted(got.items())), repr(sorted(row.items())))

    def test_nan_and_negative_zero_survive(self):
        self.log("a", [{"x": math.nan, "y": -0.0}])
        row, = self.rows("a")
        self.assertTrue(math.isnan(row["x"]))
        self.assertEqual(math.copysign(1, row["y"]), -1)
        strict, = self.rows("a", "--strict-json")
        self.assertEqual(strict["x"], "NaN")

    def test_nested_maps_flatten_and_steps_merge(self):
        self.log("a", [{"_step": 3, "_timestamp": 1.5, "a": {"b": 1}}, {"_step": 3, "c": 2},
                       {"_step": 9, "c": 3}])
        first, second = self.rows("a")
        self.assertEqual(first, {"_step": 3, "_timestamp": 1.5, "a.b": 1, "c": 2})
        self.assertEqual((second["_step"], second["c"]), (9, 3))

    def test_the_step_can_have_another_key(self):
        self.log("a", [{"global_step": 5, "x": 1}], "--step-key", "global_step")
        row, = self.rows("a")
        self.assertEqual((row["_step"], row["x"], "global_step" in row), (5, 1, False))

    def test_a_refused_line_is_told_of_and_the_rest_goes_on(self):
        lines = '{"_step":5,"x":1}\nno json\n{"_step":2,"x":2}\n{"_step":6,"x":3}\n'
        done = self.run_program("log", "a", stdin=lines)
        self.assertEqual(done.returncode, 1)
        self.assertIn("line 2", done.stderr)
        self.assertIn("line 3", done.stderr)
        self.assertEqual([row["_step"] for row in self.rows("a")], [5, 6])

    def test_an_existing_run_needs_resume(self):
        self.log("a", LOSSES)
        self.log("a", [{"loss": 2}], expect=1)
        self.log("a", [{"loss": 2}], "--resume", "must")
        self.assertEqual(self.rows("a")[-1]["_step"], 10)
        self.log("b", [{"loss": 2}], "--resume", "must", expect=1)

    def test_the_end_is_told_with_sparklines(self):
        done = self.run_program("log", "a", stdin="".join(json.dumps(r) + "\n" for r in LOSSES))
        self.assertIn("█", done.stderr)
        self.assertEqual(json.loads(self.reprise("ls", "--json"))["state"], "finished")


class ReadTest(reprise_cli.CliTest):

    def setUp(self):
        super().setUp()
        self.log("demo/a", LOSSES)

    def test_history_selects_rows(self):
        steps = lambda *arguments: [row["_step"] for row in self.rows("a", *arguments)]
        self.assertEqual(steps("--steps", "3:5"), [3, 4, 5])
        self.assertEqual(steps("--tail", "2"), [8, 9])
        self.assertEqual(steps("--steps", ":4", "--tail", "1"), [4])
        self.assertEqual(steps("--keys", "absent"), [])
        self.assertEqual(steps("--keys", "loss,absent", "--inner"), [])
        self.assertEqual(set(self.rows("a", "--keys", "lr")[0]), {"_step", "_timestamp", "lr"})

    def test_history_formats(self):
        lines = self.reprise("history", "a", "--format", "csv", "--tail", "1").splitlines()
        self.assertEqual(lines[0], "_step,_timestamp,loss,lr")
        self.assertEqual(lines[1].split(",")[0::2], ["9", "0.1"])
        table = self.reprise("history", "a").splitlines()
        self.assertEqual(table[0].split(), ["STEP", "loss", "lr"])
        self.assertEqual(len(table), 11)

    def test_sample_gives_buckets(self):
        self.log("sampled", [{"x": step, "y": float(step) / 2} for step in range(10)])
        lines = [json.loads(line) for line in
                 self.reprise("sample", "sampled", "y", "--buckets", "3").splitlines()]
        self.assertEqual([(b["from"], b["to"], b["count"]) for b in lines],
                         [(0, 3, 4), (4, 6, 3), (7, 9, 3)])
        self.assertEqual(lines[1], {
            "bucket": 1, "from": 4, "to": 6, "count": 3, "nan": 0, "first": 2.0, "first_step": 4,
            "last": 3.0, "last_step": 6, "min": 2.0, "min_step": 4, "max": 3.0, "max_step": 6,
            "mean": 2.5})
        part, = self.reprise("sample", "sampled", "x", "--buckets", "1", "--steps", "7:20",
                             "--snapped").splitlines()
        self.assertEqual((json.loads(part)["first"], json.loads(part)["to"]), (7, 20))

    def test_sample_of_nothing(self):
        self.log("texts", [{"x": 1, "s": "text"}])
        empty, = self.reprise("sample", "texts", "s", "--buckets", "1").splitlines()
        self.assertEqual((json.loads(empty)["count"], json.loads(empty)["mean"]), (0, None))
        self.reprise("sample", "texts", "nothing", expect=1)
        self.reprise("sample", "texts", "x", "--buckets", "0", expect=1)
        self.reprise("sample", "texts", "x", "--steps", "5:x", expect=64)

    def test_summary_shows_last_values_and_all_aggregates(self):
        self.assertEqual(json.loads(self.reprise("summary", "a")), {"loss": 0.1, "lr": 0.1})
        loss = json.loads(self.reprise("summary", "a", "--all"))["loss"]
        self.assertEqual((loss["last"], loss["first"], loss["max"], loss["min_step"],
                          loss["count"], loss["nan"]), (0.1, 1.0, 1.0, 9, 10, 0))

    def test_texts_fit_a_terminal(self):
        self.log("demo/" + "x" * 60, [{"损失" * 40: 1.5, "text": "y" * 200}])
        for arguments in (["ls"], ["show", "x" * 60], ["history", "x" * 60], ["tree"]):
            for line in self.reprise(*arguments).splitlines():
                self.assertLessEqual(width(line), 110 if arguments == ["tree"] else 80, line)

    def test_control_characters_do_not_reach_the_terminal(self):
        self.reprise("set", "a", "--name", "\x1b[31mred", "--notes", "a\u009bb")
        self.log("demo/b", [{"text": "\x1b]0;title\x07"}])
        for arguments in (["ls"], ["show", "a"], ["show", "b"], ["history", "b"], ["tree"],
                          ["history", "b", "--format", "jsonl"], ["ls", "--json"]):
            text = self.reprise(*arguments)
            self.assertFalse([c for c in text if unicodedata.category(c) == "Cc" and c != "\n"])

    def test_nothing_stored_is_obeyed_by_a_terminal(self):
        hostile = "\x1b[31m\x07\u009b\u202e\u2066\u200f\u2028"
        self.log("demo/b", [{"text": hostile, "k\u009b\u202e": 1.5, "list": [hostile],
                             "map": {"_type": hostile}, "k2\u2066": hostile}], "--no-finish")
        self.reprise("set", "b", "--name", hostile, "--notes", hostile, "--group", hostile,
                     "--job-type", hostile, "--tag", "+" + hostile,
                     "--config", "c\u009b\u202e=" + json.dumps(hostile))
        files = [f for f in self.store.rglob("*") if f.is_file() and f.suffix != ".lock"]
        self.assertGreaterEqual(len(files), 3)
        verbs = [["ls"], ["ls", "--json"], ["show", "b"], ["tree"], ["verify"], ["stat"],
                 ["history", "b"], ["history", "b", "--format", "jsonl"],
                 ["history", "b", "--format", "csv"], ["summary", "b"], ["summary", "b", "--all"],
                 ["config", "b"], ["sample", "b", "k\u009b\u202e"], ["show", hostile]]
        for arguments in verbs + [["dump", file] for file in files]:
            text = self.on_terminal(*arguments)
            self.assertTrue(text, arguments)
            bad = [c for c in text
                   if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and c not in "\r\n"]
            self.assertFalse(bad, (arguments, text))

    def test_set_changes_what_is_known(self):
        self.reprise("set", "a", "--name", "best", "--tag", "+x,+y", "--config", "opt.lr=0.5",
                     "--config", "opt.kind=adam")
        self.reprise("set", "a", "--tag", "-x")
        run = json.loads(self.reprise("ls", "--json"))
        self.assertEqual((run["name"], run["tags"]), ("best", ["y"]))
        self.assertEqual(json.loads(self.reprise("config", "a")),
                         {"opt.kind": "adam", "opt.lr": 0.5})

    def test_unknown_runs_and_wrong_usage_are_told_apart(self):
        self.reprise("history", "nothing", expect=1)
        self.reprise("history", expect=64)
        self.reprise("history", "a", "--steps", "x", expect=64)
        self.reprise("rewind", "a", expect=64)
        self.reprise("nonsense", expect=64)

    def test_rm_removes_and_finish_finishes(self):
        self.log("demo/b", LOSSES, "--no-finish")
        self.reprise("finish", "b", "--exit-code", "3")
        states = [json.loads(line)["state"] for line in self.reprise("ls", "--json").splitlines()]
        self.assertEqual(sorted(states), ["failed", "finished"])
        self.reprise("rm", "a")
        self.assertEqual(json.loads(self.reprise("ls", "--json"))["run_id"], "b")
        self.reprise("show", "a", expect=1)


class LineageTest(reprise_cli.CliTest):

    def setUp(self):
        super().setUp()
        self.log("demo/a", LOSSES)

    def losses(self, run):
        return [(row["_step"], row["loss"]) for row in self.rows(run)]

    def test_rewind_keeps_the_old_rows_in_an_archive(self):
        before = self.losses("a")
        self.assertEqual(self.reprise("rewind", "a?_step=4"), "a@1\n")
        self.assertEqual(self.losses("a"), before[:5])
        self.assertEqual(self.losses("a@0"), before)
        self.log("demo/a", [{"loss": 7.0}], "--resume", "must")
        self.assertEqual(self.losses("a"), before[:5] + [(5, 7.0)])

    def test_restore_undoes_a_rewind(self):
        before = self.losses("a")
        self.reprise("rewind", "a?_step=4")
        self.assertEqual(self.reprise("restore", "a@0"), "a@2\n")
        self.assertEqual(self.losses("a"), before)

    def test_fork_shares_rows(self):
        before = self.losses("a")
        run = self.reprise("fork", "a?_step=6", "--id", "b").strip()
        self.assertTrue(run.endswith("/demo/b"), run)
        self.assertEqual(self.losses("b"), before[:7])
        self.assertEqual(self.rows("b", "--own"), [])
        self.reprise("rm", "a")
        self.assertEqual(self.losses("b"), before[:7])

    def test_steps_out_of_range_are_refused(self):
        self.reprise("rewind", "a?_step=10", expect=1)
        self.reprise("fork", "a?_step=10", expect=1)
        self.reprise("restore", "a@7", expect=1)

    def test_tree_draws_rewinds_and_forks(self):
        self.reprise("rewind", "a?_step=4")
        self.reprise("fork", "a@0?_step=6", "--id", "old")
        self.reprise("fork", "a?_step=3", "--id", "new")
        lines = self.reprise("tree").splitlines()
        self.assertTrue(lines[0].endswith("/demo"))
        self.assertIn("└─ a  pending  5 rows to step 4", lines[1])
        self.assertIn("├─ @0  archived", lines[2])
        self.assertIn("│  └─ old", lines[3])
        self.assertIn("└─ @1  head", lines[4])
        self.assertIn("└─ new", lines[5])
        self.assertIn("forked at step 3", lines[5])

    def test_show_tells_the_lineage(self):
        self.reprise("fork", "a?_step=6", "--id", "b")
        self.assertRegex(self.reprise("show", "b"), r"forked from +a@0 at step 6")
        self.assertRegex(self.reprise("show", "a"), r"forks +b from @0 at step 6")
        fork = json.loads(self.reprise("show", "b", "--json"))["forked_from"]
        self.assertEqual((fork["run_id"], fork["branch"], fork["step"]), ("a", 0, 6))


class StoreTest(reprise_cli.CliTest):

    def test_init_makes_a_store_once(self):
        self.reprise("init")
        self.reprise("ls")
        self.reprise("init", expect=1)

    def test_reading_makes_no_store(self):
        self.reprise("ls", expect=1)
        self.assertFalse(self.store.exists())

    def test_a_sound_store_verifies_and_rebuilds(self):
        self.log("demo/a", LOSSES)
        self.reprise("rewind", "a?_step=4")
        rows = self.rows("a@0")
        self.assertTrue(self.reprise("verify", "--deep").startswith("clean (deep): 1 run"))
        self.assertEqual(json.loads(self.reprise("verify", "--json"))["findings"], 0)
        self.reprise("rebuild-catalog")
        self.assertEqual(self.rows("a@0"), rows)
        self.reprise("verify", "--deep")

    def test_verify_says_how_deep_it_looked(self):
        self.log("demo/a", LOSSES)
        for depth, options in (("quick", ["--quick"]), ("checksums", []), ("deep", ["--deep"])):
            self.assertTrue(self.reprise("verify", *options).startswith(f"clean ({depth}): "))
            total = json.loads(self.reprise("verify", "--json", *options))
            self.assertEqual(total["depth"], depth)
            self.assertEqual(total.get("values"), 20 if depth == "deep" else None)
        self.reprise("verify", "--quick", "--deep", expect=64)

    def test_quick_verify_leaves_rows_to_the_default(self):
        self.log("demo/a", LOSSES)
        pack, = self.store.glob("packs/*.pack")
        flipped = bytearray(pack.read_bytes())
        frame = flipped.index(b"\x89RPF\x01")  # of a segment; its header has 76 bytes
        flipped[frame + 76] ^= 0xFF
        pack.write_bytes(flipped)
        self.reprise("verify", "--quick")
        self.reprise("verify", expect=2)
        self.reprise("verify", "--deep", expect=2)

    def test_repair_says_what_it_would_do_and_does_it(self):
        self.log("demo/a", LOSSES)
        self.log("demo/b", LOSSES)
        self.assertEqual(self.reprise("repair"), "nothing to mend\n")
        pack, = self.store.glob("packs/*.pack")
        damaged = bytearray(pack.read_bytes())
        frame = damaged.index(b"\x89RPF\x01")  # of a segment; its header has 76 bytes
        damaged[frame + 76] ^= 0xFF
        pack.write_bytes(damaged)
        self.reprise("verify", expect=2)
        item, total = map(json.loads, self.reprise("repair", "--json", expect=1).splitlines())
        self.assertEqual((item["what"], item["offset"], item["lost"]),
                         ("segment.drop", frame, "10 rows"))
        self.assertEqual((item["first_step"], item["last_step"]), (0, 9))
        self.assertEqual((total["applied"], total["items"]), (False, 1))
        self.reprise("verify", expect=2)
        done = self.reprise("repair", "--apply")
        self.assertIn("1 thing done", done)
        self.assertIn("what was replaced: quarantine/", done)
        self.assertIn("history.gap", self.reprise("verify", expect=1))
        gap, = json.loads(self.reprise("show", "a", "--json"))["gaps"]
        self.assertEqual((gap["reason"], gap["rows"]), ("segment_damaged", 10))
        self.assertIn("segment_damaged, 10 rows lost", self.reprise("show", "a"))
        self.assertEqual((len(self.rows("a")), len(self.rows("b"))), (0, 10))
        self.assertEqual(self.reprise("repair", "--apply"), "nothing to mend\n")

    def test_verify_tells_wrong_usage_from_loss(self):
        self.reprise("verify", expect=64)  # there is no store
        self.log("demo/a", LOSSES)
        self.reprise("verify", "--nonsense", expect=64)
        self.reprise("verify", "--run", "b", expect=64)
        self.reprise("verify", "--run", "a/b/c/d", expect=64)
        (self.store / "STORE").unlink()
        self.reprise("verify", expect=2)

    def test_verify_names_what_is_lost(self):
        self.log("demo/a", LOSSES)
        pack, = self.store.glob("packs/*.pack")
        flipped = bytearray(pack.read_bytes())
        frame = flipped.index(b"\x89RPF\x01")
        flipped[frame + 76] ^= 0xFF
        pack.write_bytes(flipped)
        finding = json.loads(self.reprise("verify", "--json", expect=2).splitlines()[0])
        self.assertEqual(
            (finding["severity"], finding["code"], finding["file"], finding["offset"]),
            ("lost", "segment.damaged", f"packs/{pack.name}", frame))
        self.assertGreater(finding["len"], 76)
        self.assertTrue(finding["run"].endswith("/demo/a"))
        self.assertEqual((finding["branch"], finding["first_step"]), (0, 0))
        self.assertEqual(finding["action"], "restore the file from a copy")
        self.assertTrue(finding["message"].endswith(finding["action"]))

    def test_stat_adds_up(self):
        self.log("demo/a", LOSSES)
        stat = json.loads(self.reprise("stat", "--json"))
        self.assertEqual((stat["runs"], stat["rows"], stat["values"]), (1, 10, 20))
        parts = ("superblock_bytes", "log_bytes", "pack_bytes", "catalog_bytes")
        self.assertEqual(stat["total_bytes"], sum(stat[p] for p in parts))

    def test_every_file_of_a_store_can_be_dumped(self):
        self.log("demo/a", LOSSES)
        files = [f for f in self.store.rglob("*")
                 if f.is_file() and (f.name == "STORE" or f.parent.name in ("log", "packs"))]
        self.assertTrue(files)
        for file in files:
            self.assertTrue(self.reprise("dump", file))


if __name__ == "__main__":
    reprise_cli.main()
