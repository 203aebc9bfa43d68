#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Published numbers beside ours. Every number of ours comes from a file that a command made.

docs/reproduce.py run [NAME...]  runs what docs/reproduction/tables.toml lists, into
                                 results/reproduction/NAME, and keeps the evidence as
                                 docs/reproduction/NAME.json; run again, it does what is missing
docs/reproduce.py tiers          adds the tiers of the methods to the evidence (needs mneme_tiers)
docs/reproduce.py write          writes docs/reproduction.md from the evidence
docs/reproduce.py check          says whether the page is what the evidence says
MNEME_BUILD names the build folder (default: build/release)."""

import json
import os
import re
import shlex
import subprocess
import sys
import textwrap
import tomllib

DOCS = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(DOCS)
BUILD = os.environ.get("MNEME_BUILD", os.path.join(ROOT, "build", "release"))
MNEME = os.path.join(BUILD, "bin", "mneme")
EVIDENCE = os.path.join(DOCS, "reproduction")
PAGE = os.path.join(DOCS, "reproduction.md")
HEAD = """# Published numbers beside ours

Written by `docs/reproduce.py write` from `docs/reproduction/*.json`, which `docs/reproduce.py run`
extracted from result files; no number of ours is typed. Ours: mean over seeds and half of the 95 %
t interval. Published numbers carry their source: *checked* means that a second source gives the
same figure; everything else is as remembered, not checked against the paper, and is never asserted
by a test.

The settings are cheap ones: a part of the images, few seeds. Levels are then not comparable with
the paper's; orders and signs are what a row can show, and only where the seeds decide: methods that
share a letter in the column *tier* are not told apart (docs/leaderboard.md)."""


def tables():
    with open(os.path.join(EVIDENCE, "tables.toml"), "rb") as file:
        return tomllib.load(file)["table"]


def evidence_path(name):
    return os.path.join(EVIDENCE, name + ".json")


def train(suite, arguments, folder):
    """`mneme run`; run again, it does what is missing."""
    command = [
        MNEME,
        "run",
        suite,
        *arguments,
        "-o",
        folder,
        "--plugins",
        os.path.join(BUILD, "plugins"),
        "--benchmarks",
        os.path.join(ROOT, "benchmarks", "standard"),
    ]
    print("+ " + " ".join(command), flush=True)
    ended = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL).returncode
    if ended not in (0, 1):  # 1: some runs failed, which the board says
        sys.exit(ended)


def asked(*words):
    """What `mneme WORDS --json` says."""
    return json.loads(
        subprocess.run([MNEME, *words, "--json"], check=True, capture_output=True, text=True).stdout
    )


def run(names):
    known = [table["name"] for table in tables()]
    for name in names:
        if name not in known:
            sys.exit("reproduce: there is no table %s; there are: %s" % (name, ", ".join(known)))
    for table in tables():
        if names and table["name"] not in names:
            continue
        folder = os.path.join(ROOT, "results", "reproduction", table.get("folder", table["name"]))
        if "script" in table:
            command = [
                part.format(
                    build=BUILD, root=ROOT, python=sys.executable, out=evidence_path(table["name"])
                )
                for part in shlex.split(table["script"])
            ]
            print("+ " + " ".join(command), flush=True)
            subprocess.run(
                command,
                check=True,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "MNEME_PLUGINS": os.path.join(BUILD, "plugins")},
            )
            continue
        train(table["suite"], shlex.split(table["arguments"]), folder)
        board = next(
            b
            for b in asked("leaderboard", folder)["leaderboards"]
            if b["benchmark"] == table["benchmark"]
        )
        with open(evidence_path(table["name"]), "w", encoding="utf-8") as file:
            json.dump(board, file, indent=1)
            file.write("\n")


def tiers_of(boards):
    """The letters of each {method: scores by seed}, by the leaderboard's own tests."""
    program = os.path.join(BUILD, "tests", "docs", "mneme_tiers")
    found = subprocess.run(
        [program], input=json.dumps(boards), check=True, capture_output=True, text=True
    )
    return json.loads(found.stdout)


def add_tiers():
    for table in tables():
        path = evidence_path(table["name"])
        if "script" in table or not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as file:
            board = json.load(file)
        letters = tiers_of([{row["method"]: row["values"] for row in board["ranked"]}])[0]
        for row in board["ranked"]:
            row["tier"] = letters[row["method"]]
        with open(path, "w", encoding="utf-8") as file:
            json.dump(board, file, indent=1)
            file.write("\n")


def percent(value):
    return "" if value is None else "%.1f" % (100 * value)


def board_rows(table, board):
    published = table.get("published", {})
    yield ["method", "published, %", "ours, %", "tier", "forgetting, points", "seeds"]
    for row in board["ranked"] + board["oracles"]:
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


def page():
    parts, missing = [HEAD], []
    for table in tables():
        if not os.path.exists(evidence_path(table["name"])):
            missing.append(table["name"])
            continue
        with open(evidence_path(table["name"]), encoding="utf-8") as file:
            found = json.load(file)
        if "script" in table:
            command = found.get("command", "docs/reproduce.py run " + table["name"])
            grids = [
                "%s%s"
                % (
                    g["title"] + "\n\n" if g.get("title") else "",
                    markdown([g["columns"]] + g["rows"]),
                )
                for g in found.get("tables") or measures(found)
            ]
        else:
            command = "mneme run %s %s" % (table["suite"], table["arguments"])
            grids = [markdown(board_rows(table, found))]
        lines = ["## " + table["title"], "%s. `%s`" % (table["paper"], command), *grids]
        for key, word in (("differs", "What differs"), ("reading", "Reading")):
            if key in table:
                lines.append("*%s.* %s" % (word, table[key].strip()))
        parts.append("\n\n".join(lines))
    if missing:
        parts.append("## Not measured\n\n" + "\n".join("- " + name for name in missing))
    return "\n\n".join(parts) + "\n"


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
    words = sys.argv[1:]
    if words[:1] == ["run"]:
        run(words[1:])
    elif words == ["tiers"]:
        add_tiers()
    elif words == ["write"]:
        write(PAGE, page())
    elif words == ["check"]:
        sys.exit(0 if check(PAGE, page(), "docs/reproduce.py") else 1)
    else:
        print(__doc__, file=sys.stderr)
        sys.exit(64)


if __name__ == "__main__":
    main()
