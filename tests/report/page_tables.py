# SPDX-License-Identifier: Apache-2.0
"""The tables behind the figures of a page, and what `mneme export` says, for tests."""

import collections
import csv
import html.parser
import io
import math
import subprocess

# Quantiles of the t distribution, by degrees of freedom.
T95 = {1: 12.706204736, 2: 4.302652730, 3: 3.182446305, 4: 2.776445105}


class Figures(html.parser.HTMLParser):
    """[(kind, quantity, block, method, title, rows of texts)] of a page."""

    def __init__(self):
        super().__init__()
        self.found, self.row, self.cell, self.inside = [], None, None, False
        self.captioned = False

    def handle_starttag(self, tag, attributes):
        of = dict(attributes)
        if tag == "figure":
            self.found.append({"kind": of["class"], "method": of["data-method"], "rows": []})
            self.inside = True
        elif self.inside and tag == "svg":
            self.found[-1].update(block=int(of["data-block"]), quantity=of["data-quantity"])
        elif self.inside and tag == "figcaption":
            self.captioned, self.found[-1]["title"] = True, ""
        elif self.inside and tag == "tr":
            self.row = []
        elif self.row is not None and tag in ("td", "th"):
            self.cell = ""

    def handle_data(self, data):
        if self.captioned:
            self.found[-1]["title"] += data
        if self.cell is not None:
            self.cell += data

    def handle_endtag(self, tag):
        if tag == "figure":
            self.inside = False
        elif tag == "figcaption":
            self.captioned = False
        elif self.cell is not None and tag in ("td", "th"):
            self.row.append(self.cell)
            self.cell = None
        elif self.row is not None and tag == "tr":
            self.found[-1]["rows"].append(self.row)
            self.row = None


class Board(html.parser.HTMLParser):
    """[(number of the benchmark, method, score)] of the leaderboards of a page."""

    def __init__(self):
        super().__init__()
        self.rows, self.tables, self.inside, self.cell = [], -1, False, 0

    def handle_starttag(self, tag, attributes):
        of = dict(attributes)
        if tag == "section":
            self.inside = of["id"] == "leaderboard"
        elif self.inside and tag == "table":
            self.tables += 1
        elif self.inside and tag == "tr" and "data-method" in of:
            self.rows.append([self.tables, of["data-method"], None])
            self.cell = 0
        elif self.inside and tag == "td" and self.rows:
            self.cell += 1  # the rank is the first, the method a <th>
            if self.cell == 2 and "data-value" in of:
                self.rows[-1][2] = float(of["data-value"])


def exported(program, path, what):
    done = subprocess.run(
        [program, "export", path, "--what", what], capture_output=True, text=True, check=True
    )
    return list(csv.DictReader(io.StringIO(done.stdout)))


def spread(values):
    """Mean, and half the 95 % t interval, as text of the page."""
    mean = sum(values) / len(values)
    if len(values) < 2:
        return mean, None
    deviation = math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))
    return mean, T95[len(values) - 1] * deviation / math.sqrt(len(values))


def same(text, number, decimals=4):
    """Rounded half up or half even: the last digit may differ by one where a tie is cut."""
    if number is None or text == "":
        return number is None and text == ""
    return abs(float(text) - number) <= 0.5000001 * 10**-decimals


def by_run(rows, complete):
    runs = collections.defaultdict(list)
    for row in rows:
        if (row["benchmark"], row["method"], row["seed"]) in complete:
            runs[row["benchmark"], row["method"], row["seed"]].append(row)
    return runs


def seeds_of(runs, benchmark, method):
    return [rows for run, rows in runs.items() if run[:2] == (benchmark, method)]


def of_axis(figures, axis):
    return [figure for figure in figures if figure["rows"][0][0] == axis]


def enough(seen, least=10):
    return "" if seen >= least else "only %d numbers were found" % seen
