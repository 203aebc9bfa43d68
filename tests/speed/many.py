#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Usage: many.py BUILD [RUNS...] [--only COMMAND] [--folders DIR] [--mneme FILE] [--json FILE]

Seconds and memory of the commands that read all runs of a folder, with so many finished runs in it
(default: 1000 and 10000). The runs were not trained: they are written by tests/cli/write_run.cpp.
What one of ten times as many runs takes should be ten times as long. With --folders the runs are
kept in DIR and found there the next time, so that two programs (--mneme) can be measured over the
same files. --only measures one command; for `cell`, no more than its one run is written. --json
writes what was measured, for page.py."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

CLI = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli")
WORKER = os.path.join(CLI, "fake_worker.py")
sys.path.insert(0, CLI)
from toy_benchmark import BENCHMARK  # noqa: E402 - the path is above

LEAST_METHODS, MOST_SEEDS = 10, 1000  # one method under so many labels, or more


def suite(runs):
    methods = max(LEAST_METHODS, -(-runs // MOST_SEEDS))
    text = f'benchmarks = ["toy.toml"]\nseeds = {runs // methods}\n'
    for number in range(methods):
        text += f'[[method]]\nplugin = "er"\nname = "er-{number}"\nmemory = {100 + number}\n'
    return text


def timed(folder, *command, **more):
    """Seconds of the clock and of processors, and mebibytes of the largest process."""
    environment = {**os.environ, "MNEME_WORKER": os.path.abspath(WORKER), "HOME": folder, **more}
    for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "MNEME_DATA"):
        environment.pop(name, None)
    begun = time.monotonic()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    error = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}: {error}")
    return time.monotonic() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure(runs, folder, arguments):
    build = os.path.abspath(arguments.build)
    mneme = os.path.abspath(arguments.mneme or os.path.join(build, "bin", "mneme"))
    writer = os.path.join(build, "tests", "cli", "mneme_write_run")
    for name, text in (("toy.toml", BENCHMARK), ("suite.toml", suite(runs))):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    plan = [mneme, "plan", "suite.toml", "--plugins", os.path.join(build, "plugins"), "-o"]
    cell = [mneme, "cell", "--plan", "out/plan.json", "--index", "0"]
    if not os.path.exists(os.path.join(folder, "written")):
        timed(folder, *plan, "out")
        if arguments.only == "cell":  # the others make no difference to it
            timed(folder, *cell, MNEME_FAKE_WRITER=writer)
        else:
            timed(folder, writer, "out/plan.json", "out")
        with open(os.path.join(folder, "written"), "w", encoding="utf-8"):
            pass  # all of them are
    steps = {
        "plan": plan + ["out"],  # by this program, which may not read what another one planned
        "cell": cell,
        "status": [mneme, "status", "out"],
        "collect": [mneme, "collect", "out"],
        "leaderboard": [mneme, "leaderboard", "out"],
    }
    for name, command in steps.items():
        if arguments.only not in (None, name):
            continue
        seconds, used, mebibytes = timed(folder, *command)
        print(
            f"{runs:7}  {name:12} {seconds:8.2f} s {used:8.2f} s of CPU {mebibytes:7.0f} MiB",
            flush=True,
        )
        yield {"runs": runs, "command": name, "cpu_seconds": used, "mebibytes": mebibytes}
    results = os.path.join(folder, "out", "results.h5")  # the next status must not read it
    if os.path.exists(results):
        os.remove(results)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build")
    parser.add_argument("runs", nargs="*", type=int)
    for option in ("--only", "--folders", "--mneme", "--json"):
        parser.add_argument(option)
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory(prefix="mneme-many-") as temporary:
        for runs in arguments.runs or [1000, 10000]:
            folder = os.path.join(os.path.abspath(arguments.folders or temporary), str(runs))
            os.makedirs(folder, exist_ok=True)
            for row in measure(runs, folder, arguments):
                rows.append(row)
                if arguments.json:  # after each command: the next may take very long
                    with open(arguments.json, "w", encoding="utf-8") as file:
                        json.dump({"rows": rows}, file, indent=1)
                        file.write("\n")


if __name__ == "__main__":
    main()
