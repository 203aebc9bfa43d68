# SPDX-License-Identifier: Apache-2.0
"""Networks written in the benchmark file: trained by methods of every kind, replicas bundled or
not, described, and twenty mistakes, each one sentence with file, line and what to do before
anything trains."""

import json
import os

import own_benchmark
from workspace import case, facts, main

THREE_CONVOLUTIONS = """kind = "layers"
layer = [
    {kind = "conv", channels = 8, kernel = 3, padding = 1, bias = false},
    {kind = "norm", over = "batch"},
    {kind = "relu"},
    {kind = "residual", layers = [
        {kind = "conv", channels = 8, kernel = 3, padding = 1},
        {kind = "relu"},
        {kind = "conv", channels = 8, kernel = 3, padding = 1},
    ]},
    {kind = "max_pool", kernel = 2},
    {kind = "dropout", rate = 0.1},
    {kind = "mean_pool"},
    {kind = "flatten"},
]
"""
VIT = 'kind = "vit"\nwidth = 8\nheads = 2\npatch = 4\n'
LINEAR = 'kind = "linear"\n'
METHODS = ("er", "derpp", "ewc", "si", "lwf", "icarl", "slda", "gpm")
LIST = 'kind = "layers"\nlayer = [\n'  # its layers stand from line 15 on
CONV = '{kind = "conv", channels = 4, kernel = 3},\n'
FLAT = '{kind = "flatten"},\n'


STREAM = own_benchmark.stream(epochs=3)


def data(workspace):
    own_benchmark.data(workspace, train=160, test=80)


def network(workspace, text):
    workspace.write("mine/own.toml", STREAM + text)


def run(workspace, folder, methods, *arguments, want=0):
    suite = 'benchmarks = ["own"]\nseeds = 2\n'
    for method in methods:
        suite += f'[[method]]\nplugin = "{method}"\n'
    workspace.write("suite.toml", suite)
    return workspace.mneme(
        "run", "suite.toml", "-o", folder, "--benchmarks", "mine", *arguments, want=want
    )


@case
def methods_of_every_kind_train_three_convolutions_a_vit_and_a_head_alone(workspace):
    data(workspace)
    for name, text in (("three", THREE_CONVOLUTIONS), ("vit", VIT), ("linear", LINEAR)):
        network(workspace, text)
        run(workspace, name, METHODS)
        board = workspace.board(name)["leaderboards"][0]
        assert len(board["ranked"]) == len(METHODS), board
        best = max(row["score"]["mean"] for row in board["ranked"])
        assert best > 0.4, (name, best)  # chance is 0.25


@case
def replicas_bundled_in_one_cell_give_the_numbers_of_single_runs(workspace):
    data(workspace)
    for name, text in (("three", THREE_CONVOLUTIONS), ("vit", VIT)):
        network(workspace, text)
        methods = ("er", "ewc", "mas")
        run(workspace, name + "-single", methods, "--replicas", "1")
        run(workspace, name + "-bundled", methods, "--replicas", "2")
        single, bundled = (
            facts(workspace.path(name + end, "results.h5")) for end in ("-single", "-bundled")
        )
        assert single and single == bundled, name


@case
def a_list_is_described_with_its_layers(workspace):
    data(workspace)
    network(workspace, THREE_CONVOLUTIONS)
    said = workspace.mneme("describe", "mine/own.toml", "--data", "mine", "--json", want=0).stdout
    found = json.loads(said)["network"]
    layers = {layer["name"]: layer for layer in found["list"]}
    assert layers["conv1"]["output"] == [8, 8, 8], layers["conv1"]
    assert layers["conv1"]["multiply_adds"] == 64 * 8 * 2 * 9, layers["conv1"]
    assert layers["residual1.conv2"]["number"] == "4.3", layers
    assert layers["head"]["parameters"] == 8 * 4 + 4, layers["head"]
    assert found["multiply_adds"] == sum(layer["multiply_adds"] for layer in found["list"])
    assert found["parameters"] == sum(layer["parameters"] for layer in found["list"]), found


@case
def a_method_that_permutes_units_refuses_a_vit(workspace):
    data(workspace)
    network(workspace, VIT)
    said = run(workspace, "r", ("rebasin",), want=65)
    assert "so there is nothing to permute" in said.stderr, said.stderr


@case
def twenty_mistakes_are_one_sentence_each(workspace):
    data(workspace)
    for text, wanted in (
        ('kind = "cnn"\n', '13:8: unknown network kind "cnn"; known are mlp, '),
        ('kind = "layers"\n', '13:8: kind is "layers" and no layer is given; expected [[network.l'),
        (
            'kind = "layers"\n[network.layer]\nkind = "relu"\n',
            "14:1: layer is a table; expected a list of layers, each [[network.layer]]",
        ),
        ('hidden = [8]\n[[network.layer]]\nkind = "relu"\n', "layer is not a key of network mlp"),
        (LIST + "3]\n", "15:1: layer holds an integer; expected layers, each a table with a kind"),
        (LIST + "{width = 3}]\n", "15:1: the layer has no kind; expected kind = one of conv, "),
        (LIST + '{kind = "conv2d"}]\n', '15:9: unknown kind of layer "conv2d"; the nearest known'),
        (LIST + '{kind = "conv", kernel = 3}]\n', "15:1: the conv layer has no channels; expected"),
        (LIST + '{kind = "relu", width = 3}]\n', "15:17: width is not a key of a relu layer; its"),
        (
            LIST + '{kind = "conv", channels = 0, kernel = 3}]\n',
            "15:28: channels is 0; expected 1 to 65536",
        ),
        (LIST + '{kind = "dropout", rate = 1.0}]\n', "15:27: rate is 1; expected 0 to 0.99"),
        (
            LIST + '{kind = "linear", width = 8}]\n',
            "15:9: layer 1 (linear) is given an image of 2 x 8 x 8; expected a vector or tokens: "
            "put flatten or mean_pool before it",
        ),
        (
            LIST + FLAT + CONV + "]\n",
            "16:9: layer 2 (conv) is given a vector of 128 numbers; expected an image: put it "
            "before flatten",
        ),
        (
            LIST + CONV + "]\n",
            "14:9: the last layer gives an image of 4 x 6 x 6, and the head takes a vector; end "
            "the list with flatten, mean_pool or first_token",
        ),
        (
            LIST + '{kind = "max_pool", kernel = 9}]\n',
            "15:30: layer 1 (max_pool) has a window of 9 over an image of 2 x 8 x 8 with padding "
            "0; expected 8 at most",
        ),
        (
            LIST + '{kind = "residual", layers = [\n' + CONV + "]}]\n",
            "15:9: layer 1 (residual) adds an image of 4 x 6 x 6 to an image of 2 x 8 x 8; "
            "expected equal shapes: give it a shortcut that makes them so",
        ),
        (
            LIST + '{kind = "patches", size = 3, width = 8}]\n',
            "15:27: layer 1 (patches) has patches of 3 x 3 and is given an image of 2 x 8 x 8; "
            "expected a divisor of its rows and columns",
        ),
        (
            LIST + '{kind = "norm", over = "layer"}]\n',
            '15:24: layer 1 (norm) is over "layer" and given an image of 2 x 8 x 8; expected over '
            '= "group" with groups = 1, or flatten before it',
        ),
        (
            LIST + '{kind = "conv", channels = 2, kernel = 1, name = "head"}]\n',
            '15:50: layer 1 (conv) is called "head", which is the layer behind the list; expected '
            "another name",
        ),
        (
            'kind = "vit"\nheads = 3\n',
            "14:9: layer 3.2 (attention) has 3 heads and is given ",
        ),
        (
            'kind = "vit"\npatch = 3\n',
            "14:9: layer 1 (patches) has patches of 3 x 3 and is given an image of 2 x 8 x 8; ",
        ),
    ):
        network(workspace, text)
        done = run(workspace, "r", ("finetune",), want=65)
        lines = done.stderr.strip().splitlines()
        assert len(lines) == 1 and "; " in lines[0], (text, done.stderr)
        assert "mine/own.toml:" in lines[0] and wanted in lines[0], (wanted, lines[0])
        assert not os.path.exists(workspace.path("r")), text


@case
def one_value_a_channel_is_refused_with_the_batch(workspace):
    data(workspace)
    layers = FLAT + '{kind = "linear", width = 8},\n{kind = "norm", over = "batch"}]\n'
    one = STREAM.replace("batch_size = 10", "batch_size = 1")
    workspace.write("mine/own.toml", one + LIST + layers)
    said = run(workspace, "r", ("finetune",), want=65).stderr
    assert 'or a norm over "group" or "layer"' in said, said


main()
