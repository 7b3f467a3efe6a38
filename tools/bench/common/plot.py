# SPDX-License-Identifier: MIT
"""Plots as SVG: the colours follow what the reader's screen prefers, the background among them, as
the page around may be of the other kind."""

import math
from xml.sax.saxutils import escape

WIDTH = 760
LETTER = 6.7  # the width of one, about
RIGHT = 90  # for the numbers
ROW = 22
OURS = ("libsockopt", "sockopt ")

STYLE = """
  .page { fill: #ffffff; }
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .title { font-size: 15px; font-weight: 600; }
  .group { font-weight: 600; }
  .muted { fill: #59636e; }
  .grid { stroke: #d1d9e0; stroke-width: 1; }
  .base { stroke: #59636e; stroke-width: 1; stroke-dasharray: 3 3; }
  .bar, .dot { fill: #8c959f; }
  .whisker, .line { stroke: #8c959f; stroke-width: 2; fill: none; }
  .ours.bar, .ours.dot { fill: #0969da; }
  .ours.whisker, .ours.line { stroke: #0969da; }
  .c1.line { stroke: #bc4c00; } .c1.dot, text.c1 { fill: #bc4c00; }
  .c2.line { stroke: #1a7f37; } .c2.dot, text.c2 { fill: #1a7f37; }
  .c3.line { stroke: #8250df; } .c3.dot, text.c3 { fill: #8250df; }
  text.ours { fill: #0969da; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; }
    text { fill: #f0f6fc; }
    .muted { fill: #9198a1; }
    .grid { stroke: #3d444d; }
    .base { stroke: #9198a1; }
    .bar, .dot { fill: #656c76; }
    .whisker, .line { stroke: #656c76; }
    .ours.bar, .ours.dot { fill: #4493f8; }
    .ours.whisker, .ours.line { stroke: #4493f8; }
    .c1.line { stroke: #f0883e; } .c1.dot, text.c1 { fill: #f0883e; }
    .c2.line { stroke: #3fb950; } .c2.dot, text.c2 { fill: #3fb950; }
    .c3.line { stroke: #ab7df8; } .c3.dot, text.c3 { fill: #ab7df8; }
    text.ours { fill: #4493f8; }
  }
"""


class Drawing:
    def __init__(self, title):
        self.title, self.parts, self.y = title, [], 24
        self.text(0, self.y, title, "title")
        self.y += 12

    def text(self, x, y, words, style="", anchor="start"):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" class="{style}" '
                          f'text-anchor="{anchor}">{escape(words)}</text>')

    def line(self, x1, y1, x2, y2, style):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
                          f'class="{style}"/>')

    def rectangle(self, x, y, width, height, style):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" '
                          f'height="{height}" rx="2" class="{style}"/>')

    def dot(self, x, y, style, radius=4):
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" class="{style}"/>')

    def path(self, points, style):
        self.parts.append('<polyline points="' + " ".join(f"{x:.1f},{y:.1f}" for x, y in points) +
                          f'" class="{style}"/>')

    def write(self, path):
        height = self.y + 12
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 0 {WIDTH + 16} '
                       f'{height:.0f}" width="{WIDTH + 16}" height="{height:.0f}" role="img" '
                       f'aria-label="{escape(self.title)}">\n<style>{STYLE}</style>\n'
                       f'<rect x="-8" y="0" width="{WIDTH + 16}" height="{height:.0f}" '
                       'class="page"/>\n' + "\n".join(self.parts) + "\n</svg>\n")


def whose(label):
    return "ours " if label.startswith(OURS) else ""


def room_for(groups):
    """To the left, for labels."""
    return 16 + LETTER * max(len(row[0]) for _, rows in groups for row in rows)


def number(value):
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def bars(path, title, unit, groups, form=number):
    """groups: [(title, [(label, value), ...]), ...], each with a scale of its own from 0.  With a
    text as third the bar has that instead of its value."""
    drawing = Drawing(f"{title}" + (f" ({unit})" if unit else ""))
    left = room_for(groups)
    room = WIDTH - left - RIGHT
    for name, rows in groups:
        drawing.y += 14
        if name:
            drawing.text(0, drawing.y + 8, name, "group")
            drawing.y += 18
        largest = max([row[1] for row in rows] + [1e-9])
        for label, value, *said in rows:
            drawing.text(left - 8, drawing.y + 14, label, whose(label), "end")
            drawing.rectangle(left, drawing.y + 4, room * value / largest, ROW - 8,
                              whose(label) + "bar")
            drawing.text(left + room * value / largest + 6, drawing.y + 14,
                         *(said or [form(value)]), "muted")
            drawing.y += ROW
    drawing.write(path)


def nice_step(span):
    rough = span / 5
    power = 10 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)


def ratios(path, title, groups):
    """groups: [(title, [(label, [quartile, median, quartile]), ...]), ...], all on one scale, which
    has room for all of them."""
    drawing = Drawing(title)
    left = room_for(groups)
    room = WIDTH - left - RIGHT
    everything = [value for _, rows in groups for _, three in rows for value in three]
    low, high = min(0.98, *everything), max(1.02, *everything)
    low, high = low - (high - low) * 0.03, high + (high - low) * 0.03

    def across(value):
        return left + room * (value - low) / (high - low)

    top = drawing.y + 14
    step = nice_step(high - low)
    ticks = [step * n for n in range(math.ceil(low / step), math.floor(high / step) + 1)]
    drawing.y += 14
    marks = len(drawing.parts)
    for name, rows in groups:
        if name:
            drawing.text(0, drawing.y + 14, name, "group")
            drawing.y += 20
        for label, (first, median, last) in rows:
            y = drawing.y + ROW / 2
            drawing.text(left - 8, y + 4, label, whose(label), "end")
            drawing.line(across(first), y, across(last), y, whose(label) + "whisker")
            drawing.dot(across(median), y, whose(label) + "dot")
            drawing.text(WIDTH, y + 4, f"{median:.3f}", "muted", "end")
            drawing.y += ROW
        drawing.y += 8
    grid = Drawing("")
    grid.parts = []
    for tick in ticks:
        style = "base" if abs(tick - 1) < step / 10 else "grid"
        grid.line(across(tick), top, across(tick), drawing.y, style)
        grid.text(across(tick), drawing.y + 14, f"{tick:.4g}", "muted", "middle")
    drawing.parts[marks:marks] = grid.parts
    drawing.y += 18
    drawing.text(0, drawing.y + 12, "relative to the bare program; dot: median, line: the middle "
                 "half of the rounds", "muted")
    drawing.y += 16
    drawing.write(path)


def lines(path, title, across_title, up_title, series, high=0, note=""):
    """series: [(label, [(x, y), ...]), ...]; x on a logarithmic scale, y from 0 at least to `high`.
    """
    drawing = Drawing(title)
    left, right, height = 60, 170, 220
    room = WIDTH - left - right
    xs = [x for _, points in series for x, _ in points]
    top = max(high, *(y for _, points in series for _, y in points)) * 1.08
    low, most = math.log(min(xs)), math.log(max(xs))
    base = drawing.y + 20 + height

    def place(x, y):
        return (left + room * (math.log(x) - low) / ((most - low) or 1),
                base - height * y / top)

    drawing.text(0, drawing.y + 10, up_title, "muted")
    step = nice_step(top)
    for count in range(int(top / step) + 1):
        _, y = place(min(xs), count * step)
        drawing.line(left, y, left + room, y, "grid")
        drawing.text(left - 6, y + 4, number(count * step), "muted", "end")
    for x in sorted(set(xs)):
        drawing.text(place(x, 0)[0], base + 16, number(x), "muted", "middle")
    ends = []
    for index, (label, points) in enumerate(series):
        style = "ours " if index == 0 else f"c{index} "
        placed = [place(x, y) for x, y in points]
        drawing.path(placed, style + "line")
        for x, y in placed:
            drawing.dot(x, y, style + "dot", 3)
        ends.append((placed[-1][1], label, style))
    last = -math.inf
    for y, label, style in sorted(ends):
        last = max(y + 4, last + 14)
        drawing.text(left + room + 8, last, label, style.strip())
    drawing.y = base + 34
    drawing.text(left + room / 2, drawing.y, across_title, "muted", "middle")
    if note:
        drawing.y += 18
        drawing.text(0, drawing.y, note, "muted")
    drawing.y += 4
    drawing.write(path)
