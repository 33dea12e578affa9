"""What mutants are made of a piece of code, and what is left alone."""

import pathlib
import tempfile
import unittest

import mutation


def changed(code, operator=None):
    """The code with each mutant of it."""
    return [mutant.apply(code) for mutant in mutation.mutants_of("a.cc", code)
            if operator in (None, mutant.operator)]


class OperatorTest(unittest.TestCase):

    def test_a_comparison_becomes_its_neighbour_or_its_opposite(self):
        self.assertEqual(changed("x = a < b;", "comparison"), ["x = a <= b;", "x = a >= b;"])
        self.assertEqual(changed("x = a == b;", "comparison"), ["x = a != b;"])
        self.assertEqual(changed("std::vector<T> x; y->z();", "comparison"), [])

    def test_a_number_is_one_off(self):
        self.assertEqual(changed("f(1'000U)", "constant"), ["f(1001U)", "f(999U)"])
        self.assertEqual(changed("f(0xFF)", "constant"), ["f(0x100)", "f(0xfe)"])
        self.assertEqual(changed("f(0)", "constant"), ["f(1)"])
        self.assertEqual(changed("f(1.5, 2e9, x2, uint8_t{})", "constant"), [])

    def test_operators_and_words_are_swapped(self):
        self.assertEqual(changed("x(a && b)"), ["x(a || b)"])
        self.assertEqual(changed("y(a - -b)"), ["y(a + -b)"])
        self.assertEqual(changed("y(true)"), ["y(false)"])
        self.assertEqual(changed("y(std::min(a, b))"), ["y(std::max(a, b))"])
        self.assertEqual(changed("void F(T&& x)"), [])

    def test_a_condition_is_negated_whole(self):
        self.assertEqual(changed("if (a(b)) {"), ["if (!(a(b))) {"])
        self.assertEqual(changed("if (T s = F(); !s.ok()) return;"),
                         ["if (T s = F(); !(!s.ok())) return;"])

    def test_calls_and_assignments_are_removed(self):
        removed = "statement removed"
        self.assertEqual(changed("{ a->b(c).d(e); f(g); }", removed),
                         ["{ ; f(g); }", "{ a->b(c).d(e); ; }"])
        self.assertEqual(changed("{\n  REPRISE_TRY(\n      F());\n}", removed), ["{\n  ;\n}"])
        self.assertEqual(changed("if (x) a.b = c;", removed), ["if (x) ;"])
        self.assertEqual(changed("{ int x = 1; T y(z); return f(x); REPRISE_TRY_ASSIGN(a, b); }",
                                 removed), [])

    def test_an_error_is_taken_for_ok(self):
        self.assertEqual(changed('{ return Fail(kBusy, "no"); }'), ["{ return {}; }"])
        self.assertEqual(changed("{ return x.error(); }"), ["{ return {}; }"])
        self.assertEqual(changed("{ return x.value(); }"), [])

    def test_an_increment_is_removed_but_not_of_a_loop(self):
        self.assertEqual(changed("{ for (; i; ++i) x[n++] = y; }", "increment removed"),
                         ["{ for (; i; ++i) x[n] = y; }"])


class LeftAloneTest(unittest.TestCase):

    def test_what_is_not_code(self):
        self.assertEqual(changed("// a < b\n/* a < b */\n#if A < 1\n"), [])
        self.assertEqual(changed("f(\"a < b\", 'x', R\"(\" < 1)\")"), [])
        self.assertEqual(changed("f('\"'); g(\" < 1\")", "comparison"), [])

    def test_messages(self):
        self.assertEqual(changed('x = Fail(k, fmt::format("{}", a + 1)) + y(1)', "arithmetic"),
                         ['x = Fail(k, fmt::format("{}", a + 1)) - y(1)'])
        self.assertEqual(changed("static_assert(a < 1);"), [])


class DrawTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "engine" / "io").mkdir(parents=True)
        (self.root / "engine" / "io" / "a.cc").write_text("x(1);\n" * 50, encoding="utf-8")
        (self.root / "engine" / "io" / "a.h").write_text("x(1);\n", encoding="utf-8")

    def test_a_seed_gives_the_same_mutants_each_time(self):
        drawn = list(mutation.draw(self.root, 7))
        self.assertEqual(drawn, list(mutation.draw(self.root, 7)))
        self.assertNotEqual(drawn, list(mutation.draw(self.root, 8)))

    def test_each_line_is_drawn_once_and_headers_are_not(self):
        drawn = [(mutant.path, mutant.line) for mutant in mutation.draw(self.root, 7)]
        self.assertEqual(sorted(drawn), [("engine/io/a.cc", line) for line in range(1, 51)])

    def test_a_mutant_is_not_made_of_other_text(self):
        mutant = next(mutation.draw(self.root, 7))
        with self.assertRaises(ValueError):
            mutant.apply("y" * 1000)


if __name__ == "__main__":
    unittest.main()
