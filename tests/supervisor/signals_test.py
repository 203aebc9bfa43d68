#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Closed standard descriptors, readers that go away, signals at any moment."""

import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from workspace import MNEME, case, contains, equal, main, wait_for


def run_closed(workspace, descriptors, *arguments):
    closing = " ".join(f"{number}>&-" if number else "0<&-" for number in descriptors)
    return subprocess.run(
        ["sh", "-c", f'exec "$0" "$@" {closing}', MNEME, *arguments],
        cwd=workspace.folder,
        env=workspace.environment(),
        capture_output=True,
        text=True,
        check=False,
    ).returncode


@case
def text_for_closed_descriptors_ends_in_no_file(workspace):
    workspace.run()
    for descriptors in ([0], [1], [2], [0, 1], [1, 2], [0, 1, 2]):
        with open(workspace.path("out", "results.h5"), "rb") as file:
            before = file.read()
        run = ["run", "suite.toml", "-o", "out", "--plugins", sys.argv[3], "--force"]
        equal(run_closed(workspace, descriptors, *run), 0)
        for name in (".lock", "log.jsonl", "plan.json"):
            with open(workspace.path("out", name), encoding="utf-8") as file:
                text = file.read()
            assert "benchmark toy" not in text and "written:" not in text, (descriptors, name)
        equal(workspace.mneme("validate", "out/results.h5")[0], "out/results.h5: valid\n")
        assert len(before) > 0


@case
def a_reader_that_goes_away_costs_no_run(workspace):
    for closed in ("stdout", "stderr"):
        process = workspace.start(
            *["run", "suite.toml", "-o", closed, "--plugins", sys.argv[3], "--jobs", "1"],
            MNEME_FAKE_SECONDS="0.3",
        )
        getattr(process, closed).close()
        other = process.stderr if closed == "stdout" else process.stdout
        other.read()
        equal(process.wait(timeout=60), 0)
        equal({outcome for outcome, _ in workspace.outcomes(closed).values()}, {"complete"})


@case
def signals_while_planning_end_with_the_code_that_is_promised(workspace):
    for number, code in ((signal.SIGUSR1, 75), (signal.SIGTERM, 130), (signal.SIGINT, 130)):
        process = workspace.start(
            *["run", "suite.toml", "-o", f"out{number}", "--plugins", sys.argv[3]],
            fake={"er": "slow_to_construct"},
        )
        wait_for(lambda: "construct" in workspace.started(), what="the planning worker starts")
        process.send_signal(number)
        process.communicate(timeout=30)
        equal(process.returncode, code)
        os.remove(workspace.trace)


@case
def a_signal_to_the_planning_worker_alone_is_temporary(workspace):
    process = workspace.start(
        *["run", "suite.toml", "-o", "out", "--plugins", sys.argv[3]],
        fake={"er": "slow_to_construct"},
    )
    wait_for(lambda: "construct" in workspace.started(), what="the planning worker starts")
    os.kill(workspace.workers()[0], signal.SIGTERM)
    _, err = process.communicate(timeout=30)
    equal(process.returncode, 75)
    contains(err, "stopped by signal 15")


def catches(pid, number):
    """Before the first line of main there is nobody yet to keep a promise."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        masks = dict(line.split(":", 1) for line in file)
    return bool(int(masks["SigCgt"], 16) & 1 << (number - 1))


@case
def a_cell_ends_with_75_whenever_it_is_stopped(workspace):
    workspace.mneme("plan", "suite.toml", "-o", "out", "--plugins", sys.argv[3])
    for number in (signal.SIGUSR1, signal.SIGTERM):
        for wait in (0.0, 0.002, 0.005, 0.01, 0.02, 0.05):
            process = workspace.start(
                *["cell", "--plan", "out/plan.json", "--index", "0", "--force"],
                MNEME_FAKE_SECONDS="1",
            )
            wait_for(lambda: catches(process.pid, number), what="the first line of main")
            time.sleep(wait)
            process.send_signal(number)
            process.communicate(timeout=30)
            equal(process.returncode, 75)


sys.exit(main())
