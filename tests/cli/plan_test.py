#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`mneme plan`, `cell`, `collect` and `run --dry-run`: the same runs in pieces."""

import json
import os
import shutil
import sys

from workspace import BENCHMARK, PLUGINS, case, contains, equal, main


@case
def plan_cells_and_collect_give_what_run_gives(workspace):
    out, err = workspace.mneme("plan", "suite.toml", "-o", "cells", "--plugins", PLUGINS)
    equal(out, workspace.path("cells", "plan.json") + ": 4 cells, 4 runs, 4 of them to do\n")
    contains(err, "N from 0 to 3")
    equal(workspace.started(), [])
    equal({outcome for outcome, _ in workspace.outcomes("cells").values()}, {"missing"})
    shutil.move(
        workspace.path("cells"), workspace.path("elsewhere")
    )  # as when it is copied to a cluster
    for index in range(4):
        workspace.mneme("cell", "--plan", "elsewhere/plan.json", "--index", str(index))
    workspace.mneme("cell", "--plan", "elsewhere/plan.json", "--index", "0")
    equal(len(workspace.started()), 4)
    assert not os.path.exists(workspace.path("cells"))
    equal(workspace.mneme("collect", "elsewhere")[0], "elsewhere/results.h5\n")
    workspace.run()
    equal(
        workspace.mneme("leaderboard", "elsewhere", "--json")[0],
        workspace.mneme("leaderboard", "out", "--json")[0],
    )
    _, err = workspace.mneme("cell", "--plan", "elsewhere/plan.json", "--index", "4", expect=64)
    contains(err, "--index 4: the plan has 4 cells; use 0 to 3")


@case
def a_plan_that_was_edited_is_refused(workspace):
    workspace.mneme("plan", "suite.toml", "-o", "cells", "--plugins", PLUGINS)
    with open(workspace.path("cells", "plan.json"), encoding="utf-8") as file:
        plan = json.load(file)
    plan["cells"][0]["runs"][0]["effective_train"]["epochs"] = 7
    workspace.write("cells/plan.json", json.dumps(plan))
    cell = ["cell", "--plan", "cells/plan.json", "--index"]
    settings = "the settings are not those that its digest was made of"
    for command, why in (
        ([*cell, "0"], settings),
        ([*cell, "1"], "its content is not what its content_digest says"),  # another's settings
        (["status", "cells"], settings),
    ):
        _, err = workspace.mneme(*command, expect=65)
        contains(err, why)
        contains(err, "make the plan again")
    equal(workspace.started(), [])


@case
def a_cell_ends_as_its_worker_did(workspace):
    workspace.mneme("plan", "suite.toml", "-o", "out", "--plugins", PLUGINS)
    for how, code in (
        ("segfault", 70),
        ("exit_3", 70),
        ("temporary", 75),
        ("refused_65", 65),
        ("train", 0),
    ):
        workspace.mneme(
            "cell", "--plan", "out/plan.json", "--index", "3", fake={"er": how}, expect=code
        )


@case
def a_dry_run_names_what_would_run_and_starts_nothing(workspace):
    out, err = workspace.run("--dry-run")
    cells = [f"{method}, seed {seed}, toy" for method in ("finetune", "er") for seed in (1, 2)]
    equal(sorted(out.splitlines()), sorted(cells))
    contains(err, "4 of 4 runs to do, 0 done before\n[train] of finetune, er on toy:\n")
    contains(err, "\n0 cells started; without --dry-run: 4\n")
    equal(workspace.started(), [])
    assert not os.path.exists(workspace.path("out", "results.h5"))
    equal(os.listdir(workspace.path("out", "runs")), [])
    workspace.run("--only", "er")
    out, err = workspace.run("--dry-run")
    equal(sorted(out.splitlines()), sorted(cells[:2]))
    contains(err, "2 of 4 runs to do, 2 done before")
    equal(workspace.started(), ["er", "er"])
    workspace.run()
    equal(workspace.run("--dry-run")[0], "")


@case
def a_plan_says_how_methods_train_and_about_how_long(workspace):
    plan = ["plan", "suite.toml", "-o", "out", "--plugins", PLUGINS]
    out, err = workspace.mneme(*plan)
    equal(out, workspace.path("out", "plan.json") + ": 4 cells, 4 runs, 4 of them to do\n")
    contains(err, "[train] of finetune, er on toy:\n    method: lr = ")
    contains(err, "\n    default: ")
    contains(err, "time: unknown until the first run has ended\n")
    answer = json.loads(workspace.mneme(*plan, "--json")[0])
    equal(answer["train"][0]["methods"], ["finetune", "er"])
    equal(answer["train"][0]["values"]["lr"]["source"], "method")
    equal(answer["expected_seconds"], None)
    workspace.run("--only", "er")
    contains(workspace.mneme(*plan)[1], "by the runs that have ended in this folder\n")
    contains(workspace.run("--dry-run")[1], " with 2 workers at once, by the runs")
    assert json.loads(workspace.mneme(*plan, "--json")[0])["expected_seconds"] > 0


@case
def a_grid_is_named_by_its_first_points(workspace):
    grid = '[[method]]\nplugin = "er"\nmemory = { grid = [%s] }\n'
    head = 'benchmarks = ["toy.toml"]\nseeds = 1\n'
    for points, named in (
        (5, "er[memory=5] on toy:\n"),
        (6, "er[memory=4] and 2 more on toy:\n"),
    ):
        values = [str(k + 1) for k in range(points)]
        workspace.suite(text=head + grid % ", ".join(values))
        contains(workspace.run("--dry-run")[1], ", " + named)


@case
def a_learning_rate_over_another_optimizer_is_warned_of(workspace):
    workspace.write("toy.toml", BENCHMARK + '[train]\nlr = 0.001\noptimizer = "adam"\n')
    workspace.suite(
        text='benchmarks = ["toy.toml"]\nseeds = 1\n'
        '[[method]]\nplugin = "er"\ntrain = { lr = 0.1 }\n'
    )
    warning = (
        "toy: the suite's lr = 0.1 meets the benchmark's optimizer = \"adam\" (er); set optimizer"
        " beside it, or leave lr to the benchmark, which has 0.001"
    )
    contains(workspace.run("--dry-run")[1], warning)
    contains(workspace.run()[1], warning)


@case
def a_cell_looks_for_data_where_this_machine_has_them(workspace):
    workspace.mneme("plan", "suite.toml", "-o", "out", "--plugins", PLUGINS)
    workspace.mneme(
        *["cell", "--plan", "out/plan.json", "--index", "0", "--data", "mine"],
        MNEME_DATA=workspace.path("theirs"),
        fake={"finetune": "keep_request", "er": "keep_request"},
    )
    with open(workspace.trace + ".request", encoding="utf-8") as file:
        text = file.read()
    assert text.index(workspace.path("mine")) < text.index(workspace.path("theirs"))


sys.exit(main())
