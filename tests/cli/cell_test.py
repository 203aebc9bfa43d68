#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Several cells in one process, and an end to restarts that lead nowhere."""

import fcntl
import json
import os
import sys

from workspace import PLUGINS, Skip, case, contains, equal, main, wait_for


def plan(workspace, *options):
    workspace.mneme("plan", "suite.toml", "-o", "out", "--plugins", PLUGINS, *options)
    with open(workspace.path("out", "plan.json"), encoding="utf-8") as file:
        return [cell["runs"][0]["digest"] for cell in json.load(file)["cells"]]


def cell(workspace, index, *options, **more):
    return workspace.mneme("cell", "--plan", "out/plan.json", "--index", index, *options, **more)


@case
def a_range_of_cells_is_trained_and_only_what_is_due(workspace):
    plan(workspace)
    cell(workspace, "1")
    _, err = cell(workspace, "0-2")
    contains(err, "2 of 3 runs to do, 1 done before")
    equal(len(workspace.started()), 3)
    outcomes = [outcome for outcome, _ in workspace.outcomes().values()]
    equal(sorted(outcomes), ["complete"] * 3 + ["missing"])


@case
def jobs_says_how_many_train_at_once(workspace):
    plan(workspace)
    for jobs in (1, 3):
        process = workspace.start(
            *["cell", "--plan", "out/plan.json", "--index", "0-3", "--force"],
            *["--jobs", str(jobs)],
            fake={"finetune": "ends_group", "er": "ends_group"},
        )
        wait_for(lambda: len(workspace.workers()) == jobs, what=f"{jobs} workers")
        process.terminate()
        process.communicate(timeout=60)
        equal(process.returncode, 75)


@case
def a_bad_index_is_64_with_an_example(workspace):
    plan(workspace)
    for index in ("x", "-1", "3-1", "1-", "1-2-3", "0,1", "1 - 2", "99999999999999999999"):
        _, err = workspace.mneme("cell", "--plan", "out/plan.json", f"--index={index}", expect=64)
        contains(
            err,
            f'--index "{index}": is not a cell or a range of cells; write 3, or 0-9 for the first'
            " ten",
        )
    _, err = cell(workspace, "2-4", expect=64)
    contains(err, "--index 4: the plan has 4 cells; use 0 to 3")


@case
def one_that_fails_does_not_keep_the_others(workspace):
    plan(workspace)
    cell(workspace, "0-3", fake={"finetune": "segfault"}, expect=70)
    outcomes = workspace.outcomes()
    equal([outcomes["er", seed][0] for seed in (1, 2)], ["complete", "complete"])
    equal([outcomes["finetune", seed][0] for seed in (1, 2)], ["failed", "failed"])


@case
def three_restarts_without_a_new_checkpoint_are_a_timeout(workspace):
    digest = plan(workspace)[2]
    temporary = {"er": "temporary"}
    for _ in range(4):  # a start and three restarts
        cell(workspace, "2", fake=temporary, expect=75)
    equal(len(workspace.started()), 4)
    _, err = cell(workspace, "0-2", fake=temporary, expect=70)
    contains(err, "er, seed 1, toy: timeout: restarted 3 times without a new checkpoint; ")
    equal(workspace.started().count("er"), 4)
    outcome, message = workspace.outcomes()["er", 1]
    equal(outcome, "timeout")
    contains(message, "restarted 3 times without a new checkpoint")
    equal({workspace.outcomes()["finetune", seed][0] for seed in (1, 2)}, {"complete"})
    assert not os.path.exists(workspace.path("out", "cells", digest + ".starts"))
    cell(workspace, "2")  # who starts it again by hand means it
    equal(workspace.outcomes()["er", 1][0], "complete")


@case
def a_forced_cell_is_started_however_often_it_was_before(workspace):
    plan(workspace)
    for _ in range(6):
        cell(workspace, "2", "--force", fake={"er": "temporary"}, expect=75)
    equal(len(workspace.started()), 6)


@case
def a_new_checkpoint_is_progress(workspace):
    digest = plan(workspace)[2]
    for attempt in range(8):
        workspace.write(os.path.join("out", "checkpoints", digest), f"progress {attempt // 2}")
        os.utime(workspace.path("out", "checkpoints", digest), (1000, 1000 + attempt // 2))
        cell(workspace, "2", fake={"er": "temporary"}, expect=75)
    equal(len(workspace.started()), 8)


def restarts(workspace, digest):
    try:
        import h5py  # pylint: disable=import-outside-toplevel
    except ImportError as missing:
        raise Skip("h5py is not installed") from missing
    with h5py.File(workspace.path("out", "runs", digest + ".h5")) as file:
        return int(file["toy/run/restart_count"][0, 0])


@case
def the_record_of_a_worker_that_died_says_how_often_the_run_went_on(workspace):
    finetune, _, er, _ = plan(workspace)
    cell(workspace, "0", fake={"finetune": "segfault"}, expect=70)
    equal(restarts(workspace, finetune), 0)
    cell(workspace, "0", fake={"finetune": "sigkill"}, expect=70, MNEME_FAKE_RESTARTS="2")
    equal(restarts(workspace, finetune), 2)
    for _ in range(4):
        cell(workspace, "2", fake={"er": "temporary"}, expect=75, MNEME_FAKE_RESTARTS="3")
    cell(workspace, "2", fake={"er": "temporary"}, expect=70)
    equal((workspace.outcomes()["er", 1][0], restarts(workspace, er)), ("timeout", 3))


@case
def cells_that_one_mneme_keeps_out_of_the_folder_come_to_an_end(workspace):
    plan(workspace)
    with open(workspace.path("out", ".lock"), "r+", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("process 7 on node1 since 2026-01-31T12:00:00Z\n")
        lock.flush()
        for _ in range(4):  # a start and three restarts
            _, err = cell(workspace, "2", expect=75)
            contains(err, "another mneme works in this folder (process 7 on node1 since 2026-")
        for _ in range(2):  # and as often as it is tried then
            _, err = cell(workspace, "2", expect=1)
            contains(
                err,
                f"{workspace.path('out')}: another mneme works in this folder (process 7 on node1"
                " since 2026-01-31T12:00:00Z), as it did at 4 starts before; start these cells"
                " again when it has ended",
            )
        cell(workspace, "0", expect=75)  # each task counts for itself
    equal(workspace.started(), [])
    cell(workspace, "2")
    equal(workspace.outcomes()["er", 1][0], "complete")


if __name__ == "__main__":
    sys.exit(main())
