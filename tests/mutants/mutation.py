"""Mutants of C++ files: small changes of one place each, made by random numbers alone.

A mutant is one change of one line: another comparison, + for -, a number one off, && for ||, the
condition of an `if` negated, a statement left out, an error taken for ok, min for max, ++ left out,
true for false. Nothing is changed in comments, literals, preprocessor lines, static_assert, and the
arguments of Fail, Status::Error and fmt::format, which are messages.
"""

import argparse
import dataclasses
import pathlib
import random
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("format", "engine")

# A comparison becomes its neighbour or its opposite.
COMPARISONS = {"<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"),
               "==": ("!=",), "!=": ("==",)}
SWAPS = {"+": "-", "-": "+", "+=": "-=", "-=": "+=", "&&": "||", "||": "&&", "true": "false",
         "false": "true", "min": "max", "max": "min"}

BLANK = re.compile(r"""
    //[^\n]* | /\*.*?\*/
  | R"(?P<tag>[^(]*)\(.*?\)(?P=tag)"
  | "(?:\\.|[^"\\\n])*"
  | (?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'
  | ^[ ]*\#(?:\\\n|[^\n])*
""", re.VERBOSE | re.DOTALL | re.MULTILINE)
MESSAGE = re.compile(r"\b(?:Fail|Status::Error|fmt::format(?:_to)?|static_assert|assert)\(")
FAILURE = re.compile(r"\b(?:Fail|Error|error|status|synced|\w*Status|failure_)\b")
STATEMENT = re.compile(r"(?<=[;{})])\s*|(?<=\belse)\s+")
CALL = re.compile(r"[A-Za-z_][\w:]*(?:(?:\.|->|::)\w+|\[[^\]\n]*\])*\(")
CHAIN = re.compile(r"(?:\.|->)\w+\(")
NOT_CALLED = re.compile(
    r"(?:if|for|while|switch|return|sizeof|catch|static_assert|REPRISE_TRY_ASSIGN)\b")
ASSIGNMENT = re.compile(r"\*?[A-Za-z_][\w.]*(?:(?:->|::|\.)\w+|\[[^\]\n]*\])*"
                        r" (?:[-+*/|&^]|<<|>>)?= ")


@dataclasses.dataclass(frozen=True)
class Mutant:
    path: str      # from the root of the checkout
    line: int      # from 1
    operator: str  # what was done
    start: int     # of the characters that are replaced, in the file's text
    before: str
    after: str

    def apply(self, text):
        end = self.start + len(self.before)
        if text[self.start:end] != self.before:
            raise ValueError(f"{self.path}:{self.line} is not as it was")
        return text[:self.start] + self.after + text[end:]


def blanked(text, start, end):
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def closing(code, opened):
    """One past the bracket that closes the one at `opened`, or None."""
    depth = 0
    for at in range(opened, len(code)):
        depth += (code[at] in "([{") - (code[at] in ")]}")
        if depth == 0:
            return at + 1
    return None


def code_of(text):
    """`text` with spaces for all that is not code; same length."""
    return BLANK.sub(lambda match: blanked(match[0], 0, len(match[0])), text)


def without_messages(code):
    for match in MESSAGE.finditer(code):
        opened = match.end() - 1
        end = closing(code, opened) if code[opened] == "(" else None  # None: within another one
        if end is not None:
            code = blanked(code, opened + 1, end - 1)
    return code


def statement_end(code, start):
    """One past the semicolon that ends what begins at `start`, or None: no statement."""
    depth = 0
    for at in range(start, len(code)):
        depth += (code[at] in "([{") - (code[at] in ")]}")
        if depth < 0:
            return None
        if depth == 0 and code[at] == ";":
            return at + 1
    return None


def call_end(code, start):
    """As statement_end, for nothing but a call."""
    match = None if NOT_CALLED.match(code, start) else CALL.match(code, start)
    while match:
        end = closing(code, match.end() - 1)
        if end is None:
            return None
        if code[end:end + 1] == ";":
            return end + 1
        match = CHAIN.match(code, end)
    return None


def removals(code):
    for match in STATEMENT.finditer(code):
        start = match.end()
        end = call_end(code, start)
        if end is None and ASSIGNMENT.match(code, start):
            end = statement_end(code, start)
        if end is not None:
            yield "statement removed", start, end, ";"


def comparisons(code):
    for match in re.finditer(r"(?<= )(?:<=|>=|==|!=|<|>)(?=\s)", code):
        for other in COMPARISONS[match[0]]:
            yield "comparison", match.start(), match.end(), other


def swaps(code):
    for match in re.finditer(r"(?<= )(?:[-+]=?)(?=\s)", code):
        yield "arithmetic", match.start(), match.end(), SWAPS[match[0]]
    for match in re.finditer(r"(?<= )(?:&&|\|\|)(?=\s)", code):
        yield "logical", match.start(), match.end(), SWAPS[match[0]]
    for match in re.finditer(r"\b(?:true|false)\b", code):
        yield "boolean", match.start(), match.end(), SWAPS[match[0]]
    for match in re.finditer(r"(?<=std::)(?:min|max)(?=\()", code):
        yield "min and max", match.start(), match.end(), SWAPS[match[0]]


def constants(code):
    number = re.compile(r"(?<![\w.'])(0x[0-9a-fA-F']+|0|[1-9][\d']*)([uUlL]*)(?![\w.'])")
    for match in number.finditer(code):
        value = int(match[1].replace("'", ""), 0)
        for other in (value + 1, value - 1):
            if other >= 0:
                shown = hex(other) if match[1].startswith("0x") else str(other)
                yield "constant", match.start(), match.end(), shown + match[2]


def negations(code):
    for match in re.finditer(r"\bif \(", code):
        end = closing(code, match.end() - 1)
        if end is None:
            continue
        first = statement_end(code, match.end())  # of `if (const auto x = F(); x > 0)`
        start = first if first is not None and first < end else match.end()
        start += len(code[start:end]) - len(code[start:end].lstrip())
        yield "condition negated", start, end - 1, None


def early_returns(code):
    for match in re.finditer(r"\breturn (?=[^;{])", code):
        end = statement_end(code, match.end())
        if end is not None and FAILURE.search(code, match.end(), end):
            yield "error taken for ok", match.end(), end - 1, "{}"


def increments(code):
    headers = [(match.end(), closing(code, match.end() - 1) or 0)
               for match in re.finditer(r"\bfor \(", code)]
    for match in re.finditer(r"(?:\+\+|--)(?=[*\w])|(?<=[\w\])])(?:\+\+|--)", code):
        if not any(start <= match.start() < end for start, end in headers):
            yield "increment removed", match.start(), match.end(), ""


MAKERS = (removals, comparisons, swaps, constants, negations, early_returns, increments)


def mutants_of(path, text):
    """Every mutant of a file."""
    code = code_of(text)
    quiet = without_messages(code)
    made = []
    for maker in MAKERS:
        for operator, start, end, after in maker(code if maker is early_returns else quiet):
            if after is None:
                after = f"!({text[start:end]})"
            line = text.count("\n", 0, start) + 1
            made.append(Mutant(path, line, operator, start, text[start:end], after))
    return made


def sources(root):
    found = [path for folder in FOLDERS for path in (root / folder).rglob("*.cc")]
    return sorted(path.relative_to(root).as_posix() for path in found)


def draw(root, seed):
    """Mutants of the whole tree, at most one of a line, in the order that `seed` gives: each line
    is as likely as any other to come first, each operator that fits it, each place for that."""
    lines = {}
    for path in sources(root):
        for mutant in mutants_of(path, (root / path).read_text(encoding="utf-8")):
            operators = lines.setdefault((path, mutant.line), {})
            operators.setdefault(mutant.operator, []).append(mutant)
    rng = random.Random(seed)
    order = sorted(lines)
    rng.shuffle(order)
    for place in order:
        operators = lines[place]
        yield rng.choice(operators[rng.choice(sorted(operators))])


def describe(mutant):
    """On one line, for people."""
    before, after = (" ".join(text.split()) for text in (mutant.before, mutant.after))
    return f"{mutant.path}:{mutant.line}: {mutant.operator}: {before} -> {after}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=20, help="how many to print")
    parser.add_argument("--apply", type=int, metavar="N", help="make the Nth in the checkout")
    parser.add_argument("--root", type=pathlib.Path, default=ROOT, help="of the checkout")
    options = parser.parse_args()
    for number, mutant in enumerate(draw(options.root, options.seed), 1):
        if options.apply in (None, number):
            print(f"{number}: {describe(mutant)}")
        if options.apply == number:
            path = options.root / mutant.path
            path.write_text(mutant.apply(path.read_text(encoding="utf-8")), encoding="utf-8")
        if number == max(options.count, options.apply or 0):
            break


if __name__ == "__main__":
    main()
