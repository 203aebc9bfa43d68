# SPDX-License-Identifier: Apache-2.0
"""A data set of the user's own, from a folder outside of everything: described, listed, checked,
trained on, and refused with a sentence."""

import json
import os

from bars import BENCHMARK, DESCRIPTION, fill, part
from workspace import case, main


def run(workspace, *arguments, want=0):
    workspace.write(
        "suite.toml",
        'benchmarks = ["bars-2"]\nseeds = 2\n[[method]]\nplugin = "finetune"\n[[method]]\nplugin ='
        ' "joint"\n',
    )
    return workspace.mneme("run", "suite.toml", "-o", "r", *arguments, want=want)


@case
def beside_the_benchmarks(workspace):
    fill(workspace, "mine")
    workspace.write("mine/bars-2.toml", BENCHMARK)
    run(workspace, "--benchmarks", "mine")
    board = workspace.board("r")["leaderboards"][0]
    joint, finetune = (board[group][0]["score"]["mean"] for group in ("oracles", "ranked"))
    assert board["benchmark"] == "bars-2" and board["chance_accuracy"] == 0.25, board
    assert joint > 0.9 > finetune, (joint, finetune)


@case
def in_a_data_folder(workspace):
    fill(workspace, "data/bars")
    os.makedirs(workspace.path("marks"))
    workspace.write("marks/bars-2.toml", BENCHMARK)
    run(workspace, "--benchmarks", "marks", "--data", "data")
    sets = {
        s["name"]: s
        for s in json.loads(
            workspace.mneme("data", "list", "--data", "data", "--json", want=0).stdout
        )["datasets"]
    }
    assert sets["bars"]["state"] == "have" and sets["bars"]["licence"] == "CC0", sets["bars"]
    described = json.loads(
        workspace.mneme(
            "describe", "bars-2", "--benchmarks", "marks", "--data", "data", "--json", want=0
        ).stdout
    )
    assert [task["classes"] for task in described["tasks"]] == [[0, 1], [2, 3]], described
    assert sum(task["train"] for task in described["tasks"]) == 200, described


@case
def checksums_are_checked_where_they_are_given(workspace):
    sums = fill(workspace, "mine")
    workspace.write("mine/bars.dataset.toml", DESCRIPTION + f"sha256 = {json.dumps(sums)}\n")
    said = workspace.mneme("data", "check", "bars", "--data", "mine", want=0).stdout
    assert "200 training and 80 test examples" in said, said
    workspace.write(
        "mine/bars.dataset.toml", DESCRIPTION + f"sha256 = {json.dumps(sums[:3] + ['0' * 64])}\n"
    )
    said = workspace.mneme("data", "check", "bars", "--data", "mine", want=65).stdout
    assert "test-labels.gz: is not the published file" in said, said


@case
def a_description_that_does_not_fit(workspace):
    workspace.write("bars-2.toml", BENCHMARK)
    os.makedirs(workspace.path("mine"))
    workspace.write("mine/bars-2.toml", BENCHMARK)
    for old, new, word in (
        (
            "classes = 4",
            "classes = 6",
            "has labels up to 3; expected 5, or classes = 4 in the description",
        ),
        ("classes = 4", "classes = 2", "; expected 0 to 1"),
        ("shape = [4, 4]", "shape = [2, 8]", "has images of 4 x 4; expected 2 x 8"),
        ("shape = [4, 4]", "shape = [16]", "bars.dataset.toml:5:9: shape is not a size of images"),
        ("title", "titel", 'bars.dataset.toml:1:1: unknown key "titel"'),
        ('"train-images"', '"../train-images"', "the name of a file in"),
        ('train_labels = "train-labels"\n', "", "the data set has no train_labels"),
    ):
        fill(workspace, "mine", DESCRIPTION.replace(old, new))
        said = run(workspace, "--benchmarks", "mine", want=65).stderr
        assert word in said, (word, said)


@case
def a_set_that_nobody_described(workspace):
    os.makedirs(workspace.path("mine"))
    workspace.write("mine/bars-2.toml", BENCHMARK)
    said = run(workspace, "--benchmarks", "mine", want=65).stderr
    assert 'bars-2.toml:6:11: unknown data set "bars"; ' in said, said


@case
def a_cell_trains_on_the_planned_data_wherever_they_lie_or_not_at_all(workspace):
    fill(workspace, "mine")
    workspace.write("mine/bars-2.toml", BENCHMARK)
    suite = workspace.write(
        "suite.toml", 'benchmarks = ["mine/bars-2.toml"]\nseeds = 1\n[[method]]\nplugin = "er"\n'
    )
    workspace.mneme("plan", suite, "-o", "r", "--data", "mine", want=0)
    cell = ["cell", "--plan", "r/plan.json", "--index", "0"]
    fill(workspace, "other", seed=7)
    said = workspace.mneme(*cell, "--data", "other", want=65).stderr
    assert "benchmark bars-2: its data here have the digest " in said, said
    assert "name a folder with the same files by --data DIR, or make the plan again" in said, said
    os.rename(workspace.path("mine"), workspace.path("on-this-node"))
    workspace.mneme(*cell, want=65)
    workspace.environment["MNEME_DATA"] = workspace.path("on-this-node")
    workspace.mneme(*cell, want=0)


main()
