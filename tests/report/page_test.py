#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every number of the page's figures is the one that `mneme export` gives: page_test.py MNEME
MAKE_SAMPLE. The tables behind the figures are read back and compared with means over the exported
rows; then the figures as files, which must be SVG that an XML parser reads."""

import collections
import glob
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import page_geometry
import page_numbers
from page_tables import Board, Figures, exported

MNEME, MAKE_SAMPLE = sys.argv[1:3]


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


def every_table_is_compared(figures):
    known = {
        "trained task \\ evaluated task",
        "trained task",
        "tasks seen",
        "method",
        "points of the curve",
        "true class \\ predicted class",
        "evaluation",
        "place on the line",
        "point between minima",
        "evaluated task",
        "v \\ u",
    }
    found = {figure["rows"][0][0] for figure in figures}
    return "" if found == known else "found %s, compared %s" % (sorted(found), sorted(known))


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
        parser, board = Figures(), Board()
        with open(page, encoding="utf-8") as file:
            text = file.read()
        parser.feed(text)
        board.feed(text)
        metrics = exported(MNEME, sample, "metrics")
        benchmarks = list(dict.fromkeys(row["benchmark"] for row in metrics))
        complete = {
            (row["benchmark"], row["method"], row["seed"])
            for row in metrics
            if row["outcome"] == "complete"
        }
        tables = {
            what: exported(MNEME, sample, what)
            for what in ("accuracy", "metrics", "cost", "curves", "confusion", "inside", "lines")
            + ("diagnostics",)
        }
        tables["complete"] = complete
        accuracy = means(tables["accuracy"], complete, "accuracy")
        forgetting = means(exported(MNEME, sample, "forgetting"), complete, "forgetting")
        judge(
            "accuracy matrices are as exported",
            matrices(parser.found, benchmarks, "accuracy", accuracy),
        )
        judge(
            "forgetting matrices are as exported",
            matrices(parser.found, benchmarks, "forgetting", forgetting),
        )
        judge("each task's accuracy is as exported", each_task(parser.found, benchmarks, accuracy))
        for name, check in (
            ("accuracy over tasks seen and its band", page_numbers.tasks_seen),
            ("accuracy against its cost", page_numbers.costs),
            ("losses while training", page_numbers.losses),
            ("confusion of classes", page_numbers.confusion),
            ("accuracy inside tasks", page_numbers.inside),
            ("losses between minima", page_numbers.lines),
            ("what methods report", page_numbers.diagnostics),
        ):
            judge("%s: as exported" % name, check(parser.found, benchmarks, tables))
        for name, check in (
            ("curvature between minima", page_geometry.curvature),
            ("similarity of features", page_geometry.cka),
            ("planes through three minima", page_geometry.planes),
        ):
            judge("%s: as in the file" % name, check(parser.found, benchmarks, sample))
        judge("leaderboard: as exported", page_numbers.leaderboard(board.rows, benchmarks, tables))
        judge("no figure's table is left out here", every_table_is_compared(parser.found))
        judge("figures are files of SVG", files_are_svg(sample, os.path.join(folder, "figures")))


main()
