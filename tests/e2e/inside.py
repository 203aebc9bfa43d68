# SPDX-License-Identifier: Apache-2.0
"""Weights, evaluations within tasks and metrics that are added later: through the real programs,
and again in plain Python from what the file holds."""

import json
import os
import re
import sys

from workspace import SOURCE, case, main
from bars import HEAD, evaluated, forward, test_data, train

sys.path.insert(0, os.path.join(SOURCE, "results_schema", "python"))


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
