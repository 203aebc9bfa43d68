#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tables of docs/performance.md are what the kept files say: page.py [--write]

docs/performance/speed.json is tests/speed/run's, peers-*.json are those of the programs in
tests/speed/peers, grid-*.json tests/speed/grid's, many-*.json tests/speed/many.py's, inside.json
tests/speed/inside.py's, scale.json tests/speed/scale.py's, whole-*.json
tests/speed/whole_runs.py's. A table stands under its mark, <!-- NAME: PATTERN -->: the rows of
speed*.json whose names the pattern finds, the tables of peers-*.json, whole-*.json, scale.json
and inside.json whose titles it finds, the rows of grid-*.json whose networks it finds, the
commands that it finds of many-NAME.json, beside those of many-NAMEbefore.json."""

import json
import pathlib
import re
import sys

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
MARK = re.compile(
    r"(<!-- (speed|inside|scale|(?:speed|peers|grid|many|whole)-\w+): (.*) -->\n)"
    r"((?:\|.*\n|\n(?=\*\*|\|)|\*\*.*\*\*\n)*)"
)


def markdown(columns, rows):
    return "".join(
        "| " + " | ".join(row) + " |\n" for row in [columns, ["---"] * len(columns)] + rows
    )


def speed(found, pattern):
    rows, compared = [], False
    for row in found["rows"]:
        if not re.search(pattern, row["name"]):
            continue
        time = lambda side: ("%.0f %s" if row[side]["median"] >= 1000 else "%.4g %s") % (
            row[side]["median"],
            row["unit"],
        )
        ratio, target = row["ratio"]["median"], ""
        if row["target"]:
            target = "at most %.2f" % row["target"] + ("" if ratio <= row["target"] else ": missed")
        if row["limit"]:
            target = "at most %g %s" % (row["limit"], row["unit"]) + (
                "" if row["mneme"]["median"] <= row["limit"] else ": missed"
            )
        compared |= ratio > 0
        rows.append(
            [row["name"], time("mneme")]
            + (
                [
                    time("bare"),
                    "%.2f" % ratio,
                    "%.2f to %.2f"
                    % (row["ratio"]["lower_quartile"], row["ratio"]["upper_quartile"]),
                ]
                if ratio > 0
                else ["", "", ""]
            )
            + [target]
        )
    if not compared:
        return markdown(
            ["CPU time", "mneme", "asked for"], [[row[0], row[1], row[5]] for row in rows]
        )
    return markdown(["CPU time", "mneme", "beside it", "ratio", "quartiles", "asked for"], rows)


def titled(found, pattern):
    return "\n".join(
        "**%s**\n\n" % table["title"] + markdown(table["columns"], table["rows"])
        for table in found["tables"]
        if re.search(pattern, table["title"])
    )


def grid(found, pattern):
    """The suites where the pattern is `whole`. Rows that were traced, of a GPU, have what the
    longest stretch without a wait had in it."""
    if pattern == "whole":
        return markdown(
            ["suite", "arguments", "s", "of CPU time, s"],
            [
                [
                    pathlib.Path(w["suite"]).name,
                    w["arguments"],
                    "%.0f" % w["seconds"],
                    "%.0f" % w["cpu_seconds"],
                ]
                for w in found["whole"]
            ],
        )
    chosen = [r for r in found["rows"] if re.search(pattern, r["network"])]
    us = lambda value: "%.0f" % value if value >= 100 else "%.1f" % value
    columns = {
        "network": lambda r: r["network"],
        "method": lambda r: r["method"],
        "batch": lambda r: str(r["batch"]),
        "seeds at once": lambda r: str(r["replicas"]),
        "us a step": lambda r: us(r["us"]),
        "range": lambda r: "%s to %s" % (us(r["low"]), us(r["high"])),
        "us a step and seed": lambda r: us(r["us"] / r["replicas"]),
        "samples a second": lambda r: "%.0f" % r["samples_per_second"],
        "peak memory, MB": lambda r: "%.0f" % (r["memory_bytes"] / 1e6),
    }
    if all(r["low"] == r["high"] for r in chosen):  # one round
        del columns["range"]
    if len({r["method"] for r in chosen}) == 1:
        del columns["method"]
    if any("kernels" in r for r in chosen):
        part = lambda name, form: lambda r: form % r[name] if name in r else ""
        columns["kernels a step"] = part("kernels", "%.0f")
        columns["their us"] = part("kernel_us", "%.1f")
        columns["step over kernels"] = lambda r: (
            "%.2f" % (r["us"] / r["kernel_us"]) if "kernel_us" in r else ""
        )
        columns["steps without a wait"] = part("launches", "%d")
    return markdown(list(columns), [[value(r) for value in columns.values()] for r in chosen])


def many(found, pattern, before):
    earlier = {(r["command"], r["runs"]): r for r in before["rows"]}
    rows = []
    for row in sorted(found["rows"], key=lambda r: (r["command"], r["runs"])):
        if not re.search(pattern, row["command"]):
            continue
        sides = (earlier.get((row["command"], row["runs"])), row)
        rows.append(
            [row["command"], f"{row['runs']:,}"]
            + ["%.2f" % side["cpu_seconds"] if side else "" for side in sides]
            + ["%.0f" % side["mebibytes"] if side else "" for side in sides]
        )
    return markdown(
        ["command", "runs", "CPU s before", "CPU s", "peak MiB before", "peak MiB"], rows
    )


def kept(name):
    with open(DOCS / "performance" / (name + ".json"), encoding="utf-8") as file:
        return json.load(file)


def filled(match):
    kind, found = match[2].split("-")[0], kept(match[2])
    if kind == "many":
        table = many(found, match[3], kept(match[2] + "before"))
    else:
        make = {"speed": speed, "grid": grid}.get(kind, titled)
        table = make(found, match[3])
    if table.count("|") < 8:
        sys.exit(
            "not ok the page of performance: nothing in %s.json is called %s" % (match[2], match[3])
        )
    return match[1] + table


def main():
    page = DOCS / "performance.md"
    text = page.read_text(encoding="utf-8")
    wanted = MARK.sub(filled, text)
    if "--write" in sys.argv:
        page.write_text(wanted, encoding="utf-8")
        return 0
    same = text == wanted and MARK.search(text)
    print(
        "ok the page of performance is what its files say"
        if same
        else "not ok the page of performance: run tests/speed/page.py --write"
    )
    return 0 if same else 1


sys.exit(main())
