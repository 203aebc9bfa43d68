#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What docs/methods.md takes from the plugins: papers, equations, needs, options, numbers.

docs/methods.py write          writes the marked parts of the page
docs/methods.py check          says whether they are what the plugins and the evidence say
docs/methods.py keep RESULTS   keeps the boards of results folders in docs/reproduction/methods.json
docs/methods.py costs RESULTS  keeps what a step and a task's end cost there, beside them
MNEME_BUILD names the build folder (default: build/release)."""

import csv
import json
import os
import re
import subprocess
import sys

DOCS = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(DOCS)
BUILD = os.environ.get("MNEME_BUILD", os.path.join(ROOT, "build/release"))
MNEME = os.path.join(BUILD, "bin/mneme")
PAGE = os.path.join(DOCS, "methods.md")
EVIDENCE = os.path.join(DOCS, "reproduction/methods.json")
COMMAND = "mneme run benchmarks/suites/methods.toml --limit 600 --limit-test 300 --seeds 2"
COSTS = "mneme run benchmarks/suites/methods.toml --limit 600 --limit-test 50 --seeds 3 --jobs 1"
METHOD = re.compile(r"(<!-- method (\w+) -->\n)(.*?)(<!-- end of method -->\n)", re.S)
NUMBERS = re.compile(r"(<!-- numbers ([\w-]+) -->\n)(.*?)(<!-- end of numbers -->\n)", re.S)
NEEDS = {
    "needs_task_id": "the task at test",
    "needs_task_boundaries": "announced tasks",
    "oracle": "what a learner may not see: a bound",
    "stores_examples": "room for examples",
    "scores": "",
    "single": "",
    "eager": "",
    "captures": "",
    "batched": "",
}


def mneme(*arguments):
    done = subprocess.run([MNEME, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit("mneme %s: %s" % (" ".join(arguments), done.stderr.strip()))
    return done.stdout


def equation(name):
    """The lines of the plugin's first comment that are set apart."""
    lines = []
    with open(os.path.join(ROOT, "plugins", name + ".cpp"), encoding="utf-8") as file:
        for line in file:
            if not line.startswith("//"):
                break
            if line.startswith("//   ") or (lines and line == "//\n"):
                lines.append(line[5:].rstrip())
    while lines and not lines[-1].strip():
        lines.pop()
    return [line.rstrip() for line in lines]


def number(value):
    return "%g" % value if isinstance(value, (int, float)) else str(value)


def bounds(option):
    if option["kind"] == "choice":
        return ", ".join(option["choices"])
    parts = []
    for end, low in (("min", True), ("max", False)):
        if option[end] is not None:
            sign = (">" if low else "<") + ("" if option[end + "_excluded"] else "=")
            parts.append("%s %s" % (sign, number(option[end])))
    return ", ".join(parts)


def default(option):
    if option["kind"] == "flag":
        return "true" if option["default"] else "false"
    return number(option["default"])


def described(name):
    method = json.loads(
        mneme("describe", name, "--plugins", os.path.join(BUILD, "plugins"), "--json")
    )
    arxiv = re.fullmatch(r"arXiv:(\S+)", method["paper"])
    paper = "[%s](https://arxiv.org/abs/%s)" % (arxiv[0], arxiv[1]) if arxiv else method["paper"]
    needs = ", ".join(NEEDS[flag] for flag in method["flags"] if NEEDS[flag])
    lines = ["", "`%s`: %s." % (name, method["summary"]), ""]
    lines += ["Paper: %s." % (paper or "none"), "", "Needs: %s." % (needs or "nothing"), ""]
    if equation(name):
        lines += ["```", *equation(name), "```", ""]
    if method["options"]:
        lines += ["| option | kind | default | bounds | what it is |", "| --- " * 5 + "|"]
        for option in method["options"]:
            cells = (
                option["name"],
                option["kind"],
                default(option),
                bounds(option),
                option["help"],
            )
            lines.append("| %s |" % " | ".join(cell.replace("|", "\\|") for cell in cells))
        lines.append("")
    return "\n".join(lines) + "\n"


def numbers(benchmark):
    with open(EVIDENCE, encoding="utf-8") as file:
        evidence = json.load(file)
    head = ("method", "average accuracy", "forgetting", "kept, MB", "a step, us", "task's end, ms")
    lines = ["", "| %s |" % " | ".join(head), "| --- " * len(head) + "|"]
    for row in sorted(evidence["benchmarks"][benchmark], key=lambda row: -row["accuracy"]):
        cost = evidence["costs"].get(row["method"], {"step": None, "end": None})
        cells = (
            row["method"],
            "%.1f ± %.1f" % (100 * row["accuracy"], 100 * row["accuracy_half"]),
            "" if row["forgetting"] is None else "%.1f" % (100 * row["forgetting"]),
            "%.2f" % (row["kept_bytes"] / 1e6),
            "" if cost["step"] is None else "%.0f" % (1e6 * cost["step"]),
            "" if cost["end"] is None else "%.1f" % (1e3 * cost["end"]),
        )
        lines.append("| %s |" % " | ".join(cells))
    return "\n".join(lines) + "\n\n"


def page(text):
    text = METHOD.sub(lambda m: m[1] + described(m[2]) + m[4], text)
    return NUMBERS.sub(lambda m: m[1] + numbers(m[2]) + m[4], text)


def rows_of(board):
    return [
        {
            "method": row["method"],
            "accuracy": row["score"]["mean"],
            "accuracy_half": row["score"]["half_width_95"],
            "seeds": row["score"]["seeds"],
            "forgetting": row["forgetting"],
            "kept_bytes": row["kept_bytes"],
        }
        for row in board["ranked"] + board["oracles"]
    ]


def keep(folders):
    """The boards of results folders. A benchmark may be in several, as of methods that need the
    task; a method that two of them hold, a control, is kept from the first."""
    evidence = {"command": COMMAND, "benchmarks": {}, "cost_command": COSTS, "costs": {}}
    if os.path.exists(EVIDENCE):  # what a step costs is kept from runs of its own
        with open(EVIDENCE, encoding="utf-8") as file:
            evidence["costs"] = json.load(file)["costs"]
    for folder in folders:
        boards = json.loads(mneme("leaderboard", folder, "--format", "json"))["leaderboards"]
        for board in boards:
            rows = evidence["benchmarks"].setdefault(board["benchmark"], [])
            known = {row["method"] for row in rows}
            rows += [row for row in rows_of(board) if row["method"] not in known]
    write_evidence(evidence)


def costs(folders):
    """Of each method the fastest seed's last task: seconds a step, seconds at the task's end."""
    with open(EVIDENCE, encoding="utf-8") as file:
        evidence = json.load(file)
    found = {}
    for folder in folders:
        runs = list(csv.DictReader(mneme("export", folder, "--what", "cost").splitlines()))
        last = max(int(run["trained_task"]) for run in runs)
        known = set(found)
        for run in runs:
            steps = int(run["optimizer_steps"] or 0)
            if run["method"] in known or int(run["trained_task"]) != last or steps == 0:
                continue
            step = float(run["train_seconds"]) / steps
            found.setdefault(run["method"], []).append((step, float(run["end_task_seconds"])))
    evidence["costs"] = {
        method: {"step": min(a for a, _ in all_of), "end": min(b for _, b in all_of)}
        for method, all_of in found.items()
    }
    write_evidence(evidence)


def write_evidence(evidence):
    with open(EVIDENCE, "w", encoding="utf-8") as file:
        json.dump(evidence, file, indent=1)
        file.write("\n")


def missing(text):
    described_here = {m[2] for m in METHOD.finditer(text)}
    plugins = {n[:-4] for n in os.listdir(os.path.join(ROOT, "plugins")) if n.endswith(".cpp")}
    return sorted(plugins - described_here)


MEMORY = {"policy", "memory", "memory_per_class", "memory_batch"}  # said once for all methods


def unsaid_defaults(text):
    """Options of which the page does not say where their default comes from."""
    part = text.split("## Where the defaults come from\n")[1].split("\n## ")[0]
    bullets = re.findall(r"^- `(\w+)`:(.*?)(?=^- |\Z)", part, re.M | re.S)
    said = {name: set(re.findall(r"`(\w+)`", words)) for name, words in bullets}
    for match in METHOD.finditer(text):
        options = set(re.findall(r"^\| (\w+) \| \w+ \|", match[3], re.M)) - {"option"}
        for option in sorted(options - MEMORY - said.get(match[2], set())):
            yield "%s of %s" % (option, match[2])


def incomplete(text):
    """Methods whose paragraph does not say what they keep and what a step costs."""
    before = text.split("## Numbers")[0]
    for match in METHOD.finditer(before):
        paragraph = before[: match.start()].rsplit("\n### ", 1)[1]
        if not all(word in paragraph for word in ("Kept:", "Passes:")):
            yield match[2]


def say(name, missing):
    print("not ok %s: %s" % (name, ", ".join(missing)) if missing else "ok " + name)


def main():
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command in ("keep", "costs"):
        return (keep if command == "keep" else costs)(sys.argv[2:])
    if command not in ("write", "check"):
        sys.exit(__doc__)
    with open(PAGE, encoding="utf-8") as file:
        text = file.read()
    wanted = page(text)
    if command == "write":
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write(wanted)
        return
    absent = missing(text)
    print(
        "not ok every method has a section: missing %s" % ", ".join(absent)
        if absent
        else "ok every method has a section"
    )
    print(
        "ok docs/methods.md says what the plugins say"
        if text == wanted
        else "not ok docs/methods.md is not what the plugins say: run docs/methods.py write"
    )
    say("every method says what it keeps and its passes", list(incomplete(text)))
    say("every option says where its default comes from", list(unsaid_defaults(text)))


main()
