#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Usage: many.py BUILD [RUNS...]    seconds and memory of the commands that read all runs of a
folder, with so many finished runs in it (default: 1000 and 10000). The runs were not trained: they
are written by tests/cli/write_run.cpp. What one of ten times as many runs takes should be ten times
as long."""

import os
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(sys.argv[1])
COUNTS = [int(word) for word in sys.argv[2:]] or [1000, 10000]
MNEME = os.path.join(BUILD, "bin", "mneme")
WRITER = os.path.join(BUILD, "tests", "cli", "mneme_write_run")
CLI = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli")
WORKER = os.path.join(CLI, "fake_worker.py")
sys.path.insert(0, CLI)
from toy_benchmark import BENCHMARK  # noqa: E402 - the path is above

METHODS = 10  # each under ten labels, so that a folder has more than one method


def suite(runs):
    text = f'benchmarks = ["toy.toml"]\nseeds = {runs // METHODS}\n'
    for number in range(METHODS):
        text += f'[[method]]\nplugin = "er"\nname = "er-{number}"\nmemory = {100 + number}\n'
    return text


def timed(folder, *command):
    """Seconds of the clock and of processors, and mebibytes of the largest process."""
    environment = {**os.environ, "MNEME_WORKER": os.path.abspath(WORKER), "HOME": folder}
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


def measure(runs):
    with tempfile.TemporaryDirectory(prefix="mneme-many-") as folder:
        for name, text in (("toy.toml", BENCHMARK), ("suite.toml", suite(runs))):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        plugins = os.path.join(BUILD, "plugins")
        steps = {
            "plan": [MNEME, "plan", "suite.toml", "-o", "out", "--plugins", plugins],
            "(write)": [WRITER, "out/plan.json", "out"],
            "cell": [MNEME, "cell", "--plan", "out/plan.json", "--index", "0"],
            "status": [MNEME, "status", "out"],
            "collect": [MNEME, "collect", "out"],
            "leaderboard": [MNEME, "leaderboard", "out"],
        }
        for name, command in steps.items():
            seconds, used, mebibytes = timed(folder, *command)
            print(
                f"{runs:7}  {name:12} {seconds:8.2f} s {used:8.2f} s of CPU {mebibytes:7.0f} MiB",
                flush=True,
            )


if __name__ == "__main__":
    for count in COUNTS:
        measure(count)
