# SPDX-License-Identifier: Apache-2.0
"""Damage to what runs are made of: caches, stored copies, plugins, data."""

import glob
import os
import random
import struct
import subprocess
import zlib

from damage import damaged, judge_reader, repeat
from attack_workspace import MNEME, read, remove, write
from workspace import PLUGINS


def cached_descriptions(workspace):
    words = ("describe", "er", "--json")
    sound = workspace.answer(*words).require(0).out
    folder = workspace.path("cache", "mneme", "describe")
    name = os.path.join(folder, sorted(os.listdir(folder))[0])
    content = read(name)
    for _ in workspace.times(150, 12):
        how = damaged(name, workspace.random)
        judge_reader(workspace, "cache of descriptions", words, sound, how)
        write(name, content)


def stored_plugins(workspace):
    """The copies that code is loaded from."""
    folder = workspace.path("cache", "mneme", "plugins")
    for _ in workspace.times(24, 2):
        workspace.copy()
        remove(workspace.path("tried", "runs"))
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            os.chmod(path, 0o700)
            how = damaged(path, workspace.random)
        repeat(workspace, "stored plugins", how)


def plugin_file(workspace):
    """One byte of a plugin: an allow-list refuses it, and a plan that was made before."""
    os.makedirs(workspace.path("own"), exist_ok=True)
    own = workspace.path("own", "er.so")
    content = read(os.path.join(PLUGINS, "er.so"))
    with open(own, "wb") as file:
        file.write(content)
    listed = subprocess.run(["sha256sum", own], capture_output=True, text=True, check=True).stdout
    workspace.write("allowed", listed)
    workspace.suite("er", seeds="1", name="own.toml")
    words = [MNEME, "plan", "own.toml", "-o", "own-plan", "--plugins", "own"]
    subprocess.run(
        words, cwd=workspace.folder, env=workspace.environment, check=True, capture_output=True
    )
    workspace.answer("cell", "--plan", "own-plan/plan.json", "--index", "0").require(0)
    status = ("status", "own-plan", "--json")
    sound = workspace.answer(*status).require(0).out
    for turn in workspace.times(80, 6):
        how = damaged(own, workspace.random)
        if turn % 2:
            answer = workspace.answer("list", "methods", "--plugins", "own", "--locked", "allowed")
            refused = "own/er.so: not on the list" in answer.out
            fault = answer.fault() or ("" if refused else f"{answer} takes it")
            workspace.verdicts.add("plugin, allow-list", "WRONG" if fault else "refused", fault)
        else:  # the stored copy of the planned bytes may be trained, another file may not
            remove(workspace.path("own-plan", "runs"))
            if turn % 4:
                remove(workspace.path("cache", "mneme", "plugins"))
            answer = workspace.answer("cell", "--plan", "own-plan/plan.json", "--index", "0")
            fault = answer.fault()
            verdict = "WRONG" if fault else "refused" if answer.code else "identical"
            if verdict == "identical" and workspace.answer(*status).out != sound:
                verdict, fault = "WRONG", f"{how}: {answer} trains another file"
            workspace.verdicts.add("plugin, changed after the plan", verdict, fault)
        write(own, content)


DESCRIPTION = """format = "folders"
classes = 4
shape = [4, 4]
train = "train"
test = "test"
"""
PICTURES = """
[stream]
kind = "split"
dataset = "mine"
classes_per_task = 2
[scenario]
kind = "class"
[network]
kind = "mlp"
hidden = [8]
[train]
lr = 0.1
momentum = 0.0
batch_size = 10
"""


def png(pixels):
    def chunk(kind, content):
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    rows = b"".join(b"\0" + bytes(pixels[4 * row : 4 * row + 4]) for row in range(4))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def make_pictures(workspace):
    draw = random.Random(1)
    paths = []
    for part, count in (("train", 80), ("test", 40)):
        for number in range(count):
            folder = workspace.path("mine", part, f"row {number % 4}")
            os.makedirs(folder, exist_ok=True)
            paths.append(os.path.join(folder, f"{number}.png"))
            rows = [draw.randrange(200, 256) if i // 4 == number % 4 else 9 for i in range(16)]
            with open(paths[-1], "wb") as file:
                file.write(png(rows))
    workspace.write("mine/mine.dataset.toml", DESCRIPTION)
    workspace.write("mine/pictures.toml", PICTURES)
    text = 'benchmarks = ["pictures"]\nseeds = 1\n[[method]]\nplugin = "finetune"\n'
    workspace.write("pictures.toml", text)
    return paths


def data_files(workspace):
    """A user's own pictures: other bytes are not trained under a plan of before; the decoded
    pictures that are kept are those of the files."""
    paths = make_pictures(workspace)
    asked = ("plan", "pictures.toml", "-o", "pictures", "--benchmarks", "mine")
    workspace.answer(*asked).require(0)
    plan = read(workspace.path("pictures", "plan.json"))
    cell = ("cell", "--plan", "pictures/plan.json", "--index", "0", "--force")
    workspace.answer(*cell).require(0)
    status = ("status", "pictures", "--json")
    sound = workspace.answer(*status).require(0).out
    for _ in workspace.times(60, 4):
        path = workspace.random.choice(paths)
        content = read(path)
        how = damaged(path, workspace.random)
        answer = workspace.answer(*cell)
        words = answer.fault()
        verdict = "WRONG" if words else "refused" if answer.code else "identical"
        if verdict == "identical" and workspace.answer(*status).out != sound:
            verdict, words = "WRONG", f"{how}: {answer} trains on other data"
        workspace.verdicts.add("data, one file", verdict, words)
        write(path, content)
    for _ in workspace.times(40, 4):
        kept = glob.glob(workspace.path("cache", "mneme", "*.cache"))  # few are, the oldest go
        assert kept, "no decoded pictures are kept"
        for path in kept:
            content = read(path)
            how = damaged(path, workspace.random)
        done = workspace.answer(*asked), workspace.answer(*cell), workspace.answer(*status)
        words = next(filter(None, (answer.fault() for answer in done)), "")
        if not words and read(workspace.path("pictures", "plan.json")) != plan:
            words = "another plan"
        if not words and done[2].out != sound:
            words = f"other numbers: {done[2].out}"
        verdict = "WRONG" if words else "repeated"
        workspace.verdicts.add("cache of decoded pictures", verdict, words and f"{how}: {words}")


def attack(workspace):
    cached_descriptions(workspace)
    stored_plugins(workspace)
    plugin_file(workspace)
    data_files(workspace)
