#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Workers that a server forks are watched and ended as those that are executed are, and a server
that fails costs no run."""

import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from workspace import alive, case, contains, equal, main, wait_for


def noted(workspace, ending):
    if not os.path.exists(workspace.trace + ending):
        return []
    with open(workspace.trace + ending, encoding="utf-8") as file:
        return [int(line) for line in file]


def forked(workspace):
    return noted(workspace, ".forked")


def server(workspace):
    """Its process id; there is one at most."""
    found = noted(workspace, ".server")
    assert len(found) <= 1, found
    return found[0] if found else None


def nothing_lives(workspace):
    wait_for(
        lambda: not workspace.workers() and not alive(server(workspace)),
        what="the end of all that was started",
    )


def completes_with(workspace, how, forks):
    """Four runs, each started once, so many of them by the server."""
    workspace.run(MNEME_FAKE_SERVER=how)
    equal(sorted(workspace.started()), ["er", "er", "finetune", "finetune"])
    equal({outcome for outcome, _ in workspace.outcomes().values()}, {"complete"})
    equal(len(forked(workspace)), forks)
    nothing_lives(workspace)


@case
def every_cell_is_forked(workspace):
    completes_with(workspace, "well", forks=4)


@case
def a_single_cell_needs_no_server(workspace):
    workspace.run("--seeds", "1", "--only", "er", MNEME_FAKE_SERVER="well")
    equal((workspace.started(), forked(workspace), server(workspace)), (["er"], [], None))


@case
def a_worker_that_cannot_serve_is_executed(workspace):
    workspace.run()
    equal({outcome for outcome, _ in workspace.outcomes().values()}, {"complete"})
    equal(server(workspace), None)


@case
def a_server_that_dies_when_it_is_asked_costs_no_run(workspace):
    completes_with(workspace, "dies_asked", forks=1)


@case
def a_server_that_dies_between_two_requests_costs_no_run(workspace):
    completes_with(workspace, "dies_after", forks=2)


@case
def a_server_that_cannot_fork_costs_no_run(workspace):
    completes_with(workspace, "refuses", forks=0)


@case
def a_server_that_is_never_ready_is_not_waited_for(workspace):
    begun = time.monotonic()
    completes_with(workspace, "late", forks=0)
    assert time.monotonic() - begun < 15, "each cell waited for the server"


@case
def a_server_that_does_not_answer_is_given_up(workspace):
    begun = time.monotonic()
    completes_with(workspace, "deaf", forks=0)
    assert time.monotonic() - begun < 20, "each cell waited for the server"


@case
def a_crash_of_a_forked_worker_is_one_run_of_its_own(workspace):
    workspace.run(fake={"er": "segfault"}, expect=1, MNEME_FAKE_SERVER="well")
    found = workspace.outcomes()
    for seed in (1, 2):
        equal(found["finetune", seed][0], "complete")
        equal(found["er", seed][0], "failed")
        contains(found["er", seed][1], "task 3, phase train, step 120: signal 11")
    equal(len(forked(workspace)), 4)
    nothing_lives(workspace)


@case
def what_a_forked_worker_printed_is_in_its_log(workspace):
    _, err = workspace.run(fake={"er": "says_and_dies"}, expect=1, MNEME_FAKE_SERVER="well")
    contains(err, "its log: ")
    texts = []
    for name in os.listdir(workspace.path("out", "logs")):
        with open(workspace.path("out", "logs", name), encoding="utf-8") as file:
            texts.append(file.read())
    equal(texts, ["the last words of a method\n"] * 2)


@case
def each_forked_worker_sees_its_own_gpu(workspace):
    workspace.run(
        *["--device", "cuda", "--replicas", "1", "--seeds", "3"],
        CUDA_VISIBLE_DEVICES="5,GPU-7a",
        MNEME_FAKE_GPU="1",
        MNEME_FAKE_SECONDS="0.2",
        MNEME_FAKE_SERVER="well",
    )
    with open(workspace.trace, encoding="utf-8") as file:
        used = [line.split()[-2] for line in file]
    equal(sorted(used[:2]), ["5", "GPU-7a"])
    equal(set(used), {"5", "GPU-7a"})
    equal(len(forked(workspace)), 6)


def start_escaped(workspace):
    process = workspace.start(
        *["run", "suite.toml", "-o", "out", "--plugins", sys.argv[3], "--jobs", "1"],
        fake={"finetune": "escaped_child", "er": "escaped_child"},
        MNEME_FAKE_SERVER="well",
    )
    wait_for(lambda: len(workspace.workers()) == 2, what="a worker and its child start")
    equal(len(forked(workspace)), 1)
    return process


@case
def what_left_the_group_of_a_forked_worker_dies_when_mneme_is_killed(workspace):
    process = start_escaped(workspace)
    process.kill()
    process.communicate()
    nothing_lives(workspace)


@case
def what_left_the_group_of_a_forked_worker_dies_with_it_and_the_server_goes_on(workspace):
    process = start_escaped(workspace)
    before = workspace.workers()
    os.kill(forked(workspace)[0], signal.SIGKILL)
    wait_for(
        lambda: not any(alive(pid) for pid in before) and len(workspace.workers()) == 2,
        what="the next worker and its child, and the end of the first",
    )
    assert alive(server(workspace)), "the server's mark is not that of its worker"
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    nothing_lives(workspace)


@case
def ctrl_c_ends_forked_workers_and_the_server(workspace):
    process = workspace.start(
        *["run", "suite.toml", "-o", "out", "--plugins", sys.argv[3], "--jobs", "1"],
        fake={"er": "ends_group"},
        MNEME_FAKE_SERVER="well",
    )
    wait_for(lambda: "er" in workspace.started(), what="er starts")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    equal(process.returncode, 130)
    contains(err, "what is done is merged, the same command goes on from there")
    nothing_lives(workspace)


@case
def a_server_that_is_killed_takes_no_running_worker_with_it(workspace):
    process = workspace.start(
        *["run", "suite.toml", "-o", "out", "--plugins", sys.argv[3], "--jobs", "1"],
        MNEME_FAKE_SECONDS="1",
        MNEME_FAKE_SERVER="well",
    )
    wait_for(lambda: len(workspace.workers()) == 1, what="a worker starts")
    os.kill(server(workspace), signal.SIGKILL)
    process.communicate(timeout=60)
    equal(process.returncode, 0)
    equal(len(workspace.started()), 4)
    equal(len(forked(workspace)), 1)
    equal({outcome for outcome, _ in workspace.outcomes().values()}, {"complete"})


sys.exit(main())
