# SPDX-License-Identifier: Apache-2.0
"""Signals at random moments of every phase. The same command afterwards ends with the same bits,
and nothing half-written is left."""

import json
import os
import re
import signal
import subprocess
import time

from attack_workspace import WORKER, facts, load, read, remove, wait_until

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGUSR1, signal.SIGINT)


def struck(workspace, arguments, number, seconds, after=None):
    """Starts a command and sends it a signal after that time, counted from when `after` holds."""
    process = workspace.start(*arguments)
    if after:
        wait_until(lambda: after() or process.poll() is not None)
    time.sleep(seconds)
    process.send_signal(number)
    return workspace.finish(process, arguments)


def duration(workspace, *arguments):
    begun = time.monotonic()
    workspace.answer(*arguments).require(0)
    return time.monotonic() - begun


def each_signal(workspace, whole, quick):
    for turn in workspace.times(whole, quick):
        yield SIGNALS[turn % len(SIGNALS)]


def add(workspace, kind, number, verdict, words):
    name = signal.Signals(number).name
    workspace.verdicts.add(kind, verdict, words and f"{name}: {words}")


def killed_command(workspace, kind, arguments, made, whole, quick):
    """A short command that writes the file `made` or, with none, prints."""
    lasts = duration(workspace, *arguments)
    sound = outcome(workspace, arguments, made)
    for number in each_signal(workspace, whole, quick):
        if made:
            remove(workspace.path(made))
        answer = struck(workspace, arguments, number, workspace.random.uniform(0, 1.2 * lasts))
        words = answer.fault(killed=True)
        if not words and made and os.path.exists(workspace.path(made)):
            if content(workspace, made) != sound:
                words = f"{answer} leaves a part of {made}"
        again = workspace.answer(*arguments)
        words = words or again.fault() or (again.code and f"then it ends with {again.code}")
        if not words and outcome(workspace, arguments, made, again) != sound:
            words = "then it says something else"
        left = workspace.leftovers(".")
        if not words and left:
            words = f"leaves {left}"
        for path in left:
            remove(path)
        add(workspace, kind, number, "WRONG" if words else "repeated", words)


def content(workspace, made):
    if made.endswith(".h5"):
        return (
            workspace.differences(workspace.path(made))
            if "all" in made
            else facts_of(workspace, made)
        )
    return re.sub(rb"\d{4}-\d\d-\d\d[T ][\d:]{5,8}Z?", b"TIME", read(workspace.path(made)))


def facts_of(workspace, made):
    answer = workspace.answer("export", made)
    return (answer.code, answer.out)


def outcome(workspace, arguments, made, answer=None):
    answer = answer or workspace.answer(*arguments).require(0)
    return content(workspace, made) if made else answer.out


def planning(workspace):
    arguments = ("plan", "suite.toml", "-o", "planned")
    lasts = duration(workspace, *arguments)
    sound = digests(workspace.path("planned", "plan.json"))
    for number in each_signal(workspace, 60, 4):
        remove(workspace.path("planned"))
        answer = struck(workspace, arguments, number, workspace.random.uniform(0, 1.2 * lasts))
        words = answer.fault(killed=True)
        again = workspace.answer(*arguments)
        words = words or again.fault() or (again.code and f"then it ends with {again.code}")
        if not words and digests(workspace.path("planned", "plan.json")) != sound:
            words = "then it makes another plan"
        if not words and workspace.leftovers("planned"):
            words = f"leaves {workspace.leftovers('planned')}"
        add(workspace, "planning", number, "WRONG" if words else "repeated", words)


def digests(path):
    return [run["digest"] for cell in load(path)["cells"] for run in cell["runs"]]


def describing(workspace):
    arguments = ("describe", "er", "--json")
    cache = workspace.path("cache", "mneme", "describe")
    remove(cache)
    lasts = duration(workspace, *arguments)
    sound = workspace.answer(*arguments).require(0).out
    for number in each_signal(workspace, 60, 4):
        remove(cache)
        answer = struck(workspace, arguments, number, workspace.random.uniform(0, 1.2 * lasts))
        words = answer.fault(killed=True)
        again = workspace.answer(*arguments)
        words = words or again.fault() or ("" if again.out == sound else "then it says another")
        if not words and workspace.leftovers("cache"):
            words = f"leaves {workspace.leftovers('cache')}"
        add(workspace, "describe", number, "WRONG" if words else "repeated", words)


def run_again(workspace, kind, number, answer, folder):
    words = answer.fault(killed=True)
    again = workspace.answer("run", "suite.toml", "-o", folder, "--jobs", "2")
    verdict, then = workspace.judge_run(again, folder)
    if not then and workspace.leftovers(folder):
        verdict, then = "WRONG", f"leaves {workspace.leftovers(folder)}"
    if not then and verdict == "refused":
        verdict, then = "WRONG", f"is refused afterwards: {again.err}"
    add(workspace, kind, number, "WRONG" if words else verdict, words or then)


def running(workspace):
    """Anywhere in `mneme run`, from the first instant to the last."""
    arguments = ("run", "suite.toml", "-o", "tried", "--jobs", "2")
    remove(workspace.path("tried"))
    lasts = duration(workspace, *arguments)
    for number in each_signal(workspace, 60, 4):
        remove(workspace.path("tried"))
        answer = struck(workspace, arguments, number, workspace.random.uniform(0, 1.1 * lasts))
        run_again(workspace, "run", number, answer, "tried")


def merging(workspace):
    """Between the last run and the end: the merge, the page, the table."""
    arguments = ("run", "suite.toml", "-o", "tried", "--jobs", "2")
    for number in each_signal(workspace, 60, 4):
        log = os.path.join(workspace.copy(), "log.jsonl")
        remove(workspace.path("tried", "results.h5"))
        size = os.path.getsize(log)
        seconds = workspace.random.uniform(0, 0.06)
        begun = lambda: os.path.getsize(log) > size
        answer = struck(workspace, arguments, number, seconds, after=begun)
        run_again(workspace, "merge and report of run", number, answer, "tried")


def workers(workspace):
    """Only a worker is killed: its run is repeated the next time."""
    arguments = ("run", "suite.toml", "-o", "tried", "--jobs", "1")
    for number in each_signal(workspace, 24, 2):
        remove(workspace.path("tried"))
        process = workspace.start(*arguments)
        wait_until(lambda: process.poll() is not None or training(workspace.folder))
        time.sleep(workspace.random.uniform(0, 0.6))
        for pid in training(workspace.folder):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        answer = workspace.finish(process, arguments)
        run_again(workspace, "worker alone", number, answer, "tried")


def training(folder):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().decode(errors="replace").rstrip("\0").split("\0")
        except OSError:
            continue
        if "run" in words and words[0].endswith("worker") and folder in words[-1]:
            found.append(int(pid))
    return found


def resumed(workspace, name, methods, benchmark, kills, kind="checkpoint"):
    """One cell, killed again and again soon after its last checkpoint; the bits of an undisturbed
    run. Every kill is a state."""
    suite = workspace.suite(*methods, benchmark=benchmark, seeds="1", name=f"{name}.toml")
    remove(workspace.path("whole"))
    whole = workspace.answer("run", suite, "-o", "whole")
    if whole.code == 65:
        return False
    whole.require(0)
    remove(workspace.path("cut"))
    workspace.answer("plan", suite, "-o", "cut").require(0)
    cell = load(workspace.path("cut", "plan.json"))["cells"][0]
    request = workspace.path("cut", "cells", "request.json")
    cell["output"] = workspace.path("cut")
    with open(request, "w", encoding="utf-8") as file:
        json.dump(cell, file)
    kept = workspace.path("cut", "checkpoints", cell["runs"][0]["digest"])
    words = [WORKER, "--checkpoint-every", "0.02", "run", request]
    done = 0
    for attempt in range(kills + 1):
        worker = subprocess.Popen(
            words, env=workspace.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if attempt < kills:
            before = time_of(kept)
            wait_until(lambda: worker.poll() is not None or time_of(kept) != before)
            time.sleep(workspace.random.uniform(0, 0.05))
            worker.send_signal(workspace.random.choice(SIGNALS))
            done += worker.poll() is None
        worker.wait()
        if worker.returncode == 0:
            break
    wrong = f"ends with {worker.returncode}" if worker.returncode else ""
    if not wrong:
        workspace.answer("collect", "cut", "-o", "cut.h5").require(0)
        wrong = differing(workspace.path("cut.h5"), workspace.path("whole", "results.h5"))
    left = workspace.leftovers("cut") + [kept] * os.path.exists(kept)
    wrong = wrong or (left and f"leaves {left}")
    for _ in range(max(done, 1)):
        workspace.verdicts.add(kind, "WRONG" if wrong else "repeated", wrong and f"{name}: {wrong}")
    return True


def time_of(path):
    return os.stat(path).st_mtime_ns if os.path.exists(path) else 0


def differing(a, b):
    a, b = facts(a), facts(b)
    names = [name for name in a.keys() | b.keys() if a.get(name) != b.get(name)]
    return f"other numbers: {names}" if names else ""


def attack(workspace):
    planning(workspace)
    describing(workspace)
    running(workspace)
    merging(workspace)
    workers(workspace)
    killed_command(workspace, "collect", ("collect", "good", "-o", "all.h5"), "all.h5", 100, 6)
    report = ("report", "good", "-o", "page.html")
    if workspace.has(report):
        killed_command(workspace, "report", report, "page.html", 100, 6)
    export = ("export", "good", "--what", "curves")
    if workspace.has(export):
        killed_command(workspace, "export", export, None, 60, 6)
        workspace.write("tidy.csv", workspace.answer("export", "good").require(0).out)
        imports = ("import", "tidy.csv", "-o", "imported.h5", "--scenario", "domain")
        killed_command(workspace, "import", imports, "imported.h5", 100, 6)
    workspace.benchmark("long", tasks=3, examples=20000)
    methods = ['plugin = "er"\npolicy = "reservoir"\nmemory = 50\ntrain = { dropout = 0.3 }']
    for turn in workspace.times(4, 1):
        resumed(workspace, f"checkpoint{turn}", methods, "long", 3 if workspace.quick else 12)
