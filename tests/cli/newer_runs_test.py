#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A folder whose newer runs are not in results.h5 says so before it shows the old table."""

import os
import sys

from workspace import PLUGINS, case, contains, equal, main


def noted(workspace):
    return [
        line
        for command in ("status", "leaderboard")
        for line in workspace.mneme(command, "out")[1].splitlines()
        if "not in results.h5 yet" in line
    ]


def cell(workspace, index):
    workspace.mneme("cell", "--plan", "out/plan.json", "--index", str(index), "--force")


@case
def runs_that_came_later_are_named(workspace):
    workspace.run()
    equal(noted(workspace), [])
    cell(workspace, 0)
    line = "out: 1 run is not in results.h5 yet; merge with `mneme collect out`"
    for found in noted(workspace):
        contains(found, line)
    equal(len(noted(workspace)), 2)
    cell(workspace, 1)
    contains(noted(workspace)[0], "2 runs are not in results.h5 yet")
    workspace.mneme("collect", "out")
    equal(noted(workspace), [])


@case
def a_run_that_the_file_does_not_hold_counts_whatever_its_time(workspace):
    workspace.run()
    run = ["run", "suite.toml", "-o", "more", "--plugins", PLUGINS, "--seeds", "3,4"]
    workspace.mneme(*run)
    name = sorted(os.listdir(workspace.path("more", "runs")))[0]
    old = workspace.path("out", "runs", name)
    os.rename(workspace.path("more", "runs", name), old)
    os.utime(old, (1000, 1000))
    contains(noted(workspace)[0], "1 run is not in results.h5 yet")


sys.exit(main())
