# SPDX-License-Identifier: Apache-2.0
"""What is claimed of supermasks (arXiv:2006.14769, 2210.10209), on real MNIST at a cheap setting.
Directions with a margin, exact zeros, and
numbers that are only reported; nothing is tuned to pass.

  density  exssnet-density-cheap.toml with --limit 6000: SupSup and ExSSNeT forget exactly nothing;
  with the published scale of the weights
           ExSSNeT is ahead of SupSup at density .02. Without batch norm the gap is mostly that
           scale: with fan_by_density it is reported.
  split    the same densities on split MNIST, one seed: nearly saturated, so only reported; nothing
           is forgotten there either.
  kkt      accuracy after the first mask epoch with and without transfer, where tasks are related
           (rotations by 9 degrees), and where they are
           not (permutations).
  hundred  100 tasks of 2,000 images, density .02, 1 + 1 epochs: nothing is forgotten; accuracy and
  share of free weights against t.

  supermasks.py MNEME PLUGINS SOURCE [OUT.json]     OUT.json takes the numbers as tables for
  docs/reproduce.py
"""

import glob
import json
import os
import re
import subprocess
import sys
import tempfile

import h5py

MNEME, PLUGINS, SOURCE = sys.argv[1:4]
TABLES = []  # what is printed, for OUT.json
# Points. Three seeds gave 6.6 for ExSSNeT at density .02 with the published scale (9.4, 5.6, 4.8
# seed by seed) and 2.1 for KKT.
AHEAD, FASTER = 1.0, 0.5
ROTATED = """title = "Rotated MNIST, 5 tasks, task known"
reference = "arXiv:2210.10209"
[stream]
kind = "rotated"
dataset = "mnist"
tasks = 5
degrees_per_task = 9
[scenario]
kind = "task"
head = "shared"
[network]
kind = "mlp"
hidden = [300, 100]
bias = false
"""


def report(name, holds, found):
    print(f"{'ok' if holds else 'not ok'} {name}" + ("" if holds else f": {found}"), flush=True)
    return holds


def table(title, columns, rows):
    TABLES.append({"title": title, "columns": columns, "rows": rows})
    for row in [columns] + rows:
        print("# " + "  ".join(row), flush=True)


def interval(values):
    return "%.1f ± %.1f" % values


def boards(folder, *arguments):
    """Each benchmark's rows: label -> mean and half of the 95 % interval of the average accuracy,
    forgetting, learning accuracy; in %."""
    done = subprocess.run(
        [MNEME, "run", *arguments, "-o", folder, "--plugins", PLUGINS],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode == 65 and "not found; looked in" in done.stderr:
        print(
            "skip supermasks on MNIST: the data set is not here: "
            + done.stderr.strip().splitlines()[-1]
        )
        sys.exit(0)
    if done.returncode != 0:
        print(
            f"not ok {arguments[0]}: mneme ended with {done.returncode}: "
            + done.stderr.strip().replace("\n", " | ")
        )
        sys.exit(1)
    out = {}
    for metric in ("average_accuracy", "forgetting", "learning_accuracy"):
        text = subprocess.run(
            [MNEME, "leaderboard", folder, "--json", "--metric", metric],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
        for board in json.loads(text)["leaderboards"]:
            for row in board["ranked"]:
                score = row["score"]
                out.setdefault(board["benchmark"], {}).setdefault(row["method"], {})[metric] = (
                    100 * score["mean"],
                    100 * (score["half_width_95"] or 0),
                )
    return out


def suite(folder, name, benchmarks, rows, seeds=3):
    path = os.path.join(folder, name + ".toml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(
            f"benchmarks = {json.dumps(benchmarks)}\nseeds = {seeds}\n"
            + "".join(f"[[method]]\n{row}\n" for row in rows)
        )
    return path


def density(folder):
    board = boards(
        os.path.join(folder, "density"),
        os.path.join(SOURCE, "benchmarks/suites/exssnet-density-cheap.toml"),
        "--limit",
        "6000",
        "--limit-test",
        "2000",
    )["permuted-mnist-5-task"]
    zero = {
        label: row["forgetting"] for label, row in board.items() if not label.startswith("ssnet")
    }
    fine = report(
        "supsup and exssnet forget exactly nothing on permuted MNIST",
        all(f == (0, 0) for f in zero.values()),
        zero,
    )
    level = {label: row["average_accuracy"] for label, row in board.items()}
    rows = []
    for scaled in ("false", "true"):
        for share in ("0.02", "0.05", "0.1"):
            ours = [
                level[name + f"[density={share},fan_by_density={scaled}]"]
                for name in ("supsup", "exssnet")
            ]
            rows.append([share, scaled, *map(interval, ours), "%+.1f" % (ours[1][0] - ours[0][0])])
    table(
        "Permuted MNIST, 5 tasks of 6,000 images, task known, LeNet-300-100 without biases, 3"
        " seeds, 4 epochs against 2 + 2; accuracy, %",
        ["density", "fan_by_density", "supsup", "exssnet", "exssnet - supsup, points"],
        rows,
    )
    table(
        "The same at density 0.1, fan_by_density = false: forgetting",
        ["method", "accuracy, %", "forgetting, points"],
        [
            [
                label,
                interval(board[label]["average_accuracy"]),
                "%.2f" % board[label]["forgetting"][0],
            ]
            for label in (
                "supsup[density=0.1,fan_by_density=false]",
                "exssnet[density=0.1,fan_by_density=false]",
                "ssnet",
            )
        ],
    )
    point = "[density=0.02,fan_by_density=false]"
    gap = level["exssnet" + point][0] - level["supsup" + point][0]
    return fine & report(
        f"exssnet is {AHEAD:g} points ahead of supsup at density .02 with the published scale",
        gap > AHEAD,
        gap,
    )


def split(folder):
    grid = "density = { grid = [0.02, 0.05, 0.1] }\nfan_by_density = { grid = [false, true] }\n"
    path = suite(
        folder,
        "split",
        ["split-mnist-5-lenet-task"],
        [
            'plugin = "supsup"\nmask_epochs = 4\n' + grid,
            'plugin = "exssnet"\nmask_epochs = 2\nweight_epochs = 2\n' + grid,
        ],
        seeds=1,
    )
    board = boards(os.path.join(folder, "split"), path, "--limit", "6000", "--limit-test", "2000")[
        "split-mnist-5-lenet-task"
    ]
    rows = []
    for scaled in ("false", "true"):
        for share in ("0.02", "0.05", "0.1"):
            point = f"[density={share},fan_by_density={scaled}]"
            rows.append(
                [
                    share,
                    scaled,
                    *(
                        "%.1f" % board[name + point]["average_accuracy"][0]
                        for name in ("supsup", "exssnet")
                    ),
                ]
            )
    table(
        "Split MNIST, 5 tasks of two digits, at most 6,000 images each, task known, one seed;"
        " accuracy, %",
        ["density", "fan_by_density", "supsup", "exssnet"],
        rows,
    )
    found = {label: row["forgetting"] for label, row in board.items()}
    return report(
        "supsup and exssnet forget exactly nothing on split MNIST",
        all(f == (0, 0) for f in found.values()),
        found,
    )


def kkt(folder):
    with open(os.path.join(folder, "rotated-mnist-5-task.toml"), "w", encoding="utf-8") as file:
        file.write(ROTATED)
    row = (
        'plugin = "exssnet"\nname = "%s"\nmask_epochs = 1\nweight_epochs = 0\nfan_by_density ='
        ' true\nkkt = "%s"\nkkt_threshold = "%s"'
    )
    path = suite(
        folder,
        "kkt",
        ["rotated-mnist-5-task.toml", "permuted-mnist-5-task"],
        [
            row % ("off", "off", "chance"),
            row % ("chance", "best", "chance"),
            row % ("margin", "best", "margin"),
        ],
    )
    found = boards(os.path.join(folder, "kkt"), path, "--limit", "6000", "--limit-test", "2000")
    table(
        "KKT: accuracy after the first mask epoch, 5 tasks of 6,000 images, density 0.1,"
        " fan_by_density = true, 3 seeds, %",
        ["stream", "off", "best, threshold chance", "best, threshold margin"],
        [
            [
                name,
                *(
                    interval(board[label]["learning_accuracy"])
                    for label in ("off", "chance", "margin")
                ),
            ]
            for name, board in sorted(found.items())
        ],
    )
    first = {
        label: found["rotated-mnist-5-task"][label]["learning_accuracy"][0]
        for label in ("off", "chance", "margin")
    }
    return report(
        "kkt learns faster where tasks are related",
        min(first["chance"], first["margin"]) > first["off"] + FASTER,
        first,
    )


def hundred(folder):
    row = 'plugin = "%s"\ndensity = 0.02\ndensity_rule = "uniform_body"\n'
    path = suite(
        folder,
        "hundred",
        ["permuted-mnist-100-task"],
        [
            row % "exssnet" + "mask_epochs = 1\nweight_epochs = 1",
            row % "supsup" + "mask_epochs = 2",
        ],
        seeds=1,
    )
    out = os.path.join(folder, "hundred")
    board = boards(out, path, "--limit-test", "500")["permuted-mnist-100-task"]
    table(
        "100 permutations, 2,000 images each, density 0.02 and half of the head, 1 + 1 epochs"
        " against 2, one seed",
        ["method", "accuracy, %", "forgetting, points"],
        [
            [label, "%.1f" % values["average_accuracy"][0], "%.2f" % values["forgetting"][0]]
            for label, values in sorted(board.items())
        ],
    )
    shares = {}
    for log in glob.glob(os.path.join(out, "logs", "*.log")):
        with open(log, encoding="utf-8") as file:
            found = {
                (int(t), what): float(value)
                for t, what, value in re.findall(
                    r"task (\d+), share of the (.*): ([\d.e-]+)", file.read()
                )
            }
        with h5py.File(os.path.join(out, "runs", os.path.basename(log)[:-4] + ".h5"), "r") as run:
            shares[run["permuted-mnist-100-task/method"].asstr()[0]] = found
    share = lambda name, t, which="": shares[name][t, "weights kept" + which]
    rows = []
    for t in (1, 2, 5, 10, 20, 50, 100):
        free = [
            "%.3f" % (share(name, t, " that no earlier task chose") / share(name, t))
            for name in sorted(shares)
        ]
        rows.append(["%d" % t, *free, "%.3f" % ((1 - share("exssnet", t)) ** (t - 1))])
    table(
        "Share of task t's mask that no earlier task chose, in these runs; for independent masks it"
        " is (1 - k)^(t - 1)",
        ["t", *sorted(shares), "(1 - k)^(t - 1)"],
        rows,
    )
    return report(
        "100 tasks are learned without forgetting",
        all(values["forgetting"] == (0, 0) for values in board.values()),
        board,
    )


with tempfile.TemporaryDirectory(prefix="mneme-claims-") as folder:
    fine = all([part(folder) for part in (density, split, kkt, hundred)])
if len(sys.argv) > 4:
    with open(sys.argv[4], "w", encoding="utf-8") as file:
        json.dump({"tables": TABLES}, file, indent=1)
        file.write("\n")
sys.exit(not fine)
