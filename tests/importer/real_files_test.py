#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files that other programs wrote go in, and the metrics are those that these programs printed:
real_files_test.py MNEME. The files, and how they were made: files/README.md."""

import csv
import io
import os
import re
import subprocess
import sys
import tempfile

MNEME = sys.argv[1]
FILES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "files")


def mneme(*words):
    done = subprocess.run([MNEME, *words], capture_output=True, text=True)
    if done.returncode:
        raise AssertionError("mneme %s: %s" % (" ".join(words), done.stderr))
    return done.stdout


def text(*path):
    with open(os.path.join(FILES, *path), encoding="utf-8") as file:
        return file.read()


class Imported:
    def __init__(self, folder, path, *words):
        self.file = os.path.join(folder, "theirs.h5")
        mneme("import", os.path.join(FILES, *path), "-o", self.file, *words)
        mneme("validate", self.file)
        rows = csv.DictReader(io.StringIO(mneme("export", self.file)))
        self.cells = {(int(r["trained_task"]), int(r["evaluated_task"])): r for r in rows}
        rows = csv.DictReader(io.StringIO(mneme("export", self.file, "--what", "metrics")))
        self.metrics = {r["metric"]: float(r["value"] or "nan") for r in rows}

    def accuracy(self, i, j):
        return float(self.cells[i, j]["accuracy"])

    def average(self, i):
        return sum(self.accuracy(i, j) for j in range(1, i + 1)) / i


def near(found, wanted, margin, what):
    if not abs(found - wanted) <= margin:
        raise AssertionError("%s: found %r, printed is %r" % (what, found, wanted))


def equal(found, wanted, what):
    near(found, wanted, 1e-12, what)


NAMED = ("--benchmark", "split-mnist", "--method", "replay", "--scenario", "class")


def avalanche(folder):
    """Four decimals are in the file, and the printed means were made of all of them."""
    found = Imported(folder, ("avalanche", "eval_results.csv"), *NAMED)
    if len(found.cells) != 25:
        raise AssertionError("%d evaluations" % len(found.cells))
    printed = text("avalanche", "printed.txt")
    for j, value in re.findall(r"Top1_Acc_Exp/.*/Exp00(\d) = ([\d.]+)", printed):
        equal(found.accuracy(5, int(j) + 1), float(value), "experience " + j)
    forgotten = re.findall(r"ExperienceForgetting/.*/Exp00(\d) = (-?[\d.]+)", printed)
    if len(forgotten) != 4:
        raise AssertionError("%d numbers of forgetting are printed" % len(forgotten))
    for j, value in forgotten:
        k = int(j) + 1
        near(found.accuracy(k, k) - found.accuracy(5, k), float(value), 1.01e-4, "forgetting")
    printed_mean = {
        name: float(value) for name, value in re.findall(r"(Stream\w+)/.* = (-?[\d.]+)", printed)
    }
    metrics = found.metrics
    near(metrics["first_minus_last"], printed_mean["StreamForgetting"], 1.01e-4, "forgetting")
    near(metrics["backward_transfer"], printed_mean["StreamBWT"], 1.01e-4, "backward transfer")
    # Its Top1_Acc_Stream counts examples, not tasks: it is the mean weighed by the test sets'
    # sizes.
    sizes = (2115, 2042, 1874, 1986, 1983)  # MNIST's test images of digits 0 and 1, 2 and 3, ...
    weighed = sum(n * found.accuracy(5, j) for j, n in enumerate(sizes, 1)) / sum(sizes)
    stream = float(re.search(r"Top1_Acc_Stream/.* = ([\d.]+)", printed)[1])
    near(weighed, stream, 1.01e-4, "Top1_Acc_Stream")


def mammoth(folder):
    printed = text("mammoth", "printed.txt")
    raw = re.findall(r"Raw accuracy values: Class-IL \[(.*)\] \| Task-IL \[(.*)\]", printed)
    for which, (name, scenario) in enumerate((("class-il", "class"), ("task-il", "task"))):
        found = Imported(folder, ("mammoth", name + ".pyd"), "--scenario", scenario)
        if len(raw) != 5 or len(found.cells) != 15:
            raise AssertionError("%d rows printed, %d read" % (len(raw), len(found.cells)))
        for i, row in enumerate(raw, 1):
            for j, value in enumerate(row[which].split(", "), 1):
                equal(found.accuracy(i, j), float(value) / 100, "%s, %d, %d" % (name, i, j))
        means = re.findall(r"\[Class-IL\]: (.*?) %.*\[Task-IL\]: (.*?) %", printed)
        for i, row in enumerate(means, 1):
            near(100 * found.average(i), float(row[which]), 0.005001, "mean after %d tasks" % i)
        for metric, words in (
            ("backward_transfer", "Raw Backward Transfer values: "),
            ("forgetting", "Raw Forgetting values: "),
        ):
            value = re.search(words + r"Class-IL (\S+) \| Task-IL (\S+)", printed)[1 + which]
            equal(found.metrics[metric], float(value) / 100, metric)


def mammoth_domain(folder):
    """There it writes means over the tasks seen; only the first is the accuracy on one task."""
    found = Imported(folder, ("mammoth", "domain-il.pyd"), "--scenario", "domain")
    printed = text("mammoth", "printed-domain.txt")
    if set(found.cells) != {(1, 1)}:
        raise AssertionError("read: %s" % sorted(found.cells))
    first = re.search(r"Raw accuracy values: Domain-IL \[(\S+)\]", printed)[1]
    equal(found.accuracy(1, 1), float(first) / 100, "the first task")
    outcome = mneme("export", found.file, "--what", "metrics")
    if "failed,average_accuracy,\n" not in outcome:
        raise AssertionError("a run without its last row is taken as complete: " + outcome)


def facil(folder):
    printed = text("facil", "printed.txt")
    for name, kind, scenario in (("TAg", "tag", "class"), ("TAw", "taw", "task")):
        words = ("--format", "facil", "--benchmark", "mnist", "--method", "finetuning")
        found = Imported(folder, ("facil", "acc_%s.txt" % kind), *words, "--scenario", scenario)
        part = printed.split("%s Acc\n" % name)[1].split("***")[0]
        for i, line in enumerate(part.splitlines(), 1):
            values = [float(v) for v in re.findall(r"([\d.]+)%", line)]
            for j in range(1, i + 1):
                near(100 * found.accuracy(i, j), values[j - 1], 0.05001, "%d, %d" % (i, j))
            near(100 * found.average(i), values[5], 0.05001, "mean after %d tasks" % i)
        last = printed.split("%s Forg\n" % name)[1].split("***")[0].splitlines()[4]
        mean = float(re.search(r"Avg.:\s*([\d.]+)%", last)[1])
        near(100 * found.metrics["forgetting"], mean, 0.05001, "forgetting")


def clarena(folder):
    found = Imported(folder, ("clarena", "acc.csv"), *NAMED)
    rows = list(csv.DictReader(io.StringIO(text("clarena", "acc.csv"))))
    if len(rows) != 5 or len(found.cells) != 15:
        raise AssertionError("%d rows, %d cells" % (len(rows), len(found.cells)))
    for i, row in enumerate(rows, 1):
        near(found.average(i), float(row["average_accuracy"]), 1e-6, "mean after %d tasks" % i)


def main():
    for name, check in (
        ("Avalanche 0.6.0", avalanche),
        ("Mammoth, class-IL and task-IL", mammoth),
        ("Mammoth, domain-IL", mammoth_domain),
        ("FACIL", facil),
        ("CLArena 1.1.0", clarena),
    ):
        with tempfile.TemporaryDirectory() as folder:
            try:
                check(folder)
                print("ok imported and printed numbers agree: %s" % name)
            except AssertionError as error:
                print("not ok imported and printed numbers agree: %s: %s" % (name, error))


main()
