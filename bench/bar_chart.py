"""Draws a chart of bars, one a row, as SVG. The scale is logarithmic: peers differ by thousands."""

import math
from xml.sax.saxutils import escape

WIDTH = 760
LEFT = 190
RIGHT = 90
TOP = 46
ROW = 22
OURS = "#c2410c"
THEIRS = "#64748b"
STYLE = "font-family: sans-serif; font-size: 12px; fill: #1f2937"


class LogScale:
    """From the power of ten below the least value to the one above the greatest."""

    def __init__(self, values):
        self.low = math.floor(math.log10(min(values)))
        self.high = max(math.ceil(math.log10(max(values))), self.low + 1)

    def x(self, value):
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def ticks(self):
        return [10.0**power for power in range(self.low, self.high + 1)]


def text(x, y, content, more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{escape(content)}</text>'


def grid(scale, bottom):
    lines = []
    for tick in scale.ticks():
        x = scale.x(tick)
        lines.append(f'<path d="M{x:.1f} {TOP - 6}V{bottom}" stroke="#e5e7eb"/>')
        lines.append(text(x, TOP - 10, f"{tick:g}", 'text-anchor="middle"'))
    return lines


def bar(scale, row, name, value):
    y = TOP + row * ROW
    width = max(scale.x(value) - LEFT, 1)
    colour = OURS if name.startswith("reprise") else THEIRS
    return [
        text(LEFT - 8, y + 13, name, 'text-anchor="end"'),
        f'<rect x="{LEFT}" y="{y + 2}" width="{width:.1f}" height="{ROW - 6}" fill="{colour}"/>',
        text(LEFT + width + 6, y + 13, f"{value:.3g}"),
    ]


def draw(title, bars):
    """`bars` are pairs of a name and a value above 0; the least is drawn first."""
    bars = sorted(bars, key=lambda pair: pair[1])
    scale = LogScale([value for _, value in bars])
    bottom = TOP + len(bars) * ROW
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{bottom + 8}"'
        f' style="{STYLE}">',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        text(12, 20, title, 'font-weight="bold"'),
        *grid(scale, bottom),
    ]
    for row, (name, value) in enumerate(bars):
        parts.extend(bar(scale, row, name, value))
    return "\n".join([*parts, "</svg>", ""])
