#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The reference numbers of docs/benchmarks.md: benchmarks/suites/reference.toml on each benchmark
of docs/reproduction/reference.toml.

docs/reference.py run [NAME...] [--jobs N]  runs them, all or those named, into
                                            results/reference/NAME, and keeps the evidence in
                                            docs/reproduction/reference.json; run again, it does
                                            what is missing
docs/reference.py tiers                     adds the tiers of the methods to the evidence (needs
                                            mneme_tiers)
docs/reference.py write                     writes the tables of docs/benchmarks.md
docs/reference.py check                     says whether the tables are what the evidence says,
                                            and the evidence of today's settings
MNEME_BUILD names the build folder (default: build/release)."""

import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib

from reproduce import (
    BUILD,
    DOCS,
    EVIDENCE,
    ROOT,
    asked,
    check,
    markdown,
    percent,
    train,
    write,
)

PAGE = os.path.join(DOCS, "benchmarks.md")
NUMBERS = os.path.join(EVIDENCE, "reference.json")
MARKED = re.compile(r"(<!-- reference -->\n)(.*)(<!-- end of reference -->\n)", re.S)


def toml(*path):
    with open(os.path.join(ROOT, *path), "rb") as file:
        return tomllib.load(file)


def text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


PLAN = toml("docs", "reproduction", "reference.toml")
SUITE = toml(PLAN["suite"])
LABELS = [method.get("name", method["plugin"]) for method in SUITE["method"]]


def arguments(entry):
    """Limits, epochs where they are cut, and as many stored examples a step as the batch has."""
    words = [
        word
        for key in ("limit", "limit_test")
        if key in entry
        for word in ("--" + key.replace("_", "-"), str(entry[key]))
    ]
    keys = [
        "method.%s.train.epochs=%d" % (label, entry["epochs"])
        for label in LABELS
        if "epochs" in entry
    ]
    keys.append(
        "method.er.memory_batch=%d"
        % toml("benchmarks", "standard", entry["name"] + ".toml")["train"]["batch_size"]
    )
    return words + [word for key in keys for word in ("--set", key)]


def settings(entry):
    """A digest of all that decides the numbers but the data and the program."""
    benchmark = toml("benchmarks", "standard", entry["name"] + ".toml")
    held = {key: value for key, value in benchmark.items() if key not in ("title", "reference")}
    return hashlib.sha256(
        json.dumps(
            [SUITE["seeds"], SUITE["method"], held, arguments(entry)], sort_keys=True
        ).encode()
    ).hexdigest()


def evidence():
    return json.loads(text(NUMBERS)) if os.path.exists(NUMBERS) else {}


def narrowed(name):
    """The suite with one benchmark, as a file of its own."""
    one, found = re.subn(
        r"^benchmarks = \[[^\]]*\]",
        'benchmarks = ["%s"]' % name,
        text(os.path.join(ROOT, PLAN["suite"])),
        flags=re.M,
    )
    if found != 1:
        sys.exit("reference: %s has no list of benchmarks; add benchmarks = [...]" % PLAN["suite"])
    path = os.path.join(ROOT, "results", "reference", name + ".toml")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    write(path, one)
    return path


def standings(folder, metric):
    board = asked("leaderboard", folder, "--metric", metric)["leaderboards"][0]
    return board, {
        row["method"]: row for row in board["ranked"] + board["oracles"] + board["incomplete"]
    }


def extracted(entry, folder):
    board, accuracy = standings(folder, "average_accuracy")
    forgetting = standings(folder, "forgetting")[1]
    tasks = asked("describe", entry["name"])["tasks"]
    used = lambda part, limit: [
        fit(min(task[part], entry.get(limit, task[part])) for task in tasks) for fit in (min, max)
    ]
    rows = {
        label: {
            "complete_seeds": row["complete_seeds"],
            "tier": row["tier"],
            "accuracy": row["score"],
            "accuracies": row["values"],
            "forgetting": forgetting[label]["score"],
            "forgettings": forgetting[label]["values"],
        }
        for label, row in accuracy.items()
    }
    return {
        "arguments": shlex.join(arguments(entry)),
        "settings_sha256": settings(entry),
        "benchmark_digest": board["benchmark_digest"],
        "seeds": board["seeds"],
        "chance": board["chance_accuracy"],
        "tasks": len(tasks),
        "train_examples": used("train", "limit"),
        "test_examples": used("test", "limit_test"),
        "rows": rows,
    }


def run(names, options):
    unknown = [name for name in names if name not in [entry["name"] for entry in PLAN["benchmark"]]]
    if unknown:
        sys.exit(
            "reference: no numbers are asked for of %s; use names of"
            " docs/reproduction/reference.toml" % ", ".join(unknown)
        )
    for entry in PLAN["benchmark"]:
        if names and entry["name"] not in names:
            continue
        folder = os.path.join(ROOT, "results", "reference", entry["name"])
        train(narrowed(entry["name"]), arguments(entry) + options, folder)
        known = {**evidence(), entry["name"]: extracted(entry, folder)}
        write(
            NUMBERS,
            json.dumps(
                {e["name"]: known[e["name"]] for e in PLAN["benchmark"] if e["name"] in known},
                indent=1,
            )
            + "\n",
        )


def span(counts):
    return str(counts[0]) if counts[0] == counts[1] else "%d to %d" % tuple(counts)


def score(found, label, measure):
    row = found["rows"].get(label)
    if not row or row["complete_seeds"] < len(found["seeds"]):
        return "not complete" if row else ""
    mean, half = row[measure]["mean"], row[measure]["half_width_95"]
    letters = row.get("tier") if measure == "accuracy" else None
    if mean is None:
        return ""
    return " ".join(filter(None, [percent(mean) + " ± " + percent(half), letters]))


def tables():
    known = evidence()
    measured = [
        (entry["name"], known[entry["name"]])
        for entry in PLAN["benchmark"]
        if entry["name"] in known
    ]
    learners = [
        label for label in LABELS if any(score(found, label, "forgetting") for _, found in measured)
    ]
    accuracy = [["benchmark", "training", "test", "chance", *LABELS, "seeds"]]
    accuracy += [
        [
            name,
            span(found["train_examples"]),
            span(found["test_examples"]),
            percent(found["chance"]),
            *[score(found, label, "accuracy") for label in LABELS],
            " ".join(map(str, found["seeds"])),
        ]
        for name, found in measured
    ]
    forgetting = [["benchmark", *learners, "arguments"]]
    forgetting += [
        [
            name,
            *[score(found, label, "forgetting") for label in learners],
            "`%s`" % found["arguments"],
        ]
        for name, found in measured
    ]
    without = [(entry["name"], entry["why"]) for entry in PLAN["without"]]
    without += [
        (entry["name"], "asked for, not run yet")
        for entry in PLAN["benchmark"]
        if entry["name"] not in known
    ]
    return (
        "\n\n".join(
            [
                (
                    "Average accuracy after the last task, %; training and test examples of a task;"
                    " chance, %. Methods that share a letter are not told apart by these seeds"
                    " (leaderboard.md); joint is a bound and takes no part:"
                ),
                markdown(accuracy),
                "Forgetting, points; the arguments of each run:",
                markdown(forgetting),
                "Without numbers: " + "; ".join("%s (%s)" % pair for pair in without) + ".",
            ]
        )
        + "\n"
    )


def tiers_of(boards):
    """The letters of each {method: scores by seed}, by the leaderboard's own tests."""
    program = os.path.join(BUILD, "tests", "docs", "mneme_tiers")
    found = subprocess.run(
        [program], input=json.dumps(boards), check=True, capture_output=True, text=True
    )
    return json.loads(found.stdout)


def add_tiers():
    """For evidence from before a run kept them."""
    known = evidence()
    oracles = {"joint"}
    boards = [
        {
            label: row["accuracies"]
            for label, row in found["rows"].items()
            if label not in oracles and row["complete_seeds"] == len(found["seeds"])
        }
        for found in known.values()
    ]
    for found, letters in zip(known.values(), tiers_of(boards)):
        for label, row in found["rows"].items():
            row["tier"] = letters.get(label)
    write(NUMBERS, json.dumps(known, indent=1) + "\n")


def page():
    return MARKED.sub(lambda match: match[1] + "\n" + tables() + "\n" + match[3], text(PAGE))


def judge():
    known, named = evidence(), [entry["name"] for entry in PLAN["benchmark"]]
    shipped = sorted(
        name.removesuffix(".toml")
        for name in os.listdir(os.path.join(ROOT, "benchmarks", "standard"))
    )
    stale = [
        entry["name"]
        for entry in PLAN["benchmark"]
        if entry["name"] in known and known[entry["name"]]["settings_sha256"] != settings(entry)
    ]
    rules = {
        "the page has a place for reference numbers": bool(MARKED.search(text(PAGE))),
        "reference numbers are of today's settings"
        + (": run docs/reference.py run %s" % " ".join(stale) if stale else ""): not stale,
        "every standard benchmark has reference numbers or a reason": (
            sorted(named + [entry["name"] for entry in PLAN["without"]]) == shipped
        ),
        "the suite lists the benchmarks of reference.toml": (
            sorted(named) == sorted(SUITE["benchmarks"])
        ),
    }
    for rule, holds in rules.items():
        print(("ok " if holds else "not ok ") + rule)
    return check(PAGE, page(), "docs/reference.py") and all(rules.values())


def main():
    words = sys.argv[1:]
    if words[:1] == ["run"]:
        first = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
        run(words[1:first], words[first:])
    elif words == ["tiers"]:
        add_tiers()
    elif words == ["write"]:
        write(PAGE, page())
    elif words == ["check"]:
        sys.exit(0 if judge() else 1)
    else:
        print(__doc__, file=sys.stderr)
        sys.exit(64)


main()
