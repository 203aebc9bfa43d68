# SPDX-License-Identifier: Apache-2.0
"""Signals at random moments of every phase. The same command afterwards ends with the same bits,
and nothing half-written is left."""

import os
import re
import signal
import subprocess
import time

from world import WORKER, load, read, remove, wait_until

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGUSR1, signal.SIGINT)


def struck(world, arguments, number, seconds, after=None):
    """Starts a command and sends it a signal after that time, counted from when `after` holds."""
    process = world.start(*arguments)
    if after:
        wait_until(lambda: after() or process.poll() is not None)
    time.sleep(seconds)
    process.send_signal(number)
    return world.finish(process, arguments)


def duration(world, *arguments):
    begun = time.monotonic()
    world.answer(*arguments).require(0)
    return time.monotonic() - begun


def each_signal(world, whole, quick):
    for turn in world.times(whole, quick):
        yield SIGNALS[turn % len(SIGNALS)]


def add(world, kind, number, verdict, words):
    name = signal.Signals(number).name
    world.tally.add("kills", kind, verdict, words and f"{name}: {words}")


def killed_command(world, kind, arguments, made, whole, quick):
    """A short command that writes the file `made` or, with none, prints."""
    lasts = duration(world, *arguments)
    sound = outcome(world, arguments, made)
    for number in each_signal(world, whole, quick):
        if made:
            remove(world.path(made))
        answer = struck(world, arguments, number, world.random.uniform(0, 1.2 * lasts))
        words = answer.fault(killed=True)
        if not words and made and os.path.exists(world.path(made)):
            if content(world, made) != sound:
                words = f"{answer} leaves a part of {made}"
        again = world.answer(*arguments)
        words = words or again.fault() or (again.code and f"then it ends with {again.code}")
        if not words and outcome(world, arguments, made, again) != sound:
            words = "then it says something else"
        left = world.leftovers(".")
        if not words and left:
            words = f"leaves {left}"
        for path in left:
            remove(path)
        add(world, kind, number, "WRONG" if words else "repeated", words)


def content(world, made):
    if made.endswith(".h5"):
        return world.differences(world.path(made)) if "all" in made else facts_of(world, made)
    return re.sub(rb"\d{4}-\d\d-\d\d[T ][\d:]{5,8}Z?", b"TIME", read(world.path(made)))


def facts_of(world, made):
    answer = world.answer("export", made)
    return (answer.code, answer.out)


def outcome(world, arguments, made, answer=None):
    answer = answer or world.answer(*arguments).require(0)
    return content(world, made) if made else answer.out


def planning(world):
    arguments = ("plan", "suite.toml", "-o", "planned")
    lasts = duration(world, *arguments)
    sound = digests(world.path("planned", "plan.json"))
    for number in each_signal(world, 60, 4):
        remove(world.path("planned"))
        answer = struck(world, arguments, number, world.random.uniform(0, 1.2 * lasts))
        words = answer.fault(killed=True)
        again = world.answer(*arguments)
        words = words or again.fault() or (again.code and f"then it ends with {again.code}")
        if not words and digests(world.path("planned", "plan.json")) != sound:
            words = "then it makes another plan"
        if not words and world.leftovers("planned"):
            words = f"leaves {world.leftovers('planned')}"
        add(world, "planning", number, "WRONG" if words else "repeated", words)


def digests(path):
    return [run["digest"] for cell in load(path)["cells"] for run in cell["runs"]]


def describing(world):
    arguments = ("describe", "er", "--json")
    cache = world.path("cache", "mneme", "describe")
    remove(cache)
    lasts = duration(world, *arguments)
    sound = world.answer(*arguments).require(0).out
    for number in each_signal(world, 60, 4):
        remove(cache)
        answer = struck(world, arguments, number, world.random.uniform(0, 1.2 * lasts))
        words = answer.fault(killed=True)
        again = world.answer(*arguments)
        words = words or again.fault() or ("" if again.out == sound else "then it says another")
        if not words and world.leftovers("cache"):
            words = f"leaves {world.leftovers('cache')}"
        add(world, "describe", number, "WRONG" if words else "repeated", words)


def run_again(world, kind, number, answer, folder):
    words = answer.fault(killed=True)
    again = world.answer("run", "suite.toml", "-o", folder, "--jobs", "2")
    verdict, then = world.judge_run(again, folder)
    if not then and world.leftovers(folder):
        verdict, then = "WRONG", f"leaves {world.leftovers(folder)}"
    if not then and verdict == "refused":
        verdict, then = "WRONG", f"is refused afterwards: {again.err}"
    add(world, kind, number, "WRONG" if words else verdict, words or then)


def running(world):
    """Anywhere in `mneme run`, from the first instant to the last."""
    arguments = ("run", "suite.toml", "-o", "tried", "--jobs", "2")
    remove(world.path("tried"))
    lasts = duration(world, *arguments)
    for number in each_signal(world, 60, 4):
        remove(world.path("tried"))
        answer = struck(world, arguments, number, world.random.uniform(0, 1.1 * lasts))
        run_again(world, "run", number, answer, "tried")


def merging(world):
    """Between the last run and the end: the merge, the page, the table."""
    arguments = ("run", "suite.toml", "-o", "tried", "--jobs", "2")
    for number in each_signal(world, 60, 4):
        log = os.path.join(world.copy(), "log.jsonl")
        remove(world.path("tried", "results.h5"))
        size = os.path.getsize(log)
        seconds = world.random.uniform(0, 0.06)
        begun = lambda: os.path.getsize(log) > size
        answer = struck(world, arguments, number, seconds, after=begun)
        run_again(world, "merge and report of run", number, answer, "tried")


def workers(world):
    """Only a worker is killed: its run is repeated the next time."""
    arguments = ("run", "suite.toml", "-o", "tried", "--jobs", "1")
    for number in each_signal(world, 24, 2):
        remove(world.path("tried"))
        process = world.start(*arguments)
        wait_until(lambda: process.poll() is not None or training(world.folder))
        time.sleep(world.random.uniform(0, 0.6))
        for pid in training(world.folder):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        answer = world.finish(process, arguments)
        run_again(world, "worker alone", number, answer, "tried")


def training(folder):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().decode(errors="replace").split("\0")
        except OSError:
            continue
        if "run" in words and words[0].endswith("worker") and folder in words[-2]:
            found.append(int(pid))
    return found


def resumed(world, name, methods, benchmark, kills, kind="checkpoint"):
    """One cell, killed again and again soon after its last checkpoint; the bits of an undisturbed
    run. Every kill is a state."""
    suite = world.suite(*methods, benchmark=benchmark, seeds="1", name=f"{name}.toml")
    remove(world.path("whole"))
    whole = world.answer("run", suite, "-o", "whole")
    if whole.code == 65:
        return False
    whole.require(0)
    remove(world.path("cut"))
    world.answer("plan", suite, "-o", "cut").require(0)
    cell = load(world.path("cut", "plan.json"))["cells"][0]
    request = world.path("cut", "cells", "request.json")
    cell["output"] = world.path("cut")
    with open(request, "w", encoding="utf-8") as file:
        import json

        json.dump(cell, file)
    kept = world.path("cut", "checkpoints", cell["runs"][0]["digest"])
    words = [WORKER, "--checkpoint-every", "0.02", "run", request]
    done = 0
    for attempt in range(kills + 1):
        worker = subprocess.Popen(
            words, env=world.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if attempt < kills:
            before = time_of(kept)
            wait_until(lambda: worker.poll() is not None or time_of(kept) != before)
            time.sleep(world.random.uniform(0, 0.05))
            worker.send_signal(world.random.choice(SIGNALS))
            done += worker.poll() is None
        worker.wait()
        if worker.returncode == 0:
            break
    wrong = f"ends with {worker.returncode}" if worker.returncode else ""
    if not wrong:
        world.answer("collect", "cut", "-o", "cut.h5").require(0)
        wrong = differing(world.path("cut.h5"), world.path("whole", "results.h5"))
    left = world.leftovers("cut") + [kept] * os.path.exists(kept)
    wrong = wrong or (left and f"leaves {left}")
    for _ in range(max(done, 1)):
        world.tally.add(
            "kills", kind, "WRONG" if wrong else "repeated", wrong and f"{name}: {wrong}"
        )
    return True


def time_of(path):
    return os.stat(path).st_mtime_ns if os.path.exists(path) else 0


def differing(a, b):
    from world import facts

    a, b = facts(a), facts(b)
    names = [name for name in a.keys() | b.keys() if a.get(name) != b.get(name)]
    return f"other numbers: {names}" if names else ""


def attack(world):
    tidy = world.answer("export", "good").require(0).out
    world.write("tidy.csv", tidy)
    planning(world)
    describing(world)
    running(world)
    merging(world)
    workers(world)
    killed_command(world, "collect", ("collect", "good", "-o", "all.h5"), "all.h5", 100, 6)
    imports = ("import", "tidy.csv", "-o", "imported.h5", "--scenario", "domain")
    killed_command(world, "import", imports, "imported.h5", 100, 6)
    report = ("report", "good", "-o", "page.html")
    killed_command(world, "report", report, "page.html", 100, 6)
    killed_command(world, "export", ("export", "good", "--what", "curves"), None, 60, 6)
    world.benchmark("long", tasks=3, examples=20000)
    methods = ['plugin = "er"\npolicy = "reservoir"\nmemory = 50\ntrain = { dropout = 0.3 }']
    for turn in world.times(4, 1):
        resumed(world, f"checkpoint{turn}", methods, "long", 12 if not world.quick else 3)
