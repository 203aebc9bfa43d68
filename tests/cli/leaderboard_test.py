#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mneme leaderboard and compare from the outside: what they say of results that decide little or
are not alike, what their options refuse, how wide a line is, what LaTeX makes of it."""

import json
import os
import shutil
import subprocess

from workspace import PLUGINS, WRITER, Skip, case, contains, equal, main

METHODS = ("finetune", "er", "agem")
HOSTILE = "a\\b&_%#^~{}$|<\"'`--日本λé="


def suite(methods=METHODS, seeds=3, benchmarks=("toy",), labels=None):
    text = f"benchmarks = {json.dumps([name + '.toml' for name in benchmarks])}\nseeds = {seeds}\n"
    for i, name in enumerate(methods):
        text += f'[[method]]\nplugin = "{name}"\n'
        if labels:
            text += f'name = "{labels[i]}"\n'
    return text


def trained(workspace, skill, folder="out", arguments=(), **more):
    """Results with these correct answers of 200 by label and seed, trained by nobody."""
    workspace.suite(text=suite(**more))
    workspace.mneme("plan", "suite.toml", "-o", folder, "--plugins", PLUGINS, *arguments)
    plan = workspace.path(folder, "plan.json")
    env = workspace.environment(MNEME_FAKE_SKILL=json.dumps(skill))
    subprocess.run([WRITER, plan, workspace.path(folder)], check=True, env=env)
    workspace.mneme("collect", folder)


def said(workspace, *arguments, command="leaderboard"):
    out, err = workspace.mneme(command, *(arguments or ("out",)))
    return " ".join((out + err).split())


def refused(workspace, *arguments, expect=64):
    return workspace.mneme(*arguments, expect=expect)[1]


def board(workspace, *arguments):
    return json.loads(workspace.mneme("leaderboard", *(arguments or ("out",)), "--json")[0])[
        "leaderboards"
    ][0]


CLEAR = {"finetune": [100, 101, 99], "er": [180, 182, 179], "agem": [140, 139, 143]}


@case
def one_seed_tells_nothing_apart(workspace):
    trained(workspace, CLEAR, seeds=1)
    contains(said(workspace), "One seed: nothing can be told apart; run more seeds (--seeds 5).")
    contains(
        said(workspace, "er", "finetune", "out", command="compare"),
        "One common seed: er differs by +0.4000, and nothing can be tested; run more seeds",
    )


@case
def two_methods_are_one_pair_and_one_method_is_none(workspace):
    trained(workspace, CLEAR, methods=("er", "finetune"))
    contains(said(workspace), "The one pair is told apart. er leads and is told apart from every")
    contains(
        said(workspace, "out", "--method", "er"), "Only er is ranked; there is nothing to compare"
    )


@case
def equal_values_and_constant_differences_are_exact(workspace):
    trained(workspace, {name: [150, 152, 151] for name in METHODS})
    text = said(workspace)
    contains(text, "All methods have the same scores under every common seed.")
    contains(text, "No difference varies from seed to seed: the differences are exact.")
    equal([row["rank"] for row in board(workspace)["ranked"]], [1, 1, 1])
    contains(
        said(workspace, "er", "agem", "out", command="compare"),
        "er and agem have the same scores under every common seed.",
    )
    shifted = {name: [150 + i, 152 + i, 151 + i] for i, name in enumerate(METHODS)}
    trained(workspace, shifted, folder="shifted")
    text = said(workspace, "shifted")
    contains(text, "Of 3 pairs 3 are told apart. agem leads")
    contains(text, "No difference varies from seed to seed: the differences are exact.")


@case
def ties_share_a_rank(workspace):
    skill = {"finetune": [150, 160, 155], "er": [160, 150, 155], "agem": [100, 101, 102]}
    trained(workspace, skill)
    equal([row["rank"] for row in board(workspace)["ranked"]], [1, 1, 3])


@case
def a_metric_that_is_not_defined_ranks_nobody(workspace):
    with open(workspace.path("toy.toml"), encoding="utf-8") as file:
        workspace.write("single.toml", file.read().replace("tasks = 5", "tasks = 1"))
    trained(workspace, CLEAR, benchmarks=("single",))
    text = said(workspace, "out", "--metric", "backward_transfer")
    contains(text, "No method is complete, so nothing is ranked.")
    contains(
        text, "agem, er and finetune: not ranked, backward transfer is not defined for seed 1."
    )
    contains(
        said(workspace, "er", "agem", "out", "--metric", "backward_transfer", command="compare"),
        "backward transfer is not defined for er and agem under a common seed.",
    )


@case
def seeds_that_nobody_shares_blank_nothing(workspace):
    trained(workspace, CLEAR, methods=("er",), folder="a", arguments=("--set", "seeds=[1,2,3]"))
    trained(workspace, CLEAR, methods=("agem",), folder="b", arguments=("--set", "seeds=[4,5]"))
    text = said(workspace, "a", "b")
    contains(text, "No two methods share two seeds, so nothing can be told apart; run them on the")
    contains(text, "er and agem have no seed in common and cannot be tested.")
    rows = board(workspace, "a", "b")["ranked"]
    equal([(row["method"], row["complete_seeds"]) for row in rows], [("er", 3), ("agem", 2)])
    contains(
        said(workspace, "er", "agem", "a", "b", command="compare"),
        "er and agem have no complete seed in common; run them on the same seeds.",
    )


@case
def other_tasks_other_limits_and_other_splits_are_named(workspace):
    trained(workspace, CLEAR, folder="a", arguments=("--limit", "40"))
    trained(workspace, CLEAR, folder="b", arguments=("--limit", "30"))
    text = said(workspace, "a", "b")
    contains(text, "chance 0.5000; limit 40) ")
    contains(text, "b/results.h5: benchmark 'toy' with limit-30 is kept apart as 'toy@limit-30'")
    contains(
        said(workspace, "a", "b", command="compare"), "3 common seeds; limit 40 beside limit 30"
    )
    with open(workspace.path("toy.toml"), encoding="utf-8") as file:
        workspace.write("toy.toml", file.read().replace("tasks = 5", "tasks = 4"))
    trained(workspace, CLEAR, folder="c")
    contains(
        refused(workspace, "compare", "a", "c", expect=65),
        "the two sides have different tasks; compare runs of one benchmark",
    )
    trained(workspace, CLEAR, folder="d")
    with open(workspace.path("toy.toml"), encoding="utf-8") as file:
        workspace.write("toy.toml", file.read().replace("tasks = 4", "tasks = 3"))
    trained(workspace, CLEAR, folder="e")
    contains(refused(workspace, "leaderboard", "d", "e", expect=65), "collect them apart")


@case
def newer_runs_than_the_file_are_named(workspace):
    trained(workspace, CLEAR)
    os.utime(workspace.path("out", "results.h5"), (1000, 1000))
    contains(said(workspace), "out: 9 runs are not in results.h5 yet; merge with")


@case
def values_that_do_not_fit_are_refused_with_a_sentence(workspace):
    trained(workspace, CLEAR)
    for arguments, sentence in (
        (["--alpha", "0"], "--alpha 0: not usable; expected a level between 1e-6 and 0.5"),
        (["--alpha", ""], "--alpha"),
        (["--alpha", "nan"], "--alpha nan: not usable"),
        (["--alpha", "5%"], "--alpha 5%: not usable"),
        (["--margin", "-1"], "--margin -1: not usable; expected a number above 0, in points"),
        (["--margin", "inf"], "--margin inf: not usable"),
        (["--margin", ""], "--margin"),
        (["--metric", ""], "--metric"),
        (["--metric", "accuracy"], "--metric accuracy: unknown; "),
        (["--sort", "methd"], '--sort methd: unknown; the nearest known one is "method"'),
        (["--sort", ""], "--sort"),
        (["--method", "err"], '--method err: unknown; the nearest known one is "er"'),
        (["--method", ""], "--method"),
        (["--baseline", "fine"], "--baseline fine: unknown; "),
        (["--baseline", ""], "--baseline"),
        (["--benchmark", "toi"], "--benchmark toi: not in these results; the nearest known one is"),
        (["--benchmark", ""], "--benchmark"),
        (["--equal", "byte"], "byte"),
        (["--equal", ""], "--equal"),
        (["--format", "xml"], "xml"),
        (["--baseline", "er", "--baseline", "agem"], "--baseline"),
    ):
        contains(refused(workspace, "leaderboard", "out", *arguments), sentence)
    for arguments, sentence in (
        (["er", "agm", "out"], "compare agm: no such method in these results; the nearest known"),
        (["er", "er", "out"], "compare er er: the same twice; name two methods or two results"),
        (["er", "agem"], "compare er agem: not two results files or folders"),
        (["out", "out"], "compare out out: the same twice; name two methods"),
    ):
        contains(refused(workspace, "compare", *arguments), sentence)


@case
def every_metric_and_cost_can_be_compared_by(workspace):
    trained(workspace, CLEAR)
    row = board(workspace)["ranked"][0]
    names = [name for name in row if name not in ("method", "rank", "tier", "score", "values")]
    measures = names[names.index("rank_probability") + 1 : names.index("complete_seeds")]
    assert len(measures) > 15, measures
    for name in measures:
        equal(board(workspace, "out", "--metric", name)["metric"], name)
        board(workspace, "out", "--sort", name)
    twice = ("out", "--method", "er", "--method", "er", "--method", "agem")
    equal([row["method"] for row in board(workspace, *twice)["ranked"]], ["er", "agem"])
    for what in "samples", "seconds", "bytes":
        workspace.mneme("leaderboard", "out", "--equal", what)
    contains(
        said(workspace, "out", "--baseline", "agem"), "Against agem: better er; worse finetune"
    )


@case
def no_line_is_wider_than_80_columns(workspace):
    long = ["m" * 60, "n" * 50 + "-with-words", "er"]
    trained(workspace, {name: CLEAR[m] for name, m in zip(long, METHODS)}, labels=long)
    two = {**{"toy/er": CLEAR["er"]}, **{name: CLEAR[m] for name, m in zip(long, METHODS)}}
    with open(workspace.path("toy.toml"), encoding="utf-8") as file:
        text = file.read()
    name = "a-benchmark-with-the-longest-name-that-is-allowed-of-64-letter"
    workspace.write(name + ".toml", text.replace("separation = 3.0", "separation = 2.0"))
    trained(workspace, two, folder="two", labels=long, benchmarks=("toy", name))
    for arguments in (
        ["leaderboard", "out"],
        ["leaderboard", "two"],
        ["leaderboard", "two", "--metric", "learning_accuracy"],
        ["leaderboard", "two", "--metric", "peak_device_bytes"],
        ["leaderboard", "two", "--baseline", "er"],
        ["leaderboard", "two", "--equal", "bytes"],
        ["compare", "er", long[0], "two"],
        ["compare", "out", "two", "--benchmark", "toy"],
    ):
        for line in workspace.mneme(*arguments, COLUMNS="80")[0].splitlines():
            assert len(line) <= 80, f"{len(line)} columns with {arguments}: {line}"
    wide = workspace.mneme("leaderboard", "out", "--wide")[0]
    contains(wide, long[1])  # whole
    assert max(map(len, wide.splitlines())) > 200, wide


TIDY = """benchmark,method,seed,scenario,trained_task,evaluated_task,accuracy
"""


def tidy(accuracies, benchmark="toy", tasks=5, scenario="domain"):
    text = TIDY
    for method, values in accuracies.items():
        for seed, value in enumerate(values, 1):
            for trained_task in range(1, tasks + 1):
                for task in range(1, trained_task + 1):
                    text += (
                        f"{benchmark},{method},{seed},{scenario},{trained_task},{task},{value}\n"
                    )
    return text


def imported(workspace, name, text):
    workspace.write(name + ".csv", text)
    workspace.mneme("import", name + ".csv", "-o", name + ".h5")


@case
def imported_numbers_are_shown_and_not_ranked_unless_asked(workspace):
    trained(workspace, CLEAR)
    imported(
        workspace, "theirs", tidy({"er": [0.9, 0.92, 0.91, 0.9], "gem": [0.6, 0.62, 0.61, 0.6]})
    )
    alone = board(workspace)
    found = board(workspace, "out", "theirs.h5")
    equal([row["method"] for row in found["imported"]], ["er@theirs", "gem@theirs"])
    equal([row["rank"] for row in found["imported"]], [None, None])
    equal(round(found["imported"][0]["score"]["mean"], 9), 0.9075)
    equal((found["ranked"], found["pairs"]), (alone["ranked"], alone["pairs"]))
    text = said(workspace, "out", "theirs.h5")
    contains(text, "Of 3 pairs 3 are told apart.")
    contains(text, "imp. er@theirs 0.9075 ± 0.0152 - - - 4")
    contains(text, "imp.: imported from another program. Nobody knows whether its data were the")
    asked = board(workspace, "out", "theirs.h5", "--rank-imported")
    equal(asked["imported"], [])
    equal([row["method"] for row in asked["ranked"]][:2], ["er@theirs", "er"])
    equal([row["imported"] for row in asked["ranked"]][:2], [True, False])
    contains(
        said(workspace, "out", "theirs.h5", "--rank-imported"),
        "Imported from another program, and ranked because you asked for it: er@theirs and",
    )
    only = board(workspace, "out", "theirs.h5", "--method", "gem@theirs", "--method", "er")
    equal([row["method"] for row in only["imported"]], ["gem@theirs"])
    for format_name in ("markdown", "latex", "csv"):
        contains(
            workspace.mneme("leaderboard", "out", "theirs.h5", "--format", format_name)[0],
            "gem@theirs",
        )


@case
def imported_numbers_alone_are_shown(workspace):
    imported(workspace, "theirs", tidy({"er": [0.9, 0.92], "gem": [0.6, 0.62]}))
    contains(said(workspace, "theirs.h5"), "All methods are imported, so nothing is ranked.")
    equal(len(board(workspace, "theirs.h5")["imported"]), 2)
    equal(board(workspace, "theirs.h5", "--rank-imported")["verdict"]["pairs"], 1)
    imported(workspace, "others", tidy({"er": [0.8, 0.82]}))
    found = board(workspace, "theirs.h5", "others.h5")["imported"]
    equal([row["method"] for row in found], ["er", "er@others", "gem"])
    contains(
        said(workspace, "er", "gem", "theirs.h5", command="compare"),
        "Both are imported: nobody knows whether their data were the same.",
    )
    trained(workspace, CLEAR)
    contains(
        refused(workspace, "compare", "out", "theirs.h5", expect=65),
        "toy: the two sides have different tasks",
    )


@case
def imported_numbers_of_other_tasks_have_a_table_of_their_own(workspace):
    trained(workspace, CLEAR)
    imported(workspace, "ten", tidy({"er": [0.9, 0.92]}, tasks=10))
    text = said(workspace, "out", "ten.h5")
    contains(text, 'ten: the imported benchmark "toy" has 10 tasks, that of the runs 5; it has a')
    imported(workspace, "task", tidy({"er": [0.9, 0.92]}, scenario="task"))
    contains(
        said(workspace, "out", "task.h5"), 'task: the imported benchmark "toy" is of scenario task'
    )
    equal(board(workspace, "out", "ten.h5")["imported"], [])
    contains(
        refused(workspace, "leaderboard", "out", "ten.h5", "--benchmark", "toi"),
        '--benchmark toi: not in these results; the nearest known one is "toy"',
    )


PAGE = """\\documentclass{article}
\\usepackage[T1]{fontenc}
\\usepackage{booktabs}
\\usepackage{graphicx}
\\begin{document}
%s\\end{document}
"""


@case
def latex_sets_what_is_printed_on_a_page(workspace):
    if not shutil.which("pdflatex"):
        raise Skip("no pdflatex here; apt-get install texlive-latex-recommended brings it")
    imported(workspace, "theirs", tidy({"agem" + HOSTILE.replace('"', ""): [0.9, 0.92, 0.91]}))
    trained(workspace, CLEAR)
    with open(workspace.path("toy.toml"), encoding="utf-8") as file:
        workspace.write("other.toml", file.read().replace("separation = 3.0", "separation = 2.0"))
    trained(workspace, CLEAR, folder="two", benchmarks=("toy", "other"))
    for name, arguments in (
        ("one", ["leaderboard", "out", "theirs.h5"]),
        ("ranked", ["leaderboard", "out", "theirs.h5", "--rank-imported"]),
        ("two", ["leaderboard", "two"]),
        ("baseline", ["leaderboard", "two", "--baseline", "er"]),
        ("seconds", ["leaderboard", "out", "--metric", "train_seconds"]),
        ("compare", ["compare", "er", "agem", "two"]),
    ):
        text = workspace.mneme(*arguments, "--format", "latex")[0]
        workspace.write(name + ".tex", PAGE % text)
        tex = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", name + ".tex"],
            cwd=workspace.folder,
            env={**os.environ, "TEXMFVAR": workspace.path("texmf")},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        assert tex.returncode == 0, f"{arguments}:\n{tex.stdout[-3000:]}"
        assert "Overfull" not in tex.stdout, f"{arguments}:\n{tex.stdout}"


if __name__ == "__main__":
    raise SystemExit(main())
