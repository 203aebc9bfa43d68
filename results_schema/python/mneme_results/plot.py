# SPDX-License-Identifier: Apache-2.0
"""Figures of one benchmark, as `load` gives it. Each function returns matplotlib's axes. Means are
over complete seeds, as in the report."""

import numpy as np

from .read import ResultsError


def _axes(ax):
    if ax is not None:
        return ax
    from matplotlib import pyplot  # only who plots needs it

    return pyplot.subplots(layout="constrained")[1]


def _learners(data):
    return [str(name) for name in data.learner.values]


def _complete(data, values, learner):
    """`values` of one learner, only of the seeds that are complete."""
    seeds = data.outcome.sel(learner=learner).values == "complete"
    if not seeds.any():
        raise ResultsError(f"{learner}: no seed is complete")
    return values.sel(learner=learner).isel(seed=seeds)


def _with_complete(data):
    """Learners of which a seed is complete."""
    return [n for n in _learners(data) if (data.outcome.sel(learner=n) == "complete").any()]


def matrix(data, learner=None, values="accuracy", ax=None):
    """Heat map of `values` (accuracy, forgetting, loss, ...) of one learner, mean over seeds."""
    ax = _axes(ax)
    learner = _learners(data)[0] if learner is None else learner
    complete = _complete(data, data[values], learner)
    grid = complete.mean("seed")
    limits = {"vmin": 0, "vmax": 1} if "accuracy" in values else {}
    image = ax.imshow(grid.values, cmap="cividis", **limits)
    for axis, dimension in ((ax.yaxis, "trained_task"), (ax.xaxis, "evaluated_task")):
        labels = [str(name) for name in data[dimension].values]
        axis.set_ticks(range(len(labels)), labels)
        axis.set_label_text(dimension.replace("_", " "))
    ax.tick_params(axis="x", rotation=45)
    ax.set_title(f"{learner}: {values}, mean of {complete.sizes['seed']} seeds")
    ax.figure.colorbar(image, ax=ax, label=values)
    return ax


def curves(data, learners=None, ax=None):
    """Mean accuracy over the tasks seen, after each task, with the range over seeds."""
    ax = _axes(ax)
    tasks = data.sizes["trained_task"]
    seen = np.tri(tasks, dtype=bool)
    steps = np.arange(1, tasks + 1)
    for learner in learners or _with_complete(data):
        grid = _complete(data, data.accuracy, learner).transpose("seed", "trained_task", ...).values
        by_seed = np.where(seen, grid, 0).sum(-1) / seen.sum(-1)
        mean = by_seed.mean(0)
        line = ax.plot(steps, mean, marker="o", label=learner)[0]
        low, high = by_seed.min(0), by_seed.max(0)
        ax.fill_between(steps, low, high, color=line.get_color(), alpha=0.2, linewidth=0)
    ax.axhline(data.attrs["chance_accuracy"], color="grey", linestyle=":", label="chance")
    ax.set(xlabel="tasks seen", ylabel="accuracy over tasks seen", ylim=(0, 1), xticks=steps)
    ax.legend()
    return ax


def pareto(data, cost="kept_bytes", ax=None):
    """Average accuracy against a cost after the last task, a point for each learner."""
    ax = _axes(ax)
    lowest = float("inf")
    for learner in _with_complete(data):
        spent = _complete(data, data[cost].isel(trained_task=-1), learner).mean("seed")
        accuracy = _complete(data, data.average_accuracy, learner).mean("seed")
        point = (float(spent), float(accuracy))
        lowest = min(lowest, point[0])
        ax.plot(*point, "o", label=learner)
        ax.annotate(learner, point, xytext=(4, 4), textcoords="offset points")
    units = data[cost].attrs.get("units", "")
    ax.set(xlabel=f"{data[cost].attrs.get('long_name', cost)} ({units})")
    ax.set(ylabel="average accuracy", ylim=(0, 1))
    ax.set_xscale("symlog" if lowest <= 0 else "log")
    return ax


def barrier(data, learner=None, matched=True, ax=None):
    """Loss on the straight lines between minima, where `mneme geometry` has evaluated them.

    A line for each pair of consecutive tasks, for each task with the minimum of all, and, where the
    file has them, for each task with that of the next seed: the mean over complete seeds and over
    the tasks that its end has learned. matched: dashed, the same after permutation matching, where
    the file has it; True, or "l2" or "mid".
    """
    if "geometry_loss" not in data:
        raise ResultsError("no lines between minima; `mneme geometry` evaluates them")
    ax = _axes(ax)
    learner = _learners(data)[0] if learner is None else learner
    way = "matched" if matched is True else matched
    for number in range(data.sizes["pair"]):
        start = int(data.geometry_pair_from[number])
        end = int(data.geometry_pair_to[number])
        if end not in (0, start, start + 1):
            continue
        known = slice(0, end or None)
        colour = None
        for name in ("geometry_loss", f"geometry_{way}_loss")[: 2 if matched else 1]:
            if name not in data:
                continue
            loss = _complete(data, data[name], learner).isel(pair=number, evaluated_task=known)
            mean = loss.mean(["seed", "evaluated_task"]).values
            plain = name == "geometry_loss"
            of_pair = f"task {start} to {end or 'joint'}"
            label = (of_pair if end != start else f"task {start}, 2 seeds") if plain else None
            style = "-" if plain else "--"
            line = ax.plot(data.geometry_position.values, mean, style, color=colour, label=label)
            colour = line[0].get_color()
    ax.set(xlabel="place on the line", ylabel="loss (nat)", ylim=(0, None))
    ax.set_title(f"{learner}: loss between minima" + (", matched dashed" if matched else ""))
    ax.legend()
    return ax


def plane(data, learner=None, number=1, ax=None):
    """Loss on a plane through three minima, where `mneme geometry --plane` has evaluated it.

    number: of the plane, from 1. The mean over complete seeds and over the tasks that the third
    minimum has learned; colours go from the smallest to the largest loss within the triangle of the
    three, and no further.
    """
    if "geometry_plane_loss" not in data:
        raise ResultsError("no planes through minima; `mneme geometry --plane N` evaluates them")
    ax = _axes(ax)
    learner = _learners(data)[0] if learner is None else learner
    names = [int(data[f"geometry_plane_{n}"][number - 1]) for n in ("first", "second", "third")]
    loss = _complete(data, data.geometry_plane_loss, learner).isel(
        plane=number - 1, evaluated_task=slice(0, names[2] or None)
    )
    mean = loss.mean(["seed", "evaluated_task"]).values  # [v, u]
    place = data.geometry_plane_position.values
    u, v = np.meshgrid(place, place)
    between = (u >= 0) & (v >= 0) & (u + v <= 1)
    ends = {"vmin": mean[between].min(), "vmax": mean[between].max()}
    image = ax.pcolormesh(place, place, mean, cmap="viridis_r", shading="nearest", **ends)
    for name, at in zip(names, ((0, 0), (1, 0), (0, 1))):
        ax.plot(*at, "o", color="black", fillstyle="none")
        ax.annotate(str(name or "joint"), at, xytext=(6, 6), textcoords="offset points")
    ax.set(xlabel="u", ylabel="v", title=f"{learner}: loss on a plane through three minima")
    ax.figure.colorbar(image, ax=ax, label="loss (nat)")
    return ax
