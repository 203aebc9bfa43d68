#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tables of docs/performance.md are what the kept files say: page.py [--write]

docs/performance/speed.json is tests/speed/run's, peers-*.json are tests/speed/peers/compare's, grid-*.json tests/speed/grid's. A table stands under
its mark, <!-- NAME: PATTERN -->: the rows of speed.json whose names the pattern finds, the tables of peers-*.json whose titles it finds, the rows of
grid-*.json whose networks it finds."""
import json
import pathlib
import re
import sys

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
MARK = re.compile(r"(<!-- (speed|peers-\w+|grid-\w+): (.*) -->\n)((?:\|.*\n|\n(?=\*\*|\|)|\*\*.*\*\*\n)*)")


def markdown(columns, rows):
    return "".join("| " + " | ".join(row) + " |\n" for row in [columns, ["---"] * len(columns)] + rows)


def speed(found, pattern):
    rows, compared = [], False
    for row in found["rows"]:
        if not re.search(pattern, row["name"]):
            continue
        time = lambda side: ("%.0f %s" if row[side]["median"] >= 1000 else "%.4g %s") % (row[side]["median"], row["unit"])
        ratio, target = row["ratio"]["median"], ""
        if row["target"]:
            target = "at most %.2f" % row["target"] + ("" if ratio <= row["target"] else ": missed")
        if row["limit"]:
            target = "at most %g %s" % (row["limit"], row["unit"]) + ("" if row["mneme"]["median"] <= row["limit"] else ": missed")
        compared |= ratio > 0
        rows.append([row["name"], time("mneme")] + ([time("bare"), "%.2f" % ratio, "%.2f to %.2f" % (row["ratio"]["lower_quartile"],
                    row["ratio"]["upper_quartile"])] if ratio > 0 else ["", "", ""]) + [target])
    if not compared:
        return markdown(["CPU time", "mneme", "asked for"], [[row[0], row[1], row[5]] for row in rows])
    return markdown(["CPU time", "mneme", "beside it", "ratio", "quartiles", "asked for"], rows)


def peers(found, pattern):
    return "\n".join("**%s**\n\n" % table["title"] + markdown(table["columns"], table["rows"])
                     for table in found["tables"] if re.search(pattern, table["title"]))


def grid(found, pattern):
    def row(r):
        us = lambda value: "%.0f" % value if value >= 100 else "%.1f" % value
        return [r["network"], str(r["batch"]), str(r["replicas"]), us(r["us"]), "%s to %s" % (us(r["low"]), us(r["high"])), us(r["us"] / r["replicas"]),
                "%.0f" % r["samples_per_second"], "%.0f" % (r["memory_bytes"] / 1e6)]

    columns = ["network", "batch", "seeds at once", "us a step", "range", "us a step and seed", "samples a second", "peak memory, MB"]
    return markdown(columns, [row(r) for r in found["rows"] if re.search(pattern, r["network"])])


def filled(match):
    with open(DOCS / "performance" / (match[2] + ".json"), encoding="utf-8") as file:
        table = {"speed": speed, "peers": peers, "grid": grid}[match[2].split("-")[0]](json.load(file), match[3])
    if table.count("|") < 8:
        sys.exit("not ok the page of performance: nothing in %s.json is called %s" % (match[2], match[3]))
    return match[1] + table


def main():
    page = DOCS / "performance.md"
    text = page.read_text(encoding="utf-8")
    wanted = MARK.sub(filled, text)
    if "--write" in sys.argv:
        page.write_text(wanted, encoding="utf-8")
        return 0
    same = text == wanted and MARK.search(text)
    print("ok the page of performance is what its files say" if same else "not ok the page of performance: run tests/speed/page.py --write")
    return 0 if same else 1


sys.exit(main())
