#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mneme run --until-decided from the outside: when it stops, what it says, that it resumes."""

import json
import os
import signal

from workspace import PLUGINS, case, contains, equal, main, wait_for

# Correct answers of 200, repeated after five seeds. The difference is told apart at p = .037 by
# five seeds, which is not enough for one of three looks, and at p = .001 by ten.
CLOSE = {"er": [150, 162, 149, 160, 151], "finetune": [146]}
EQUAL = {"er": [150, 140], "finetune": [140, 150]}
FAR = {"er": [180, 182], "finetune": [100, 101]}
THREE = """benchmarks = ["toy.toml"]
seeds = 2
[[method]]
plugin = "finetune"
[[method]]
plugin = "er"
[[method]]
plugin = "agem"
"""
PLAN = "looks at 5, 10 and 20 seeds, each tested at level 0.0167"


def until(workspace, *arguments, skill=None, **more):
    return workspace.run(
        "--until-decided", *arguments, MNEME_FAKE_SKILL=json.dumps(skill or CLOSE), **more
    )


def board(workspace, *paths):
    return json.loads(workspace.mneme("leaderboard", *(paths or ["out"]), "--json")[0])[
        "leaderboards"
    ][0]


def clear_trace(workspace):
    if os.path.exists(workspace.trace):
        os.remove(workspace.trace)


@case
def it_stops_at_the_look_that_decides_and_says_which(workspace):
    out, err = until(workspace)
    contains(err, PLAN)
    contains(err, "look 1 of 3: 5 seeds\n10 of 10 runs to do, 0 done before")
    contains(
        err, "Not decided at look 1 of 3 (5 seeds), tested at level 0.0167; 0.0167 of alpha 0.05"
    )
    contains(err, "look 2 of 3: 10 seeds\n10 of 20 runs to do, 10 done before")
    assert "look 3" not in err, err
    contains(
        " ".join(out.split()),
        "er leads and is told apart from every other method. Decided at look 2 of 3 (10 seeds),"
        " tested at level 0.0167; 0.0333 of alpha 0.05 is used.",
    )
    equal(len(workspace.started()), 20)
    found = board(workspace)
    equal(
        {k: v for k, v in found["looks"].items() if k in ("seeds", "taken", "under_way")},
        {"seeds": [5, 10, 20], "taken": 2, "under_way": False},
    )
    equal(round(found["looks"]["level"] * 60, 9), 1)
    equal(round(found["looks"]["alpha_used"] * 30, 9), 1)
    equal(found["seeds"], list(range(1, 11)))
    contains(workspace.mneme("status", "out")[1], "20 runs: 20 complete")
    with open(workspace.path("out", "report.html"), encoding="utf-8") as file:
        contains(file.read(), "Decided at look 2 of 3 (10 seeds)")
    contains(
        " ".join(workspace.mneme("leaderboard", "out", "--format", "latex")[0].split()), "look 2"
    )


@case
def a_second_run_says_so_and_trains_nothing(workspace):
    until(workspace)
    clear_trace(workspace)
    out, err = until(workspace)
    equal(workspace.started(), [])
    contains(err, "Decided at look 2 of 3")
    contains(err, "look 2 of 3: 10 seeds\n0 of 20 runs to do, 20 done before")
    equal(len(board(workspace)["seeds"]), 10)
    out, err = until(workspace, "--dry-run")
    equal(out, "")
    contains(err, "Decided at look 2 of 3")
    equal(workspace.started(), [])


@case
def clear_differences_are_decided_at_the_first_look(workspace):
    _, err = until(workspace, skill=FAR)
    contains(err, "Decided at look 1 of 3 (5 seeds), tested at level 0.0167; 0.0167 of")
    equal(len(workspace.started()), 10)


@case
def the_budget_is_used_where_nothing_decides(workspace):
    out, _ = until(workspace, "--max-seeds", "12", skill=EQUAL)
    contains(" ".join(out.split()), "Not decided at look 3 of 3 (12 seeds)")
    contains(" ".join(out.split()), "0.05 of alpha 0.05 is used.")
    equal(len(workspace.started()), 24)
    equal(board(workspace)["looks"]["seeds"], [5, 10, 12])


@case
def few_seeds_are_one_look_at_the_whole_of_alpha(workspace):
    out, err = until(workspace, "--max-seeds", "3", skill=EQUAL)
    contains(err, "one look at 3 seeds, tested at level 0.05")
    contains(" ".join(out.split()), "Not decided at look 1 of 1 (3 seeds), tested at level 0.05")


@case
def a_dry_run_names_the_runs_of_the_next_look_alone(workspace):
    out, err = until(workspace, "--dry-run")
    contains(err, PLAN)
    equal(len(out.splitlines()), 10)
    equal(workspace.started(), [])
    until(workspace, "--max-seeds", "20")
    equal(len(workspace.started()), 20)


@case
def killed_in_the_middle_the_same_command_goes_on(workspace):
    process = workspace.start(
        *"run suite.toml -o out --jobs 1 --until-decided --plugins".split(),
        PLUGINS,
        MNEME_FAKE_SKILL=json.dumps(CLOSE),
        MNEME_FAKE_SECONDS="0.2",
    )
    wait_for(lambda: len(workspace.started()) >= 13, seconds=60, what="a run of the second look")
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    contains(err, "stopped by signal 15; what is done is merged, the same command goes on")
    found = board(workspace)
    equal(found["looks"]["taken"], 1)
    equal(found["looks"]["under_way"], True)
    contains(found["verdict"]["text"], "This is not final: look 2 of 3 (10 seeds) is under way.")
    done = len([x for x in workspace.outcomes().values() if x[0] == "complete"])
    assert done >= 11, done
    clear_trace(workspace)
    out, _ = until(workspace)
    equal(len(workspace.started()), 20 - done)
    contains(" ".join(out.split()), "Decided at look 2 of 3 (10 seeds)")


@case
def a_method_that_fails_takes_no_part_and_gets_no_more_seeds(workspace):
    workspace.suite(text=THREE)
    _, err = until(workspace, fake={"agem": "exit_3"}, expect=1)
    contains(err, "Decided at look 2 of 3 (10 seeds)")
    equal([workspace.started().count(name) for name in ("er", "finetune", "agem")], [10, 10, 5])
    found = board(workspace)
    equal([row["method"] for row in found["ranked"]], ["er", "finetune"])
    contains(found["incomplete"][0]["not_ranked_because"], "seed 1 failed")
    clear_trace(workspace)
    until(
        workspace, skill={**CLOSE, "agem": [120]}
    )  # it trains now: at every look that the others had
    equal([workspace.started().count(name) for name in ("er", "finetune", "agem")], [0, 0, 10])
    equal(len(board(workspace)["ranked"]), 3)


@case
def each_benchmark_stops_at_a_look_of_its_own(workspace):
    with open(workspace.path("toy.toml"), encoding="utf-8") as file:
        workspace.write("other.toml", file.read().replace("separation = 3.0", "separation = 2.0"))
    workspace.suite(
        text=THREE.replace('["toy.toml"]', '["toy.toml", "other.toml"]').rsplit("[[method]]", 1)[0]
    )
    skill = {**CLOSE, "other/er": FAR["er"], "other/finetune": FAR["finetune"]}
    _, err = until(workspace, skill=skill)
    contains(err, "other: The one pair is told apart. er leads and is told apart from every other")
    boards = json.loads(workspace.mneme("leaderboard", "out", "--json")[0])["leaderboards"]
    equal([(b["benchmark"], len(b["seeds"])) for b in boards], [("toy", 10), ("other", 5)])
    clear_trace(workspace)
    workspace.mneme(
        *"run suite.toml -o alone --until-decided --benchmark other --plugins".split(),
        PLUGINS,
        MNEME_FAKE_SKILL=json.dumps(skill),
    )
    equal(len(workspace.started()), 10)


@case
def the_looks_of_a_folder_stay_what_they_were(workspace):
    until(workspace, "--max-seeds", "10", skill=EQUAL)
    _, err = until(workspace, skill=EQUAL, expect=65)
    contains(err, "out: its runs were planned with 10 seeds at most, and planning the looks anew")
    contains(err, "use --max-seeds 10, or another folder (-o DIR)")
    contains(
        board(workspace)["verdict"]["text"],
        "Not decided at look 2 of 2 (10 seeds), tested at level",
    )
    workspace.mneme("collect", "out")  # the runs themselves know their looks
    equal(board(workspace)["looks"]["seeds"], [5, 10])


@case
def what_does_not_fit_is_refused_with_a_sentence(workspace):
    for arguments, sentence in (
        (["--until-decided", "--seeds", "5"], "--until-decided with --seeds 5: the looks decide"),
        (["--max-seeds", "5"], "--max-seeds 5: it is the most that --until-decided may use"),
        (["--until-decided", "--only", "er"], "--until-decided with --only: all methods of the"),
        (["--until-decided", "--max-seeds", "1"], '"1" is not an integer from 2 on'),
    ):
        contains(workspace.run(*arguments, expect=64)[1], sentence)
    contains(
        workspace.run("--until-decided", "--set", "seeds=3", expect=65)[1],
        "--until-decided with --set seeds=3: the comparisons decide",
    )
    contains(
        workspace.run("--until-decided", "--max-seeds", "5000", expect=65)[1],
        "--max-seeds 5000: seeds",
    )
    workspace.suite(text=THREE.replace("seeds = 2", "seeds = [3, 7]"))
    contains(
        workspace.run("--until-decided", expect=65)[1],
        "suite.toml:2:9: seeds is a list, and --until-decided takes the seeds 1, 2, 3, ...",
    )
    workspace.suite(text=THREE.split("[[method]]")[0] + '[[method]]\nplugin = "er"\n')
    contains(
        workspace.run("--until-decided", expect=65)[1],
        "--until-decided compares methods, and the suite has one (er) that can be ranked",
    )
    workspace.suite(
        text=THREE.split("[[method]]")[0]
        + '[[method]]\nplugin = "er"\n[[method]]\nplugin = "joint"\n'
    )
    contains(
        workspace.run("--until-decided", expect=65)[1], "the suite has one (er) that can be ranked"
    )
    equal(workspace.started(), [])


if __name__ == "__main__":
    raise SystemExit(main())
