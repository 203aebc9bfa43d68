# SPDX-License-Identifier: Apache-2.0
"""Numbers of a page about minima, computed again from the results file: curvature along lines,
linear CKA of their ends, planes. Each function returns what differs, or an empty text."""

import re

import h5py
import numpy as np

from page_tables import enough, same


def pair_of(group, head):
    """The number of a line by its name, and how many tasks its end has learned."""
    start, end = re.fullmatch(r"task (\d+)(?: to (\d+|joint)|, 2 seeds)", head).groups()
    ends = int(start), 0 if end == "joint" else int(end or start)
    pairs = list(zip(group["pair_from"][:].tolist(), group["pair_to"][:].tolist()))
    return pairs.index(ends), ends[1] or group["n_evaluated"].shape[0]


def rows_of(figures, benchmarks, path, axis):
    """(geometry, number of the method, figure) of the figures whose tables begin so."""
    with h5py.File(path) as file:
        for figure in figures:
            if figure["rows"][0][0] == axis:
                block = file[benchmarks[figure["block"]]]
                labels = block["method"].asstr()[:].tolist()
                yield block["geometry"], labels.index(figure["method"]), figure


def mean(values):
    return float(np.nanmean(values)) if np.isfinite(values).any() else None


def curvature(figures, benchmarks, path):
    seen = 0
    for group, m, figure in rows_of(figures, benchmarks, path, "point between minima"):
        for column, head in enumerate(figure["rows"][0][1:], 1):
            pair, known = pair_of(group, head)
            for k, row in enumerate(figure["rows"][1:], 1):
                wanted = mean(group["curvature"][m, :, pair, k, :known])
                if row[column] != "%.5g" % wanted:
                    return "%s at %s shows %s, not %s" % (head, row[0], row[column], wanted)
                seen += 1
    return enough(seen)


def cka(figures, benchmarks, path):
    seen = 0
    for group, m, figure in rows_of(figures, benchmarks, path, "evaluated task"):
        for column, head in enumerate(figure["rows"][0][1:], 1):
            pair, _ = pair_of(group, head)
            for k, row in enumerate(figure["rows"][1:]):
                if not same(row[column], mean(group["cka"][m, :, pair, k])):
                    return "%s on %s shows %s" % (head, row[0], row[column])
                seen += 1
    return enough(seen)


def planes(figures, benchmarks, path):
    seen = 0
    for group, m, figure in rows_of(figures, benchmarks, path, "v \\ u"):
        first, third = re.search(r": (\d+), \d+, (\d+|joint)$", figure["title"]).groups()
        number = group["plane_first"][:].tolist().index(int(first))
        known = None if third == "joint" else int(third)
        loss = group["plane_loss"][m, :, number][..., :known]  # [seed, v, u, task]
        for v, row in enumerate(reversed(figure["rows"][1:])):
            for u, text in enumerate(row[1:]):
                if not same(text, mean(loss[:, v, u])):
                    return "%s shows %s at %s, %d" % (figure["title"], text, row[0], u)
                seen += 1
    return enough(seen)
