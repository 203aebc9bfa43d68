#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plugins as built once, trained in a host over the pinned LibTorch and in one over the
distribution's, end at the same weights.

two_lines.py PLUGINS[:PLUGINS...] PINNED_HOST [OLD_HOST]"""

import json
import os
import subprocess
import sys
import tempfile

# Beside the defaults of every plugin: the branches that other operators stand in.
VARIANTS = {
    "finetune": [
        ({}, {"optimizer": "adam", "lr": 0.003}),
        ({}, {"optimizer": "adamw", "lr": 0.003, "weight_decay": 0.01}),
    ],
    "joint": [({"mode": "all"}, {})],
    "er": [
        ({"policy": "ring", "memory_per_class": 3}, {}),
        ({"policy": "reservoir", "memory": 30}, {}),
    ],
    "ewc": [({"lambda": 3.0, "fisher_samples": 50}, {})],
    "ewc_online": (
        [
            ({"fisher": kind, "fisher_samples": 50}, {})
            for kind in ("sample", "empirical", "batched")
        ]
        + [({"consolidate": "running", "fisher_decay": 0.9}, {})]
    ),
    "mcsgd": [
        ({"chain": "hat", "memory_grouping": "mixed", "alphas": "uniform"}, {}),
        ({"mode": "plain", "line_scale": "per_example", "memory_includes_current": False}, {}),
        ({"line_epochs": 0}, {}),
    ],
    "si": [({"relu_on": "total"}, {"momentum": 0.5})],
    "mas": [({"output": "probs"}, {}), ({"abs_batch": 5}, {})],
    "importance": (
        [
            ({"measure": kind, "c": 0.01}, {"batch_size": 16}) for kind in ("siu", "sib")
        ]  # a batch of all rows would make g1 - g2 rounding
        + [
            ({"measure": kind, "c": 0.01}, {})
            for kind in ("mas", "mas2", "masx", "masx2", "af", "fisher", "rf")
        ]
        + [({"measure": "sos", "alpha": 1.0, "reinit": True}, {"dropout": 0.2, "batch_size": 16})]
    ),
    "supsup": [
        ({"transfer": "kkt"}, {}),
        ({"density_rule": "erdos_renyi", "transfer": "mean"}, {}),
    ],
    "exssnet": [({"kkt": "all"}, {}), ({"density_rule": "uniform_body", "exclusive": False}, {})],
    "rebasin": [
        ({"gradient": "unrolled", "tau": 0.5}, {"lr": 0.01}),
        ({"init": "random", "policy": "ring"}, {"lr": 0.003}),
        ({"permute": False}, {}),
    ],
    "agem": [({"policy": "class_balanced", "memory_per_class": 4}, {})],
}
# Where a plugin's defaults are no fair case. Frozen weights of one size and pixels in steps of
# 1/255 have sums that cancel: 0 in one line, rounding in the other. A ReLU tells them apart, and
# Adam, which divides a gradient by its size, makes whole steps of rounding. So steps are small here
# and masks sparse; gradients show in Adam's moments.
SMALL = {"mask_lr": 1e-6, "density": 0.2}
DEFAULTS = {"supsup": SMALL, "exssnet": {**SMALL, "weight_lr": 1e-6}}
# Methods whose result hangs on rounding, or that this small host cannot train.
INCOMPARABLE = {
    "gdumb": "it learns in a phase without data, which the host of this test does not run",
    "gem": "the smallest product of gradients that it keeps is near 0, where rounding is all",
    "mir": "it picks the rows of largest loss, and rounding decides between equals",
    "ogd": "gradients of one task are nearly dependent, and their basis is mostly rounding",
    "ranpac": "it has more random features than rows, and rounding decides between small ridges",
}
TOLERANCE = (
    1e-5  # of the largest entry of the same tensor: what rounding leaves after some sixty steps
)

# sos divides by the root of a difference that is small where gradients agree, so what rounding
# leaves is larger there, and depends on how threads share a sum.
TOLERANCE_OF_ROOTS = 1e-4


def entries(folders):
    for path in (
        os.path.join(folder, file)
        for folder in folders.split(":")
        for file in sorted(os.listdir(folder))
    ):
        name, ending = os.path.splitext(os.path.basename(path))
        if ending == ".so":
            for options, train in [({}, {})] + VARIANTS.get(name, []):
                yield {
                    "plugin": path,
                    "options": {**DEFAULTS.get(name, {}), **options},
                    "train": train,
                }


def trained(host, work, cases):
    request, out = os.path.join(work, "request.json"), os.path.join(work, "out.json")
    with open(request, "w", encoding="utf-8") as file:
        json.dump({"entries": cases, "out": out}, file)
    done = subprocess.run([host, request], stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise RuntimeError(
            "%s ended with %d: %s" % (os.path.basename(host), done.returncode, done.stderr.strip())
        )
    with open(out, encoding="utf-8") as file:
        return json.load(file)


def distance(a, b):
    """The largest difference, in units of the largest entry; infinite where shapes or what is not
    finite differ."""
    if a is None or b is None:
        return 0.0 if a is b else float("inf")
    if a["shape"] != b["shape"] or any(v is None for v in a["values"] + b["values"]):
        return float("inf")
    scale = max([abs(v) for v in a["values"]] + [1e-30])
    return max([abs(v - w) for v, w in zip(a["values"], b["values"])] + [0.0]) / scale


def compare(name, new, old):
    if sorted(new["state"]) != sorted(old["state"]):
        return "not ok %s: the two states have other names" % name
    if name in INCOMPARABLE:
        return "skip %s over two lines of LibTorch: %s" % (name, INCOMPARABLE[name])
    moved = distance(new["start"], new["theta"])
    if not moved > 0.05:
        return "not ok %s: the weights hardly moved (%.2g)" % (name, moved)
    worst = max((distance(new["state"][key], old["state"][key]), key) for key in new["state"])
    ends = {key: distance(new[key], old[key]) for key in ("start", "theta", "logits")}
    if ends["start"] != 0:
        return "not ok %s: the first weights differ, which are drawn and not computed" % name
    most = TOLERANCE_OF_ROOTS if "measure=sos" in name else TOLERANCE
    if max(ends["theta"], ends["logits"], worst[0]) > most:
        return (
            "not ok %s: theta differs by %.2g, logits by %.2g, state by %.2g in %s; at most %.0e is"
            " rounding" % (name, ends["theta"], ends["logits"], worst[0], worst[1], most)
        )
    return "ok %s: theta within %.1e, state within %.1e" % (name, ends["theta"], worst[0])


def labelled(case):
    """The plugin's name; one that was built by hand is in a folder that tells the way."""
    folder, name = os.path.split(case["plugin"][:-3])
    return (
        name
        if os.path.basename(folder) == "plugins"
        else "%s (%s)" % (name, os.path.basename(folder))
    )


def behind_fence(host, folders):
    """The border's structs end where the address space does; a plugin or host that reads past a
    struct's size dies."""
    for case in {
        case["plugin"]: case for case in reversed(list(entries(folders)))
    }.values():  # the first of each plugin
        name = labelled(case) + " and the host read no byte past a struct's size"
        with tempfile.TemporaryDirectory() as work:
            try:
                plain, fenced = trained(host, work, [case, {**case, "fenced": True}])["results"]
                print(
                    "ok " + name
                    if plain == fenced
                    else "not ok %s: other results behind the fence" % name
                )
            except RuntimeError as fault:
                print("not ok %s: %s" % (name, fault))


def main():
    folders, pinned, old = sys.argv[1], sys.argv[2], (sys.argv[3:] or [""])[0]
    behind_fence(pinned, folders)
    if not old:
        print(
            "skip plugins over two lines of LibTorch: the distribution's is not installed (Debian:"
            " libtorch-dev, libopenblas0-pthread)"
        )
        return
    cases = list(entries(folders))
    with tempfile.TemporaryDirectory() as work:
        new_out, old_out = trained(pinned, work, cases), trained(old, work, cases)
    versions = new_out["libtorch"], old_out["libtorch"]
    differ = versions[0].split(".")[0] != versions[1].split(".")[0]
    print(
        "%s the two hosts are built against LibTorch %s and %s"
        % ("ok" if differ else "not ok", *versions)
    )
    for out in (new_out, old_out):
        torch = [path for path in out["libraries"] if "libtorch_cpu" in path]
        print(
            "%s host over LibTorch %s has one LibTorch in its process"
            % ("ok" if len(torch) == 1 else "not ok", out["libtorch"])
        )
        missing = out["missing_operators"]
        print(
            "%s LibTorch %s has every operator that the SDK wraps%s"
            % (
                "not ok" if missing else "ok",
                out["libtorch"],
                ": " + ", ".join(missing) if missing else "",
            )
        )
    for case, new, other in zip(cases, new_out["results"], old_out["results"]):
        for method in new:
            words = [
                "%s=%s" % pair for part in (case["options"], case["train"]) for pair in part.items()
            ]
            print(compare(" ".join([labelled(case)] + words), new[method], other[method]))


if __name__ == "__main__":
    main()
