# SPDX-License-Identifier: Apache-2.0
"""Each number of a page computed again from what `mneme export` gives. A function for each kind of
figure: it returns what differs, or an empty text."""

import collections
import re

from page_tables import by_run, enough, of_axis, same, seeds_of, spread


def tasks_seen(figures, benchmarks, tables):
    runs, seen = by_run(tables["accuracy"], tables["complete"]), 0
    for figure in of_axis(figures, "tasks seen"):
        heads = figure["rows"][0]
        for i, row in enumerate(figure["rows"][1:], 1):
            for head, text in zip(heads[1:], row[1:]):
                method = head[2:] if head.startswith("± ") else head
                values = []
                for rows in seeds_of(runs, benchmarks[figure["block"]], method):
                    mine = [
                        float(r["accuracy"])
                        for r in rows
                        if int(r["trained_task"]) == i and int(r["evaluated_task"]) <= i
                    ]
                    values.append(sum(mine) / i)
                mean, half = spread(values) if values else (None, None)
                if not same(text, half if head.startswith("± ") else mean):
                    return "%s after %d tasks shows %s, not %s, %s" % (head, i, text, mean, half)
                seen += 1
    return enough(seen)


def costs(figures, benchmarks, tables):
    runs, seen = by_run(tables["cost"], tables["complete"]), 0
    metrics = by_run(tables["metrics"], tables["complete"])
    for figure in figures:
        if figure["kind"] != "points":
            continue
        of_bytes = figure["rows"][0][1] == "kept bytes"
        for method, x, y, half in figure["rows"][1:]:
            benchmark = benchmarks[figure["block"]]
            if of_bytes:
                spent = [
                    float(rows[-1]["kept_bytes"]) for rows in seeds_of(runs, benchmark, method)
                ]
            else:
                spent = [
                    sum(float(r["train_seconds"]) for r in rows)
                    for rows in seeds_of(runs, benchmark, method)
                ]
            average = [
                float(r["value"])
                for rows in seeds_of(metrics, benchmark, method)
                for r in rows
                if r["metric"] == "average_accuracy"
            ]
            mean, interval = spread(average) if average else (None, None)
            cost = spread(spent)[0] if spent else None
            if not same(x, cost, 0 if of_bytes else 3):
                return "%s shows %s, exported is %s" % (method, x, cost)
            if not same(y, mean) or not same(half, interval):
                return "%s shows %s ± %s, exported is %s ± %s" % (method, y, half, mean, interval)
            seen += 1
    return enough(seen, 6)


def losses(figures, benchmarks, tables):
    runs, seen = by_run(tables["curves"], tables["complete"]), 0
    for figure in of_axis(figures, "points of the curve"):
        for row in figure["rows"][1:]:
            first, last, task = re.fullmatch(r"(\d+)(?:–(\d+))? \(task (\d+)\)", row[0]).groups()
            for method, text in zip(figure["rows"][0][1:], row[1:]):
                mine = [
                    r
                    for rows in seeds_of(runs, benchmarks[figure["block"]], method)
                    for r in rows
                    if int(first) <= int(r["point"]) <= int(last or first)
                ]
                if {r["task"] for r in mine} - {task}:
                    return "%s is said to be of task %s" % (row[0], task)
                values = [float(r["train_loss"]) for r in mine]
                if not same(text, sum(values) / len(values) if values else None):
                    return "%s, %s shows %s" % (method, row[0], text)
                seen += 1
    return enough(seen)


def confusion(figures, benchmarks, tables):
    seen = 0
    for figure in of_axis(figures, "true class \\ predicted class"):
        benchmark = benchmarks[figure["block"]]
        mine = [
            r
            for r in tables["confusion"]
            if r["method"] == figure["method"]
            and (benchmark, r["method"], r["seed"]) in tables["complete"]
            and r["benchmark"] == benchmark
        ]
        last = max(int(r["trained_task"]) for r in mine)
        counts = collections.Counter()
        for r in mine:
            if int(r["trained_task"]) == last:
                counts[int(r["true_class"]), int(r["predicted_class"])] += int(r["n_predicted"])
        for k, row in enumerate(figure["rows"][1:]):
            whole = sum(counts[k, p] for p in range(len(row) - 1))
            for p, text in enumerate(row[1:]):
                if not same(text, counts[k, p] / whole if whole else None):
                    return "%s, class %d as %d shows %s" % (figure["method"], k, p, text)
                seen += 1
    return enough(seen)


def inside(figures, benchmarks, tables):
    cells = collections.defaultdict(list)
    for r in tables["inside"]:
        if (r["benchmark"], r["method"], r["seed"]) in tables["complete"]:
            key = r["trained_task"], r["evaluation"], r["step"], int(r["evaluated_task"])
            cells[(r["benchmark"], r["method"]) + key].append(float(r["accuracy"]))
    seen = 0
    for figure in of_axis(figures, "evaluation"):
        for row in figure["rows"][1:]:
            at = re.fullmatch(r"task (\d+), evaluation (\d+), step (\d+)", row[0]).groups()
            for j, text in enumerate(row[1:], 1):
                values = cells[(benchmarks[figure["block"]], figure["method"]) + at + (j,)]
                if not same(text, sum(values) / len(values) if values else None):
                    return "%s, %s, task %d shows %s" % (figure["method"], row[0], j, text)
                seen += 1
    return enough(seen)


def lines(figures, benchmarks, tables):
    """The mean over seeds and the tasks that the end of the line has learned."""
    seen = 0
    for figure in of_axis(figures, "place on the line"):
        benchmark = benchmarks[figure["block"]]
        ways = {"L2": "l2_loss", "Mid": "mid_loss", "matched": "matched_loss"}
        value = ways.get(figure["title"].split()[-1], "loss")
        for row in figure["rows"][1:]:
            for head, text in zip(figure["rows"][0][1:], row[1:]):
                of_seeds = re.fullmatch(r"task (\d+), 2 seeds", head)
                to_other = re.fullmatch(r"task (\d+) to (\d+|joint)", head)
                start, end = of_seeds.group(1, 1) if of_seeds else to_other.groups()
                end = end.replace("joint", "0")
                values = [
                    float(r[value])
                    for r in tables["lines"]
                    if (r["benchmark"], r["method"]) == (benchmark, figure["method"])
                    and (r["from_task"], r["to_task"]) == (start, end)
                    and r[value]
                    and "%.3f" % float(r["position"]) == row[0]
                    and (end == "0" or int(r["evaluated_task"]) <= int(end))
                ]
                if not same(text, sum(values) / len(values) if values else None):
                    return "%s, %s at %s shows %s" % (figure["title"], head, row[0], text)
                seen += 1
    return enough(seen)


def diagnostics(figures, benchmarks, tables):
    seen = 0
    for figure in figures:
        if figure["kind"] != "lines" or figure["method"] or figure["rows"][0][0] != "trained task":
            continue
        benchmark, name = figure["title"].split(": ", 1)
        for i, row in enumerate(figure["rows"][1:], 1):
            for method, text in zip(figure["rows"][0][1:], row[1:]):
                values = [
                    float(r["value"])
                    for r in tables["diagnostics"]
                    if (r["benchmark"], r["method"], r["diagnostic"]) == (benchmark, method, name)
                    and int(r["trained_task"]) == i
                    and (benchmark, method, r["seed"]) in tables["complete"]
                ]
                wanted = "%.5g" % (sum(values) / len(values)) if values else ""
                if text != wanted:
                    return "%s of %s shows %s, exported is %s" % (name, method, text, wanted)
                seen += 1
    return enough(seen, 4)


def leaderboard(rows, benchmarks, tables):
    metrics, seen = by_run(tables["metrics"], tables["complete"]), 0
    for block, method, score in rows:
        values = [
            float(r["value"])
            for run in seeds_of(metrics, benchmarks[block], method)
            for r in run
            if r["metric"] == "average_accuracy"
        ]
        if score is None and not values:
            continue
        if score is None or abs(score - sum(values) / len(values)) > 1e-12:
            return "%s shows %s, exported are %s" % (method, score, values)
        seen += 1
    return enough(seen, 6)
