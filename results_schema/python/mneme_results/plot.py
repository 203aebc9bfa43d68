# SPDX-License-Identifier: Apache-2.0
"""Figures of one benchmark, as `load` gives it. Each function returns matplotlib's axes."""

import numpy as np


def _axes(ax):
    if ax is not None:
        return ax
    from matplotlib import pyplot  # only who plots needs it

    return pyplot.subplots(layout="constrained")[1]


def _learners(data):
    return [str(name) for name in data.learner.values]


def matrix(data, learner=None, values="accuracy", ax=None):
    """Heat map of `values` (accuracy, forgetting, loss, ...) of one learner, mean over seeds."""
    ax = _axes(ax)
    learner = _learners(data)[0] if learner is None else learner
    grid = data[values].sel(learner=learner).mean("seed")
    limits = {"vmin": 0, "vmax": 1} if "accuracy" in values else {}
    image = ax.imshow(grid.values, cmap="cividis", **limits)
    for axis, dimension in ((ax.yaxis, "trained_task"), (ax.xaxis, "evaluated_task")):
        labels = [str(name) for name in data[dimension].values]
        axis.set_ticks(range(len(labels)), labels)
        axis.set_label_text(dimension.replace("_", " "))
    ax.tick_params(axis="x", rotation=45)
    ax.set_title(f"{learner}: {values}, mean of {data.sizes['seed']} seeds")
    ax.figure.colorbar(image, ax=ax, label=values)
    return ax


def curves(data, learners=None, ax=None):
    """Mean accuracy over the tasks seen, after each task, with the range over seeds."""
    ax = _axes(ax)
    tasks = data.sizes["trained_task"]
    seen = np.tri(tasks, dtype=bool)
    steps = np.arange(1, tasks + 1)
    for learner in learners or _learners(data):
        grid = data.accuracy.sel(learner=learner).transpose("seed", "trained_task", ...).values
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
    spent = data[cost].isel(trained_task=-1).mean("seed")
    accuracy = data.average_accuracy.mean("seed")
    for learner in _learners(data):
        point = (float(spent.sel(learner=learner)), float(accuracy.sel(learner=learner)))
        ax.plot(*point, "o", label=learner)
        ax.annotate(learner, point, xytext=(4, 4), textcoords="offset points")
    units = data[cost].attrs.get("units", "")
    ax.set(xlabel=f"{data[cost].attrs.get('long_name', cost)} ({units})")
    ax.set(ylabel="average accuracy", ylim=(0, 1))
    ax.set_xscale("symlog" if float(spent.min()) <= 0 else "log")
    return ax
