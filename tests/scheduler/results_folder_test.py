#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A results folder may hold what others have put there: links, pipes, halves of files."""

import json
import os
import stat
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from desk import case, contains, equal, main


@case
def links_in_a_folder_are_not_followed(desk):
    desk.run()
    desk.write("precious", "precious")
    for name in (".lock", "log.jsonl"):
        os.replace(desk.path("out", name), desk.path("kept"))
        os.symlink(desk.path("precious"), desk.path("out", name))
        desk.run("--force", expect=65)
        os.remove(desk.path("out", name))
        os.replace(desk.path("kept"), desk.path("out", name))
    for name in os.listdir(desk.path("out", "runs")):
        os.symlink(desk.path("precious"), desk.path("out", "logs", name[:-3] + ".log"))
    desk.run("--force", fake={"er": "huge_log"})
    with open(desk.path("precious"), encoding="utf-8") as file:
        equal(file.read(), "precious")


@case
def a_linked_folder_inside_is_refused(desk):
    desk.run()
    for name in ("runs", "logs", "cells", "checkpoints"):
        os.rename(desk.path("out", name), desk.path("elsewhere"))
        os.symlink(desk.path("elsewhere"), desk.path("out", name))
        _, err = desk.run(expect=65)
        contains(err, f"out/{name}: is a symbolic link; ")
        os.remove(desk.path("out", name))
        os.rename(desk.path("elsewhere"), desk.path("out", name))


@case
def pipes_in_a_folder_keep_nobody_waiting(desk):
    desk.run()
    run = os.path.join("out", "runs", sorted(os.listdir(desk.path("out", "runs")))[0])
    os.remove(desk.path(run))
    os.mkfifo(desk.path(run))
    out, _ = desk.mneme("status", "out")
    contains(out, "unreadable")
    contains(desk.mneme("collect", "out", expect=65)[1], run)
    desk.run()
    equal({outcome for outcome, _ in desk.outcomes().values()}, {"complete"})
    for name in (".lock", "log.jsonl"):
        os.remove(desk.path("out", name))
        os.mkfifo(desk.path("out", name))
        desk.run(expect=65)
        os.remove(desk.path("out", name))


@case
def what_a_killed_run_left_is_removed(desk):
    desk.run()
    left = ["plan.json.tmp.999999", "runs/x.h5.tmp.999999", "cells/x.json.tmp.999999"]
    for name in left:
        desk.write("out/" + name, "half")
    desk.run()
    equal([name for name in left if os.path.exists(desk.path("out", name))], [])


@case
def a_line_that_a_full_disk_cut_off_is_not_glued_to_the_next(desk):
    desk.run()
    with open(desk.path("out", "log.jsonl"), "a", encoding="utf-8") as file:
        file.write('{"time": "2026-')
    desk.run()
    with open(desk.path("out", "log.jsonl"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    broken = [line for line in lines if not line.endswith("}")]
    equal(broken, ['{"time": "2026-'])
    equal(json.loads(lines[-1])["event"], "finished")


@case
def files_have_the_mode_of_the_umask(desk):
    before = os.umask(0o002)
    try:
        desk.run()
    finally:
        os.umask(before)
    for base, _, names in os.walk(desk.path("out")):
        for path in [base] + [os.path.join(base, name) for name in names]:
            mode = stat.S_IMODE(os.stat(path).st_mode)
            assert mode & 0o060 == 0o060, f"{path}: {mode:o}"


@case
def names_that_cannot_be_files_are_refused_before_anything_trains(desk):
    for label in ("x" * 300, "../../x", "a/b", "bell\\u0007", "."):
        desk.suite(
            text=f'benchmarks = ["toy.toml"]\nseeds = 1\n'
            f'[[method]]\nplugin = "er"\nname = "{label}"\n'
        )
        _, err = desk.run(expect=65)
        contains(err, "suite.toml:")
    equal(desk.started(), [])


sys.exit(main())
