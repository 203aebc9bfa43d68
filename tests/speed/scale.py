#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Usage: scale.py BUILD [--only DIMENSION...] [--rounds N] [--json FILE]

How time and memory grow with the number of tasks, of seeds, of stored rows, of classes and of
parameters: whole runs of `mneme run --jobs 1` on drawn numbers, which differ in that number
alone. The exponent is that of the growth from the row above: log(time / time above) / log(size /
size above); 1 is linear, 0 is no growth. What `mneme run` takes without training (one task, ten
rows) is taken off both sides first; where less than a fifth of that is left, there is no
exponent. Medians of the rounds. --json writes the tables into a file that may have others, for
page.py."""

import argparse
import math
import os
import statistics
import sys
import tempfile

from cpu_time import used
from kept_entries import keep

BENCHMARK = """[stream]
kind = "synthetic"
tasks = {tasks}
train_examples = {rows}
test_examples = {test_rows}
classes_per_task = {classes}
features = {features}
separation = 4.0
[scenario]
kind = "{scenario}"
[network]
kind = "mlp"
hidden = [{hidden}, {hidden}]
[train]
lr = 0.01
momentum = 0.0
batch_size = {batch}
"""
SUITE = """benchmarks = ["benchmark.toml"]
seeds = {seeds}
[[method]]
{method}
"""
FINETUNE = 'plugin = "finetune"'
BASE = {
    "tasks": 5,
    "rows": 2000,
    "test_rows": 100,
    "classes": 4,
    "features": 64,
    "scenario": "domain",
    "hidden": 100,
    "batch": 10,
    "seeds": 1,
    "method": FINETUNE,
}
NOTHING = BASE | {"tasks": 1, "rows": 10, "test_rows": 10}
MEMORY = 'plugin = "er"\npolicy = "reservoir"\nmemory = %d\n'
# Of each dimension: what a row of its table says of the sizes, and how the runs of a size differ.
DIMENSIONS = {
    "tasks": ((5, 50, 500), lambda n: {"tasks": n, "rows": 10_000}),
    "seeds": ((1, 2, 4, 8, 16, 32), lambda n: {"seeds": n, "rows": 10_000}),
    "stored rows": (
        (100, 1000, 10_000, 100_000, 1_000_000),
        lambda n: {"tasks": 2, "rows": 500_000, "features": 16, "batch": 100, "method": MEMORY % n},
    ),
    "classes": (
        (100, 1000, 10_000),
        lambda n: {  # a drawn task has at most 256, and as many features
            "tasks": 50,
            "classes": n // 50,
            "features": 256,
            "rows": 400,
            "test_rows": 200,
            "scenario": "class",
        },
    ),
    "parameters": (
        (10**5, 10**6, 10**7, 10**8),
        lambda n: {"rows": 500, "hidden": width(n)},
    ),
}


def width(parameters):
    """w with w^2 + 64 w + ... = parameters, near enough."""
    return round((64**2 / 4 + parameters) ** 0.5 - 64 / 2)


def measured(build, settings):
    with tempfile.TemporaryDirectory(prefix="mneme-scale-") as folder:
        for name, text in (("benchmark.toml", BENCHMARK), ("suite.toml", SUITE)):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text.format(**settings))
        command = [os.path.join(build, "bin", "mneme"), "run", "suite.toml", "-o", "out"]
        command += ["--plugins", os.path.join(build, "plugins"), "--jobs", "1", "--quiet"]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        found = used(command, cwd=folder, env=environment)
        size = os.path.getsize(os.path.join(folder, "out", "results.h5"))
        return found.processor, found.mebibytes, size / 1000


def exponent(sizes, values, nothing):
    """Of the growth from the last value but one to the last, both less `nothing`."""
    more = [value - nothing for value in values[-2:]]
    if len(more) < 2 or min(more) < nothing / 5:
        return ""
    return "%.2f" % (math.log(more[1] / more[0]) / math.log(sizes[-1] / sizes[-2]))


def table(dimension, build, rounds, nothing):
    sizes, differences = DIMENSIONS[dimension]
    seconds, mebibytes, rows = [], [], []
    for number, size in enumerate(sizes):
        found = [measured(build, BASE | differences(size)) for _ in range(rounds)]
        middle = [statistics.median(one) for one in zip(*found)]
        seconds.append(middle[0])
        mebibytes.append(middle[1])
        so_far = sizes[: number + 1]
        rows.append(
            [f"{size:,}", "%.2f" % middle[0], exponent(so_far, seconds, nothing[0])]
            + ["%.0f" % middle[1], exponent(so_far, mebibytes, nothing[1]), "%.0f" % middle[2]]
        )
        print(dimension, rows[-1], flush=True)
    columns = [dimension, "CPU s", "exponent", "peak MiB", "exponent of memory", "file, kB"]
    return {"title": "By %s" % dimension, "columns": columns, "rows": rows}


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build")
    parser.add_argument("--only", action="append", choices=list(DIMENSIONS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json")
    arguments = parser.parse_args()
    build = os.path.abspath(arguments.build)
    found = [measured(build, NOTHING) for _ in range(max(arguments.rounds, 3))]
    nothing = [statistics.median(one) for one in zip(*found)]
    print("nothing", nothing, flush=True)
    for dimension in arguments.only or DIMENSIONS:
        found = table(dimension, build, arguments.rounds, nothing)
        if arguments.json:
            keep(arguments.json, "tables", found, lambda one: one["title"])


if __name__ == "__main__":
    sys.exit(main())
