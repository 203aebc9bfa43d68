# SPDX-License-Identifier: Apache-2.0
"""Weights, evaluations within tasks and lines between minima: through the real programs, and again
in plain Python from what the file holds."""

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

from workspace import SOURCE, Skip, case, main
from bars import BENCHMARK, DESCRIPTION, fill

sys.path.insert(0, os.path.join(SOURCE, "results_schema", "python"))
HEAD = 'weights = "task_ends"\nevaluations = 5\nevaluate_examples = 20\npredictions = true'


def train(workspace, *methods, head=HEAD, seeds="2", out="r", want=0, more=()):
    fill(workspace, "mine", DESCRIPTION)
    workspace.write("mine/bars-2.toml", BENCHMARK)
    suite = workspace.suite(*methods, benchmark="mine/bars-2", seeds=seeds, head=head)
    return workspace.mneme("run", suite, "-o", out, "--benchmarks", "mine", *more, want=want)


def test_data(workspace):
    """Pixels and labels of the test files: float32 in [0, 1], in the order of the file."""
    import numpy as np

    def content(name, skip):
        with gzip.open(workspace.path("mine", "test-" + name + ".gz")) as file:
            return np.frombuffer(file.read()[skip:], dtype="u1")

    images = content("images", 16).reshape(-1, 16).astype("f4") / np.float32(255)
    return images, content("labels", 8).astype(int)


def forward(tensors, x):
    import numpy as np

    hidden = np.maximum(x @ tensors["hidden1.weight"].T + tensors["hidden1.bias"], 0)
    return hidden @ tensors["head.weight"].T + tensors["head.bias"]


def evaluated(tensors, x, y, known):
    """Correct answers, and mean cross-entropy, among the classes that are known."""
    import numpy as np

    logits = forward(tensors, x).astype("f8")[:, known]
    at = np.searchsorted(known, y)
    top = logits.max(axis=1, keepdims=True)
    losses = np.log(np.exp(logits - top).sum(axis=1)) + top[:, 0] - logits[np.arange(len(y)), at]
    return int((logits.argmax(axis=1) == at).sum()), float(losses.mean())


@case
def a_network_read_back_in_python_answers_as_the_file_says(workspace):
    import mneme_results
    import numpy as np

    train(workspace, "finetune", "er")
    workspace.mneme("validate", "r/results.h5", want=0)
    data = mneme_results.load(workspace.path("r/results.h5"))["bars-2"]
    images, labels = test_data(workspace)
    for learner in ("finetune", "er"):
        for task in (1, 2):
            tensors = mneme_results.network(data, learner, seed=2, task=task)
            for other in range(1, task + 1):
                mine = np.isin(labels, (2 * other - 2, 2 * other - 1))
                correct, loss = evaluated(tensors, images[mine], labels[mine], np.arange(2 * task))
                at = {"learner": learner, "seed": 2}
                row = {"trained_task": task - 1, "evaluated_task": other - 1}
                assert correct == int(data.n_correct.sel(at)[row]), (learner, task, other)
                assert abs(loss - float(data.loss.sel(at)[row])) < 1e-5, (learner, task, other)
    said = data.predictions.sel(learner="er", seed=1).values[1]
    assert (said == data.labels.sel(seed=1).values).sum() == int(
        data.n_correct.sel(learner="er", seed=1)[1].sum()
    )


@case
def a_metric_is_added_later_from_what_the_file_holds(workspace):
    import h5py
    import mneme_results
    import numpy as np

    train(workspace, "finetune", "er", head=HEAD + "\nbrier_score = true")
    file = workspace.path("r", "results.h5")
    listed = workspace.mneme("metrics", "r", want=0).stdout
    for words in (
        r"min_accuracy +higher +in the file\n",
        r"brier_score +lower +in the file\n",
        r"macro_f1 +higher +--add\n",
        r"intransigence +lower +needs a method `joint` in the suite\n",
    ):
        assert re.search(words, listed), (words, listed)
    names = ("macro_f1", "negative_flips", "negative_log_likelihood", "balanced_accuracy")
    adding = [word for name in names for word in ("--add", name)]
    out = workspace.mneme("metrics", "r", *adding, "-o", "more.h5", want=0)
    assert "bars-2: macro_f1, mean over complete seeds\n" in out.stdout, out.stdout
    workspace.mneme("validate", "r/results.h5", "more.h5", want=0)
    with h5py.File(file) as before, h5py.File(workspace.path("more.h5")) as after:
        assert "macro_f1" not in before["bars-2/metrics"]
        assert after["bars-2"].attrs["added_metrics"].split() == list(names)
    data = mneme_results.load(workspace.path("more.h5"))["bars-2"]
    said, right = data.predictions.sel(learner="er", seed=1).values, data.labels.sel(seed=1).values
    size = int(data.n_evaluated[0])
    flips = (said[0] == right) & (said[1] != right)
    assert float(data.negative_flips.sel(learner="er", seed=1)) == flips[:size].sum() / size
    recalls = [(said[1][right == c] == c).mean() for c in range(4)]
    found = float(data.balanced_accuracy.sel(learner="er", seed=1))
    assert abs(found - np.mean(recalls)) < 1e-12
    # The Brier score again, from the weights.
    images, labels = test_data(workspace)
    tensors = mneme_results.network(data, "er", 1, 2)
    logits = forward(tensors, images).astype("f8")
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    brier = ((p - np.eye(4)[labels]) ** 2).sum(1).mean()
    assert abs(float(data.brier_score.sel(learner="er", seed=1)) - brier) < 1e-6
    # Ranked in its own direction, added or not.
    for name, lower in (("brier_score", True), ("min_accuracy", False), ("macro_f1", False)):
        board = workspace.mneme("leaderboard", "r", "--metric", name, "--json", want=0).stdout
        scores = [r["score"]["mean"] for r in json.loads(board)["leaderboards"][0]["ranked"]]
        assert len(scores) == 2 and scores == sorted(scores, reverse=not lower), (name, scores)


@case
def a_metric_that_cannot_be_added_is_told_in_a_sentence(workspace):
    train(workspace, "finetune", head="")
    for name, code, words in (
        ("macro_f2", 64, '--add macro_f2: unknown; the nearest known one is "macro_f1"'),
        (
            "min_accuracy",
            64,
            "--add min_accuracy: a file has it without being asked, where it holds what "
            "the metric needs: `evaluations = N` in the suite",
        ),
        (
            "negative_flips",
            65,
            "r/results.h5: negative_flips cannot be computed from it: it has no "
            "predictions; run again with `predictions = true` in the suite",
        ),
    ):
        said = workspace.mneme("metrics", "r", "--add", name, want=code).stderr.strip()
        assert said == words, said
    said = workspace.mneme("metrics", "r", "-o", "x.h5", want=64).stderr.strip()
    assert said == "--output needs --add NAME: without it nothing is written", said
    board = workspace.mneme("leaderboard", "r", "--metric", "min_accuracy", want=0).stdout
    assert "min accuracy is not defined: it needs `evaluations = N` in the" in " ".join(
        board.split()
    ), board


@case
def a_line_evaluated_again_in_python_has_the_losses_of_the_file(workspace):
    import mneme_results
    import numpy as np

    train(workspace, "finetune", "joint")
    out = workspace.mneme("geometry", "r", "--benchmarks", "mine", "--points", "9", want=0).stdout
    assert "finetune                 task 1 to joint" in out, out
    workspace.mneme("validate", "r/results.h5", want=0)
    data = mneme_results.load(workspace.path("r/results.h5"))["bars-2"]
    images, labels = test_data(workspace)
    ends = {
        "1": mneme_results.network(data, "finetune", 1, 1),
        "2": mneme_results.network(data, "finetune", 1, 2),
        "0": mneme_results.network(data, "joint", 1, 2),
    }
    line = data.sel(learner="finetune", seed=1)
    worst = 0
    for pair in range(data.sizes["pair"]):
        a = ends[str(int(data.geometry_pair_from[pair]))]
        b = ends[str(int(data.geometry_pair_to[pair]))]
        for point, t in enumerate(data.geometry_position.values):
            middle = {name: (1 - t) * a[name] + t * b[name] for name in a}
            for task in (1, 2):
                mine = np.isin(labels, (2 * task - 2, 2 * task - 1))
                correct, loss = evaluated(middle, images[mine], labels[mine], np.arange(4))
                found = line.geometry_loss.values[pair, point, task - 1]
                worst = max(worst, abs(loss - found))
                assert correct == line.geometry_n_correct.values[pair, point, task - 1]
        far = np.sqrt(sum(float(((a[n] - b[n]).astype("f8") ** 2).sum()) for n in a))
        assert abs(far - float(line.geometry_distance[pair])) < 1e-5
    assert worst < 1e-5, worst
    assert (data.geometry_matched_distance <= data.geometry_distance + 1e-6).all()
    shown = workspace.mneme("show", "r", "--metric", "barrier", want=0).stdout
    assert shown == out, (shown, out)


def python_with_torch():
    """That of MNEME_PEERS_PYTHON; nothing else is tried, so that no other PyTorch is found."""
    python = os.environ.get("MNEME_PEERS_PYTHON")
    if not python:
        raise Skip("MNEME_PEERS_PYTHON names no Python with PyTorch (tests/speed/peers/README.md)")
    done = subprocess.run([python, "-c", "import torch, numpy"], capture_output=True, text=True)
    if done.returncode:
        raise Skip(f"{python} of MNEME_PEERS_PYTHON has no PyTorch: {done.stderr.strip()[-80:]}")
    return python


@case
def a_line_evaluated_again_by_pytorch_has_the_losses_of_the_file(workspace):
    import mneme_results
    import numpy as np

    python = python_with_torch()
    train(workspace, "finetune", "joint")
    workspace.mneme("geometry", "r", "--benchmarks", "mine", "--points", "9", want=0)
    data = mneme_results.load(workspace.path("r/results.h5"))["bars-2"]
    images, labels = test_data(workspace)
    line = data.sel(learner="finetune", seed=2)
    script = os.path.join(SOURCE, "tests", "speed", "peers", "line_in_torch.py")
    compared = 0
    for pair in range(data.sizes["pair"]):
        start, end = int(data.geometry_pair_from[pair]), int(data.geometry_pair_to[pair])
        a = mneme_results.network(data, "finetune", 2, start)
        b = mneme_results.network(data, "finetune" if end else "joint", 2, end or 2)
        for task in (1, 2):
            mine = np.isin(labels, (2 * task - 2, 2 * task - 1))
            np.savez(
                workspace.path("in.npz"),
                layers=["hidden1", "head"],
                position=data.geometry_position.values,
                x=images[mine],
                y=labels[mine],
                known=np.arange(4),
                **{"a." + name: values for name, values in a.items()},
                **{"b." + name: values for name, values in b.items()},
            )
            paths = (workspace.path("in.npz"), workspace.path("out.npz"))
            subprocess.run([python, script, *paths], check=True)
            found = np.load(paths[1])
            at = {"pair": pair, "evaluated_task": task - 1}
            assert abs(found["loss"] - line.geometry_loss[at].values).max() < 1e-5
            assert (found["correct"] == line.geometry_n_correct[at].values).all()
            compared += len(found["loss"])
    assert compared == 54, compared  # three lines of nine points on two tasks


@case
def what_has_no_lines_is_told_in_a_sentence(workspace):
    train(workspace, "finetune", head="")
    said = workspace.mneme("geometry", "r", "--benchmarks", "mine", want=65).stderr
    assert said == (
        "r/results.h5: holds no weights; `mneme run SUITE.toml --weights` keeps them\n"
    ), said
    said = workspace.mneme("show", "r", "--metric", "barrier", want=64).stderr
    assert "holds no lines; `mneme geometry r` evaluates them" in said, said
    # A run without weights does not answer a request for them, and the other way round it does.
    again = train(workspace, "finetune", head="", more=("--weights",))
    assert "its weights were not kept" in again.stderr, again.stderr
    again = train(workspace, "finetune", head="")
    assert "0 of 2 runs to do" in again.stderr, again.stderr
    fill(workspace, "mine", DESCRIPTION, seed=7)  # other pixels under the same name
    said = workspace.mneme("geometry", "r", "--benchmarks", "mine", want=65).stderr
    assert "give the folder of the data that it was made from (--data)" in said, said
    shutil.rmtree(workspace.path("r"))
    train(workspace, "finetune", "ncm")
    done = workspace.mneme("geometry", "r", "--benchmarks", "mine", "--points", "3", want=0)
    assert "ncm, seed 1: left out: its weights after task" in done.stderr, done.stderr


def rewrite(path, change):
    """Changes a results file, and computes its content digest again as the schema says."""
    import h5py

    with h5py.File(path, "r+") as file:
        change(file)
        old = file.attrs["content_digest"].encode()
    with open(path, "rb") as file:
        content = file.read()
    assert content.count(old) == 1
    empty = content.replace(old, b"0" * 64)
    with open(path, "wb") as file:
        file.write(content.replace(old, hashlib.sha256(empty).hexdigest().encode()))


@case
def weights_of_another_network_and_other_data_are_refused_by_name(workspace):
    train(workspace, "finetune", seeds="1")

    def rename_a_layer(file):
        layers = file["bars-2"].attrs["network_layers"]
        assert '"hidden1.weight"' in layers
        file["bars-2"].attrs["network_layers"] = layers.replace("hidden1.w", "hidden2.w")

    def rename_the_data(file):
        file["bars-2/data_digest"][0, 1] = "0" * 64

    for change, words in (
        (
            rename_a_layer,
            "its weights are not those of the network that its keys describe; run it again with "
            "this version of mneme\n",
        ),
        (rename_the_data, 'the data of task "02 classes 2 3", seed 1, have the digest '),
    ):
        shutil.copy(workspace.path("r/results.h5"), workspace.path("other.h5"))
        rewrite(workspace.path("other.h5"), change)
        said = workspace.mneme("geometry", "other.h5", "--benchmarks", "mine", want=65).stderr
        assert said.startswith('other.h5: benchmark "bars-2": ' + words), said
    assert said.endswith(
        ", the file says 000000000000; give the folder of the data that it was made from (--data)\n"
    ), said


@case
def a_network_without_hidden_units_has_its_lines_and_a_sentence(workspace):
    import h5py

    fill(workspace, "mine", DESCRIPTION)
    workspace.write("mine/bars-2.toml", BENCHMARK.replace("hidden = [16]", "hidden = []"))
    suite = workspace.suite("finetune", benchmark="mine/bars-2", seeds="1", head=HEAD)
    workspace.mneme("run", suite, "-o", "r", "--benchmarks", "mine", want=0)
    done = workspace.mneme("geometry", "r", "--benchmarks", "mine", "--points", "3", want=0)
    assert (
        "bars-2: its network has no hidden units whose order could be matched; the lines are "
        "those before matching alone\n" in done.stderr
    ), done.stderr
    with h5py.File(workspace.path("r/results.h5")) as file:
        assert "loss" in file["bars-2/geometry"]
        assert "matched_loss" not in file["bars-2/geometry"]


@case
def what_is_not_evaluated_is_minus_one_and_says_why(workspace):
    import mneme_results
    import numpy as np

    for which in ("seen", "last"):
        out = "r-" + which
        train(workspace, "finetune", head=f'evaluate = "{which}"', out=out)
        workspace.mneme("validate", out + "/results.h5", want=0)
        data = mneme_results.load(workspace.path(out, "results.h5"))["bars-2"]
        assert data.attrs["evaluate"] == which
        assert data.attrs["not_evaluated_because"].startswith(f'evaluate = "{which}"')
        assert np.isnan(data.forward_transfer.values).all()
        assert np.isfinite(data.average_accuracy.values).all()
        assert (data.n_correct.values[:, :, 0, 1] == -1).all()
    said = workspace.mneme("collect", "r-seen", "r-last", "-o", "both.h5", want=65).stderr
    assert "it evaluates" in said and "collect them apart" in said, said


@case
def keys_that_contradict_one_another_are_refused(workspace):
    for head, words in (
        ("evaluate_every = 5\nevaluations = 5", "expected one of them"),
        ("evaluate_examples = 5", "expected evaluations = 10, or evaluate_every, beside it"),
        ('evaluate = "some"', "evaluate"),
        ('weights = "all"', "weights"),
    ):
        said = train(workspace, "finetune", head=head, want=65).stderr
        assert words in said and "suite.toml:" in said, (words, said)


main()
