# SPDX-License-Identifier: Apache-2.0
"""Sinkhorn re-basin on real data at a cheap setting. Asserted is what holds with a margin that the
seeds' spread gives; the rest is printed.

  rebasin.py twins PROGRAM [OUT.json]                   two MLPs trained apart, and the loss between
  them: three pairs of seeds
  rebasin.py stream MNEME PLUGINS SOURCE [OUT.json]     RebasinIL, its two ablations and replay of
  the same memory: 10 angles, 8,000 images

OUT.json takes the numbers as tables for docs/reproduce.py."""

import json
import os
import statistics
import subprocess
import sys
import tempfile

BENCHMARK = """version = "1"
title = "Rotated MNIST, the first 10 of 20 angles from 0 to 180 degrees"
reference = "Guerrero Pena et al., arXiv:2212.12042"
[stream]
kind = "rotated"
dataset = "mnist"
tasks = 10
linspace = [0.0, 85.26315789473685]
interpolation = "nearest"
[scenario]
kind = "domain"
[network]
kind = "mlp"
hidden = [256]
[train]
batch_size = 500
epochs = 5
"""
MEMORY = "memory_per_class = 5\nmemory_batch = 500\n"
SUITE = f"""benchmarks = ["angles.toml"]
seeds = 3
[[method]]
plugin = "rebasin"
[[method]]
plugin = "rebasin"
name = "delta-only"
permute = false
[[method]]
plugin = "rebasin"
name = "permutations-only"
residual = false
[[method]]
plugin = "er"
name = "er-adamw"
train = {{ optimizer = "adamw", lr = 0.001, weight_decay = 0.01 }}
{MEMORY}[[method]]
plugin = "er"
name = "er-sgd"
train = {{ lr = 0.1, momentum = 0.0 }}
{MEMORY}[[method]]
plugin = "finetune"
train = {{ lr = 0.01, batch_size = 10, momentum = 0.0 }}
[[method]]
plugin = "joint"
mode = "all"
train = {{ lr = 0.1, momentum = 0.0 }}
"""


def report(name, holds, found):
    print(f"{'ok' if holds else 'not ok'} {name}" + ("" if holds else f": {found}"))
    return holds


def keep(path, command, tables):
    if path:
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"command": command, "tables": tables}, file, indent=1)
            file.write("\n")


def spread(values):
    return f"{statistics.mean(values):.3f} ± {statistics.stdev(values):.3f}"


def twins(program, out=None):
    fine, tables = True, []
    for dataset in ("fashion-mnist", "mnist"):
        done = subprocess.run(
            [program, dataset],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if done.returncode == 2:
            print(f"skip twins on {dataset}: the data set is not here")
            continue
        if done.returncode:
            return report(
                f"twins on {dataset}", False, f"ended with {done.returncode}: {done.stderr.strip()}"
            )
        found = json.loads(done.stdout)
        barrier = {name: values["barrier"] for name, values in found.items()}
        rows = [
            [name, *(spread(found[name][what]) for what in ("barrier", "area", "middle"))]
            for name in found
        ]
        tables.append(
            {
                "title": f"{dataset}, three pairs",
                "columns": ["permuted by", "barrier, nat", "area", "loss in the middle"],
                "rows": rows,
            }
        )
        for row in rows:
            print("  " + "  ".join(row), file=sys.stderr)
        # The margin: every pair, and twice the spread of the differences.
        for better in ("l2", "weight matching", "mid", "rnd"):
            gain = [n - b for n, b in zip(barrier["none"], barrier[better])]
            fine &= report(
                f"twins on {dataset}: {better} lowers the barrier",
                min(gain) > 0 and statistics.mean(gain) > 2 * statistics.stdev(gain),
                barrier,
            )
    keep(out, "tests/claims/rebasin.py twins", tables)
    return fine


def stream(mneme, plugins, _source, out=None):
    with tempfile.TemporaryDirectory(prefix="mneme-claims-") as folder:
        for name, text in (("angles.toml", BENCHMARK), ("suite.toml", SUITE)):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        results = os.path.join(folder, "r")
        done = subprocess.run(
            [
                mneme,
                "run",
                os.path.join(folder, "suite.toml"),
                "-o",
                results,
                "--plugins",
                plugins,
                "--limit",
                "8000",
                "--limit-test",
                "2000",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if done.returncode == 65 and "mnist" in done.stderr:
            print(
                "skip RebasinIL on rotated MNIST: the data set is not here: "
                + done.stderr.strip().splitlines()[-1]
            )
            return True
        if done.returncode:
            return report(
                "RebasinIL on rotated MNIST",
                False,
                f"mneme ended with {done.returncode}: " + done.stderr.strip().replace("\n", " | "),
            )
        board = json.loads(
            subprocess.run(
                [mneme, "leaderboard", results, "--json"],
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            ).stdout
        )["leaderboards"][0]
    table, found = [], {}
    for row in board["ranked"] + board["oracles"]:
        half = row["score"].get("half_width_95")
        found[row["method"]] = 100 * row["score"]["mean"]
        table.append(
            [
                row["method"],
                f"{found[row['method']]:.1f}"
                + (f" ± {100 * half:.1f}" if half is not None else ""),
                "" if row["forgetting"] is None else f"{100 * row['forgetting']:.1f}",
                str(row["complete_seeds"]),
            ]
        )
        print("  " + "  ".join(table[-1]), file=sys.stderr)
    keep(
        out,
        "tests/claims/rebasin.py stream",
        [
            {
                "title": "",
                "columns": ["method", "accuracy, %", "forgetting, points", "seeds"],
                "rows": table,
            }
        ],
    )
    fine = report(
        "RebasinIL is ahead of fine-tuning", found["rebasin"] > found["finetune"] + 5, found
    )
    return fine & report(
        "training on all tasks is ahead of RebasinIL", found["joint"] > found["rebasin"], found
    )


if __name__ == "__main__":
    what, *words = sys.argv[1:]
    sys.exit(not {"twins": twins, "stream": stream}[what](*words))
