#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`mneme submit --slurm` on a real Slurm, which this test sets up and stops: from a suite to a
report."""

import fcntl
import json
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
import cluster as slurm
import forty_cells
from forty_cells import outcomes, starts
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


def displace():
    """A job that wants the whole node, when one of lower rank is running."""
    states = ("squeue", "-h", "-o", "%T", "-p")
    CLUSTER.wait(lambda: "RUNNING" in CLUSTER.ask(*states, "test"), "a running task", 300)
    job = ["sbatch", "--parsable", "-p", "urgent", "-n", str(os.cpu_count()), "-o", "/dev/null"]
    assert CLUSTER.ask(*job, "--wrap", "sleep 3")
    CLUSTER.wait(lambda: not CLUSTER.ask(*states, "urgent"), "the end of the urgent job", 300)


@case
def a_run_that_its_limit_cuts_and_another_job_displaces_has_the_same_bits(workspace):
    workspace.benchmark("toy", tasks=3, examples=200000)
    suite = workspace.suite(f'plugin = "er"\ntrain = {{ epochs = {LONG_EPOCHS} }}', seeds="1")
    submit(workspace, suite, "cut", "--time", "5")
    with open(workspace.path("cut", "submit.sh"), encoding="utf-8") as file:
        script = file.read()
    script = script.replace("--time=5", "--time=1").replace("notice=120 ", "notice=25 ")
    workspace.write("cut/submit.sh", script)  # as a user may
    workspace.bash("cut/submit.sh")
    digest = json.load(open(workspace.path("cut/plan.json")))["cells"][0]["runs"][0]["digest"]
    kept = workspace.path("cut/checkpoints", digest)
    CLUSTER.wait(lambda: os.path.exists(kept), "a checkpoint", 300)
    for _ in range(5):  # on a slow machine the task may have been between two starts
        displace()
        if "DUE TO PREEMPTION" in printed(workspace, "cut"):
            break
    CLUSTER.until_empty(1500)
    text = printed(workspace, "cut")
    assert "DUE TO PREEMPTION" in text, text
    assert outcomes(workspace, "cut") == {("toy", "er", "complete"): 1}, text
    (started,) = starts(workspace, "cut").values()
    workspace.mneme("run", suite, "-o", "whole", want=0)
    same(workspace.path("cut/results.h5"), workspace.path("whole/results.h5"))
    import h5py

    with h5py.File(workspace.path("cut/results.h5"), "r") as file:
        restarts = int(file["toy/run/restart_count"][0, 0])
        job = file["toy/run/job_id"].asstr()[0, 0]
    assert restarts >= 2 and restarts == started - 1, (restarts, started)
    assert re.fullmatch("[0-9]+_0", job), job
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
LONG_EPOCHS = 90  # minutes, as are limits of Slurm

if why := slurm.missing():
    print(f"skip a Slurm of this test's own: {why}")
    sys.exit(0)
CLUSTER = slurm.Cluster(LARGEST_ARRAY)
try:
    main()
finally:
    CLUSTER.stop()
