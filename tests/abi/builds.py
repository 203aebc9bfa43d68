#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One source, built in many ways, learns the same bits: builds.py BUILDS HOST.

BUILDS holds a folder for each way: 1.0 (the released headers), today, grown (headers of a release
to come), and compilers with their levels.
`today` is what the others are compared with; 1.0 and grown run also against tables and structs cut
to their length in 1.0.
"""

import os
import sys
import tempfile

from two_lines import distance, trained

BUILDS, HOST = sys.argv[1:3]
RUNS = {
    "corners": [
        ({}, {}),
        (
            {"of": "logits_norm", "fisher": "sample", "share": 1.0},
            {"optimizer": "adam", "lr": 0.003},
        ),
    ],
    "services": [({}, {}), ({"policy": "reservoir", "scale": "two"}, {})],
    "er": [({}, {}), ({"policy": "reservoir", "memory": 30}, {})],
}


def learned(way, name, cut=False):
    cases = [
        {
            "plugin": os.path.join(BUILDS, way, name + ".so"),
            "options": options,
            "train": train,
            "fenced": cut,
        }
        for options, train in RUNS[name]
    ]
    with tempfile.TemporaryDirectory() as work:
        return [result[name] for result in trained(HOST, work, cases)["results"]]


def say(what, judge):
    try:
        why = judge()
    except RuntimeError as fault:
        why = str(fault)
    print("not ok %s: %s" % (what, why) if why else "ok " + what, flush=True)


def same(way, name, wanted, cut=False):
    got = learned(way, name, cut)
    differ = [
        part for a, b in zip(got, wanted) for part in a if part != "state" and a[part] != b[part]
    ]
    for a, b in zip(got, wanted):
        old, new = a["state"], b["state"]
        if way != "before" and sorted(old) != sorted(new):  # a memory's working space has new names
            differ.append("the names of the state")
        differ += [key for key in old if key in new and old[key] != new[key]]
    return (
        ""
        if len(got) == len(wanted) and not differ
        else "it learns otherwise: %s" % ", ".join(differ)
    )


def main():
    ways = {
        way: sorted(
            file[:-3] for file in os.listdir(os.path.join(BUILDS, way)) if file.endswith(".so")
        )
        for way in sorted(os.listdir(BUILDS))
    }
    wanted = {name: learned("today", name) for name in ways.pop("today")}
    for name, results in wanted.items():
        moved = min(distance(result["start"], result["theta"]) for result in results)
        say(
            "%s learns" % name,
            lambda moved=moved: (
                "" if 0.05 < moved < float("inf") else "its weights moved by %.2g" % moved
            ),
        )
    for way, names in ways.items():
        for name in names:
            say(
                "%s built as %s learns the same bits" % (name, way),
                lambda way=way, name=name: same(way, name, wanted[name]),
            )
    if not any(way.startswith("clang++") for way in ways):
        print("skip plugins built by another compiler: there is no clang++ (Debian: clang)")
    for way in ("before", "1.0", "today", "grown"):
        say(
            "corners built as %s runs on tables cut to 1.0" % way,
            lambda way=way: same(way, "corners", wanted["corners"], cut=True),
        )


main()
