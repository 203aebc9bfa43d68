#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Usage: many.py BUILD [RUNS...] [--only COMMAND] [--folders DIR] [--mneme FILE] [--json FILE]

Seconds and memory of the commands that read all runs of a folder, with so many finished runs in it
(default: 1000 and 10000). The runs were not trained: tests/cli/write_run.cpp writes those of ten
seeds, and the files of further seeds are these with another seed, request and digest. What one of
ten times as many runs takes should be ten times as long. With --folders the runs are kept in DIR
and found there the next time, so that two programs (--mneme) can be measured over the same files.
--only measures one command; for `cell`, no more than its one run is written. `status, collected`
comes after collect. --json writes what was measured into a file that may have other rows, for
page.py."""

import argparse
import hashlib
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile

CLI = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli")
WORKER = os.path.join(CLI, "fake_worker.py")
sys.path.insert(0, CLI)
from cpu_time import used  # noqa: E402 - the path is above
from kept_entries import keep  # noqa: E402
from toy_benchmark import BENCHMARK  # noqa: E402 - the path is above

LEAST_METHODS, MOST_SEEDS = 10, 1000  # one method under so many labels, or more
WRITTEN_SEEDS = 10


def suite(runs, seeds=None):
    methods = max(LEAST_METHODS, -(-runs // MOST_SEEDS))
    text = f'benchmarks = ["toy.toml"]\nseeds = {seeds or runs // methods}\n'
    for number in range(methods):
        text += f'[[method]]\nplugin = "er"\nname = "er-{number}"\nmemory = {100 + number}\n'
    return text


def timed(folder, *command, **more):
    environment = {**os.environ, "MNEME_WORKER": os.path.abspath(WORKER), "HOME": folder, **more}
    for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "MNEME_DATA"):
        environment.pop(name, None)
    return used(command, cwd=folder, env=environment)


def planned(folder, *plan):
    """{(method, seed): digest} of what this command plans."""
    environment = {**os.environ, "MNEME_WORKER": os.path.abspath(WORKER)}
    done = subprocess.run(
        [*plan, "--json"], cwd=folder, env=environment, stdout=subprocess.PIPE, check=True
    )
    runs = [run for cell in json.loads(done.stdout)["cells"] for run in cell["runs"]]
    return {(run["method"], run["seed"]): run["digest"] for run in runs}


def read_written(path, digest):
    """The bytes of a run's file, and where its seed, its request and its content digest stand."""
    import h5py

    with h5py.File(path, "r") as file:
        seed = file["toy/seed"].id.get_offset()
        content = file.attrs["content_digest"].encode()
    with open(path, "rb") as file:
        data = file.read()
    assert data.count(content) == 1 and data.count(digest.encode()) >= 1, path
    return data, seed, digest.encode(), content


def write_runs(folder, plan, few, writer):
    """Those of few seeds, and all others after them."""
    wanted, written = planned(folder, *plan, "out"), planned(folder, *few, "few")
    timed(folder, writer, "few/plan.json", "few")
    templates = {
        key: read_written(os.path.join(folder, "few", "runs", digest + ".h5"), digest)
        for key, digest in written.items()
    }
    for (method, seed), digest in wanted.items():
        data, at, old, content = templates[method, (seed - 1) % WRITTEN_SEEDS + 1]
        data = bytearray(data.replace(old, digest.encode()))
        data[at : at + 4] = seed.to_bytes(4, "little")
        place = data.find(content)
        data[place : place + 64] = b"0" * 64
        data[place : place + 64] = hashlib.sha256(data).hexdigest().encode()
        with open(os.path.join(folder, "out", "runs", digest + ".h5"), "wb") as file:
            file.write(data)


def in_a_process(work, *arguments):
    """This process stays small: its size would count as that of the programs that it starts."""
    process = multiprocessing.Process(target=work, args=arguments)
    process.start()
    process.join()
    if process.exitcode != 0:
        sys.exit(process.exitcode)


def measure(runs, folder, arguments):
    build = os.path.abspath(arguments.build)
    mneme = os.path.abspath(arguments.mneme or os.path.join(build, "bin", "mneme"))
    writer = os.path.join(build, "tests", "cli", "mneme_write_run")
    few_seeds = suite(runs, WRITTEN_SEEDS)
    for name, text in (
        ("toy.toml", BENCHMARK),
        ("suite.toml", suite(runs)),
        ("few.toml", few_seeds),
    ):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    plan = [mneme, "plan", "suite.toml", "--plugins", os.path.join(build, "plugins"), "-o"]
    cell = [mneme, "cell", "--plan", "out/plan.json", "--index", "0"]
    if not os.path.exists(os.path.join(folder, "written")):
        if arguments.only == "cell":  # the others make no difference to it
            timed(folder, *plan, "out")
            timed(folder, *cell, MNEME_FAKE_WRITER=writer)
        else:
            few = [word.replace("suite.toml", "few.toml") for word in plan]
            in_a_process(write_runs, folder, plan, few, writer)
        with open(os.path.join(folder, "written"), "w", encoding="utf-8"):
            pass  # all of them are
    steps = {
        "plan": plan + ["out"],  # by this program, which may not read what another one planned
        "cell": cell,
        "status": [mneme, "status", "out"],
        "collect": [mneme, "collect", "out"],
        "leaderboard": [mneme, "leaderboard", "out"],
        "status, collected": [mneme, "status", "out"],
    }
    for name, command in steps.items():
        if arguments.only not in (None, name):
            continue
        clock, processor, mebibytes = timed(folder, *command)
        print(
            f"{runs:7}  {name:20} {clock:8.2f} s {processor:8.2f} s of CPU {mebibytes:7.0f} MiB",
            flush=True,
        )
        yield {"runs": runs, "command": name, "cpu_seconds": processor, "mebibytes": mebibytes}
    results = os.path.join(folder, "out", "results.h5")  # the next status is one without it
    if os.path.exists(results):
        os.remove(results)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build")
    parser.add_argument("runs", nargs="*", type=int)
    for option in ("--only", "--folders", "--mneme", "--json"):
        parser.add_argument(option)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mneme-many-") as temporary:
        for runs in arguments.runs or [1000, 10000]:
            folder = os.path.join(os.path.abspath(arguments.folders or temporary), str(runs))
            os.makedirs(folder, exist_ok=True)
            for row in measure(runs, folder, arguments):
                if arguments.json:  # after each command: the next may take very long
                    keep(arguments.json, "rows", row, lambda one: (one["runs"], one["command"]))


if __name__ == "__main__":
    main()
