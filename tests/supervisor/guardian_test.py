#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nothing that a plugin has started outlives mneme, not even when mneme is killed."""

import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from workspace import case, equal, main, wait_for


def start(workspace, how):
    process = workspace.start(
        *["run", "suite.toml", "-o", "out", "--plugins", sys.argv[3], "--jobs", "1"],
        fake={"finetune": how, "er": how},
    )
    wait_for(lambda: len(workspace.workers()) == 2, what="a worker and its child start")
    return process


@case
def a_child_that_left_the_group_dies_when_mneme_is_killed(workspace):
    process = start(workspace, "escaped_child")
    process.kill()
    process.communicate()
    wait_for(lambda: not workspace.workers(), what="the end of all that was started")


@case
def a_child_that_left_the_group_dies_when_its_worker_is_ended(workspace):
    process = start(workspace, "escaped_child")
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    wait_for(lambda: not workspace.workers(), what="the end of all that was started")


@case
def a_killed_mneme_leaves_no_lock(workspace):
    process = start(workspace, "escaped_child")
    process.kill()
    process.communicate()
    wait_for(lambda: not workspace.workers(), what="the end of all that was started")
    workspace.run()
    equal({outcome for outcome, _ in workspace.outcomes().values()}, {"complete"})
    assert os.path.exists(workspace.path("out", "results.h5"))


sys.exit(main())
