#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tables of docs/reliability.md, from what tests/attack, mutants and soak have left.

docs/reliability.py write    writes them
docs/reliability.py check    says whether the page has them"""

import collections
import json
import os
import sys
import tomllib

DOCS = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(DOCS, "reliability.md")
KEPT = os.path.join(DOCS, "reliability")
MUTANTS = os.path.join(os.path.dirname(DOCS), "tests/mutants/mutants.toml")
VERDICTS = ("refused", "repeated", "identical", "WRONG")
TITLES = {
    "damage": "flips, cuts and other damage to results, runs and plans",
    "inputs": "the same to caches, plugins and data",
    "places": "something else in place of a file",
    "kills": "SIGKILL, SIGTERM, SIGUSR1, SIGINT at random moments",
    "disks": "disks without room",
    "plugins": "every plugin, killed in the middle of its training",
}


def load(name):
    """An empty record where there is none yet."""
    if not os.path.exists(os.path.join(KEPT, name)):
        return {}
    with open(os.path.join(KEPT, name), encoding="utf-8") as file:
        return json.load(file)


def attack():
    parts = load("attack.json")
    if not parts:
        return ["No attack has been recorded yet."]
    lines = ["| part | kind | states | " + " | ".join(VERDICTS) + " |"]
    lines.append("| --- | --- |" + " ---: |" * 5)
    whole = collections.Counter()
    for part, title in TITLES.items():
        if part not in parts:
            continue
        states = parts[part]["states"]
        if part == "plugins":  # a line for all of them
            kind = f"{len(states)} plugins"
            states = [{"kind": kind, **{v: sum(s[v] for s in states) for v in VERDICTS}}]
        for state in states:
            counts = [state[verdict] for verdict in VERDICTS]
            whole.update(dict(zip(VERDICTS, counts)))
            cells = [title, state["kind"], sum(counts), *counts]
            lines.append("| " + " | ".join(map(str, cells)) + " |")
            title = ""
    counts = [whole[verdict] for verdict in VERDICTS]
    lines.append("| all | | " + " | ".join(map(str, [sum(counts), *counts])) + " |")
    made = {(p["date"], p["program"], p["seed"], p["quick"]) for p in parts.values()}
    for date, program, seed, quick in sorted(made):
        lines.append(f"\n{date}, mneme {program}, seed {seed}{', --quick' if quick else ''}.")
    return lines


def mutants():
    record = load("mutants.json")
    with open(MUTANTS, "rb") as file:
        known = {mutant["name"]: mutant for mutant in tomllib.load(file)["mutant"]}
    if not record:
        return [f"{len(known)} are in the list; no run over them has been recorded yet."]
    rooms = collections.defaultdict(collections.Counter)
    for name, entry in record.items():
        room = entry["file"].split("/")
        rooms["/".join(room[: 2 if room[0] == "harness" else 1])][entry["verdict"]] += 1
    lines = ["| room | bugs | noticed | lived |", "| --- | ---: | ---: | ---: |"]
    total = collections.Counter()
    for room, count in sorted(rooms.items()):
        total.update(count)
        tried = count["killed"] + count["alive"]
        lines.append(f"| `{room}` | {tried} | {count['killed']} | {count['alive']} |")
    tried = total["killed"] + total["alive"]
    lines.append(f"| all | {tried} | {total['killed']} | {total['alive']} |")
    lines.append(f"\n{len(known)} are in the list, {tried} of them were tried.")
    alive = [name for name, entry in record.items() if entry["verdict"] == "alive"]
    for name in alive:
        why = known.get(name, {}).get("defence", "a test is missing")
        lines.append(f"\n- *{record[name]['what']}* lived: {why}.")
    return lines


def soak():
    record = load("soak.json")
    if not record:
        return ["No soak has been recorded yet."]
    columns = ("cells", "s", "MiB", "open files, least to most", "files in `runs/`")
    columns += ("in `logs/`, `cells/` and `checkpoints/`", "log, KiB")
    lines = [
        "| " + " | ".join(columns) + " |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in record["rows"]:
        if len(row["jobs"]) < 2:  # one of them has ended
            continue
        files = row["files"]
        shown = [
            row["cells"],
            row["seconds"],
            " and ".join(f"{job['bytes'] / 2**20:.1f}" for job in row["jobs"]),
            " and ".join(f"{job['least_open']} to {job['most_open']}" for job in row["jobs"]),
            files["runs"],
            ", ".join(str(files[folder]) for folder in ("logs", "cells", "checkpoints")),
            row["log_bytes"] // 1024,
        ]
        lines.append("| " + " | ".join(map(str, shown)) + " |")
    ended = record["rows"][-1]["cells"]
    lines.append(f"\n{record['date']}, {ended:,} of {record['cells']:,} cells.")
    return lines


def between(text, name, lines):
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    before, rest = text.split(begin)
    return before + begin + "\n".join(lines) + "\n" + end + rest.split(end)[1]


def main():
    command = sys.argv[1] if len(sys.argv) == 2 else ""
    if command not in ("write", "check"):
        sys.exit(__doc__)
    with open(PAGE, encoding="utf-8") as file:
        text = file.read()
    wanted = text
    for name, lines in (("attack", attack()), ("mutants", mutants()), ("soak", soak())):
        wanted = between(wanted, name, lines)
    if command == "write":
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write(wanted)
        return 0
    good = text == wanted
    say = "ok the page has the figures" if good else "not ok the page has other figures"
    print(say + ("" if good else ": run docs/reliability.py write"))
    return 0 if good else 1


sys.exit(main())
