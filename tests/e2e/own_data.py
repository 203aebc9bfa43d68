# SPDX-License-Identifier: Apache-2.0
"""A data set of the user's own, from a folder outside of everything: described, listed, checked,
trained on, and refused with a sentence."""

import gzip
import hashlib
import json
import os
import random
import struct

from workspace import case, main

DESCRIPTION = """title = "Bars: where a bright bar lies"
licence = "CC0"
citation = "made by a test"
classes = 4
shape = [4, 4]
train_images = "train-images"
train_labels = "train-labels"
test_images = "test-images"
test_labels = "test-labels"
"""
BENCHMARK = """version = "1"
title = "Bars, two tasks of two"
reference = "made by a test"
[stream]
kind = "split"
dataset = "bars"
classes_per_task = 2
[scenario]
kind = "class"
[network]
kind = "mlp"
hidden = [16]
[train]
optimizer = "sgd"
lr = 0.1
momentum = 0.0
batch_size = 10
epochs = 2
"""


def part(count, seed):
    """Pictures of 4 x 4 with row k bright for label k: idx images and labels."""
    draw = random.Random(seed)
    labels = [draw.randrange(4) for _ in range(count)]
    pixels = bytes(
        draw.randrange(200, 256) if row == label else draw.randrange(0, 60)
        for label in labels
        for row in range(4)
        for _ in range(4)
    )
    return struct.pack(">IIII", 0x803, count, 4, 4) + pixels, struct.pack(
        ">II", 0x801, count
    ) + bytes(labels)


def fill(workspace, folder, description=DESCRIPTION):
    os.makedirs(workspace.path(folder), exist_ok=True)
    sums = []
    for name, seed, count in (("train", 1, 200), ("test", 2, 80)):
        for kind, content in zip(("images", "labels"), part(count, seed)):
            with gzip.open(workspace.path(folder, f"{name}-{kind}.gz"), "wb") as file:
                file.write(content)
            sums.append(hashlib.sha256(content).hexdigest())
    workspace.write(f"{folder}/bars.dataset.toml", description)
    return sums


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


main()
