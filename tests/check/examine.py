# SPDX-License-Identifier: Apache-2.0
"""What the scripts of this folder share: `mneme check` of a file, as verdicts and notes by the name
of the check."""

import concurrent.futures
import json
import os
import subprocess
import sys

MNEME, PLUGINS, TEMPLATE, ZOO = (os.path.abspath(p) for p in sys.argv[1:5])
FILE = ["note", "symbol", "libraries"]
METHOD = [
    "construct",
    "options",
    "same bits",
    "replicas",
    "resume",
    "state",
    "kept",
    "predict",
    "conduct",
    "process",
    "handles",
    "learns",
    "steps",
    "replay",
    "extremes",
]


def examine(path, *arguments, want=None):
    """(exit code, {check: (verdict, note)}, stderr)"""
    done = subprocess.run(
        [MNEME, "check", path, "--json", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "NO_COLOR": "1"},
        text=True,
        timeout=1200,
    )
    if want is not None and done.returncode != want:
        raise AssertionError(
            f"mneme check {path} ended with {done.returncode} and not {want}: {done.stdout}"
            f" {done.stderr}"
        )
    seen = (
        {one["check"]: (one["verdict"], one["note"]) for one in json.loads(done.stdout)["checks"]}
        if done.stdout
        else {}
    )
    return done.returncode, seen, done.stderr


def line(name, function):
    try:
        function()
        return f"ok {name}"
    except Exception as error:  # noqa: BLE001 - every failure is a line
        return f"not ok {name}: {str(error)[:2000]}".replace("\n", " | ")


def report(cases):
    """cases: (name, function), two at a time. A line for each; the exit code."""
    failed = False
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for said in pool.map(lambda case: line(*case), cases):
            failed = failed or said.startswith("not ok")
            print(said, flush=True)
    return 1 if failed else 0
