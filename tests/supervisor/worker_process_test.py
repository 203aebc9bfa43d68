#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Limits count the time that a worker could use: a suspended job does not run into them."""

import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from workspace import case, equal, main, wait_for


def start(workspace):
    workspace.suite("stall_limit_s = 5.0\nwall_limit_s = 8.0")
    process = workspace.start(
        *["run", "suite.toml", "-o", "out", "--plugins", sys.argv[3], "--seeds", "1"],
        *["--jobs", "1"],
        MNEME_FAKE_SECONDS="1",
    )
    wait_for(workspace.workers, what="a worker starts")
    return process


def completes(workspace, process):
    out, err = process.communicate(timeout=60)
    equal((process.returncode, out != ""), (0, True))
    equal({outcome for outcome, _ in workspace.outcomes().values()}, {"complete"})
    return err


@case
def a_job_that_was_suspended_whole_is_no_timeout(workspace):
    process = start(workspace)
    worker = workspace.workers()[0]
    for pid in (process.pid, worker):
        os.kill(pid, signal.SIGSTOP)
    time.sleep(10)
    for pid in (worker, process.pid):
        os.kill(pid, signal.SIGCONT)
    completes(workspace, process)


@case
def a_worker_that_was_suspended_is_no_timeout(workspace):
    process = start(workspace)
    worker = workspace.workers()[0]
    os.kill(worker, signal.SIGSTOP)
    time.sleep(10)
    os.kill(worker, signal.SIGCONT)
    completes(workspace, process)


sys.exit(main())
