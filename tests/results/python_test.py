#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The Python package of results_schema/python on a file of the writer.

Usage: python_test.py PROGRAM, which writes the file named to it. Prints `ok NAME`, `not ok NAME:
why` or `skip NAME: why` a line; ends with 1 when something is not ok.
"""

import csv
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "results_schema" / "python"))


def expect(found, wanted):
    if found != wanted:
        raise AssertionError(f"found {found!r}, expected {wanted!r}")


def refused(mneme, call, words):
    try:
        call()
    except mneme.ResultsError as error:
        if words not in str(error):
            raise AssertionError(f"{words!r} is not in {error}") from None
        return
    raise AssertionError(f"not refused: {words}")


def load(mneme, path, _):
    import h5py
    import numpy as np

    results = mneme.load(path)
    expect(list(results), ["rotated-inside", "rotated-mini", "split-mini-class"])
    data = results["rotated-mini"]
    expect(data.accuracy.dims, ("learner", "seed", "trained_task", "evaluated_task"))
    expect(data.learner.values.tolist(), ["finetune", "ewc[lambda=5]"])
    expect(data.trained_task.values.tolist()[2], "03 Drehung 72°")
    expect("method" in data.dims, False)
    with h5py.File(path, "r") as file:
        for name in ("accuracy", "n_correct", "metrics/average_accuracy", "cost/kept_bytes"):
            found = data[name.split("/")[-1]].values
            expect(np.array_equal(found, file["rotated-mini"][name][()], equal_nan=True), True)
        one = data.accuracy.sel(learner="ewc[lambda=5]", seed=2).values
        expect(np.array_equal(one, file["rotated-mini/accuracy"][1, 1]), True)
    expect(data.metric_forgetting.dims, ("learner", "seed"))
    expect(data.forgetting.dims, data.accuracy.dims)
    expect(data.attrs["provenance"]["finetune"]["host"], "host of finetune")
    expect(data.host.values[1, 1], "node4")
    expect(data.accuracy.attrs["formula"], "n_correct / n_evaluated")
    data = results["split-mini-class"]
    expect(data.violations.attrs["long_name"], "share of steps that were projected")
    expect(data.class_map.dims, ("seed", "original_class"))
    expect(data.attrs["limit_train"], 500)
    expect(data.attrs["looks"], "5 10 20")
    data = results["rotated-inside"]
    expect(data.continual_accuracy.dims[3:], ("evaluation", "evaluated_task"))
    expect(data.metric_calibration_error.dims, ("learner", "seed"))
    expect(data.calibration_error.dims, data.accuracy.dims)
    expect(data.predictions.dims, ("learner", "seed", "trained_task", "example"))
    refused(mneme, lambda: mneme.network(data, "joint", 1, 3), "run with --weights")


def tidy(mneme, path, _):
    frame = mneme.tidy(path)
    data = mneme.load(path)["rotated-mini"]
    rows = frame[frame.benchmark == "rotated-mini"]
    expect(len(rows), 2 * 2 * 3 * 3)
    expect(bool((rows.n_correct / rows.n_evaluated == rows.accuracy).all()), True)
    last = rows[(rows.trained_task_index == 3) & (rows.method == "finetune") & (rows.seed == 1)]
    expect(float(last.accuracy.mean()), float(last.n_correct.div(last.n_evaluated).mean()))
    expect(last.evaluated_task.tolist(), data.evaluated_task.values.tolist())
    other = frame[frame.benchmark == "split-mini-class"]
    expect(sorted(set(other.outcome)), ["complete", "diverged"])  # a missing run has no rows


def damage(mneme, path, folder):
    content = Path(path).read_bytes()
    for position in (3000, len(content) // 2, len(content) - 100):
        damaged = bytearray(content)
        damaged[position] ^= 4
        other = folder / "damaged.h5"
        other.write_bytes(damaged)
        try:
            mneme.load(other)
        except (mneme.ResultsError, OSError, KeyError, RuntimeError, ValueError):
            continue
        raise AssertionError(f"byte {position} was changed and not noticed")
    old = ROOT / "tests" / "results" / "schema-1.0.h5"
    expect(list(mneme.load(old)), ["rotated-mini"])
    (folder / "no.h5").write_bytes(content[:0])
    import h5py

    with h5py.File(folder / "other.h5", "w") as file:
        file.attrs["title"] = "something else"
    refused(mneme, lambda: mneme.load(folder / "other.h5"), "is not a Mneme results file")


def plots(mneme, path, folder):
    import matplotlib

    matplotlib.use("Agg")
    import numpy as np

    data = mneme.load(path)["rotated-mini"]
    ax = mneme.plot.matrix(data, learner="ewc[lambda=5]")
    wanted = data.accuracy.sel(learner="ewc[lambda=5]").mean("seed").values
    expect(np.array_equal(ax.images[0].get_array(), wanted), True)
    expect(ax.get_xlabel(), "evaluated task")
    ax.figure.savefig(folder / "matrix.png")
    ax = mneme.plot.curves(data)
    a = data.accuracy.values[0]
    drawn = ax.lines[0].get_ydata()
    expect(np.allclose(drawn[1], a[:, 1, :2].mean()), True)
    expect(np.allclose(drawn[2], data.average_accuracy.values[0].mean()), True)
    ax.figure.savefig(folder / "curves.png")
    ax = mneme.plot.pareto(data)
    found = [float(line.get_ydata()[0]) for line in ax.lines]
    expect(found, data.average_accuracy.mean("seed").values.tolist())
    ax.figure.savefig(folder / "pareto.png")
    inside = mneme.load(path)["rotated-inside"]
    ax = mneme.plot.barrier(inside, learner="joint")
    labels = [line.get_label() for line in ax.lines if not line.get_label().startswith("_")]
    expect(labels, ["task 1 to 2", "task 2 to 3", "task 3 to joint"])
    expect(len(ax.lines), 6)  # each dashed after matching
    loss = inside.geometry_loss.sel(learner="joint").values  # [seed, pair, line_point, task]
    expect(np.allclose(ax.lines[0].get_ydata(), loss[:, 0, :, :2].mean((0, 2))), True)
    expect(np.allclose(ax.lines[4].get_ydata(), loss[:, 3].mean((0, 2))), True)
    ax.figure.savefig(folder / "barrier.png")
    refused(mneme, lambda: mneme.plot.barrier(data), "`mneme geometry` evaluates them")
    ax = mneme.plot.barrier(inside, learner="joint", matched="mid")
    mid = inside.geometry_mid_loss.sel(learner="joint").values
    expect(np.allclose(ax.lines[1].get_ydata(), mid[:, 0, :, :2].mean((0, 2))), True)
    ax = mneme.plot.plane(inside, learner="joint", number=2)
    loss = inside.geometry_plane_loss.sel(learner="joint").values  # [seed, plane, v, u, task]
    drawn = ax.collections[0].get_array().reshape(4, 4)
    expect(np.allclose(drawn, loss[:, 1].mean((0, 3))), True)
    expect([text.get_text() for text in ax.texts], ["2", "3", "joint"])
    ax.figure.savefig(folder / "plane.png")
    refused(mneme, lambda: mneme.plot.plane(data), "`mneme geometry --plane N` evaluates them")
    # Of si no seed is complete: what is not complete is in no mean.
    partly = mneme.load(path)["split-mini-class"]
    ax = mneme.plot.matrix(partly, learner="er")
    expect(ax.get_title(), "er: accuracy, mean of 2 seeds")
    refused(mneme, lambda: mneme.plot.matrix(partly, learner="si"), "no seed is complete")
    expect([line.get_label() for line in mneme.plot.curves(partly).lines], ["er", "chance"])
    for name in ("matrix", "curves", "pareto", "barrier", "plane"):
        expect((folder / f"{name}.png").stat().st_size > 5000, True)


def leaderboard(mneme, _, folder):
    program = folder / "mneme"
    program.write_text('#!/bin/sh\necho "[\\"$*\\"]"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    found = mneme.leaderboard("a.h5", metric="forgetting", program=str(program))
    expect(found, ["leaderboard --json --metric forgetting a.h5"])
    program.write_text("#!/bin/sh\necho 'a.h5: does not exist' >&2\nexit 65\n")
    refused(mneme, lambda: mneme.leaderboard("a.h5", program=str(program)), "a.h5: does not exist")
    refused(mneme, lambda: mneme.leaderboard("a.h5", program="/nowhere/mneme"), "not found")


def recorder(mneme, _, folder):
    path = folder / "mine.csv"
    with mneme.Recorder(path, "split, mini", "mine", seed=1) as one:
        one.add(1, 1, n_correct=9, n_evaluated=10)
    with mneme.Recorder(path, "split, mini", "mine", seed=2) as two:
        two.add(1, 1, accuracy="0.90")
        try:
            two.add(1, 2)
            raise AssertionError("a row without numbers was written")
        except ValueError:
            pass
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    expect(len(rows), 2)
    expect((rows[0]["benchmark"], rows[0]["n_correct"]), ("split, mini", "9"))
    expect((rows[1]["seed"], rows[1]["accuracy"]), ("2", "0.90"))


def main(program):
    try:
        import mneme_results as mneme
    except ImportError as error:
        print(f"skip results in Python: {error}; ./setup --test installs what is needed")
        return 0
    good = True
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "sample.h5")
        subprocess.run([program, path], check=True)
        for check in (load, tidy, damage, plots, leaderboard, recorder):
            name = f"results in Python, {check.__name__}"
            try:
                check(mneme, path, Path(scratch))
                print(f"ok {name}")
            except ImportError as error:
                print(f"skip {name}: {error}")
            except Exception as error:  # whatever it is, it is a verdict
                print(f"not ok {name}: {type(error).__name__}: {error}")
                good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
