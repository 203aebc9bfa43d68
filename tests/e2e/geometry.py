# SPDX-License-Identifier: Apache-2.0
"""Lines between minima: through the real programs, and again in plain Python from the weights that
the file holds."""

import hashlib
import os
import shutil
import subprocess
import sys

from workspace import SOURCE, Skip, case, main
from bars import BENCHMARK, DESCRIPTION, HEAD, evaluated, fill, scored, test_data, train

sys.path.insert(0, os.path.join(SOURCE, "results_schema", "python"))


def hidden(tensors, x):
    return (x @ tensors["hidden1.weight"].T + tensors["hidden1.bias"]).clip(0)


def cka(x, y):
    """Linear centred kernel alignment by the kernels: <K, L> / (|K| |L|), K = X X^T."""
    import numpy as np

    k, l = ((z - z.mean(0)) @ (z - z.mean(0)).T for z in (x.astype("f8"), y.astype("f8")))
    return (k * l).sum() / (np.linalg.norm(k) * np.linalg.norm(l))


@case
def a_line_evaluated_again_in_python_has_the_losses_of_the_file(workspace):
    import mneme_results
    import numpy as np

    train(workspace, "finetune", "joint")
    out = workspace.mneme("geometry", "r", "--benchmarks", "mine", "--points", "9", want=0).stdout
    assert "\nfinetune\n  task 1 to 2 " in out and "\n  task 1 to joint " in out, out
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
        for task in (1, 2):
            mine = np.isin(labels, (2 * task - 2, 2 * task - 1))
            found = float(line.geometry_cka[pair, task - 1])
            assert abs(cka(hidden(a, images[mine]), hidden(b, images[mine])) - found) < 1e-5
        far = np.sqrt(sum(float(((a[n] - b[n]).astype("f8") ** 2).sum()) for n in a))
        assert abs(far - float(line.geometry_distance[pair])) < 1e-5
    assert worst < 1e-5, worst
    assert (data.geometry_matched_distance <= data.geometry_distance + 1e-6).all()
    shown = workspace.mneme("show", "r", "--metric", "barrier", want=0).stdout
    assert shown == out, (shown, out)


@case
def lines_after_other_ways_to_match_keep_their_ends(workspace):
    import mneme_results
    import numpy as np

    train(workspace, "finetune", seeds="1")
    asked = ("geometry", "r", "--benchmarks", "mine", "--points", "3", "--match-steps", "20")
    out = workspace.mneme(*asked, "--match", "l2", "--match", "mid", want=0).stdout
    head = "line                 barrier   matched        L2       Mid  distance    CKA\n"
    assert head in out, out
    workspace.mneme("validate", "r/results.h5", want=0)
    data = mneme_results.load(workspace.path("r/results.h5"))["bars-2"]
    assert "geometry_matched_loss" not in data  # it was not asked for
    plain = data.geometry_loss.values
    for way in ("l2", "mid"):
        loss = data[f"geometry_{way}_loss"].values
        for end in (0, 2):  # one function in another order of its units
            assert np.abs(loss[..., end, :] - plain[..., end, :]).max() < 1e-5, way
    again = workspace.mneme(*asked, "--match", "mid", "--match", "l2", want=0).stdout
    assert again == out, (again, out)
    said = workspace.mneme(*asked, "--match", "l3", want=64).stderr
    assert "--match" in said and "l2" in said, said


@case
def lines_between_seeds_need_data_that_are_the_same_for_both(workspace):
    import mneme_results

    train(workspace, "finetune")
    asked = ("geometry", "r", "--benchmarks", "mine", "--points", "3", "--between-seeds")
    out = workspace.mneme(*asked, want=0).stdout
    assert "\n  task 2, 2 seeds " in out, out
    workspace.mneme("validate", "r/results.h5", want=0)
    data = mneme_results.load(workspace.path("r/results.h5"))["bars-2"]
    assert data.geometry_pair_from.values.tolist() == [1, 1, 2]
    assert data.geometry_pair_to.values.tolist() == [2, 1, 2]
    assert data.geometry_pair_seed.values.tolist() == [[1, 2, 2], [2, 1, 1]]
    there, back = data.geometry_loss.values[0, :, 2]  # [seed, point, task]: the same line twice
    assert abs(there - back[::-1]).max() < 1e-6
    shutil.rmtree(workspace.path("r"))
    permuted = BENCHMARK.replace('kind = "split"', 'kind = "permuted"\ntasks = 2').replace(
        "classes_per_task = 2\n", ""
    )
    permuted = permuted.replace('kind = "class"', 'kind = "domain"')
    train(workspace, "finetune", benchmark=permuted)
    said = workspace.mneme(*asked, want=0).stderr
    assert 'bars-2: has no lines between seeds: task "' in said, said
    assert '" has other data with each seed\n' in said, said
    shutil.rmtree(workspace.path("r"))
    train(workspace, "finetune", seeds="1")
    said = workspace.mneme(*asked, want=0).stderr
    assert "bars-2: has no lines between seeds: the file has one seed\n" in said, said


@case
def a_plane_evaluated_again_in_python_has_the_losses_of_the_file(workspace):
    import mneme_results
    import numpy as np

    train(workspace, "finetune", "joint", seeds="1")
    asked = ("geometry", "r", "--benchmarks", "mine", "--points", "3", "--plane")
    workspace.mneme(*asked, "4", want=0)
    workspace.mneme("validate", "r/results.h5", want=0)
    data = mneme_results.load(workspace.path("r/results.h5"))["bars-2"]
    assert data.geometry_plane_position.values.tolist() == [-0.25, 0.25, 0.75, 1.25]
    corners = [data[f"geometry_plane_{which}"].values.tolist() for which in ("first", "second")]
    assert corners == [[1], [2]] and data.geometry_plane_third.values.tolist() == [0]
    images, labels = test_data(workspace)
    a, b = (mneme_results.network(data, "finetune", 1, task) for task in (1, 2))
    c = mneme_results.network(data, "joint", 1, 2)
    plane = data.sel(learner="finetune", seed=1).isel(plane=0)
    for row, v in enumerate(data.geometry_plane_position.values):
        for column, u in enumerate(data.geometry_plane_position.values):
            point = {n: a[n] + u * (b[n] - a[n]) + v * (c[n] - a[n]) for n in a}
            for task in (1, 2):
                mine = np.isin(labels, (2 * task - 2, 2 * task - 1))
                correct, loss = evaluated(point, images[mine], labels[mine], np.arange(4))
                at = {"plane_row": row, "plane_column": column, "evaluated_task": task - 1}
                assert abs(loss - float(plane.geometry_plane_loss[at])) < 1e-5, at
                share = float(plane.geometry_plane_accuracy[at])
                assert abs(correct / mine.sum() - share) < 1e-12, at
    # Another call without planes leaves none; two minima have none, and a sentence.
    workspace.mneme(*asked[:-1], want=0)
    data = mneme_results.load(workspace.path("r/results.h5"))["bars-2"]
    assert "geometry_loss" in data and "geometry_plane_loss" not in data
    shutil.rmtree(workspace.path("r"))
    train(workspace, "finetune", seeds="1")
    said = workspace.mneme(*asked, "4", want=0).stderr
    assert (
        "bars-2: has two minima, and a plane goes through three; put a method `joint` into the"
        " suite\n"
    ) in said, said
    said = workspace.mneme(*asked, "2", want=64).stderr
    assert "--plane" in said and "3" in said, said


@case
def statistics_of_normalisation_are_estimated_at_each_point_as_in_python(workspace):
    import mneme_results
    import numpy as np
    import resnet

    small = BENCHMARK.replace('kind = "mlp"\nhidden = [16]', 'kind = "resnet18"\nnf = 4')
    small = small.replace("batch_size = 10", "batch_size = 12")  # leaves no batch of one
    train(workspace, "finetune", seeds="1", benchmark=small)
    workspace.mneme("geometry", "r", "--benchmarks", "mine", "--points", "3", want=0)
    workspace.mneme("validate", "r/results.h5", want=0)
    data = mneme_results.load(workspace.path("r/results.h5"))["bars-2"]
    pictures = lambda x: x.reshape(-1, 1, 4, 4).astype("f8")
    seen, of_class = test_data(workspace, "train")
    tasks = [seen[np.isin(of_class, (2 * t, 2 * t + 1))] for t in (0, 1)]
    mixed = pictures(np.concatenate(tasks))  # fewer than 2000: all of both tasks
    batches = [mixed[k::2] for k in (0, 1)]
    images, labels = test_data(workspace)
    a, b = (mneme_results.network(data, "finetune", 1, task) for task in (1, 2))
    line = data.sel(learner="finetune", seed=1)
    stored = lambda tensors: {
        name[: -len(".mean")]: (values, tensors[name[: -len("mean")] + "variance"])
        for name, values in tensors.items()
        if name.endswith(".mean")
    }
    features = lambda tensors, x: resnet.ResNet(tensors, stored(tensors)).features(pictures(x))
    for task in (1, 2):
        mine = np.isin(labels, (2 * task - 2, 2 * task - 1))
        for point, t in enumerate((0, 0.5, 1)):
            middle = {name: (1 - t) * a[name] + t * b[name] for name in a}
            network = resnet.ResNet(middle, resnet.estimated(middle, batches))
            logits = network.logits(pictures(images[mine]))
            correct, loss = scored(logits, labels[mine], np.arange(4))
            assert abs(loss - line.geometry_loss.values[0, point, task - 1]) < 1e-4, (task, t)
            assert abs(correct - line.geometry_n_correct.values[0, point, task - 1]) <= 1
        found = cka(features(a, images[mine]), features(b, images[mine]))
        assert abs(found - float(line.geometry_cka[0, task - 1])) < 1e-4


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
def lines_of_before_are_read_and_valid_without_what_came_later(workspace):
    train(workspace, "finetune", seeds="1")
    workspace.mneme("geometry", "r", "--benchmarks", "mine", "--points", "3", want=0)

    def take_out(file):
        for name in ("cka", "curvature", "matched_curvature"):
            for axis in file["bars-2/geometry"][name].dims:
                for scale in axis.values():
                    axis.detach_scale(scale)
            del file["bars-2/geometry"][name]

    rewrite(workspace.path("r/results.h5"), take_out)
    workspace.mneme("validate", "r/results.h5", want=0)
    shown = workspace.mneme("show", "r", "--metric", "barrier", want=0).stdout.splitlines()
    assert (
        shown[2] == "finetune" and shown[3].startswith("  task 1 to 2 ") and shown[3].endswith(" -")
    )
    workspace.mneme("report", "r", "-o", "page.html", want=0)
    with open(workspace.path("page.html"), encoding="utf-8") as file:
        page = file.read()
    assert "Curvature between minima" in page and "Similarity of features" not in page


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


main()
