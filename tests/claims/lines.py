# SPDX-License-Identifier: Apache-2.0
"""The loss on straight lines between minima, on two tasks of rotated and of permuted MNIST with all
training images: the first figures of MC-SGD's paper, and the lines of the re-basin paper before and
after permutation matching.

  lines.py mcsgd MNEME PLUGINS SOURCE [OUT.json]     from the minimum of task 1 to that of task 2
                                                     trained after it, and from both to the minimum
                                                     of the two together (arXiv:2010.04495)
  lines.py rebasin MNEME PLUGINS SOURCE [OUT.json]   the line between consecutive tasks and that
                                                     between one task's minima from two seeds,
                                                     before and after the hidden units of the first
                                                     end are matched to those of the second by
                                                     weights, L2 and Mid (arXiv:2212.12042)

Both train docs/reproduction/paper-lines.toml into results/reproduction/paper-lines, where that is
missing, and evaluate the lines once. OUT.json takes the numbers for docs/reproduce.py."""

import collections
import csv
import io
import json
import os
import statistics
import subprocess
import sys

SUITE = "docs/reproduction/paper-lines.toml"
FOLDER = "results/reproduction/paper-lines"
LINES = "--points 11 --examples 1000 --match weights --match l2 --match mid --between-seeds".split()
WAYS = {
    "as they are": "loss",
    "weights": "matched_loss",
    "L2": "l2_loss",
    "Mid": "mid_loss",
}


def call(source, *command):
    print("+ " + " ".join(command), file=sys.stderr, flush=True)
    done = subprocess.run(
        command, cwd=source, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        sys.exit(f"{command[0]} ended with {done.returncode}")
    return done.stdout


def lines_of(mneme, plugins, source):
    """{(benchmark, seed, from, to, task): {way: losses}} of the sequential runs."""
    call(source, mneme, "run", SUITE, "-o", FOLDER, "--plugins", plugins, "--quiet")
    place = os.path.join(source, FOLDER, "lines.h5")
    if not os.path.exists(place):
        call(source, mneme, "geometry", FOLDER, "-o", place, *LINES)
    table = call(source, mneme, "export", place, "--what", "lines")
    found = collections.defaultdict(lambda: {way: [] for way in WAYS})
    for row in csv.DictReader(io.StringIO(table)):
        if row["method"] != "finetune":
            continue
        key = (row["benchmark"], int(row["seed"]), int(row["from_task"]), int(row["to_task"]))
        for way, column in WAYS.items():
            found[key + (int(row["evaluated_task"]),)][way].append(float(row[column]))
    return found


def spread(values):
    return f"{statistics.mean(values):.3f} ± {statistics.stdev(values):.3f}"


def barrier(losses):
    """Entezari et al. 2022: the largest loss above the straight line between the ends'."""
    last = len(losses) - 1
    return max(
        0.0,
        *(x - ((1 - k / last) * losses[0] + k / last * losses[-1]) for k, x in enumerate(losses)),
    )


def report(name, holds, found):
    print(f"{'ok' if holds else 'not ok'} {name}: {found}")
    return holds


def by_seed(found, benchmark, start, end, task, value, way="as they are"):
    keys = sorted(k for k in found if k[0] == benchmark and k[2:] == (start, end, task))
    return [value(found[key][way]) for key in keys]


def mcsgd(found):
    """The rise of a task's loss over that at its own minimum, which the line begins at."""
    fine, tables = True, []
    rise = lambda losses: max(losses) - losses[0]
    for benchmark in sorted({key[0] for key in found}):
        rows, rises = [], {}
        for name, start, end, task in (
            ("w1 to w2", 1, 2, 1),
            ("w1 to joint", 1, 0, 1),
            ("w2 to joint", 2, 0, 2),
        ):
            of = lambda value: by_seed(found, benchmark, start, end, task, value)
            rises[name] = of(rise)
            rows.append(
                [
                    name,
                    str(task),
                    *(spread(of(f)) for f in (lambda x: x[0], max, lambda x: x[-1], rise, barrier)),
                ]
            )
        tables.append(
            {
                "title": f"{benchmark}, {len(rises['w1 to w2'])} seeds, losses in nat",
                "columns": [
                    "line",
                    "task",
                    "at its minimum",
                    "largest",
                    "at the end",
                    "rise",
                    "barrier",
                ],
                "rows": rows,
            }
        )
        for name in ("w1 to joint", "w2 to joint"):
            pairs = list(zip(rises[name], rises["w1 to w2"]))
            holds = all(joint < apart for joint, apart in pairs)
            fine &= report(
                f"{benchmark}: the rise on {name} is below that on w1 to w2",
                holds,
                f"{spread(rises[name])} and {spread(rises['w1 to w2'])}",
            )
    return fine, tables


def rebasin(found):
    """The barrier on a task that both ends have learned, so that a rise from an end that has not
    learned it yet, or has forgotten it, is not counted."""
    fine, tables = True, []
    for benchmark in sorted({key[0] for key in found}):
        rows = []
        for name, start, end in (("task 1 to 2", 1, 2), ("task 1, two seeds", 1, 1)):
            barriers = {way: by_seed(found, benchmark, start, end, 1, barrier, way) for way in WAYS}
            if not barriers["as they are"]:  # two seeds with data of their own have no line
                continue
            rows.append([name, *(spread(barriers[way]) for way in WAYS)])
            for way in ("weights", "L2", "Mid") if start == end else ():
                pairs = list(zip(barriers["as they are"], barriers[way]))
                fine &= report(
                    f"{benchmark}, {name}: matching by {way} lowers each barrier",
                    all(after < before for before, after in pairs),
                    f"{spread(barriers['as they are'])} to {spread(barriers[way])}",
                )
        tables.append(
            {
                "title": f"{benchmark}, barrier on task 1 in nat, hidden units matched by",
                "columns": ["line", *WAYS],
                "rows": rows,
            }
        )
    return fine, tables


def main():
    which, mneme, plugins, source = sys.argv[1:5]
    fine, tables = {"mcsgd": mcsgd, "rebasin": rebasin}[which](lines_of(mneme, plugins, source))
    if len(sys.argv) > 5:
        with open(sys.argv[5], "w", encoding="utf-8") as file:
            json.dump(
                {"command": f"tests/claims/lines.py {which}", "tables": tables}, file, indent=1
            )
            file.write("\n")
    sys.exit(0 if fine else 1)


main()
