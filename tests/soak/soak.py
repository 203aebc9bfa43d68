#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Usage: soak.py BIN PLUGINS ZOO SOURCE [CELLS] [SECONDS] [RECORD]

Thousands of short cells (default: 4000, of about a second each) in one folder by two jobs: what
grows while they train. Prints a table: memory and open files of both jobs, files in each folder,
and the length of the event log; writes it to RECORD as well, for docs/reliability.py. Stops after
SECONDS, where they are not 0, and judges what there is.

Open files: the least and the most of the looks since the row before, ten a second. A file that is
open for an instant may be met or not, so the most says little; one that is never closed raises the
least. Which files the former are is printed at the end."""

import datetime
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from workspace import MNEME, case, main

CELLS = int(sys.argv[5]) if len(sys.argv) > 5 else 4000
LONGEST = float(sys.argv[6]) if len(sys.argv) > 6 and sys.argv[6] != "0" else float("inf")
RECORD = sys.argv[7] if len(sys.argv) > 7 else None
ROWS = 20
MOST_SEEDS = 1000  # that a suite may have
FOLDERS = ("runs", "logs", "cells", "checkpoints")
STARTED = 10  # cells that have ended before the first look: a job that starts has less open
MOST_BYTES_A_CELL = 4096  # of memory: what a job remembers of a cell that has ended


class Job:
    def __init__(self, workspace, first, last):
        self.log = open(workspace.path(f"job-{first}"), "wb")
        self.process = subprocess.Popen(
            [MNEME, "cell", "--plan", "out/plan.json", "--index", f"{first}-{last}"],
            cwd=workspace.folder,
            env=workspace.environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )

    def runs(self):
        return self.process.poll() is None

    def resident(self):
        """Bytes of memory, or 0 where it has ended."""
        try:
            with open(f"/proc/{self.process.pid}/statm", encoding="utf-8") as file:
                return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError):
            return 0

    def open_files(self):
        """What is open, how often; empty where it has ended."""
        found = Counter()
        folder = f"/proc/{self.process.pid}/fd"
        try:
            for number in os.listdir(folder):
                try:
                    found[kind(os.readlink(os.path.join(folder, number)))] += 1
                except FileNotFoundError:  # closed meanwhile
                    pass
        except OSError:
            return Counter()
        return found


def kind(target):
    """A file's name without what differs from cell to cell."""
    target = re.sub(r"^.*/out(/|$)", r"out\1", target)
    return re.sub(r"[0-9a-f]{64}|[0-9]+", "*", target)


class Span:
    """What was seen of a job since the last row."""

    def __init__(self):
        self.memory, self.most, self.least = 0, 0, None
        self.always, self.ever = None, Counter()

    def look(self, job):
        files = job.open_files()
        if not files:
            return
        count = sum(files.values())
        self.memory = max(self.memory, job.resident())
        self.most = max(self.most, count)
        self.least = count if self.least is None else min(self.least, count)
        self.always = files if self.always is None else self.always & files
        self.ever |= files


class Table:
    """What the jobs took since the row before, and the folder's state."""

    def __init__(self, workspace, jobs):
        self.workspace, self.jobs, self.rows = workspace, jobs, []
        self.begun = time.monotonic()
        self.spans, self.instants = [Span() for _ in jobs], Counter()
        names = ["cells", "s", "MiB", "MiB", "open", "open", *FOLDERS, "log KiB"]
        print("# " + " ".join(f"{name:>11}" for name in names), flush=True)

    def files(self, folder):
        return len(os.listdir(self.workspace.path("out", folder)))

    def done(self):
        return self.files("runs")

    def look(self):
        if self.done() < STARTED:
            return
        for span, job in zip(self.spans, self.jobs):
            span.look(job)

    def add_row(self):
        row = {
            "cells": self.done(),
            "seconds": round(time.monotonic() - self.begun),
            "jobs": [
                {"bytes": span.memory, "least_open": span.least, "most_open": span.most}
                for span in self.spans
                if span.always is not None
            ],
            "files": {folder: self.files(folder) for folder in FOLDERS},
            "log_bytes": os.path.getsize(self.workspace.path("out", "log.jsonl")),
        }
        for span in self.spans:
            if span.always is not None:
                self.instants |= span.ever - span.always
        self.spans = [Span() for _ in self.jobs]
        self.rows.append(row)
        shown = [row["cells"], row["seconds"]]
        shown += [f"{job['bytes'] / 2**20:.1f}" for job in row["jobs"]]
        shown += [f"{job['least_open']} to {job['most_open']}" for job in row["jobs"]]
        shown += [*row["files"].values(), row["log_bytes"] // 1024]
        print("# " + " ".join(f"{value:>11}" for value in shown), flush=True)
        if RECORD:  # after each row: the next may never come
            day = datetime.date.today().isoformat()
            with open(RECORD, "w", encoding="utf-8") as file:
                json.dump({"date": day, "cells": CELLS, "rows": self.rows}, file, indent=1)
                file.write("\n")


def watch(table):
    row = 1
    while any(job.runs() for job in table.jobs):
        time.sleep(0.1)
        table.look()
        if table.done() >= row * CELLS / ROWS:
            table.add_row()
            row = int(table.done() * ROWS / CELLS) + 1
        if time.monotonic() - table.begun > LONGEST:
            table.add_row()
            for job in table.jobs:
                job.process.send_signal(signal.SIGTERM)
            for job in table.jobs:
                job.process.wait(timeout=60)
            return
    table.add_row()


@case
def thousands_of_cells_leave_nothing_behind_and_nothing_grows_but_the_log(workspace):
    workspace.benchmark("toy", tasks=3, examples=6000)
    labels = -(-CELLS // (2 * MOST_SEEDS))  # of each of the two methods
    methods = [
        'plugin = "%s"\nname = "%s-%d"\ntrain = { lr = 0.0%d }' % (plugin, plugin, number, number)
        for plugin in ("finetune", "er")
        for number in range(1, labels + 1)
    ]
    seeds = CELLS // len(methods)
    suite = workspace.suite(*methods, seeds=str(seeds))
    workspace.mneme("plan", suite, "-o", "out", want=0)
    half = seeds * labels
    jobs = [Job(workspace, 0, half - 1), Job(workspace, half, 2 * half - 1)]
    table = Table(workspace, jobs)
    watch(table)
    whole = table.done() == 2 * half
    codes = {job.process.returncode for job in jobs}
    assert codes == ({0} if whole else {75}) or codes <= {0, 75}, codes
    require_steady(table)
    assert table.files("cells") <= (0 if whole else 2), os.listdir(workspace.path("out/cells"))
    assert table.files("checkpoints") <= (0 if whole else 2)
    assert table.files("logs") == 0, "a worker printed something"
    left = [name for _, _, names in os.walk(workspace.path("out")) for name in names]
    assert not [name for name in left if ".tmp" in name], left
    if whole:
        out = workspace.mneme("collect", "out", want=0)
        assert f"{2 * half} runs on 1 benchmark" in out.stderr, out.stderr


def require_steady(table):
    """From the first quarter to the last."""
    rows = [row for row in table.rows if len(row["jobs"]) == len(table.jobs)]
    quarter = max(1, len(rows) // 4)
    first, last = rows[:quarter], rows[-quarter:]
    cells = last[-1]["cells"] - first[0]["cells"]
    assert cells > 0, "too few cells to compare; give it more time"
    for job in range(len(table.jobs)):
        memory = [max(row["jobs"][job]["bytes"] for row in part) for part in (first, last)]
        grown = memory[1] - memory[0]
        assert grown <= MOST_BYTES_A_CELL * cells, f"{grown} bytes more after {cells} cells"
        files = [min(row["jobs"][job]["least_open"] for row in part) for part in (first, last)]
        assert files[1] <= files[0], f"{files[1]} open files, {files[0]} at first"
    at_times = ", ".join(f"{count} x {name}" for name, count in sorted(table.instants.items()))
    print(f"# open at times: {at_times}")
    print(f"# {cells} cells later: no further open files", flush=True)


if __name__ == "__main__":
    main()
