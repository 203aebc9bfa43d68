#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`mneme run` into a folder that has runs: what is done again, and what is not."""

import json
import os
import shutil
import sys

from workspace import PLUGINS, case, contains, equal, main, wait_for


@case
def a_second_run_does_nothing_and_says_the_same(workspace):
    first, _ = workspace.run()
    os.remove(workspace.trace)
    second, err = workspace.run()
    equal(second, first)
    equal(workspace.started(), [])
    contains(err, "0 of 4 runs to do, 4 done before")


@case
def force_repeats_everything(workspace):
    workspace.run()
    os.remove(workspace.trace)
    _, err = workspace.run("--force")
    equal(sorted(workspace.started()), ["er", "er", "finetune", "finetune"])
    contains(err, "--force, run again: ")


@case
def a_changed_plugin_makes_its_runs_stale(workspace):
    own = workspace.path("own")
    shutil.copytree(PLUGINS, own)
    arguments = ["run", "suite.toml", "-o", "out", "--plugins", own, "--jobs", "2"]
    workspace.mneme(*arguments)
    with open(os.path.join(own, "er.so"), "ab") as file:
        file.write(b"\0")
    os.remove(workspace.trace)
    _, err = workspace.mneme(*arguments, "--stale", "error", expect=65)
    contains(
        err,
        "stale: er, seed 1, toy: its plugin file has changed (and 1 more); use --stale rerun or"
        " --stale keep",
    )
    _, err = workspace.mneme(*arguments, "--stale", "keep")
    contains(err, "stale, kept: er, seed 1, toy: its plugin file has changed (and 1 more)")
    equal(workspace.started(), [])
    _, err = workspace.mneme(*arguments)
    contains(err, "stale, run again: er, seed 1, toy: its plugin file has changed (and 1 more)")
    equal(workspace.started(), ["er", "er"])


@case
def a_damaged_run_file_is_repeated_and_the_others_are_not(workspace):
    workspace.run()
    name = sorted(os.listdir(workspace.path("out", "runs")))[0]
    with open(workspace.path("out", "runs", name), "r+b") as file:
        file.truncate(1000)
    os.remove(workspace.trace)
    _, err = workspace.run()
    equal(len(workspace.started()), 1)
    contains(err, "cannot be read, run again: ")
    contains(err, name)


@case
def seeds_in_separate_runs_give_the_numbers_of_one_run(workspace):
    workspace.run("--seeds", "1,2,3")
    whole = json.loads(workspace.mneme("leaderboard", "out", "--json")[0])
    for seed in "3", "1", "2":
        workspace.mneme(
            "run", "suite.toml", "-o", "parts", "--plugins", PLUGINS, "--set", f"seeds=[{seed}]"
        )
        equal(
            json.loads(workspace.mneme("leaderboard", "parts", "--json")[0])["leaderboards"][0][
                "seeds"
            ],
            [int(seed)],
        )
    workspace.mneme("collect", "parts")
    equal(json.loads(workspace.mneme("leaderboard", "parts", "--json")[0]), whole)


@case
def a_file_that_answers_another_request_is_run_again(workspace):
    workspace.run()
    whole = workspace.mneme("leaderboard", "out", "--json")[0]
    with open(workspace.path("out", "plan.json"), encoding="utf-8") as file:
        runs = [cell["runs"][0] for cell in json.load(file)["cells"]]
    files = [workspace.path("out", "runs", run["digest"] + ".h5") for run in runs]
    started = len(workspace.started())
    shutil.copy(files[0], files[1])  # of the same method, another seed
    shutil.copy(files[0], files[2])  # of another method
    outcomes = workspace.outcomes("out").values()
    equal(
        sorted(outcome for outcome, _ in outcomes),
        ["complete", "complete", "misplaced", "misplaced"],
    )
    _, err = workspace.run()
    contains(
        err, "another run's file, run again: finetune, seed 2, toy: it holds seed 1, not seed 2"
    )
    contains(err, "(and 1 more)")
    equal(len(workspace.started()), started + 2)
    equal(workspace.mneme("leaderboard", "out", "--json")[0], whole)


@case
def two_runs_in_one_folder_do_not_meet(workspace):
    first = workspace.start(
        "run", "suite.toml", "-o", "out", "--plugins", PLUGINS, fake={"er": "ends_group"}
    )
    wait_for(lambda: "er" in workspace.started(), what="er starts")
    _, err = workspace.run(expect=75)
    contains(err, f"another mneme works in this folder (process {first.pid} on ")
    first.terminate()
    first.communicate(timeout=30)
    workspace.run()


@case
def where_two_run_at_once_the_longest_start_first_once_their_time_is_known(workspace):
    workspace.run()
    equal(sorted(workspace.started()[:2]), ["er", "finetune"])  # one of each method
    log = workspace.path("out", "log.jsonl")
    with open(log, encoding="utf-8") as file:
        events = [json.loads(line) for line in file]
    for event in events:
        if event["event"] == "run_ended":
            event["seconds"] = {"er": 100, "finetune": 1}[event["method"]]
    with open(log, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(event) + "\n" for event in events)
    os.remove(workspace.trace)
    workspace.run("--force")
    equal(workspace.started()[:2], ["er", "er"])
    equal(sorted(workspace.started()[2:]), ["finetune", "finetune"])
    os.remove(workspace.trace)
    one = ["run", "suite.toml", "-o", "out", "--plugins", PLUGINS, "--jobs", "1", "--force"]
    workspace.mneme(*one)
    equal(workspace.started(), ["finetune", "finetune", "er", "er"])  # as planned


sys.exit(main())
