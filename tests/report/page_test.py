#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every number of the page's figures is the one that `mneme export` gives: page_test.py MNEME
MAKE_SAMPLE. The tables behind the figures are read back and compared with means over the exported
rows; then the figures as files, which must be SVG that an XML parser reads."""

import collections
import csv
import glob
import html.parser
import io
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

MNEME, MAKE_SAMPLE = sys.argv[1:3]


class Figures(html.parser.HTMLParser):
    """[(kind, quantity, block, method, title, rows of texts)] of a page."""

    def __init__(self):
        super().__init__()
        self.found, self.row, self.cell, self.inside = [], None, None, False

    def handle_starttag(self, tag, attributes):
        of = dict(attributes)
        if tag == "figure":
            self.found.append({"kind": of["class"], "method": of["data-method"], "rows": []})
            self.inside = True
        elif self.inside and tag == "svg":
            self.found[-1].update(block=int(of["data-block"]), quantity=of["data-quantity"])
        elif self.inside and tag == "tr":
            self.row = []
        elif self.row is not None and tag in ("td", "th"):
            self.cell = ""

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data

    def handle_endtag(self, tag):
        if tag == "figure":
            self.inside = False
        elif self.cell is not None and tag in ("td", "th"):
            self.row.append(self.cell)
            self.cell = None
        elif self.row is not None and tag == "tr":
            self.found[-1]["rows"].append(self.row)
            self.row = None


def exported(path, what):
    done = subprocess.run(
        [MNEME, "export", path, "--what", what], capture_output=True, text=True, check=True
    )
    return list(csv.DictReader(io.StringIO(done.stdout)))


def means(rows, complete, value):
    cells = collections.defaultdict(list)
    for row in rows:
        run = row["benchmark"], row["method"], row["seed"]
        if run in complete and row[value] != "":
            key = run[:2] + (int(row["trained_task"]), int(row["evaluated_task"]))
            cells[key].append(float(row[value]))
    return {key: sum(values) / len(values) for key, values in cells.items()}


def judge(name, fault):
    print("not ok %s: %s" % (name, fault) if fault else "ok %s" % name)


def matrices(figures, benchmarks, quantity, wanted):
    seen = 0
    for figure in figures:
        if figure["kind"] != "matrix" or figure["quantity"] != quantity:
            continue
        for i, row in enumerate(figure["rows"][1:], 1):
            for j, text in enumerate(row[1:], 1):
                key = benchmarks[figure["block"]], figure["method"], i, j
                number = wanted.get(key)
                shown = "" if number is None else "%.4f" % number
                if text not in (shown, "-" + shown) or (text != shown and float(text) != 0):
                    return "%s shows %s, exported is %s" % (key, text, shown)
                seen += 1
    return "" if seen > 10 else "only %d numbers were found" % seen


def each_task(figures, benchmarks, wanted):
    seen = 0
    for figure in figures:
        if figure["rows"][0][0] != "trained task" or not figure["method"]:
            continue
        for i, row in enumerate(figure["rows"][1:], 1):
            for j, text in enumerate(row[1:], 1):
                number = wanted.get((benchmarks[figure["block"]], figure["method"], i, j))
                shown = "" if number is None or i < j else "%.4f" % number
                if text != shown:
                    return "%s shows %s, exported is %s" % (figure["method"], text, shown)
                seen += 1
    return "" if seen > 10 else "only %d numbers were found" % seen


def files_are_svg(sample, folder):
    subprocess.run([MNEME, "report", sample, "--figures", folder], check=True, capture_output=True)
    files = glob.glob(os.path.join(folder, "*.svg"))
    for path in files:
        root = xml.etree.ElementTree.parse(path).getroot()
        if not root.tag.endswith("svg") or root[0].tag.split("}")[1] != "title":
            return "%s is not an SVG with a title" % path
    with open(os.path.join(folder, "leaderboard.tex"), encoding="utf-8") as file:
        if "\\begin{tabular}" not in file.read():
            return "leaderboard.tex has no table"
    return "" if len(files) > 10 else "only %d files" % len(files)


def main():
    with tempfile.TemporaryDirectory() as folder:
        sample, page = os.path.join(folder, "results.h5"), os.path.join(folder, "page.html")
        subprocess.run([MAKE_SAMPLE, sample], check=True)
        subprocess.run([MNEME, "report", sample, "-o", page], check=True, capture_output=True)
        parser = Figures()
        with open(page, encoding="utf-8") as file:
            parser.feed(file.read())
        metrics = exported(sample, "metrics")
        benchmarks = list(dict.fromkeys(row["benchmark"] for row in metrics))
        complete = {
            (row["benchmark"], row["method"], row["seed"])
            for row in metrics
            if row["outcome"] == "complete"
        }
        accuracy = means(exported(sample, "accuracy"), complete, "accuracy")
        forgetting = means(exported(sample, "forgetting"), complete, "forgetting")
        judge(
            "accuracy matrices are as exported",
            matrices(parser.found, benchmarks, "accuracy", accuracy),
        )
        judge(
            "forgetting matrices are as exported",
            matrices(parser.found, benchmarks, "forgetting", forgetting),
        )
        judge("each task's accuracy is as exported", each_task(parser.found, benchmarks, accuracy))
        judge("figures are files of SVG", files_are_svg(sample, os.path.join(folder, "figures")))


main()
