#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`mneme submit --parallel` over hosts that this test makes and stops: from a suite to a report,
with a host that dies while it trains."""

import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
import forty_cells
import namespaces
from forty_cells import outcomes, starts
from workspace import PLUGINS, ZOO, case, main, same

NAMES = ("first", "second", "third")


def submit(workspace, suite, folder, *options):
    """The script that was written, with a client that knows the hosts."""
    workspace.write("hosts", "".join(f"2/{name}\n" for name in NAMES))
    workspace.mneme(
        *["submit", suite, "-o", folder, "--parallel", "hosts", "--throttle", "2"],
        *["--plugins", PLUGINS, "--plugins", ZOO, *options],
        want=0,
    )
    path = workspace.path(folder, "submit.sh")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    assert text.count(":-ssh -o") == 1, text
    workspace.write(path, text.replace(":-ssh -o", f":-ssh -F {HOSTS.client} -o"))
    return path


def start(workspace, script):
    return subprocess.Popen(
        ["bash", script],
        cwd="/",
        env=workspace.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def end_of(script, want=0):
    out, _ = script.communicate(timeout=900)
    assert script.returncode == want, f"ended with {script.returncode}:\n{out}"
    return out


@case
def forty_cells_on_three_hosts(workspace):
    suite = forty_cells.suite(workspace)
    script = submit(workspace, suite, "many")
    forty_cells.change_data(workspace)
    begun = time.monotonic()
    end_of(start(workspace, script))
    print(f"# 40 cells on three hosts, two at once on each: {time.monotonic() - begun:.0f} s")
    forty_cells.check(workspace, "many")
    with open(workspace.path("many", "parallel.log"), encoding="utf-8") as file:
        used = {line.split("\t")[1] for line in list(file)[1:]}
    assert used == set(NAMES), used


@case
def another_host_goes_on_with_what_a_dead_one_was_at(workspace):
    workspace.benchmark("toy", tasks=4, examples=60000)
    suite = workspace.suite("finetune", "er", seeds="4")
    script = start(workspace, submit(workspace, suite, "lost"))
    first = HOSTS.all[0]
    kept = workspace.path("lost", "checkpoints")

    def is_at_work():
        """It trains, and somebody has a checkpoint."""
        return os.path.isdir(kept) and os.listdir(kept) and trains(first)

    end = time.monotonic() + 120
    while not is_at_work():
        assert time.monotonic() < end and script.poll() is None, "it never trained"
        time.sleep(0.02)
    first.die()
    begun = time.monotonic()
    out = end_of(script)
    seconds = time.monotonic() - begun
    assert set(outcomes(workspace, "lost")) == {
        ("toy", method, "complete") for method in ("finetune", "er")
    }, out
    started = starts(workspace, "lost")
    assert len(started) == 8 and 1 <= sum(started.values()) - 8 <= 2, started
    workspace.mneme("run", suite, "-o", "whole", want=0)
    same(workspace.path("lost/results.h5"), workspace.path("whole/results.h5"))
    print(f"# one of three hosts died at work; the rest took {seconds:.0f} s")


def trains(host):
    for pid in host.processes():
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if file.read().split(b"\0")[0].endswith(b"mneme-worker"):
                    return True
        except OSError:  # it has just ended
            pass
    return False


if why := namespaces.missing():
    print(f"skip hosts of this test's own: {why}")
    sys.exit(0)
VARIABLES = {"OMP_NUM_THREADS": "1", "MNEME_TORCH": os.environ.get("MNEME_TORCH", "")}
HOSTS = namespaces.Hosts(NAMES, {key: value for key, value in VARIABLES.items() if value})
try:
    main()
finally:
    HOSTS.stop()
