# SPDX-License-Identifier: Apache-2.0
"""Means with intervals as a picture in SVG: a row for each label, in it a mark for each series."""

import html
import math

LEFT, RIGHT, WIDTH, ROW, TOP, BOTTOM = 270, 30, 860, 26, 44, 44
STYLE = """<style>
text { font: 13px sans-serif; fill: #333; }
.grid { stroke: #ddd; } .axis { stroke: #888; }
.s0 { stroke: #1f5fa8; fill: #1f5fa8; } .s1 { stroke: #c2571a; fill: #c2571a; }
.s2 { stroke: #2e7d4f; fill: #2e7d4f; } .hollow { fill: none; }
@media (prefers-color-scheme: dark) {
text { fill: #ccc; } .grid { stroke: #444; }
.s0 { stroke: #7db1ea; fill: #7db1ea; } .s1 { stroke: #f0975f; fill: #f0975f; }
.s2 { stroke: #7cc79b; fill: #7cc79b; } .hollow { fill: none; }
}
</style>"""


def ticks(low, high):
    """Round numbers that cover the range."""
    step = 10 ** math.floor(math.log10((high - low) / 4))
    step *= next(factor for factor in (1, 2, 5, 10) if (high - low) / (step * factor) <= 6)
    first = math.floor(low / step)
    return [step * k for k in range(first, math.ceil(high / step) + 1)]


def mark(at, y, low, high, series, hollow):
    """A dot on a line for a mean with its interval; a diamond for a number without one."""
    kind = 'class="s%d%s"' % (series, " hollow" if hollow else "")
    line = '<line %s x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>' % (kind, low, y, high, y)
    if hollow:
        shape = '<path %s d="M%.1f %.1f l5 5 l-5 5 l-5 -5 z"/>' % (kind, at, y - 5)
    else:
        shape = '<circle %s cx="%.1f" cy="%.1f" r="4"/>' % (kind, at, y)
    return (line if high > low else "") + shape


def dot_plot(title, axis, series, rows):
    """series: names; one that begins with "published" is drawn hollow. rows: (label, a (mean, half
    of an interval or None) or None for each series). Returns the text of an SVG file."""
    ends = [
        value + sign * (half or 0)
        for _, cells in rows
        for value, half in filter(None, cells)
        for sign in (-1, 1)
    ]
    low, high = min(ends), max(ends)
    marks = ticks(low, high if high > low else low + 1)
    height = TOP + ROW * len(rows) + BOTTOM
    across = lambda v: LEFT + (WIDTH - LEFT - RIGHT) * (v - marks[0]) / (marks[-1] - marks[0])
    text = lambda x, y, anchor, words: (
        '<text x="%.1f" y="%.1f" text-anchor="%s">%s</text>' % (x, y, anchor, html.escape(words))
    )
    size = 'width="%d" height="%d" viewBox="0 0 %d %d"' % (WIDTH, height, WIDTH, height)
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" %s role="img">' % size,
        "<title>%s</title>" % html.escape(title),
        STYLE,
    ]
    bottom = TOP + ROW * len(rows)
    for value in marks:
        x = across(value)
        lines.append(
            '<line class="grid" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>' % (x, TOP, x, bottom)
        )
        lines.append(text(x, bottom + 18, "middle", "%g" % round(value, 9)))
    lines.append(text((LEFT + WIDTH - RIGHT) / 2, bottom + 36, "middle", axis))
    at = LEFT
    for number, name in enumerate(series):
        lines.append(mark(at, 20, at, at, number, name.startswith("published")))
        lines.append(text(at + 10, 24, "start", name))
        at += 30 + 7.5 * len(name)
    for number, (label, cells) in enumerate(rows):
        y = TOP + ROW * (number + 0.5)
        lines.append(text(LEFT - 12, y + 4, "end", label if len(label) < 38 else label[:36] + "…"))
        for position, cell in enumerate(cells):
            if cell is None:
                continue
            value, half = cell
            apart = 5 * (position - (len(cells) - 1) / 2)
            low, high = across(value - (half or 0)), across(value + (half or 0))
            hollow = series[position].startswith("published")
            lines.append(mark(across(value), y + apart, low, high, position, hollow))
    return "\n".join(lines + ["</svg>"]) + "\n"
