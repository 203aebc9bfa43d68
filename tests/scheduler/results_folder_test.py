#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A results folder may hold what others have put there: links, pipes, halves of files."""

import json
import os
import stat
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from workspace import case, contains, equal, main


@case
def links_in_a_folder_are_not_followed(workspace):
    workspace.run()
    workspace.write("precious", "precious")
    for name in (".lock", "log.jsonl"):
        os.replace(workspace.path("out", name), workspace.path("kept"))
        os.symlink(workspace.path("precious"), workspace.path("out", name))
        workspace.run("--force", expect=65)
        os.remove(workspace.path("out", name))
        os.replace(workspace.path("kept"), workspace.path("out", name))
    for name in os.listdir(workspace.path("out", "runs")):
        os.symlink(workspace.path("precious"), workspace.path("out", "logs", name[:-3] + ".log"))
    workspace.run("--force", fake={"er": "huge_log"})
    with open(workspace.path("precious"), encoding="utf-8") as file:
        equal(file.read(), "precious")


@case
def a_linked_folder_inside_is_refused(workspace):
    workspace.run()
    for name in ("runs", "logs", "cells", "checkpoints"):
        os.rename(workspace.path("out", name), workspace.path("elsewhere"))
        os.symlink(workspace.path("elsewhere"), workspace.path("out", name))
        _, err = workspace.run(expect=65)
        contains(err, f"out/{name}: is a symbolic link; ")
        os.remove(workspace.path("out", name))
        os.rename(workspace.path("elsewhere"), workspace.path("out", name))


@case
def pipes_in_a_folder_keep_nobody_waiting(workspace):
    workspace.run()
    run = os.path.join("out", "runs", sorted(os.listdir(workspace.path("out", "runs")))[0])
    os.remove(workspace.path(run))
    os.mkfifo(workspace.path(run))
    out, _ = workspace.mneme("status", "out")
    contains(out, "unreadable")
    contains(workspace.mneme("collect", "out", expect=65)[1], run)
    workspace.run()
    equal({outcome for outcome, _ in workspace.outcomes().values()}, {"complete"})
    for name in (".lock", "log.jsonl"):
        os.remove(workspace.path("out", name))
        os.mkfifo(workspace.path("out", name))
        workspace.run(expect=65)
        os.remove(workspace.path("out", name))


@case
def what_a_killed_run_left_is_removed(workspace):
    workspace.run()
    left = ["plan.json.tmp.999999", "runs/x.h5.tmp.999999", "cells/x.json.tmp.999999"]
    for name in left:
        workspace.write("out/" + name, "half")
    workspace.run()
    equal([name for name in left if os.path.exists(workspace.path("out", name))], [])


@case
def a_line_that_a_full_disk_cut_off_is_not_glued_to_the_next(workspace):
    workspace.run()
    with open(workspace.path("out", "log.jsonl"), "a", encoding="utf-8") as file:
        file.write('{"time": "2026-')
    workspace.run()
    with open(workspace.path("out", "log.jsonl"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    broken = [line for line in lines if not line.endswith("}")]
    equal(broken, ['{"time": "2026-'])
    equal(json.loads(lines[-1])["event"], "finished")


@case
def files_have_the_mode_of_the_umask(workspace):
    before = os.umask(0o002)
    try:
        workspace.run()
    finally:
        os.umask(before)
    for base, _, names in os.walk(workspace.path("out")):
        for path in [base] + [os.path.join(base, name) for name in names]:
            mode = stat.S_IMODE(os.stat(path).st_mode)
            assert mode & 0o060 == 0o060, f"{path}: {mode:o}"


@case
def names_that_cannot_be_files_are_refused_before_anything_trains(workspace):
    for label in ("x" * 300, "../../x", "a/b", "bell\\u0007", "."):
        workspace.suite(
            text=f'benchmarks = ["toy.toml"]\nseeds = 1\n'
            f'[[method]]\nplugin = "er"\nname = "{label}"\n'
        )
        _, err = workspace.run(expect=65)
        contains(err, "suite.toml:")
    equal(workspace.started(), [])


sys.exit(main())
