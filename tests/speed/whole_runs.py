#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Usage: whole_runs.py BUILD [--suite NAME...] [--runs N] [--rounds N] [--json FILE]

What a whole `mneme run --jobs 2` takes whose workers are forked by a worker server, beside one
whose workers are all executed; both by turns, medians of the rounds. The suites:

quickstart   27 runs: the nine methods of the quickstart on its first benchmark, three seeds
short        N (200) runs of about a second, of two methods on a part of the same images
drawn        as many on numbers that are drawn, without a data set

Training is the share of the time of both jobs that the results call training, and no start-up can
save what they call training or evaluation. --json writes what was measured for page.py."""

import argparse
import json
import os
import statistics
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import executed_workers  # noqa: E402 - the path is above
from cpu_time import used  # noqa: E402

JOBS = 2
KINDS = {
    "training": ("train_seconds", "end_task_seconds"),
    "evaluation": ("evaluate_seconds",),
}
SHORT = """benchmarks = ["{benchmark}"]
seeds = {seeds}
[[method]]
plugin = "finetune"
[[method]]
plugin = "ewc"
lambda = 1
fisher_samples = 100
"""
DRAWN = """[stream]
kind = "synthetic"
tasks = 5
train_examples = 20000
test_examples = 1000
classes_per_task = 3
features = 64
separation = 4.0
[scenario]
kind = "domain"
[network]
kind = "mlp"
hidden = [100, 100]
[train]
lr = 0.1
momentum = 0.0
batch_size = 10
"""


def suites(folder, runs):
    """Arguments of `mneme run`, by the name of the suite."""
    for name, text in (
        ("short.toml", SHORT.format(benchmark="rotated-fashion-5", seeds=runs // 2)),
        ("drawn-suite.toml", SHORT.format(benchmark="drawn.toml", seeds=runs // 2)),
        ("drawn.toml", DRAWN),
    ):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    return {
        "quickstart": ["quickstart", "--benchmark", "rotated-fashion-5"],
        "short": ["short.toml", "--limit", "10000", "--limit-test", "2000"],
        "drawn": ["drawn-suite.toml"],
    }


def recorded_seconds(folder):
    """What the results say, by kind, and the number of runs."""
    import h5py  # of the tests, not of the harness

    total, runs = dict.fromkeys(KINDS, 0.0), 0
    with h5py.File(os.path.join(folder, "results.h5")) as file:
        for group in file.values():
            if "timing" not in group:
                continue
            done = group["outcome"].asstr()[()] == "complete"
            runs += int(done.sum())
            for kind, names in KINDS.items():
                total[kind] += sum(float(group["timing"][n][()][done].sum()) for n in names)
    return total, runs


def measure(mneme, worker, arguments, folder):
    with tempfile.TemporaryDirectory(dir=folder) as output:
        command = [mneme, "run", *arguments, "--jobs", str(JOBS), "-o", output]
        found = used(command, cwd=folder, env={**os.environ, "MNEME_WORKER": worker})
        seconds, runs = recorded_seconds(output)
        shares = {kind: seconds[kind] / (JOBS * found.clock) for kind in KINDS}
        return {"cpu": found.processor, "wall": found.clock, "runs": runs, **shares}


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build")
    parser.add_argument("--suite", action="append", choices=("quickstart", "short", "drawn"))
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json")
    arguments = parser.parse_args()
    programs = os.path.join(os.path.abspath(arguments.build), "bin")
    mneme, worker = (os.path.join(programs, name) for name in ("mneme", "mneme-worker"))
    rows = []
    with tempfile.TemporaryDirectory(prefix="mneme-whole-") as folder:
        workers = {"executed": executed_workers.program(folder, worker), "forked": worker}
        for suite, words in suites(folder, arguments.runs).items():
            if suite not in (arguments.suite or (suite,)):
                continue
            found = {way: [] for way in workers}
            for number in range(arguments.rounds):
                for way in list(workers)[:: 1 if number % 2 == 0 else -1]:
                    found[way].append(measure(mneme, workers[way], words, folder))
                    print(suite, way, found[way][-1], flush=True)
            middle = {
                (way, what): statistics.median(one[what] for one in found[way])
                for way in workers
                for what in ("cpu", "wall", *KINDS)
            }
            rows.append(
                [suite, str(found["forked"][0]["runs"])]
                + ["%.1f" % middle[way, what] for what in ("cpu", "wall") for way in workers]
                + ["%.2f" % (middle["forked", "cpu"] / middle["executed", "cpu"])]
                + ["%.0f %%" % (100 * middle[way, kind]) for kind in KINDS for way in workers]
            )
    columns = ["suite", "runs", "CPU s, executed", "CPU s, forked", "s, executed", "s, forked"]
    columns += ["CPU, ratio"] + ["%s, %s" % (k, w) for k in KINDS for w in ("executed", "forked")]
    table = {"title": "Whole runs", "columns": columns, "rows": rows}
    print(json.dumps(table, indent=1))
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump({"tables": [table]}, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    sys.exit(main())
