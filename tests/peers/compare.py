#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Methods of Mneme beside those of Avalanche and Mammoth, on split MNIST with equal tasks, network,
memory and steps. Numbers go through `mneme import` and `mneme compare`.

  tests/peers/compare.py --python PROGRAM [--mammoth FOLDER] [--build FOLDER] [--images 200]
      [--tests 100] [--seeds 5] [--only METHOD]... [--scenario class|task]... [--factors]
      [--json FILE] [--table FILE]

tests/speed/peers/README.md says how to get both; GEM needs qpsolvers and quadprog as well. Run
again with the same --json, it does what is missing.
"""

import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "benchmarks"))
import streams
from ours import SETTINGS, TASKS, factors, mneme, runs_as, seeds_of

METHODS = ["er", "agem", "ewc", "si", "lwf", "derpp", "gem", "icarl", "gdumb"]


def write_images(folder, given):
    """MNIST cut to the first images of each task, where both peers look for it."""
    found, ending = streams.find("mnist", streams.FILES)
    if not found:
        sys.exit("compare: MNIST is not here; see mneme data list")
    values = {file: streams.read(found / (file + ending)) for file in streams.FILES}
    for part, count in (("train", given.images), ("t10k", given.tests)):
        labels = next(v for f, v in values.items() if f.startswith(part) and v.ndim == 1)
        chosen = np.sort(
            np.concatenate([np.flatnonzero(labels // 2 == t)[:count] for t in range(TASKS)])
        )
        for file, all_of in values.items():
            if not file.startswith(part):
                continue
            cut = all_of[chosen]
            head = (
                [0x803, len(cut), 28, 28] if cut.ndim == 3 or cut.ndim == 2 else [0x801, len(cut)]
            )
            for place in ("MNIST/raw", "MNIST/MyMNIST/raw", "MNIST/MNIST/raw"):
                (folder / place).mkdir(parents=True, exist_ok=True)
                (folder / place / file).write_bytes(np.array(head, ">i4").tobytes() + cut.tobytes())


def theirs(side, program, given, folder, done):
    """Runs what `done` does not hold yet, and keeps each run as it ends."""
    wanted = [
        [method, scenario, seed]
        for scenario in given.scenario or ["class", "task"]
        for method in given.only or METHODS
        for seed in range(1, seeds_of(method, scenario, given) + 1)
        if (side, scenario, method) != ("avalanche", "task", "icarl")  # it has one head
    ]
    done[:] = [run for run in done if "accuracy" in run]  # what failed is tried again
    have = {(r["method"], r["scenario"], r["seed"]) for r in done}
    job = {
        "folder": str(folder),
        "tasks": TASKS,
        "settings": SETTINGS,
        "mammoth": given.mammoth,
        "runs": [run for run in wanted if tuple(run) not in have],
    }
    (folder / (side + ".json")).write_text(json.dumps(job))
    words = [given.python, str(HERE / program), str(folder / (side + ".json"))]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            done.append(json.loads(line))
            last = done[-1]
            print(
                "%s, %s, %s, seed %d: %s"
                % (
                    side,
                    last["method"],
                    last["scenario"],
                    last["seed"],
                    last.get("fault") or "%.3f" % np.mean(last["accuracy"][-1]),
                ),
                file=sys.stderr,
                flush=True,
            )
            yield


def tidy(path, runs, scenario, tests):
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(
            ["benchmark", "method", "seed", "scenario"]
            + ["trained_task", "evaluated_task", "n_correct", "n_evaluated"]
        )
        for run in runs:
            for i, row in enumerate(run["accuracy"]):
                for j, value in enumerate(row[: i + 1]):
                    head = ["split-" + scenario, run["method"], run["seed"], scenario]
                    out.writerow(head + [i + 1, j + 1, round(value * tests), tests])


def imported(runs, scenario, name, folder, given):
    tidy(folder / "tidy.csv", runs, scenario, given.tests)
    path = folder / f"{name}-{scenario}.h5"
    path.unlink(missing_ok=True)
    mneme(given, "import", str(folder / "tidy.csv"), "-o", str(path))
    return str(path)


def report(kept, folder, given):
    """What `mneme compare` says of our runs and each peer's, all as imported numbers."""
    kept["tables"] = []
    for side, all_of in kept["peers"].items():
        for scenario, runs in kept["mneme"].get(side, {}).items():
            own = imported(runs, scenario, "mneme", folder, given)
            whole = [r for r in all_of if r["scenario"] == scenario and "accuracy" in r]
            if whole:
                other = imported(whole, scenario, side, folder, given)
                found = json.loads(mneme(given, "compare", own, other, "--json"))
                kept["tables"].append({"scenario": scenario, "peer": side, "compared": found})
    if given.json:
        given.json.write_text(json.dumps(kept, indent=1) + "\n")


def page_tables(kept):
    """The tables of docs/reproduction.md: ours, theirs, and the difference with its interval."""

    def words(score, signed=False):
        if score is None or score["mean"] is None:
            return ""
        half = score["half_width_95"]
        mean = ("%+.1f" if signed else "%.1f") % (100 * score["mean"])
        return mean + (" ± %.1f" % (100 * half) if half is not None else "")

    if "factors" in kept:
        yield {
            "title": "Mneme, scenario class, under other rules; average accuracy, %",
            "columns": ["rules", "er", "derpp", "seeds"],
            "rows": [
                [f["rules"], words(f["er"]), words(f.get("derpp")), str(f["seeds"])]
                for f in kept["factors"]
            ],
        }
    for table in kept["tables"]:
        rows = []
        for pair in table["compared"]["comparisons"]:
            found = pair["benchmarks"][0]
            rows.append(
                [
                    pair["a"].split(" of ")[0],
                    words(found["a"]),
                    words(found["b"]),
                    words(found["difference"], signed=True),
                    found["decision"],
                    str(found["difference"]["seeds"]),
                ]
            )
        yield {
            "title": "%s, scenario %s, %d images a task; average accuracy, %%"
            % (table["peer"].capitalize(), table["scenario"], kept["images"]),
            "columns": ["method", "Mneme", "peer", "difference", "decision", "seeds"],
            "rows": rows,
        }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", required=True)
    parser.add_argument("--mammoth", type=lambda p: str(pathlib.Path(p).resolve()))
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    parser.add_argument("--images", type=int, default=200, help="training images of a task")
    parser.add_argument("--tests", type=int, default=100, help="test images of a task")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", action="append", choices=METHODS)
    parser.add_argument("--scenario", action="append", choices=["class", "task"])
    parser.add_argument("--factors", action="store_true", help="also: which rule does what")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--table", type=pathlib.Path, help="the tables of docs/reproduction.md")
    given = parser.parse_args()
    given.root = ROOT
    os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
    kept = {"peers": {"avalanche": [], "mammoth": []}}
    if given.json and given.json.exists():
        kept = json.loads(given.json.read_text())
    kept.update(images=given.images, tests=given.tests, settings=SETTINGS)
    with tempfile.TemporaryDirectory(prefix="mneme-peers-") as name:
        folder = pathlib.Path(name)
        write_images(folder, given)
        kept.setdefault("mneme", {})
        if "factors" not in kept and given.factors:
            kept["factors"] = factors(folder, given)
        for side in ("avalanche", "mammoth"):
            if side == "mammoth" and not given.mammoth:
                continue
            own = kept["mneme"].setdefault(side, {})
            for scenario in given.scenario or ["class", "task"]:
                if len({r["seed"] for r in own.get(scenario, [])}) < given.seeds:
                    methods = given.only or METHODS
                    own[scenario] = runs_as(side, scenario, methods, folder, given)
            for _ in theirs(side, side + "_side.py", given, folder, kept["peers"][side]):
                if given.json:
                    given.json.write_text(json.dumps(kept, indent=1) + "\n")
            report(kept, folder, given)
    tables = list(page_tables(kept))
    if given.table:
        own = {"settings": SETTINGS, "tables": tables}
        given.table.write_text(json.dumps(own, indent=1, ensure_ascii=False) + "\n")
    for table in tables:
        print("\n" + table["title"])
        for row in [table["columns"], *table["rows"]]:
            print("  ".join(cell.ljust(18) for cell in row).rstrip())


main()
