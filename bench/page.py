"""Pieces of a Markdown page."""

import textwrap


def paragraph(text):
    return textwrap.fill(" ".join(text.split()), 100, break_on_hyphens=False)


def section(title, text, *parts):
    return "\n".join([f"## {title}\n", paragraph(text) + "\n", *parts])


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
