"""What bench/target_table.py says of figures within and beyond their limits.

target_table_test.py BENCH: the folder with the scripts.
"""

import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, sys.argv.pop(1))
import target_table  # noqa: E402
from bench_results import Program  # noqa: E402


def entry(name, **more):
    return {"run_type": "iteration", "name": name, "time_unit": "us", **more}


def program(*entries):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "made.json"
        path.write_text(json.dumps({"context": {}, "benchmarks": entries}), encoding="utf-8")
        return Program(path)


SOURCES = {
    "bench": program(
        entry("A/real_time", real_time=3.0, cpu_time=1.0, size=8.0),
        entry("A/real_time", real_time=4.0, cpu_time=1.0, size=8.0),
        entry("A/real_time", real_time=9.0, cpu_time=1.0, size=8.0),
        entry("B/iterations:1", real_time=10.0, cpu_time=1.0, size=2.0),
        entry("C", real_time=1.0, cpu_time=1.0, error_occurred=True),
    ),
    "store": {"runs": 1000},
}


def held(**target):
    return target_table.row({"what": "it", "unit": "µs", **target}, SOURCES)


class Targets(unittest.TestCase):
    def test_the_median_counts(self):
        self.assertEqual(held(at_most=4, of=[["bench", "A", "time_us"]]),
                         (["it", "≤ 4 µs", "4 µs", "met"], True))
        self.assertFalse(held(at_most=3.9, of=[["bench", "A", "time_us"]])[1])

    def test_the_worst_of_several_counts(self):
        both = [["bench", "A", "time_us"], ["bench", "B", "time_us"]]
        self.assertFalse(held(at_most=5, of=both)[1])
        self.assertFalse(held(at_least=5, of=both)[1])
        self.assertTrue(held(at_least=4, of=both)[1])

    def test_a_ratio_is_of_the_same_benchmark_or_of_the_one_named(self):
        own = held(at_most=0.5, of=[["bench", "A", "time_us"]], over=["bench", None, "size"])
        self.assertEqual(own[0][2], "0.5 µs")
        other = held(at_least=2.5, of=[["bench", "B", "time_us"]], over=["bench", "A", "time_us"])
        self.assertEqual(other[0][2], "2.5 µs")

    def test_what_is_missing_is_not_met(self):
        for place in (["bench", "none", "time_us"], ["bench", "C", "time_us"],
                      ["none", None, "runs"], ["store", None, "steps"]):
            cells, met = held(at_most=1e9, of=[place])
            self.assertFalse(met)
            self.assertTrue(cells[3].startswith("not measured"), cells)

    def test_a_store_of_another_size_is_not_held_against_it(self):
        place = [["store", None, "runs"]]
        self.assertTrue(held(at_most=1e9, of=place, only_if=["store", None, "runs", 1000])[1])
        self.assertFalse(held(at_most=1e9, of=place, only_if=["store", None, "runs", 999])[1])

    def test_the_list_can_be_read(self):
        rows, met = target_table.rows(SOURCES)
        self.assertGreaterEqual(len(rows), 30)
        self.assertEqual(met, 0)


if __name__ == "__main__":
    unittest.main()
