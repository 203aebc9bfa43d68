#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`mneme leaderboard`, `compare` and `status` on files that were written without training."""

import json
import os
import sys

from workspace import BENCHMARK, PLUGINS, SUITE, case, contains, equal, main


@case
def leaderboards_come_in_five_formats(workspace):
    workspace.run()
    board = json.loads(workspace.mneme("leaderboard", "out", "--format", "json")[0])[
        "leaderboards"
    ][0]
    names = [row["method"] for row in board["ranked"]]
    equal(names, ["finetune", "er"])
    contains(
        workspace.mneme("leaderboard", "out", "--format", "markdown")[0], "| rank | method   |"
    )
    contains(
        workspace.mneme("leaderboard", "out", "--format", "latex")[0], "\\begin{tabular}{rlrrrr}"
    )
    rows = workspace.mneme("leaderboard", "out/results.h5", "--format", "csv")[0].splitlines()
    equal(rows[0].split(",")[:6], ["benchmark", "group", "rank", "method", "metric", "mean"])
    equal(float(rows[1].split(",")[5]), board["ranked"][0]["score"]["mean"])
    contains(workspace.mneme("leaderboard", "out", "--metric", "forgetting")[0], "forgetting")
    wide = workspace.mneme("leaderboard", "out", "--wide")[0]
    contains(wide, "worst task accuracy")
    contains(workspace.mneme("leaderboard", "out", "--metric", "train_seconds")[0], "train seconds")
    for alpha in ("2", "1e-17"):
        _, err = workspace.mneme("leaderboard", "out", "--alpha", alpha, expect=64)
        contains(err, f"--alpha {alpha}: not usable; expected a level between 1e-6 and 0.5")
    _, err = workspace.mneme("leaderboard", "out", "--benchmark", "toys", expect=64)
    contains(err, '--benchmark toys: not in these results; the nearest known one is "toy"')
    _, err = workspace.mneme("leaderboard", "out", "--metric", "forgeting", expect=64)
    contains(err, '--metric forgeting: unknown; the nearest known one is "forgetting"')


@case
def two_methods_and_two_files_are_compared(workspace):
    workspace.run("--seeds", "3")
    found = json.loads(workspace.mneme("compare", "finetune", "er", "out", "--json")[0])[
        "comparisons"
    ]
    equal([(c["a"], c["b"]) for c in found], [("finetune", "er")])
    board = json.loads(workspace.mneme("leaderboard", "out", "--json")[0])["leaderboards"][0]
    equal(
        found[0]["benchmarks"][0]["difference"]["mean"],
        -board["ranked"][1]["difference_to_best"]["mean"],
    )
    workspace.mneme("run", "suite.toml", "-o", "again", "--plugins", PLUGINS, "--seeds", "3")
    found = json.loads(workspace.mneme("compare", "out", "again", "--json")[0])["comparisons"]
    equal([c["a"] for c in found], ["finetune of out", "er of out"])
    equal(found[0]["benchmarks"][0]["difference"]["mean"], 0)
    contains(
        workspace.mneme("compare", "out", "again")[0], "have the same scores under every common"
    )
    _, err = workspace.mneme("compare", "finetune", "er", expect=64)
    contains(err, "mneme compare finetune er RESULTS")
    _, err = workspace.mneme("compare", "finetun", "er", "out", expect=64)
    contains(err, 'no such method in these results; the nearest known one is "finetune"')


@case
def the_board_is_the_mean_of_the_counts_in_the_file(workspace):
    try:
        import h5py  # pylint: disable=import-outside-toplevel
        import numpy  # pylint: disable=import-outside-toplevel
    except ImportError as error:
        print(f"skip the board against numpy: {error}", flush=True)
        return
    workspace.run("--seeds", "4", fake={"er": "train"})
    row = json.loads(workspace.mneme("leaderboard", "out", "--json")[0])["leaderboards"][0][
        "ranked"
    ][1]
    with h5py.File(workspace.path("out", "results.h5")) as file:
        group = file["toy"]
        names = [name.decode() if isinstance(name, bytes) else name for name in group["method"][()]]
        accuracy = group["n_correct"][()].astype(float)[:, :, -1, :] / group["n_evaluated"][()]
    best, other = (accuracy[names.index(name)].mean(axis=1) for name in ("finetune", "er"))
    t = 3.1824463053  # 0.975 quantile, 3 degrees of freedom
    close = lambda a, b: abs(a - b) < 1e-9
    # Two methods make one pair, so the simultaneous interval is the plain one.
    assert close(row["score"]["mean"], other.mean()), row
    assert close(row["score"]["half_width_95"], t * other.std(ddof=1) / 2), row
    assert close(row["difference_to_best"]["mean"], (other - best).mean()), row
    assert close(row["difference_to_best"]["half_width"], t * (other - best).std(ddof=1) / 2), row


@case
def an_oracle_and_an_incomplete_method_stand_apart(workspace):
    workspace.suite(text=SUITE.format(head="") + '[[method]]\nplugin = "joint"\n')
    out, _ = workspace.run(fake={"er": "segfault"}, expect=1)
    contains(out, "bound  joint ")
    contains(out, "er: not ranked, 0 of 2 seeds complete (seed 1 failed, seed 2 failed).")


@case
def test_and_validation_do_not_mix(workspace):
    workspace.run()
    workspace.write("other.toml", BENCHMARK.replace("tasks = 5", "tasks = 5\nvalidation = 0.1"))
    workspace.suite(
        text=SUITE.format(head='evaluate_on = "validation"').replace("toy.toml", "other.toml")
    )
    workspace.mneme("run", "suite.toml", "-o", "validated", "--plugins", PLUGINS)
    _, err = workspace.mneme("leaderboard", "out", "validated", expect=65)
    contains(
        err,
        "leaderboard: other is evaluated on validation, toy on test; choose benchmarks of one split"
        " with --benchmark",
    )


@case
def one_name_with_two_digests_is_refused(workspace):
    workspace.run()
    workspace.write("toy.toml", BENCHMARK.replace("separation = 3.0", "separation = 4.0"))
    workspace.mneme("run", "suite.toml", "-o", "other", "--plugins", PLUGINS)
    for command in ("leaderboard", "out", "other"), ("collect", "out", "other", "-o", "both.h5"):
        _, err = workspace.mneme(*command, expect=65)
        contains(err, "its digest ")
        contains(err, "two benchmarks of one name cannot be merged")
    assert not os.path.exists(workspace.path("both.h5"))


@case
def a_truncated_file_is_65_and_no_crash(workspace):
    workspace.run()
    with open(workspace.path("out", "results.h5"), "r+b") as file:
        file.truncate(os.path.getsize(file.name) // 2)
    for command in ("validate", "leaderboard"):
        out, err = workspace.mneme(command, "out/results.h5", expect=65)
        contains(out + err, "out/results.h5: ")
    _, err = workspace.mneme("leaderboard", "nowhere", expect=65)
    contains(err, "nowhere: does not exist; give a results folder or file")


@case
def status_tells_what_is_done(workspace):
    workspace.run(fake={"er": "segfault"}, expect=1)
    out, err = workspace.mneme("status", "out")
    contains(out, "task 3, phase train, step 120: signal 11 (segmentation fault)")
    equal(err, "4 runs: 2 complete, 2 failed\n")
    _, err = workspace.mneme("status", "nowhere", expect=65)
    contains(err, "nowhere: no such folder")


@case
def all_broken_files_are_named_at_once(workspace):
    workspace.run()
    names = sorted(os.listdir(workspace.path("out", "runs")))
    for name in names[:3]:
        workspace.write(os.path.join("out", "runs", name), "broken")
    _, err = workspace.mneme("collect", "out", expect=65)
    for name in names[:3]:
        contains(err, name)


sys.exit(main())
