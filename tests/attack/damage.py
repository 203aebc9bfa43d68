# SPDX-License-Identifier: Apache-2.0
"""Flips, cuts and other damage to every kind of file that Mneme reads, one at a time. Whoever reads
the file refuses it, or does the work again, or says the same as before: never other numbers."""

import copy
import json
import os
import re
import subprocess
import sys

from attack_workspace import PATIENCE, load, read, remove, write


def flip(content, random):
    at = random.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << random.randrange(8)]) + content[at + 1 :]


def cut(content, random):
    return content[: random.randrange(len(content))]


def erase(content, random):
    at = random.randrange(len(content))
    return content[:at] + bytes(min(512, len(content) - at)) + content[at + 512 :]


def swap(content, random):
    a, b = sorted(random.randrange(len(content)) for _ in range(2))
    size = min(64, b - a, len(content) - b)
    return (
        content[:a]
        + content[b : b + size]
        + content[a + size : b]
        + content[a : a + size]
        + content[b + size :]
    )


def append(content, random):
    return content + bytes(random.randrange(256) for _ in range(1 + random.randrange(64)))


DAMAGES = (flip, flip, flip, cut, erase, swap, append)  # a bit that flips is what is hardest to see


def damaged(path, random):
    """Changes the file and says how; never leaves it as it was."""
    content = read(path)
    while True:
        how = random.choice(DAMAGES)
        changed = how(content, random)
        if changed != content:
            write(path, changed)
            return how.__name__


def without_paths(text):
    """Of what a command prints: the same but for the names of files."""
    return re.sub(r'"?[\w./-]*(tried|good)[\w./-]*"?', "PATH", text)


def reader(workspace, arguments):
    """What the command says of a sound folder, to compare with."""
    sound = workspace.answer(*(word.replace("tried", "good") for word in arguments)).require(0)
    return without_paths(sound.out)


def judge_reader(workspace, kind, arguments, sound, how):
    answer = workspace.answer(*arguments)
    words = answer.fault()
    verdict = "WRONG" if words else "refused" if answer.code else "identical"
    if verdict == "identical" and without_paths(answer.out) != sound:
        verdict, words = "WRONG", f"{answer} prints other numbers"
    workspace.verdicts.add(kind, verdict, words and f"{how}: {words}")


READERS = (
    ("leaderboard", "tried/results.h5", "--json"),
    ("show", "tried/results.h5"),
    ("export", "tried/results.h5"),
    ("export", "tried/results.h5", "--what", "cost"),
    ("compare", "finetune", "er", "tried/results.h5", "--json"),
    ("validate", "tried/results.h5"),
)


def results_file(workspace):
    readers = list(filter(workspace.has, READERS))
    sound = {arguments: reader(workspace, arguments) for arguments in readers}
    for _ in workspace.times(900, 60):
        folder = workspace.copy()
        how = damaged(os.path.join(folder, "results.h5"), workspace.random)
        arguments = workspace.random.choice(readers)
        judge_reader(workspace, "results.h5, printed", arguments, sound[arguments], how)
    for _ in workspace.times(120, 8):
        folder = workspace.copy()
        how = damaged(os.path.join(folder, "results.h5"), workspace.random)
        write_of_damaged(workspace, "results.h5, merged", ("collect", "tried/results.h5"), how)
    for _ in workspace.times(60, 4):
        folder = workspace.copy()
        how = damaged(os.path.join(folder, "results.h5"), workspace.random)
        python_reader(workspace, os.path.join(folder, "results.h5"), how)


def write_of_damaged(workspace, kind, arguments, how):
    """collect: what it writes is what the sound files say, or it writes nothing."""
    remove(workspace.path("merged.h5"))
    answer = workspace.answer(*arguments, "-o", "merged.h5")
    words = answer.fault()
    verdict = "WRONG" if words else "refused" if answer.code else "identical"
    if verdict == "refused" and os.path.exists(workspace.path("merged.h5")):
        verdict, words = "WRONG", f"{answer} refuses and writes"
    if verdict == "identical":
        words = workspace.differences(workspace.path("merged.h5"))
        verdict = "WRONG" if words else verdict
    workspace.verdicts.add(kind, verdict, words and f"{how}: {words}")


def python_reader(workspace, path, how):
    source = os.path.join(os.path.abspath(sys.argv[4]), "results_schema", "python")
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import mneme_results.read as r;"
        "f = r.load(sys.argv[2]); print(f['toy'].n_correct.values.sum())"
    )
    words = [sys.executable, "-c", program, source, path]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        workspace.verdicts.add("results.h5, in Python", "WRONG", f"{how}: does not end")
        return
    if "ModuleNotFoundError" in done.stderr:
        return
    verdict = "WRONG" if done.returncode == 0 else "refused"
    workspace.verdicts.add("results.h5, in Python", verdict, f"{how}: {done.stdout}")


def run_files(workspace):
    sound = load_status(workspace, "good")
    for _ in workspace.times(500, 40):
        folder = workspace.copy()
        name = workspace.random.choice(workspace.runs)
        how = damaged(os.path.join(folder, "runs", name), workspace.random)
        judge_status(workspace, "runs/*.h5, status", sound, how)
    for _ in workspace.times(200, 12):
        folder = workspace.copy()
        name = workspace.random.choice(workspace.runs)
        how = damaged(os.path.join(folder, "runs", name), workspace.random)
        write_of_damaged(workspace, "runs/*.h5, merged", ("collect", "tried"), how)
    for _ in workspace.times(40, 2):
        folder = workspace.copy()
        name = workspace.random.choice(workspace.runs)
        how = damaged(os.path.join(folder, "runs", name), workspace.random)
        repeat(workspace, "runs/*.h5, run again", how)
    for _ in workspace.times(12, 1):
        folder = workspace.copy()
        a, b = workspace.random.sample(workspace.runs, 2)
        write(os.path.join(folder, "runs", a), read(os.path.join(folder, "runs", b)))
        repeat(workspace, "runs/*.h5, another run's", "exchanged")


def load_status(workspace, folder):
    answer = workspace.answer("status", folder, "--json").require(0)
    return {run["run"]: run for run in json.loads(answer.out)["runs"]}


def judge_status(workspace, kind, sound, how):
    answer = workspace.answer("status", "tried", "--json")
    words = answer.fault()
    verdict = "WRONG" if words else "refused" if answer.code else "identical"
    if verdict == "identical":
        for run in json.loads(answer.out)["runs"]:
            if run["outcome"] in ("unreadable", "misplaced", "missing"):
                verdict = "refused"
            elif run != sound.get(run["run"]):
                verdict, words = "WRONG", f"{answer} shows {run}"
                break
    workspace.verdicts.add(kind, verdict, words and f"{how}: {words}")


def repeat(workspace, kind, how):
    answer = workspace.answer("run", "suite.toml", "-o", "tried", "--jobs", "1")
    verdict, words = workspace.judge_run(answer)
    workspace.verdicts.add(kind, verdict, words and f"{how}: {words}")


def plan_file(workspace):
    sound = load_status(workspace, "good")
    for _ in workspace.times(400, 30):
        folder = workspace.copy()
        how = damaged(os.path.join(folder, "plan.json"), workspace.random)
        judge_status(workspace, "plan.json, status", sound, how)
    for _ in workspace.times(12, 1):
        folder = workspace.copy()
        how = damaged(os.path.join(folder, "plan.json"), workspace.random)
        repeat(workspace, "plan.json, run again", how)


def leaves(value, way=()):
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, way + (key,))
    elif isinstance(value, list) and value:
        for key, inner in enumerate(value):
            yield from leaves(inner, way + (key,))
    else:
        yield way, value


def other(value):
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    if isinstance(value, str):
        return value[:-1] + ("x" if value[-1] != "x" else "y") if value else "x"
    return ["x"] if isinstance(value, list) else {"x": 1}


def plan_edits(workspace):
    """Every value of a plan, changed by hand, and its cell then trained: it is refused, or it gives
    the numbers of before."""
    plan = load(workspace.path("good", "plan.json"))
    ways = [way for way, _ in leaves(plan) if way[:2] == ("cells", 2)]
    if workspace.quick:
        ways = workspace.random.sample(ways, 6)
    for way in ways:
        folder = workspace.copy()
        remove(os.path.join(folder, "runs"))
        edited = copy.deepcopy(plan)
        place = edited
        for key in way[:-1]:
            place = place[key]
        place[way[-1]] = other(place[way[-1]])
        if "output" not in way:
            edited["cells"][2]["output"] = folder
        with open(os.path.join(folder, "plan.json"), "w", encoding="utf-8") as file:
            json.dump(edited, file)
        answer = workspace.answer("cell", "--plan", "tried/plan.json", "--index", "2")
        words = answer.fault()
        verdict = "WRONG" if words else "refused" if answer.code else "repeated"
        if verdict == "repeated":
            words = differing_run(workspace, folder)
            verdict = "WRONG" if words else verdict
        name = ".".join(map(str, way[2:]))
        workspace.verdicts.add("plan.json, a value", verdict, words and f"{name}: {words}")


def differing_run(workspace, folder):
    """Whether the runs that a cell has left say, under the plan's names, what they said before."""
    remove(os.path.join(folder, "plan.json"))
    sound = {
        (run["method"], run["seed"]): run["average_accuracy"]
        for run in load_status(workspace, "good").values()
    }
    for run in load_status(workspace, "tried").values():
        if run["outcome"] != "complete":
            continue
        if sound.get((run["method"], run["seed"])) != run["average_accuracy"]:
            return f"gives {run}"
    return ""


def logs_and_pages(workspace):
    """Files that are not read for numbers: nothing that is asked afterwards may change by them."""
    sound = reader(workspace, READERS[0])
    for name in ("log.jsonl", "report.html", ".lock"):
        for _ in workspace.times(20, 2):
            folder = workspace.copy()
            how = damaged(os.path.join(folder, name), workspace.random)
            judge_reader(workspace, f"{name}, read", ("leaderboard", "tried", "--json"), sound, how)
        for _ in workspace.times(8, 1):
            folder = workspace.copy()
            how = damaged(os.path.join(folder, name), workspace.random)
            repeat(workspace, f"{name}, run again", how)


def attack(workspace):
    results_file(workspace)
    run_files(workspace)
    plan_file(workspace)
    plan_edits(workspace)
    logs_and_pages(workspace)
