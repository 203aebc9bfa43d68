# SPDX-License-Identifier: Apache-2.0
"""How long the tables of docs/reproduction.md take: where one was run, by the clocks of its runs
or by the time of its script; where it was not, by an estimate. docs/reproduction/hours.json keeps
of each table `run` and `estimate`, whose times are hours of one core."""

import json
import os
import resource

EVIDENCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "reproduction")
PERFORMANCE = os.path.join(os.path.dirname(EVIDENCE), "performance")
HOURS = os.path.join(EVIDENCE, "hours.json")
GRIDS = {"mlp": ("grid-mlp", "grid-gpu"), "resnet18": ("grid-resnet", "grid-gpuresnet")}
CLOCKS = ["train_seconds", "evaluate_seconds", "end_task_seconds"]  # means over seeds


def read_json(path, otherwise):
    if not os.path.exists(path):
        return otherwise
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def write_json(path, value):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)
        file.write("\n")


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else "a processor without a name"


def seconds_of_children():
    """Seconds of processors that ended children of this process took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def keep(name, kind, core_hours, **others):
    """`kind`: run or estimate."""
    kept = read_json(HOURS, {})
    kept.setdefault(name, {})[kind] = {
        "core_hours": core_hours,
        "processor": processor(),
    } | others
    write_json(HOURS, dict(sorted(kept.items())))


def by_own_clocks(board):
    """Hours that the runs of a leaderboard took. Clocks count on while a run waits for a core."""
    rows = board["ranked"] + board.get("oracles", [])
    seconds = [row["complete_seeds"] * sum(row.get(c) or 0 for c in CLOCKS) for row in rows]
    return sum(seconds) / 3600


def written(hours):
    return str(round(hours)) if hours >= 10 else "%.*f" % (2 if hours < 0.1 else 1, hours)


def gpu_share(table):
    """A GPU's name, and a step's time there as a share of that on one core, by the kept
    measurements of docs/performance. `steps_like` says the network and the batch."""
    network, batch = table["steps_like"]
    kept = [read_json(os.path.join(PERFORMANCE, name + ".json"), None) for name in GRIDS[network]]
    us = [
        row["us"]
        for grid in kept
        for row in grid["rows"]
        if (row["network"], row["method"]) == (network, "finetune")
        and (row["batch"], row["replicas"]) == (batch, 1)
    ]
    return kept[1]["device"], us[1] / us[0]


def sentence(table, board):
    """`board`: what is kept of a suite's table, or None."""
    kept = read_json(HOURS, {}).get(table["name"], {})
    found = kept.get("run")
    if found is None and board is not None and "suite" in table:
        found = {"core_hours": by_own_clocks(board)}  # kept before its processor was
    if found:
        of_suite = "Its runs took %s hours in all by their own clocks, on one core each"
        said = (of_suite if "suite" in table else "It took %s hours of one core") % written(
            found["core_hours"]
        )
        said += " (%s)." % found["processor"] if "processor" in found else "."
    elif "estimate" in kept:
        found = kept["estimate"]
        said = (
            "About %s hours of one core (%s; extrapolated from %d and %d images a task%s; %d "
            "seeds): half of that on two cores."
        ) % (
            written(found["core_hours"]),
            found["processor"],
            *found["images"],
            " of " + " and ".join(found["rows"]) if found["rows"] else "",
            found["seeds"],
        )
    elif "suite" in table:
        return "Its time was not measured; `docs/reproduce.py estimate %s` does." % table["name"]
    else:
        return "Its time was not measured."
    if "steps_like" in table:
        device, share = gpu_share(table)
        said += (
            " On one %s about %s hours, if every step gains what those of finetune on %s at batch "
            "%d do (docs/performance.md)."
        ) % (device, written(found["core_hours"] * share), *table["steps_like"])
    return said
