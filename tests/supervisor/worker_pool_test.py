#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Workers that die, hang, flood and lie: mneme survives them, says so, leaves nothing behind, and a
second run completes the rest."""

import json
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from workspace import case, contains, equal, main, wait_for

DIED = "task 3, phase train, step 120: "


def er_ends_as(workspace, how, outcome, message, head=""):
    """`er` misbehaves, `finetune` is unaffected; a second run repeats `er` alone."""
    workspace.suite(head)
    workspace.run(fake={"er": how}, expect=1)
    found = workspace.outcomes()
    for seed in (1, 2):
        equal(found["finetune", seed], ("complete", ""))
        equal(found["er", seed], (outcome, message))
    equal(workspace.mneme("validate", "out/results.h5")[0], "out/results.h5: valid\n")
    equal(os.listdir(workspace.path("out", "cells")), [])
    equal(workspace.workers(), [])
    os.remove(workspace.trace)
    workspace.run()
    equal(workspace.started(), ["er", "er"])
    equal({outcome for outcome, _ in workspace.outcomes().values()}, {"complete"})


@case
def a_worker_killed_with_signal_9_is_a_failed_run_and_is_repeated(workspace):
    er_ends_as(
        workspace,
        "sigkill",
        "failed",
        DIED + "signal 9 (killed; by hand, or by the system for want of memory)",
    )


@case
def a_segmentation_fault_is_named(workspace):
    er_ends_as(workspace, "segfault", "failed", DIED + "signal 11 (segmentation fault)")


@case
def what_a_worker_started_dies_with_it(workspace):
    er_ends_as(workspace, "child", "failed", DIED + "signal 11 (segmentation fault)")


@case
def a_worker_that_ends_without_a_result_failed(workspace):
    er_ends_as(workspace, "silent", "failed", DIED + "the worker ended without a result")


@case
def an_exit_code_is_named(workspace):
    er_ends_as(workspace, "exit_3", "failed", DIED + "the worker ended with exit code 3")


@case
def nothing_but_garbage_on_descriptor_3_is_no_result(workspace):
    er_ends_as(workspace, "garbage_only", "failed", DIED + "the worker ended without a result")


@case
def a_hang_ends_at_the_stall_limit(workspace):
    er_ends_as(
        workspace,
        "hang",
        "timeout",
        DIED + "no progress for 1 s; a larger stall_limit_s would let it go on",
        "stall_limit_s = 1.0",
    )


@case
def saying_the_same_again_is_no_progress(workspace):
    er_ends_as(
        workspace,
        "chatter",
        "timeout",
        DIED + "no progress for 1 s; a larger stall_limit_s would let it go on",
        "stall_limit_s = 1.0",
    )


@case
def moving_for_ever_ends_at_the_wall_clock_limit(workspace):
    workspace.suite("wall_limit_s = 1.0")
    workspace.run(fake={"er": "slow"}, expect=1)
    outcome, message = workspace.outcomes()["er", 1]
    equal(outcome, "timeout")
    contains(
        message, "stopped after 1 s, the wall-clock limit; a larger wall_limit_s would let it go on"
    )
    equal(workspace.workers(), [])


@case
def too_much_memory_is_a_failed_run_that_says_so(workspace):
    workspace.suite("memory_limit_mib = 200")
    workspace.run(fake={"er": "memory"}, expect=1)
    outcome, message = workspace.outcomes()["er", 1]
    equal(outcome, "failed")
    contains(
        message,
        "MiB of memory in use, the limit is 200 MiB; a larger memory_limit_mib would let it go on",
    )
    equal(workspace.workers(), [])


@case
def a_hang_that_ignores_sigterm_is_killed_after_the_grace(workspace):
    workspace.suite("stall_limit_s = 1.0")
    workspace.run("--seeds", "1", fake={"er": "hang_stubborn"}, expect=1)
    equal(workspace.outcomes()["er", 1][0], "timeout")
    equal(workspace.workers(), [])


@case
def a_log_cannot_fill_the_disk(workspace):
    workspace.run("--seeds", "1", fake={"er": "huge_log"})
    sizes = [
        os.path.getsize(workspace.path("out", "logs", name))
        for name in os.listdir(workspace.path("out", "logs"))
    ]
    assert 1 << 20 <= max(sizes) < (1 << 20) + 200, sizes
    biggest = max(
        os.listdir(workspace.path("out", "logs")),
        key=lambda name: os.path.getsize(workspace.path("out", "logs", name)),
    )
    with open(workspace.path("out", "logs", biggest), encoding="utf-8") as file:
        contains(file.read()[-200:], "more bytes were dropped]")


@case
def garbage_among_messages_does_no_harm(workspace):
    workspace.run(fake={"er": "garbage"})
    equal({outcome for outcome, _ in workspace.outcomes().values()}, {"complete"})


@case
def something_temporary_leaves_the_run_to_do_and_ends_with_75(workspace):
    _, err = workspace.run(fake={"er": "temporary"}, expect=75)
    contains(err, "run the same command again")
    equal(workspace.outcomes()["er", 1][0], "missing")
    workspace.run()
    equal(workspace.outcomes()["er", 1][0], "complete")


@case
def a_plugin_that_ends_its_process_with_75_is_a_failed_run_not_something_temporary(workspace):
    er_ends_as(workspace, "exit_75", "failed", DIED + "the worker ended with exit code 75")


@case
def a_library_that_is_missing_is_named(workspace):
    workspace.run("--seeds", "1", fake={"er": "cannot_load"}, expect=1)
    equal(
        workspace.outcomes()["er", 1],
        (
            "failed",
            (
                "before the first message: the worker could not be loaded: mneme-worker: error"
                " while loading shared libraries: libx.so: cannot open shared object file"
            ),
        ),
    )


@case
def what_a_worker_refuses_while_running_is_an_outcome(workspace):
    er_ends_as(workspace, "refused_65", "refused", "train-images: altered; get the original file")


@case
def ctrl_c_merges_what_is_done_and_leaves_no_process(workspace):
    for number, name in ((signal.SIGINT, "a"), (signal.SIGTERM, "b")):
        process = workspace.start(
            "run",
            "suite.toml",
            "-o",
            name,
            "--plugins",
            sys.argv[3],
            "--jobs",
            "1",
            fake={"er": "ends_group"},
        )
        wait_for(lambda: "er" in workspace.started(), what="er starts")
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
        equal(process.returncode, 130)
        contains(err, "what is done is merged, the same command goes on from there")
        equal(out, "")
        equal(workspace.workers(), [])
        found = workspace.outcomes(name)
        equal([found["finetune", 1][0], found["er", 1][0]], ["complete", "missing"])
        equal(workspace.mneme("validate", name + "/results.h5")[0], name + "/results.h5: valid\n")
        os.remove(workspace.trace)


@case
def a_killed_parent_leaves_no_worker(workspace):
    process = workspace.start(
        "run",
        "suite.toml",
        "-o",
        "out",
        "--plugins",
        sys.argv[3],
        "--jobs",
        "2",
        fake={"er": "hang_stubborn", "finetune": "hang_stubborn"},
    )
    wait_for(lambda: len(workspace.workers()) == 2, what="two workers start")
    process.kill()
    process.communicate()
    wait_for(lambda: not workspace.workers(), what="the workers' end")
    workspace.run()
    equal({outcome for outcome, _ in workspace.outcomes().values()}, {"complete"})


@case
def jobs_bounds_the_workers_and_each_has_one_thread(workspace):
    workspace.run("--seeds", "3", MNEME_FAKE_SECONDS="0.2")
    with open(workspace.trace, encoding="utf-8") as file:
        equal({line.rsplit(" ", 1)[1].strip() for line in file}, {"1"})
    events = []
    with open(workspace.path("out", "log.jsonl"), encoding="utf-8") as file:
        events = [json.loads(line)["event"] for line in file]
    running = most = 0
    for event in events:
        running += {"cell_started": 1, "run_ended": -1}.get(event, 0)
        most = max(most, running)
    equal(most, 2)
    equal([events[0], events[-1]], ["started", "finished"])


@case
def cells_are_spread_over_the_gpus_that_may_be_used(workspace):
    workspace.run(
        "--device",
        "cuda",
        "--replicas",
        "1",
        "--seeds",
        "3",
        CUDA_VISIBLE_DEVICES="5,GPU-7a",
        MNEME_FAKE_GPU="1",
        MNEME_FAKE_SECONDS="0.2",
    )
    with open(workspace.trace, encoding="utf-8") as file:
        used = [line.split()[-2] for line in file]
    equal(sorted(set(used)), ["5", "GPU-7a"])
    equal(sorted(used[:2]), ["5", "GPU-7a"])  # the first two start together
    equal({outcome for outcome, _ in workspace.outcomes().values()}, {"complete"})


@case
def replicas_share_a_worker_and_a_crash_of_it_is_a_record_for_each(workspace):
    workspace.run("--replicas", "2", fake={"er": "segfault"}, expect=1)
    equal(workspace.started().count("er"), 1)
    equal([workspace.outcomes()["er", seed][0] for seed in (1, 2)], ["failed", "failed"])


sys.exit(main())
