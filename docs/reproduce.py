#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Published numbers beside ours. Every number of ours comes from a file that a command made.

docs/reproduce.py list           names the tables of docs/reproduction/tables.toml and the verdict
                                 of each
docs/reproduce.py run NAME...    runs tables, into results/reproduction/NAME, and keeps the evidence
                                 as docs/reproduction/NAME.json; prints how long that takes before
                                 it starts; run again, it does what is missing
docs/reproduce.py estimate NAME  measures how long a suite's table takes, on two small parts of it,
                                 and keeps that in docs/reproduction/hours.json
docs/reproduce.py write          writes docs/reproduction.md and its figures from the evidence
docs/reproduce.py check          says whether they are what the evidence says
docs/reproduce.py check --quick  repeats a few runs and says whether this build still gives the kept
                                 numbers within their intervals
MNEME_BUILD names the build folder (default: build/release). For the table `peers`
MNEME_PEERS_PYTHON is a Python with Avalanche, and MNEME_PEERS_MAMMOTH a checkout of Mammoth
(tests/speed/peers/README.md says how to make both)."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import textwrap
import tomllib

import reproduction_figures
import reproduction_times
from reproduction_times import EVIDENCE, read_json, write_json

DOCS = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(DOCS)
BUILD = os.environ.get("MNEME_BUILD", os.path.join(ROOT, "build", "release"))
MNEME = os.path.join(BUILD, "bin", "mneme")
PAGE = os.path.join(DOCS, "reproduction.md")
INSTALLED = ["--plugins", os.path.join(BUILD, "plugins")]
INSTALLED += ["--benchmarks", os.path.join(ROOT, "benchmarks", "standard")]
FIGURES = os.path.join(EVIDENCE, "figures")
HEAD = """# Published numbers beside ours

Written by `docs/reproduce.py write` from `docs/reproduction/*.json`, which `docs/reproduce.py run`
extracted from result files; no number of ours is typed. Ours: mean over seeds and half of the 95 %
t interval. Methods that share a letter in the column *tier* are not told apart
(docs/leaderboard.md). Published numbers carry their source: *checked* means that a second source
gives the same figure; everything else is as remembered, not checked against the paper, and is never
asserted by a test.

Each section ends in a verdict. *Confirmed*: the claim's pairs of methods are told apart in the
claimed direction, and every published row is met within two points or our interval. *Confirmed in
direction*: the pairs are told apart in the claimed direction, at other levels or a smaller size.
*Not confirmed*: at least one pair is not told apart, or points the other way. *Not tested*: not run
here, or on one seed, which tells nothing apart. Where a paper has a table of methods the verdict is
computed by these rules; elsewhere it is our reading of the table, and the section says why."""


def tables():
    with open(os.path.join(EVIDENCE, "tables.toml"), "rb") as file:
        return tomllib.load(file)["table"]


def evidence_path(name):
    return os.path.join(EVIDENCE, name + ".json")


def train(suite, arguments, folder):
    """`mneme run`; run again, it does what is missing."""
    command = [MNEME, "run", suite, *arguments, "-o", folder, *INSTALLED]
    print("+ " + " ".join(command), flush=True)
    ended = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL).returncode
    if ended not in (0, 1):  # 1: some runs failed, which the board says
        sys.exit(ended)


def asked(*words):
    """What `mneme WORDS --json` says."""
    return json.loads(
        subprocess.run([MNEME, *words, "--json"], check=True, capture_output=True, text=True).stdout
    )


def named(name):
    found = [table for table in tables() if table["name"] == name]
    if not found:
        known = ", ".join(table["name"] for table in tables())
        sys.exit("reproduce: there is no table %s; use one of %s" % (name, known))
    return found[0]


def arguments_with(table, **others):
    """The table's arguments, with other values for some of its options."""
    options = {"--" + key.replace("_", "-"): str(value) for key, value in others.items()}
    words = iter(shlex.split(table["arguments"]))
    kept = [part for word in words for part in (word, next(words)) if word not in options]
    return kept + [part for pair in options.items() for part in pair]


def estimate(name):
    """The time of a table grows with the images: two small parts of it give the slope. With
    `estimate_only` a few rows stand for all of them, each for equally many."""
    table = named(name)
    if "suite" not in table:
        sys.exit("reproduce: %s is a script's table; only the time of a suite is estimated" % name)
    images, seconds = table.get("estimate_images", [200, 600]), []
    only = [word for row in table.get("estimate_only", []) for word in ("--only", row)]
    for count in images:
        with tempfile.TemporaryDirectory() as folder:
            before = reproduction_times.seconds_of_children()
            words = arguments_with(table, limit=count, limit_test=count // 3, seeds=1, jobs=1)
            train(table["suite"], words + ["--quiet", *only], folder)
            seconds.append(reproduction_times.seconds_of_children() - before)
    if only:
        rows = len(methods_of(table["suite"]))
        seconds = [one * rows / len(table["estimate_only"]) for one in seconds]
    slope = (seconds[1] - seconds[0]) / (images[1] - images[0])
    of_a_seed = max(seconds[0] + slope * (table["images"] - images[0]), 0)
    reproduction_times.keep(
        name,
        "estimate",
        of_a_seed * table["seeds"] / 3600,
        images=images,
        core_seconds=seconds,
        seeds=table["seeds"],
        rows=table.get("estimate_only", []),
    )
    print("%s: %s" % (name, time_of(table)))


def methods_of(suite):
    found = asked("plan", suite, "--seeds", "1", *INSTALLED)
    return {run["method"] for cell in found["cells"] for run in cell["runs"]}


def time_of(table):
    return reproduction_times.sentence(table, read_json(evidence_path(table["name"]), None))


def run_script(table):
    command = [
        part.format(build=BUILD, root=ROOT, python=sys.executable, out=evidence_path(table["name"]))
        for part in shlex.split(os.path.expandvars(table["script"]))
    ]
    print("+ " + " ".join(command), flush=True)
    before = reproduction_times.seconds_of_children()
    subprocess.run(
        command,
        check=True,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "MNEME_PLUGINS": os.path.join(BUILD, "plugins")},
    )
    return (reproduction_times.seconds_of_children() - before) / 3600


def run_suite(table):
    folder = os.path.join(ROOT, "results", "reproduction", table.get("folder", table["name"]))
    train(table["suite"], shlex.split(table["arguments"]), folder)
    board = board_of(table, folder)
    write_json(evidence_path(table["name"]), scores_of(board) if "best" in table else board)
    return reproduction_times.by_own_clocks(board)


def run(names):
    for table in [named(name) for name in names] or tables():
        print("%s: %s" % (table["name"], time_of(table)), flush=True)
        core_hours = run_script(table) if "script" in table else run_suite(table)
        reproduction_times.keep(table["name"], "run", core_hours)


def scores_of(board):
    """A search without its comparisons: those of 72 settings with one another are a megabyte."""
    of_table = ["benchmark", "benchmark_digest", "evaluated_on", "seeds", "oracles", "incomplete"]
    of_row = ["method", "tier", "score", "values", "forgetting", "complete_seeds"]
    of_row += ["train_seconds", "evaluate_seconds", "end_task_seconds"]
    kept = {key: board[key] for key in of_table}
    return kept | {"ranked": [{key: row[key] for key in of_row} for row in board["ranked"]]}


def board_of(table, folder):
    return next(
        board
        for board in asked("leaderboard", folder)["leaderboards"]
        if board["benchmark"] == table["benchmark"]
    )


def check_quick():
    """Seed 1 of the methods that tables.toml calls quick, at the size of the kept evidence. One
    new value of a method falls within half_width * sqrt(seeds + 1) of the mean in 95 % of cases."""
    held = True
    for table in tables():
        if "quick" not in table:
            continue
        kept = read_json(evidence_path(table["name"]), {"ranked": []})
        words = [w for method in table["quick"] for w in ("--only", method)]
        words += ["--benchmark", table["benchmark"], "--quiet"]
        with tempfile.TemporaryDirectory() as folder:
            train(table["suite"], arguments_with(table, seeds=1) + words, folder)
            today = {row["method"]: row["values"] for row in board_of(table, folder)["ranked"]}
        for row in kept["ranked"]:
            if row["method"] not in table["quick"]:
                continue
            value = today.get(row["method"], [None])[0]
            score = row["score"]
            reach = score["half_width_95"] * (score["seeds"] + 1) ** 0.5
            within = value is not None and abs(value - score["mean"]) <= reach
            held = held and within
            print(
                "%s %s, %s: seed 1 %s, kept %s (seed 1 %s), at most %s apart"
                % (
                    "ok" if within else "not ok",
                    table["name"],
                    row["method"],
                    percent(value),
                    percent(score["mean"]),
                    percent(row["values"][0]),
                    percent(reach),
                )
            )
    return held


def percent(value):
    return "" if value is None else "%.1f" % (100 * value)


def board_rows(table, board):
    published = table.get("published", {})
    yield ["method", "published, %", "ours, %", "tier", "forgetting, points", "seeds"]
    for row in (board["ranked"] + board["oracles"])[: table.get("best")]:
        score = row["score"]
        half = score.get("half_width_95")
        ours = percent(score["mean"]) + (" ± " + percent(half) if half is not None else "")
        yield [
            row["method"],
            published.get(row["method"], ""),
            ours,
            row.get("tier") or "",
            percent(row["forgetting"]),
            str(row["complete_seeds"]),
        ]
    for row in board["incomplete"]:
        yield [
            row["method"],
            published.get(row["method"], ""),
            "not complete",
            "",
            "",
            str(row.get("complete_seeds", "")),
        ]


def verdict(table, found):
    """By the rules of the page's head."""
    if "verdict" in table:
        return table["verdict"] if found else "not tested"
    rows = {row["method"]: row for row in found.get("ranked", []) + found.get("oracles", [])}
    pairs = table.get("claimed", [])
    if not pairs or not {method for pair in pairs for method in pair} <= rows.keys():
        return "not tested"
    if min(rows[method]["score"]["seeds"] for pair in pairs for method in pair) < 2:
        return "not tested"  # one seed tells nothing apart
    for better, worse in pairs:
        tiers = [set(rows[method].get("tier") or "") for method in (better, worse)]
        apart = tiers[0] and tiers[1] and not tiers[0] & tiers[1]
        if not apart or rows[better]["score"]["mean"] <= rows[worse]["score"]["mean"]:
            return "not confirmed"
    for method, words in table["published"].items():
        score = rows[method]["score"] if method in rows else {"mean": 0, "half_width_95": 0}
        apart = abs(100 * score["mean"] - float(words.split()[0]))
        if apart > max(2, 100 * (score["half_width_95"] or 0)):
            return "confirmed in direction"
    return "confirmed"


def measures(found):
    """Benzing's measures on one run: correlations, and what the path integrals add up to. Means
    over seeds."""
    mean = lambda values: sum(values) / len(values)
    for part in found["runs"]:
        names, title = part["measures"], "Batch %d, %d epochs, Adam %g, %d images, %d seeds" % (
            part["batch_size"],
            part["epochs"],
            part["lr"],
            found["images"],
            len(found["seeds"]),
        )
        rows = [
            [name] + ["%.2f" % mean(cell) for cell in row]
            for name, row in zip(names, part["correlation"])
        ]
        yield {
            "title": title + ": correlation of the importances over all parameters",
            "columns": [""] + names,
            "rows": rows,
        }
        sums = part["sum_of_w"]
        yield {
            "title": title + ": sum of w over all parameters, nat",
            "columns": ["fall of the loss"] + list(sums),
            "rows": [
                ["%.2f" % mean(part["loss_drop"])]
                + ["%.2f" % mean(values) for values in sums.values()]
            ],
        }


def markdown(rows):
    rows = [[str(cell) for cell in row] for row in rows]
    return "\n".join(
        "| " + " | ".join(row) + " |" for row in [rows[0], ["---"] * len(rows[0])] + rows[1:]
    )


def grids_of(table, found):
    if "script" not in table:
        return [markdown(board_rows(table, found))]
    return [
        "%s%s"
        % (g["title"] + "\n\n" if g.get("title") else "", markdown([g["columns"]] + g["rows"]))
        for g in found.get("tables") or measures(found)
    ]


def budget(table, found):
    """What a search over settings tried."""
    return (
        "The best %d of %d settings are shown; each was run with %d seeds and judged on validation "
        "images alone."
    ) % (table["best"], len(found["ranked"]), len(found["seeds"]))


def figure_of(table):
    found = read_json(evidence_path(table["name"]), None)
    return None if found is None else reproduction_figures.figure_of(table, found)


def figures():
    """The text of each figure by its path."""
    made = {os.path.join(FIGURES, t["name"] + ".svg"): figure_of(t) for t in tables()}
    return {path: text for path, text in made.items() if text is not None}


def write_figures():
    os.makedirs(FIGURES, exist_ok=True)
    wanted = figures()
    for path, text in wanted.items():
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    for name in os.listdir(FIGURES):
        if os.path.join(FIGURES, name) not in wanted:
            os.remove(os.path.join(FIGURES, name))


def check_figures():
    kept = {}
    for name in os.listdir(FIGURES):
        with open(os.path.join(FIGURES, name), encoding="utf-8") as file:
            kept[os.path.join(FIGURES, name)] = file.read()
    same = kept == figures()
    ending = "are" if same else "are not"
    say = "ok %s" if same else "not ok %s; run `docs/reproduce.py write`"
    print(say % ("figures of reproduction.md %s what their evidence says" % ending))
    return same


def section(table):
    lines = ["## " + table["title"], table["paper"] + "."]
    if "claim" in table:
        lines.append("*Claim.* " + table["claim"].strip())
    found = read_json(evidence_path(table["name"]), None)
    if found is not None:
        lines += grids_of(table, found)
        if "best" in table:
            lines.append(budget(table, found))
        if figure_of(table) is not None:
            lines.append("![%s](reproduction/figures/%s.svg)" % (table["title"], table["name"]))
    for key, word in (("differs", "What differs"), ("reading", "Reading")):
        if key in table and (found is not None or key == "differs"):
            lines.append("*%s.* %s" % (word, table[key].strip()))
    lines.append("*Verdict: %s.*" % (verdict(table, found) if found is not None else "not tested"))
    lines.append("Run it: `docs/reproduce.py run %s`. %s" % (table["name"], time_of(table)))
    return "\n\n".join(lines)


def page():
    summary = [["table", "verdict"]] + [
        [table["title"], verdict(table, read_json(evidence_path(table["name"]), {}))]
        for table in tables()
    ]
    return "\n\n".join([HEAD, markdown(summary)] + [section(t) for t in tables()]) + "\n"


def list_tables():
    for table in tables():
        kept = read_json(evidence_path(table["name"]), {})
        print("%-24s %-24s %s" % (table["name"], verdict(table, kept), table["title"]))


def wrapped(text):
    """The page at 100 columns: its paragraphs, not its tables, headings and code."""
    parts, code = [], False
    for part in text.split("\n\n"):
        plain = not (code or re.search(r"^(#|<|\||```|[-*] | {4})", part, re.M))
        code ^= part.count("```") % 2 == 1
        if plain and max(map(len, part.splitlines() or [""])) > 100:
            lines = textwrap.wrap(part, 100, break_long_words=False, break_on_hyphens=False)
            part = "\n".join(lines + [""] * part.endswith("\n"))
        parts.append(part)
    return "\n\n".join(parts)


def write(path, text):
    text = wrapped(text)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def check(path, wanted, script):
    with open(path, encoding="utf-8") as file:
        same = file.read() == wrapped(wanted)
    print(
        (
            "ok %s is what its evidence says"
            if same
            else "not ok %%s is not what its evidence says; run `%s write`" % script
        )
        % os.path.basename(path)
    )
    return same


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `list | head` ends without a stack
    words = sys.argv[1:]
    if words[:1] == ["run"]:
        run(words[1:])
    elif words == ["list"]:
        list_tables()
    elif words[:1] == ["estimate"] and len(words) == 2:
        estimate(words[1])
    elif words == ["write"]:
        write(PAGE, page())
        write_figures()
    elif words == ["check"]:
        held = [check(PAGE, page(), "docs/reproduce.py"), check_figures()]
        sys.exit(0 if all(held) else 1)
    elif words == ["check", "--quick"]:
        sys.exit(0 if check_quick() else 1)
    else:
        print(__doc__, file=sys.stderr)
        sys.exit(64)


if __name__ == "__main__":
    main()
