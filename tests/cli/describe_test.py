#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`mneme list`, `describe`, `doctor` and `new-plugin`."""

import json
import os
import re
import shutil
import sys

from workspace import PLUGINS, case, contains, equal, main


@case
def lists_are_read_without_loading_anything(workspace):
    known = json.loads(
        workspace.mneme(
            "list", "methods", "--plugins", PLUGINS, "--json", MNEME_WORKER="/bin/false"
        )[0]
    )["methods"]
    by_id = {method["id"]: method for method in known}
    contains(by_id["joint"]["flags"], "oracle")
    equal(len(by_id["er"]["sha256"]), 64)
    contains(workspace.mneme("list", "methods", "--plugins", PLUGINS)[0], "finetune")
    contains(workspace.mneme("list", "datasets")[0], "fashion-mnist")
    equal(
        json.loads(workspace.mneme("list", "networks", "--json")[0])["networks"][0]["kind"], "mlp"
    )
    os.mkdir(workspace.path("bench"))
    shutil.copy(workspace.path("toy.toml"), workspace.path("bench"))
    contains(workspace.mneme("list", "benchmarks", "--benchmarks", "bench")[0], "toy")


@case
def a_method_is_described_by_a_worker_once(workspace):
    arguments = ["describe", "er", "--plugins", PLUGINS]
    first, _ = workspace.mneme(*arguments)
    contains(first, "strength of the penalty")
    contains(first, "> 0")
    equal(workspace.mneme(*arguments, MNEME_WORKER="/bin/false")[0], first)
    _, err = workspace.mneme(
        "describe",
        "finetune",
        "--plugins",
        PLUGINS,
        fake={"finetune": "die_constructing"},
        expect=69,
    )
    contains(
        err,
        "finetune.so: plugin refused: describing it ended the worker: signal 11 (segmentation"
        " fault)",
    )
    _, err = workspace.mneme("describe", "finetunee", "--plugins", PLUGINS, expect=65)
    contains(err, 'the nearest known one is "finetune"')


@case
def a_benchmark_is_described_with_tasks_and_sizes(workspace):
    described = json.loads(workspace.mneme("describe", "./toy.toml", "--json")[0])
    equal(len(described["tasks"]), 5)
    equal(described["tasks"][0]["train"], 50)
    equal(described["keys"]["stream"]["separation"], 3.0)
    equal(len(described["digest"]), 64)
    hidden = described["keys"]["network"]["hidden"][0]
    equal(
        described["network"],
        {
            "list": described["network"]["list"],
            "multiply_adds": described["network"]["multiply_adds"],
            "parameters": 7 * hidden,
            "layers": [{"name": "fc1.weight", "shape": [hidden, 7]}],
        },
    )
    first = described["network"]["list"][0]
    equal((first["kind"], first["name"], first["output"]), ("linear", "hidden1", [hidden]))
    features = described["keys"]["stream"]["features"]
    equal(first["multiply_adds"], features * hidden)
    equal(first["parameters"], features * hidden + hidden)
    page = workspace.mneme("describe", "./toy.toml")[0]
    contains(page, 'kind = "synthetic"')
    contains(page, f"fc1.weight  {hidden} x 7")
    contains(
        workspace.mneme("describe", "./toy.toml", MNEME_WORKER="/nowhere")[0],
        "layers are not known: ",
    )


@case
def a_long_list_of_benchmarks_has_what_a_worker_counts(workspace):
    short = workspace.mneme(
        "list", "benchmarks", "--benchmarks", workspace.folder, "--format", "csv"
    )[0].splitlines()
    long = workspace.mneme(
        "list", "benchmarks", "--benchmarks", workspace.folder, "--format", "csv", "--long"
    )[0].splitlines()
    equal(short[0].split(",")[-2:], ["chance", "title"])
    equal(long[0].split(",")[-4:], ["chance", "parameters", "[train]", "title"])
    contains(
        next(line for line in long if line.startswith("rotated-mnist-20,")),
        ',1792,"sgd, lr 0.01, momentum 0.8, batch 10, 1 epoch",',
    )
    found = json.loads(
        workspace.mneme("list", "benchmarks", "--benchmarks", workspace.folder, "--json", "--long")[
            0
        ]
    )["benchmarks"]
    equal([one["parameters"] % 7 for one in found if one["name"] == "toy"], [0])


@case
def the_doctor_says_what_works_and_what_to_do(workspace):
    out, _ = workspace.mneme(
        "doctor", "--plugins", PLUGINS, "--json", "--benchmarks", workspace.folder
    )
    findings = {finding["what"]: finding for finding in json.loads(out)["findings"]}
    for what in (
        "mneme",
        "HDF5",
        "worker",
        "LibTorch",
        "BLAS",
        "linear layers",
        "CUDA",
        "plugins",
        "disk",
        "cache",
    ):
        contains(findings, what)
    equal(findings["LibTorch"]["state"], "ok")
    out, _ = workspace.mneme(
        "doctor", "--plugins", PLUGINS, MNEME_WORKER=workspace.path("nowhere"), expect=1
    )
    contains(out, "fault")
    contains(out, "nowhere: cannot be started")


@case
def every_format_of_a_list_works(workspace):
    for what in ("methods", "benchmarks", "datasets", "networks"):
        table, _ = workspace.mneme("list", what, "--plugins", PLUGINS)
        assert "  " in table.splitlines()[0]
        contains(workspace.mneme("list", what, "--plugins", PLUGINS, "--format", "csv")[0], ",")
        markdown, _ = workspace.mneme("list", what, "--plugins", PLUGINS, "--format", "markdown")
        assert markdown.startswith("| "), markdown
        json.loads(workspace.mneme("list", what, "--plugins", PLUGINS, "--format", "json")[0])


@case
def new_plugin_makes_a_folder_by_the_name(workspace):
    out, err = workspace.mneme("new-plugin", "my_pull2", "-o", "methods")
    equal(out, "")
    contains(err, workspace.path("methods", "my_pull2"))
    equal(
        sorted(os.listdir(workspace.path("methods", "my_pull2"))),
        ["CMakeLists.txt", "README.md", "my_pull2.cpp", "suite.toml"],
    )
    with open(workspace.path("methods", "my_pull2", "my_pull2.cpp"), encoding="utf-8") as file:
        text = file.read()
    contains(text, "class MyPull2 final : public mneme::Learner")
    contains(text, 'MNEME_METHOD(MyPull2, "my_pull2", ')
    assert not re.search("my_method|MyMethod|SPDX", text), text
    assert len(text.splitlines()) <= 50, len(text.splitlines())
    equal(workspace.mneme("new-plugin", "another", "--quiet"), ("", ""))
    assert os.path.exists(workspace.path("another", "another.cpp"))


@case
def new_plugin_refuses_bad_names_and_folders_that_exist(workspace):
    for name in ("Pull", "2pull", "my-pull", "../pull", "pull.so", "a" * 41):
        _, err = workspace.mneme("new-plugin", name, expect=64)
        contains(
            err,
            "cannot be the name of a plugin; use a letter and at most 39 more letters, digits or _,"
            " in lower case",
        )
    for name in ("test", "learner"):
        contains(
            workspace.mneme("new-plugin", name, expect=64)[1], "of its own; choose another name"
        )
    contains(
        workspace.mneme("new-plugin", "finetune", expect=64)[1],
        "there is a method finetune already",
    )
    os.mkdir(workspace.path("pull"))
    _, err = workspace.mneme("new-plugin", "pull", expect=65)
    contains(err, f"{workspace.path('pull')}: exists already; choose another name, or give -o DIR")
    equal(os.listdir(workspace.path("pull")), [])
    workspace.write("file", "")
    workspace.mneme("new-plugin", "pull", "-o", "file", expect=65)


sys.exit(main())
