#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Usage: soak.py BIN PLUGINS ZOO SOURCE [CELLS] [SECONDS]

Thousands of short cells (default: 4000, of about a second each) in one folder by two jobs: what
grows while they train. Prints a table: memory and open files of both jobs, files in each folder,
and the length of the event log. Stops after SECONDS, where they are given, and judges what there
is."""

import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from workspace import MNEME, case, main

CELLS = int(sys.argv[5]) if len(sys.argv) > 5 else 4000
LONGEST = float(sys.argv[6]) if len(sys.argv) > 6 else float("inf")
ROWS = 20
FOLDERS = ("runs", "logs", "cells", "checkpoints")
AT_ONCE = 4  # files that are open for an instant, which a look may meet or miss
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

    def descriptors(self):
        try:
            return len(os.listdir(f"/proc/{self.process.pid}/fd"))
        except OSError:
            return 0


class Table:
    """The largest memory and number of open files since the row before, and the folder's state."""

    def __init__(self, workspace, jobs):
        self.workspace, self.jobs, self.rows = workspace, jobs, []
        self.begun = time.monotonic()
        self.most = [[0, 0] for _ in jobs]
        names = ["cells", "s", "MiB", "MiB", "open", "open", *FOLDERS, "log KiB"]
        print("# " + " ".join(f"{name:>11}" for name in names), flush=True)

    def files(self, folder):
        return len(os.listdir(self.workspace.path("out", folder)))

    def done(self):
        return self.files("runs")

    def look(self):
        for most, job in zip(self.most, self.jobs):
            most[0] = max(most[0], job.resident())
            most[1] = max(most[1], job.descriptors())

    def add_row(self):
        done = self.done()
        self.rows.append((done, [tuple(most) for most in self.most]))
        log = os.path.getsize(self.workspace.path("out", "log.jsonl"))
        shown = [done, f"{time.monotonic() - self.begun:.0f}"]
        shown += [f"{memory / 2**20:.1f}" for memory, _ in self.most]
        shown += [count for _, count in self.most]
        shown += [self.files(folder) for folder in FOLDERS] + [log // 1024]
        print("# " + " ".join(f"{value:>11}" for value in shown), flush=True)
        self.most = [[0, 0] for _ in self.jobs]


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
    suite = workspace.suite("finetune", "er", seeds=str(CELLS // 2))
    workspace.mneme("plan", suite, "-o", "out", want=0)
    half = CELLS // 2
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
    rows = [row for row in table.rows if all(memory > 0 for memory, _ in row[1])]
    quarter = max(1, len(rows) // 4)
    first, last = rows[:quarter], rows[-quarter:]
    cells = last[-1][0] - first[0][0]
    assert cells > 0, "too few cells to compare; give it more time"
    for job in range(len(table.jobs)):
        most = lambda part, of: max(row[1][job][of] for row in part)
        grown = most(last, 0) - most(first, 0)
        assert grown <= MOST_BYTES_A_CELL * cells, f"{grown} bytes more after {cells} cells"
        assert most(last, 1) <= most(first, 1) + AT_ONCE, "more open files than at first"
    print(f"# {cells} cells later: no further open files", flush=True)


if __name__ == "__main__":
    main()
