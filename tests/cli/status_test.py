#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mneme status --watch beside a suite that runs: on a terminal and through a pipe."""

import os
import pty
import signal
import subprocess
import sys
import time

from workspace import MNEME, PLUGINS, case, contains, equal, main, read_terminal, wait_for

SLOW = {"MNEME_FAKE_SECONDS": "1.5"}


def start_suite(workspace, **environment):
    suite = workspace.start(
        *["run", "suite.toml", "-o", "out", "--plugins", PLUGINS, "--jobs", "1"], **environment
    )
    wait_for(lambda: os.path.exists(workspace.path("out", "plan.json")), what="the suite runs")
    return suite


@case
def a_folder_in_which_nothing_runs_is_said(workspace):
    workspace.run()
    out, err = workspace.mneme("status", "out", "--watch")
    equal(out, "")
    equal(err, "out: nothing runs here; 4 runs: 4 complete\n")
    _, err = workspace.mneme("status", "out", "--watch", "--json", expect=64)
    contains(err, "--watch --json: one of the two")


@case
def a_pipe_gets_a_line_for_each_change_until_the_suite_ends(workspace):
    suite = start_suite(workspace, fake={"er": "says_and_dies"}, **SLOW)
    out, err = workspace.mneme("status", "out", "--watch")
    suite.communicate(timeout=60)
    lines = out.splitlines()
    for seed in (1, 2):
        started = lines.index(f"finetune, seed {seed}, toy: started")
        ended = [
            k
            for k, line in enumerate(lines)
            if line.startswith(f"finetune, seed {seed}, toy: complete, ")
        ]
        equal(len(ended), 1)
        assert started < ended[0], out
        failed = [line for line in lines if f"er, seed {seed}, toy: failed: " in line]
        equal(len(failed), 1)
        contains(failed[0], "signal 11 (segmentation fault) (its log: ")
        contains(failed[0], "out/logs/")
    assert "\033" not in out, out
    contains(err, "nothing runs here any more; 4 runs: 2 complete, 2 failed\n")
    contains(workspace.mneme("status", "out")[1], "4 runs: 2 complete, 2 failed\n")


@case
def cells_may_pause_between_them_while_runs_are_missing(workspace):
    """A scheduler takes its time to start the next cell of an array."""
    workspace.mneme("plan", "suite.toml", "-o", "out", "--plugins", PLUGINS)
    cell = ["cell", "--plan", "out/plan.json", "--index"]
    training = workspace.start(*cell, "0", **SLOW)
    wait_for(workspace.started, what="the first cell trains")
    watch = workspace.start("status", "out", "--watch")
    training.communicate(timeout=60)
    time.sleep(2)  # four looks at a folder in which nobody works
    assert watch.poll() is None, watch.communicate()
    workspace.mneme(*cell, "1-3")
    out, err = watch.communicate(timeout=20)  # and no minute more: nothing is missing any longer
    equal(watch.returncode, 0)
    equal(len([line for line in out.splitlines() if ": complete, " in line]), 4)
    contains(err, "nothing runs here any more; 4 runs: 4 complete\n")


@case
def status_says_that_a_suite_runs(workspace):
    suite = start_suite(workspace, **SLOW)
    _, err = workspace.mneme("status", "out")
    contains(err, f"a suite runs here (process {suite.pid} on ")
    suite.communicate(timeout=60)
    equal([name for name in os.listdir(workspace.path("out", "cells"))], [])


def on_a_terminal(workspace, *arguments, interrupt_after=None):
    leader, follower = pty.openpty()
    watch = subprocess.Popen(
        [MNEME, *arguments],
        cwd=workspace.folder,
        env=workspace.environment(TERM="xterm"),
        stdin=follower,
        stdout=follower,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(follower)
    if interrupt_after is not None:
        time.sleep(interrupt_after)
        watch.send_signal(signal.SIGINT)
    text = read_terminal(leader)
    _, err = watch.communicate(timeout=60)
    return watch.returncode, text, err


@case
def a_terminal_sees_one_screen_that_is_drawn_again(workspace):
    suite = start_suite(workspace, **SLOW)
    code, text, err = on_a_terminal(workspace, "status", "out", "--watch")
    suite.communicate(timeout=60)
    equal(code, 0)
    contains(text, "runs now")
    contains(text, "task 3/5, step 120/200")
    contains(text, "accuracy so far")
    contains(text, "\033[J")
    last = text[text.rindex("\033[J", 0, -3) :]
    contains(last, "nothing runs here any more; 4 of 4 runs complete")
    contains(err, "nothing runs here any more; 4 runs: 4 complete\n")


@case
def control_c_ends_the_watch_and_not_the_suite(workspace):
    suite = start_suite(workspace, **SLOW)
    code, text, err = on_a_terminal(workspace, "status", "out", "--watch", interrupt_after=1)
    equal(code, 130)
    equal(err, "")
    assert text.endswith("\033[J"), text
    assert suite.poll() is None
    suite.communicate(timeout=60)
    equal(suite.returncode, 0)


@case
def what_a_killed_suite_left_is_not_taken_for_one_that_runs(workspace):
    suite = start_suite(workspace, fake={"finetune": "slow"})
    states = lambda: [
        n for n in os.listdir(workspace.path("out", "cells")) if n.endswith(".progress")
    ]
    wait_for(states, what="a state is written")
    suite.kill()
    suite.communicate(timeout=60)
    equal(len(states()), 1)
    contains(workspace.mneme("status", "out", "--watch")[1], "nothing runs here; ")
    workspace.run()
    equal(states(), [])


if __name__ == "__main__":
    sys.exit(main())
