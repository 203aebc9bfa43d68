#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`mneme submit --slurm` on a real Slurm, which this test sets up and stops: from a suite to a
report."""

import fcntl
import glob
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
import cluster as slurm
import forty_cells
from forty_cells import events, outcomes, starts
from workspace import PLUGINS, ZOO, Workspace, case, main, same

LARGEST_ARRAY = 16


def submit(workspace, suite, folder, *options):
    return workspace.mneme(
        *["submit", suite, "-o", folder, "--slurm", "--plugins", PLUGINS, "--plugins", ZOO],
        *options,
        want=0,
    )


@case
def an_array_of_forty_cells_in_parts_with_a_throttle(workspace):
    suite = forty_cells.suite(workspace)
    submit(workspace, suite, "many", "--throttle", "2")
    forty_cells.change_data(workspace)
    begun = time.monotonic()
    workspace.bash("many/submit.sh")
    CLUSTER.until_empty(900)
    seconds = time.monotonic() - begun
    forty_cells.check(workspace, "many")
    logs = os.listdir(workspace.path("many", "slurm"))
    arrays = {name.split("_")[0] for name in logs if "_" in name}
    assert len(arrays) == 3 and len(logs) == 41, logs
    print(f"# 40 cells in arrays of at most {LARGEST_ARRAY}, two at once: {seconds:.0f} s")


@case
def packed_cells_are_one_task(workspace):
    suite = workspace.suite("finetune", "er", seeds="20")
    submit(workspace, suite, "packed", "--pack", "20", "--jobs", "2")
    begun = time.monotonic()
    workspace.bash("packed/submit.sh")
    CLUSTER.until_empty(600)
    print(f"# 40 cells in two tasks of 20, two workers each: {time.monotonic() - begun:.0f} s")
    assert {key[2] for key in outcomes(workspace, "packed")} == {"complete"}
    assert len(os.listdir(workspace.path("packed", "slurm"))) == 3


def printed(workspace, folder):
    text = ""
    for name in sorted(os.listdir(workspace.path(folder, "slurm"))):
        with open(workspace.path(folder, "slurm", name), encoding="utf-8") as file:
            text += file.read()
    return text


def steps(workspace, folder):
    """That the worker has made since it was started, as `mneme status --watch` would say."""
    for path in glob.glob(workspace.path(folder, "cells", "*.progress")):
        try:
            with open(path, encoding="utf-8") as file:
                return sum(run["step"] for run in json.load(file)["running"])
        except FileNotFoundError:  # it has just ended
            pass
    return 0


def stops(workspace, folder):
    """How often the worker was asked to stop, and did."""
    return sum("stopped by signal" in e.get("message", "") for e in events(workspace, folder))


def until_it_trains(workspace, folder):
    CLUSTER.wait(lambda: steps(workspace, folder) > 0, "a step", 300)


def set_limit(task, minutes):
    done = subprocess.run(["scontrol", "update", f"JobId={task}", f"TimeLimit={minutes}"])
    assert done.returncode == 0


def cut_by_its_limit(workspace, folder, task):
    """The limit is set while it trains, so that it has the same time on any machine: the notice is
    due at Slurm's next look at its clock, and a minute at least is left to heed it."""
    until_it_trains(workspace, folder)
    before = stops(workspace, folder)
    used = sum(
        int(part) * 60**power
        for power, part in enumerate(
            reversed(CLUSTER.ask("squeue", "-h", "-j", task, "-o", "%M").split(":"))
        )
    )
    set_limit(task, used // 60 + 2)
    CLUSTER.wait(lambda: stops(workspace, folder) > before, "the notice before the limit", 300)
    set_limit(task, 60)


def displace(workspace, folder):
    """A job that wants the whole node, while one of lower rank trains."""
    until_it_trains(workspace, folder)
    job = ["sbatch", "--parsable", "-p", "urgent", "-n", str(os.cpu_count()), "-o", "/dev/null"]
    assert CLUSTER.ask(*job, "--wrap", "sleep 3")
    left = ("squeue", "-h", "-o", "%T", "-p", "urgent")
    CLUSTER.wait(lambda: not CLUSTER.ask(*left), "the end of the urgent job", 300)


@case
def a_run_that_its_limit_cuts_and_another_job_displaces_has_the_same_bits(workspace):
    workspace.benchmark("toy", tasks=3, examples=200000)
    suite = workspace.suite(f'plugin = "er"\ntrain = {{ epochs = {LONG_EPOCHS} }}', seeds="1")
    submit(workspace, suite, "cut", "--time", "60")
    workspace.bash("cut/submit.sh")
    listed = CLUSTER.ask("squeue", "-h", "-o", "%i").split()
    (task,) = [job.replace("[", "").replace("]", "") for job in listed if "_" in job]  # 45_[0]: due
    cut_by_its_limit(workspace, "cut", task)
    displace(workspace, "cut")
    CLUSTER.until_empty(3000)
    text = printed(workspace, "cut")
    assert "DUE TO PREEMPTION" in text, text
    assert outcomes(workspace, "cut") == {("toy", "er", "complete"): 1}, text
    (started,) = starts(workspace, "cut").values()
    workspace.mneme("run", suite, "-o", "whole", want=0, seconds=3000)
    same(workspace.path("cut/results.h5"), workspace.path("whole/results.h5"))
    import h5py

    with h5py.File(workspace.path("cut/results.h5"), "r") as file:
        restarts = int(file["toy/run/restart_count"][0, 0])
        job = file["toy/run/job_id"].asstr()[0, 0]
    assert restarts == stops(workspace, "cut") == 2 and started == 3, (restarts, started)
    assert job == task, (job, task)
    print(f"# one run, started {started} times by Slurm: the bits of an unbroken one")


@case
def a_task_that_another_mneme_keeps_out_is_requeued_four_times(workspace):
    suite = workspace.suite("finetune", seeds="1")
    submit(workspace, suite, "held")
    with open(workspace.path("held", ".lock"), "r+", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("process 7 on a-node since 2026-01-31T12:00:00Z\n")
        lock.flush()
        workspace.bash("held/submit.sh")
        CLUSTER.until_empty(600)
    text = printed(workspace, "held")
    assert text.count("another mneme works in this folder (process 7 on a-node") == 5, text
    assert text.count("as it did at 4 starts before; start these cells again") == 1, text
    assert outcomes(workspace, "held") == {("toy", "finetune", "missing"): 1}
    workspace.bash("held/submit.sh")
    CLUSTER.until_empty(600)
    assert outcomes(workspace, "held") == {("toy", "finetune", "complete"): 1}


def bash(workspace, script):
    done = subprocess.run(
        ["bash", workspace.path(script)],
        cwd="/",
        env=workspace.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    print("# " + done.stdout.strip(), flush=True)


Workspace.bash = bash
LONG_EPOCHS = 60  # a minute or more, so that it is still at work when it is displaced

if why := slurm.missing():
    print(f"skip a Slurm of this test's own: {why}")
    sys.exit(0)
CLUSTER = slurm.Cluster(LARGEST_ARRAY)
try:
    main()
finally:
    CLUSTER.stop()
