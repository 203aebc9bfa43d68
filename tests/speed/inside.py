#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Usage: inside.py BUILD [--rounds N] [--json FILE]

What it costs to keep more than the matrices: processor time of a whole `mneme run` (finetune on
rotated-fashion-5, 2,500 training and 1,000 test images a task, one seed, one thread) with each key
of docs/suites.md, over the run without it in the same round, and the size of the results file. The
table shows medians. --json writes them for page.py. Nothing passes or fails by the clock."""

import argparse
import json
import os
import pathlib
import statistics
import tempfile

from cpu_time import cpu_seconds

ROOT = pathlib.Path(__file__).resolve().parents[2]
SUITE = 'benchmarks = ["rotated-fashion-5"]\nseeds = 1\n{}\n[[method]]\nplugin = "finetune"\n'
LIMITS = "--limit 2500 --limit-test 1000 --jobs 1 --quiet".split()
KEYS = {
    "nothing": "",
    "10 evaluations a task": "evaluations = 10",
    "10 evaluations, on 200 test images of a task": "evaluations = 10\nevaluate_examples = 200",
    "100 evaluations a task": "evaluations = 100",
    "100 evaluations, on 200 test images of a task": "evaluations = 100\nevaluate_examples = 200",
    "predictions": "predictions = true",
    "weights after each task": 'weights = "task_ends"',
}


def measured(build, keys):
    """Seconds of a run, and the bytes of its results file."""
    with tempfile.TemporaryDirectory(prefix="mneme-inside-") as name:
        folder = pathlib.Path(name)
        (folder / "suite.toml").write_text(SUITE.format(keys))
        command = [build / "bin" / "mneme", "run", folder / "suite.toml", "-o", folder / "out"]
        command += ["--plugins", build / "plugins"]
        command += ["--benchmarks", ROOT / "benchmarks" / "standard", *LIMITS]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        return cpu_seconds(command, env=environment), (folder / "out" / "results.h5").stat().st_size


def table(rounds):
    rows = []
    for name in KEYS:
        seconds = statistics.median(r[name][0] for r in rounds)
        more = statistics.median(r[name][0] / r["nothing"][0] for r in rounds)
        size = statistics.median(r[name][1] for r in rounds)
        rows.append([name, "%.2f" % seconds, "%.2f" % more, "%.0f" % (size / 1000)])
    return {
        "title": f"A run of finetune on five tasks, {len(rounds)} rounds",
        "columns": ["kept besides the matrices", "CPU s", "times nothing", "file, kB"],
        "rows": rows,
    }


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    rounds = [
        {name: measured(build, keys) for name, keys in KEYS.items()}
        for _ in range(arguments.rounds)
    ]
    found = table(rounds)
    print(found["title"])
    for row in [found["columns"], *found["rows"]]:
        print("%-40s %8s %14s %9s" % tuple(row))
    if arguments.json:
        text = json.dumps({"tables": [found], "rounds": rounds}, indent=1)
        arguments.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
