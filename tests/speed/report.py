#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Size of the report page, and how long it takes to write: report.py MNEME LARGE_RESULTS [FILE.h5].
A page of the quickstart's size (or of FILE.h5) and one of 12 methods, 3 benchmarks, 5 seeds and 20
tasks. Sizes are asserted; times are printed, since a neighbour can slow them down."""

import os
import subprocess
import sys
import tempfile
import time

MNEME, LARGE_RESULTS = sys.argv[1:3]
# name, methods, seeds, tasks of each benchmark, megabytes at most, seconds at most
PAGES = (
    ("of the quickstart's size", "9", "3", ("5", "10"), 0.6, 0.5),
    ("of 12 methods, 3 benchmarks, 5 seeds, 20 tasks", "12", "5", ("20", "20", "20"), 3.0, 2.0),
)


def measured(results, page):
    best = None
    for _ in range(5):
        begun = time.monotonic()
        subprocess.run(
            [MNEME, "report", results, "-o", page], check=True, stdout=subprocess.DEVNULL
        )
        spent = time.monotonic() - begun
        best = spent if best is None else min(best, spent)
    return os.path.getsize(page) / 1e6, best


def main():
    with tempfile.TemporaryDirectory() as folder:
        page = os.path.join(folder, "page.html")
        for number, (name, methods, seeds, tasks, most_size, most_seconds) in enumerate(PAGES):
            results = os.path.join(folder, "results.h5")
            if number == 0 and len(sys.argv) > 3:
                results = sys.argv[3]
            else:
                subprocess.run([LARGE_RESULTS, results, methods, seeds, *tasks], check=True)
            size, seconds = measured(results, page)
            print(
                "%s: %.2f MB (at most %.1f), %.2f s (wanted: %.1f)"
                % (name, size, most_size, seconds, most_seconds)
            )
            if size <= most_size:
                print("ok size of a page %s" % name)
            else:
                print("not ok size of a page %s: %.2f MB" % (name, size))


main()
