#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rebuilds tasks from the data files by the written rules alone, and compares the digests that the
harness computes.

streams.py DIGESTS-PROGRAM     for each data set that is found: rotated (linspace, bilinear,
jitter), permuted, split (with a validation
                               share, by seed), sequence, wrong labels, rare classes; one augmented
                               batch; a sequence of blurred tasks
"""

import gzip
import hashlib
import math
import os
import pathlib
import subprocess
import sys

import numpy as np

FILES = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
]


def philox(seed, purpose, blocks, call, step, task_phase):
    """Philox4x32-10 for the counter words 0..blocks-1: [blocks, 4] words."""
    mask = np.uint64(0xFFFFFFFF)
    c = [np.arange(blocks, dtype=np.uint64)] + [
        np.full(blocks, v, np.uint64) for v in (call, step, task_phase)
    ]
    k = [seed, purpose]
    for _ in range(10):
        a, b = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [
            (b >> np.uint64(32)) ^ c[1] ^ np.uint64(k[0]),
            b & mask,
            (a >> np.uint64(32)) ^ c[3] ^ np.uint64(k[1]),
            a & mask,
        ]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return np.stack(c, 1)


def purpose(name):
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")


def share(seed, name, task):
    return (int(philox(seed, purpose(name), 1, 0, 0, task * 256)[0, 0]) >> 8) / 2**24


def permutation(n, seed, name, task):
    draws = philox(seed, purpose(name), (n + 3) // 4, 0, 0, task * 256).reshape(-1)[:n]
    return np.argsort(draws, kind="stable").astype("<i8")  # ties by index


def integers(n, high, seed, name, call, step, task, phase=0):
    draws = philox(seed, purpose(name), (n + 3) // 4, call, step, task * 256 + phase).reshape(-1)[
        :n
    ]
    return (draws * np.uint64(high)) >> np.uint64(32)


def augmented(x, seed):
    """40 pictures at step 3 of task 2: cut out of a frame of zeros, then swapped left to right."""
    side = 28 if x.shape[1] == 784 else 32
    x = (x[:40].astype(np.float32) / np.float32(255)).reshape(40, -1, side, side)
    corners = integers(80, 9, seed, "mneme/augment_crop", 0, 3, 1).reshape(40, 2).astype(int)
    framed = np.pad(x, ((0, 0), (0, 0), (4, 4), (4, 4)))
    out = np.stack([framed[k, :, r : r + side, c : c + side] for k, (r, c) in enumerate(corners)])
    swapped = integers(40, 2, seed, "mneme/augment_flip", 0, 3, 1) == 1
    out[swapped] = out[swapped, :, :, ::-1]
    return out


def flow(seed, counts, blur):
    """Tasks laid end to end, each example moved by up to half of blur times its task, in the order
    of where they then stand."""
    tasks, rows = np.repeat(np.arange(len(counts)), counts), np.concatenate(
        [permutation(n, seed, "mneme/order", t) for t, n in enumerate(counts)]
    )
    shares = (
        philox(seed, purpose("mneme/blur"), (len(rows) + 3) // 4, 0, 0, 0).reshape(-1)[: len(rows)]
        >> np.uint64(8)
    ) / 2**24
    order = np.argsort(
        np.arange(len(rows)) + blur * np.array(counts)[tasks] * (shares - 0.5), kind="stable"
    )
    return tasks[order].astype("<i8").tobytes() + rows[order].astype("<i8").tobytes()


def wrong_labels(y, rows, classes, rate, seed, task):
    """Labels of the rows of the file: below the rate another class of the task."""
    n = len(y)
    lots = philox(seed, purpose("mneme/label_noise"), (n + 3) // 4, 0, 0, task * 256).reshape(-1)[
        :n
    ] >> np.uint64(8)
    others = integers(n, len(classes) - 1, seed, "mneme/label_noise", 1, 0, task)
    out = y.copy()
    for i in rows:
        if lots[i] / 2**24 < rate:
            out[i] = [c for c in classes if c != y[i]][int(others[i])]
    return out[rows]


def rotate(x, degrees):
    """Each output pixel's position turned back (y upwards), nearest source pixel, 0 outside."""
    out = np.zeros_like(x)
    turn = math.radians(degrees)
    for row in range(28):
        for column in range(28):
            right, up = column - 13.5, 13.5 - row
            source_right = right * math.cos(turn) + up * math.sin(turn)
            source_up = -right * math.sin(turn) + up * math.cos(turn)
            c, r = math.floor(13.5 + source_right + 0.5 + 1e-9), math.floor(
                13.5 - source_up + 0.5 + 1e-9
            )
            if 0 <= r < 28 and 0 <= c < 28:
                out[:, row * 28 + column] = x[:, r * 28 + c]
    return out


def blend(x, degrees):
    """As rotate, between four pixels, in 256ths."""
    out = np.empty_like(x)
    turn = math.radians(degrees)
    framed = np.zeros((len(x), 30, 30), np.int64)  # a frame of zeros
    framed[:, 1:29, 1:29] = x.reshape(-1, 28, 28)
    for row in range(28):
        for column in range(28):
            right, up = column - 13.5, 13.5 - row
            u = math.floor(256 * (13.5 + right * math.cos(turn) + up * math.sin(turn)) + 0.5 + 1e-9)
            v = math.floor(256 * (13.5 + right * math.sin(turn) - up * math.cos(turn)) + 0.5 + 1e-9)
            c, dc, r, dr = u // 256, u % 256, v // 256, v % 256
            value = np.full(len(x), 32768, np.int64)
            for y, wy in ((r, 256 - dr), (r + 1, dr)):
                for z, wz in ((c, 256 - dc), (c + 1, dc)):
                    if -1 <= y <= 28 and -1 <= z <= 28:
                        value += wy * wz * framed[:, y + 1, z + 1]
            out[:, row * 28 + column] = value // 65536
    return out


def digest(train, test, seed, task):
    sha = hashlib.sha256()
    for x, y in (train, test):
        sha.update(np.ascontiguousarray(x).tobytes())
        sha.update(y.tobytes())
    sha.update(permutation(len(train[1]), seed, "mneme/order", task).tobytes())
    return sha.hexdigest()


def cut(part, n):
    return part[0][:n], part[1][:n]


def tasks(label, seed, train, test):
    """(task, training part, test part) of a stream."""
    if label in ("rotated", "linspace"):
        train, test = (
            (cut(train, 2000), cut(test, 500)) if label == "rotated" else (cut(train, 500), test)
        )
        for t in range(4):
            angle = 36 * t if label == "rotated" else -10 + 190 * t / 3
            yield t, (rotate(train[0], angle), train[1]), (rotate(test[0], angle), test[1])
    elif label in ("bilinear", "jitter"):
        train, test = cut(train, 300), cut(test, 200)
        for t in range(4):
            angle = (
                -10 + 190 * t / 3 - (9 * share(seed, "mneme/stream", t) if label == "jitter" else 0)
            )
            turn = (lambda x: x) if angle == 0 else lambda x: blend(x, angle)
            yield t, (turn(train[0]), train[1]), (turn(test[0]), test[1])
    elif label == "sequence":
        for t, (copy, classes) in enumerate(((0, range(10)), (1, range(4)), (1, range(4, 10)))):
            parts = [
                cut((part[0][mine], part[1][mine] + np.uint8(10 * copy)), 1000)
                for part in (train, test)
                for mine in [np.isin(part[1], classes)]
            ]
            yield t, parts[0], parts[1]
    elif label == "noisy":
        for t in range(2):
            classes = list(range(5 * t, 5 * t + 5))
            rows, test_rows = (
                np.flatnonzero(np.isin(train[1], classes))[:7000],
                np.flatnonzero(np.isin(test[1], classes))[:100],
            )
            yield (
                t,
                (train[0][rows], wrong_labels(train[1], rows, classes, 0.3, seed, t)),
                (
                    test[0][test_rows],
                    test[1][test_rows],
                ),
            )
    elif label == "tailed":
        kept, held = np.zeros(len(train[1]), bool), np.zeros(len(train[1]), bool)
        for rank, c in enumerate(permutation(10, seed, "mneme/imbalance", 0)):
            rows = np.flatnonzero(train[1] == c)
            held[rows[len(rows) - len(rows) // 5 :]] = True
            rows = rows[: len(rows) - len(rows) // 5]
            kept[rows[: max(1, int(len(rows) * 50 ** (-rank / 9) + 1e-9))]] = True
        for t in range(2):
            p = permutation(784, seed, "mneme/stream", t) if t else np.arange(784)
            yield t, (train[0][kept][:, p], train[1][kept]), (train[0][held][:, p], train[1][held])
    elif label in ("seeded", "fives"):
        counts, total = (
            ([2, 1, 4], len(set(train[1].tolist()))) if label == "seeded" else ([5] * 4, 100)
        )
        order = (
            permutation(total, seed, "mneme/stream", 0) if label == "seeded" else np.arange(total)
        )
        for t, count in enumerate(counts):
            classes = order[sum(counts[:t]) : sum(counts[:t]) + count]
            parts = [
                (part[0][mine], part[1][mine])
                for part in (train, test)
                for mine in [np.isin(part[1], classes)]
            ]
            yield t, parts[0], parts[1]
    elif label == "permuted":
        train, test = cut(train, 3000), cut(test, 100)
        for t in range(3):
            p = permutation(784, seed, "mneme/stream", t) if t else np.arange(784)
            yield t, (train[0][:, p], train[1]), (test[0][:, p], test[1])
    else:
        held = np.zeros(len(train[1]), bool)
        for c in range(10):
            rows = np.flatnonzero(train[1] == c)
            held[rows[len(rows) - len(rows) // 10 :]] = True
        order = [3, 1, 4, 0, 5, 9, 2, 6, 8, 7]
        for t in range(5):
            mine = np.isin(train[1], order[2 * t : 2 * t + 2])
            yield (
                t,
                (train[0][mine & ~held], train[1][mine & ~held]),
                (
                    train[0][mine & held],
                    train[1][mine & held],
                ),
            )


def find(name, files):
    """The folder that holds the files, and how they end."""
    folders = [pathlib.Path(os.environ[k]) for k in ("MNEME_DATA",) if os.environ.get(k)]
    folders.append(
        pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
        / "mneme-data"
    )
    for folder in [f / name for f in folders] + (
        [pathlib.Path("/usr/share/datasets/fashion-mnist")] if name == "fashion-mnist" else []
    ):
        for ending in ("", ".gz"):
            if all((folder / (f + ending)).is_file() for f in files):
                return folder, ending
    return None, None


def read(path):
    with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
        data = file.read()
    if path.suffix == ".bin":  # records of CIFAR-100: coarse label, fine label, pixels
        records = np.frombuffer(data, np.uint8).reshape(-1, 3074)
        return records[:, 2:], records[:, 1]
    start = 16 if "images" in path.name else 8
    values = np.frombuffer(data, np.uint8, offset=start)
    return values.reshape(-1, 784) if start == 16 else values


def check(name, program):
    files = ["train.bin", "test.bin"] if name == "cifar-100-binary" else FILES
    folder, ending = find(name, files)
    if folder is None:
        print("skip digests of %s: the data set is not here" % name)
        return True
    parts = [read(folder / (f + ending)) for f in files]
    train, test = parts if len(parts) == 2 else ((parts[0], parts[1]), (parts[2], parts[3]))
    said = {}
    for line in subprocess.run(
        [program, name.replace("-binary", ""), str(folder)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines():
        label, seed, task, value = line.split("\t")
        said[label, int(seed), int(task)] = value
    sound = True
    kinds = (
        ("rotated", 4),
        ("linspace", 4),
        ("bilinear", 4),
        ("jitter", 4),
        ("permuted", 3),
        ("split", 5),
        ("sequence", 3),
        ("seeded", 3),
        ("noisy", 2),
        ("tailed", 2),
    )
    for label, count in (("fives", 4), ("seeded", 3)) if len(parts) == 2 else kinds:
        wrong = []
        for seed in (1, 12345):
            seen = 0
            for t, a, b in tasks(label, seed, train, test):
                seen += 1
                if said.pop((label, seed, t), None) != digest(a, b, seed, t):
                    wrong.append("seed %d task %d" % (seed, t))
            if seen != count:
                wrong.append("%d tasks" % seen)
        print(
            "%s digests of %s, %s%s"
            % ("not ok" if wrong else "ok", name, label, ": " + ", ".join(wrong) if wrong else "")
        )
        sound &= not wrong
    mixed = [
        said.pop(("flow", seed, 0), None)
        == hashlib.sha256(flow(seed, [700, 300, 500], 0.6)).hexdigest()
        for seed in (1, 12345)
    ]
    print(
        "%s a sequence of tasks that are not announced (asked with %s)"
        % ("ok" if all(mixed) else "not ok", name)
    )
    sound &= all(mixed)
    moved = [
        said.pop(("augmented", seed, 0), None)
        == hashlib.sha256(np.ascontiguousarray(augmented(train[0], seed)).tobytes()).hexdigest()
        for seed in (1, 12345)
    ]
    print("%s an augmented batch of %s" % ("ok" if all(moved) else "not ok", name))
    sound &= all(moved)
    if said:
        print("not ok digests of %s, others: %s" % (name, sorted(said)))
    return sound and not said


def main():
    known = philox(0, 0, 1, 0, 0, 0)[0].tolist() == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
    print("%s Philox in NumPy gives the published answer" % ("ok" if known else "not ok"))
    sound = [check(name, sys.argv[1]) for name in ("fashion-mnist", "mnist", "cifar-100-binary")]
    return 0 if known and all(sound) else 1


if __name__ == "__main__":
    sys.exit(main())
