# SPDX-License-Identifier: Apache-2.0
"""Rows of the tables that `compare` prints and keeps. A row is given the runs of all sides of a
case, by the sides' names, with mneme's first."""

import statistics

MANY, MANY_SEEDS = "mneme, 32 seeds at once", 32
COLUMNS = [
    "",
    "training, us a sample",
    "times mneme's",
    "evaluation, us an image",
    "times",
    "whole run, CPU s",
    "times",
    "peak, MiB",
    "accuracy, %",
]
CUDA_COLUMNS = [
    "",
    "training, samples a second, wall-clock",
    "a seed",
    "mneme's over it",
    "32 seeds' over it",
    "evaluation, images a second, wall-clock",
    "mneme's over it",
    "32 seeds' over it",
    "whole run, wall-clock s",
    "peak, MiB",
    "accuracy, %",
]


def spread(values, form):
    return form % statistics.median(values) + (
        " (" + form % min(values) + " to " + form % max(values) + ")" if len(values) > 1 else ""
    )


def row(name, by_side):
    """Ratios to the runs of mneme in the same rounds, which is the first side."""
    runs, base = by_side[name], next(iter(by_side.values()))
    times = lambda key: (
        spread([r[key] / b[key] for r, b in zip(runs, base)], "%.1f") if runs is not base else ""
    )
    value = lambda key, scale, form: form % (scale * statistics.median(r[key] for r in runs))
    return [
        name,
        value("train", 1e6, "%.0f"),
        times("train"),
        value("evaluate", 1e6, "%.1f"),
        times("evaluate"),
        value("total", 1, "%.1f"),
        times("total"),
        value("peak_mib", 1, "%.0f"),
        value("accuracy", 100, "%.1f"),
    ]


def cuda_row(name, by_side):
    """Samples and images of all seeds together in a second of the wall clock; and how many times as
    many mneme makes."""
    runs, alone = by_side[name], next(iter(by_side.values()))
    rate = lambda key, seeds=1: "%.0f" % (1 / (seeds * statistics.median(r[key] for r in runs)))
    value = lambda key, scale, form: form % (scale * statistics.median(r[key] for r in runs))

    def times(key):
        return [
            (
                spread([r[key] / m[key] for r, m in zip(runs, side)], "%.1f")
                if side and not name.startswith("mneme")
                else ""
            )
            for side in (alone, by_side.get(MANY))
        ]

    return [
        name,
        rate("train"),
        rate("train", MANY_SEEDS) if name == MANY else "",
        *times("train"),
        rate("evaluate"),
        *times("evaluate"),
        value("total", 1, "%.1f"),
        value("peak_mib", 1, "%.0f"),
        value("accuracy", 100, "%.1f"),
    ]
