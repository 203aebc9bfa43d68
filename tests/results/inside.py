# SPDX-License-Identifier: Apache-2.0
"""What validate.py knows of the arrays between the rows of the accuracy matrix: their dimensions,
and their formulas as schema.md words them."""

import math

MATRIX = ("method", "seed", "trained_task", "evaluated_task")
RUN = MATRIX[:2]
PER_TASK = MATRIX[:3]
BINS = MATRIX + ("bin",)
AXES = {
    "weight_statistics": (PER_TASK + ("statistic",), "f", False),
    "continual/step": (PER_TASK + ("evaluation",), "i", False),
    "continual/n_correct": (PER_TASK + ("evaluation", "evaluated_task"), "i", False),
    "continual/n_evaluated": (("evaluated_task",), "i", False),
    "continual/accuracy": (PER_TASK + ("evaluation", "evaluated_task"), "d", False),
    "calibration/count": (BINS, "i", False),
    "calibration/correct": (BINS, "i", False),
    "calibration/confidence": (BINS, "d", False),
    "calibration/error": (MATRIX, "d", False),
    "calibration/squared_error": (MATRIX, "d", False),
    "calibration/brier_score": (MATRIX, "d", False),
    "predictions": (PER_TASK + ("example",), "u", False),
    "labels": (("seed", "example"), "u", False),
}
CONTINUAL = (
    "min_accuracy worst_case_accuracy windowed_forgetting_10 windowed_forgetting_100"
    " windowed_plasticity_10 windowed_plasticity_100 recovery_steps"
).split()
REFERENCES = {"intransigence": "joint", "forward_transfer_against_single": "single"}
ADDED = (
    "balanced_accuracy macro_f1 cohen_kappa negative_flips maximum_calibration_error"
    " negative_log_likelihood"
).split()
AXES.update(
    {
        "metrics/" + name: (RUN, "d", False)
        for name in CONTINUAL + ["calibration_error", "brier_score"] + list(REFERENCES) + ADDED
    }
)
LINE = RUN + ("pair", "line_point", "evaluated_task")
OF_PAIR = RUN + ("pair", "evaluated_task")
BARRIERS = ("barrier", "barrier_from_mean", "barrier_area", "error_barrier_from_mean")
AXES.update(
    {
        "geometry/pair_from": (("pair",), "i", False),
        "geometry/pair_to": (("pair",), "i", False),
        "geometry/position": (("line_point",), "d", False),
        "geometry/n_evaluated": (("evaluated_task",), "i", False),
        "geometry/pair_seed": (("seed", "pair"), "i", False),
        "geometry/cosine": (MATRIX, "d", False),
        "geometry/cka": (OF_PAIR, "d", False),
    }
)
PLANE = RUN + ("plane", "plane_row", "plane_column", "evaluated_task")
AXES.update(
    {"geometry/plane_" + name: (("plane",), "i", False) for name in ("first", "second", "third")}
)
AXES.update(
    {
        "geometry/plane_position": (("plane_column",), "d", False),
        "geometry/plane_loss": (PLANE, "d", False),
        "geometry/plane_n_correct": (PLANE, "i", False),
        "geometry/plane_accuracy": (PLANE, "d", False),
    }
)
WAYS = ("", "matched_", "l2_", "mid_")
for _when in WAYS:
    AXES["geometry/" + _when + "loss"] = (LINE, "d", False)
    AXES["geometry/" + _when + "n_correct"] = (LINE, "i", False)
    AXES["geometry/" + _when + "distance"] = (RUN + ("pair",), "d", False)
    AXES["geometry/" + _when + "curvature"] = (LINE, "d", False)
    AXES.update({"geometry/" + _when + name: (OF_PAIR, "d", False) for name in BARRIERS})
SCALES = {"geometry/" + name for name in ("pair", "line_point", *PLANE[2:5])} | {
    "statistic",
    "continual/evaluation",
    "calibration/bin",
    "example",
}


def mean(terms):
    terms = list(terms)
    total = 0.0
    for x in terms:
        total += x
    return total / len(terms) if terms else math.nan


def series(step, accuracy, j):
    """(trained task, step, accuracy on j) from where the training of j began, or it is known."""
    tasks, points = step.shape
    return [
        (i, int(step[i, k]), float(accuracy[i, k, j]))
        for i in range(j, tasks)
        for k in range(points)
        if step[i, k] >= 0 and not (i == j and math.isnan(accuracy[i, k, j]))
    ]


def least(values):
    values = list(values)
    return math.nan if not values or any(map(math.isnan, values)) else min(values)


def change(values, window, sign):
    if not values or any(map(math.isnan, values)):
        return math.nan
    return max(
        [0.0]
        + [
            sign * (values[m] - values[n])
            for n in range(len(values))
            for m in range(max(0, n + 1 - window), n)
        ]
    )


def recovery(points):
    if not points or any(math.isnan(p[2]) for p in points):
        return math.nan
    low = min(range(len(points)), key=lambda k: (points[k][2], k))
    back = next(p for p in points[low:] if p[2] >= points[-1][2])
    return float(back[1] - points[low][1])


def continual_metrics(step, accuracy):
    tasks = step.shape[0]
    of = [series(step, accuracy, j) for j in range(tasks)]
    values = [[p[2] for p in points] for points in of]
    low = mean(least(p[2] for p in of[j] if p[0] > j) for j in range(tasks - 1))
    now = values[-1][-1] if values[-1] else math.nan
    share = 1 / tasks
    out = {
        "min_accuracy": low,
        "worst_case_accuracy": now if tasks == 1 else share * now + (1 - share) * low,
        "recovery_steps": mean(
            mean(recovery([p for p in of[j] if p[0] == i]) for j in range(i))
            for i in range(1, tasks)
        ),
    }
    for window in (10, 100):
        for name, sign in (("forgetting", 1), ("plasticity", -1)):
            out["windowed_%s_%d" % (name, window)] = mean(change(v, window, sign) for v in values)
    return out


def calibration_error(count, correct, confidence):
    """Arrays [tasks, bins], the tasks pooled bin by bin."""
    if (count < 0).any():
        return math.nan
    error = everything = 0.0
    for k in range(count.shape[1]):
        right = sure = 0.0
        for j in range(count.shape[0]):
            everything += count[j, k]
            right += correct[j, k]
            sure += confidence[j, k]
        error += abs(right - sure)
    return error / everything if everything > 0 else math.nan


def pooled_calibration_error(count, correct, confidence):
    """The largest distance in a bin, of the same arrays."""
    if (count < 0).any():
        return math.nan
    most = math.nan
    for k in range(count.shape[1]):
        right = sure = everything = 0.0
        for j in range(count.shape[0]):
            everything += count[j, k]
            right += correct[j, k]
            sure += confidence[j, k]
        if everything > 0:
            here = abs(right - sure) / everything
            most = here if math.isnan(most) else max(most, here)
    return most


def by_example(values, n):
    total = everything = 0.0
    for x, size in zip(values, n):
        total += x
        everything += size
    return total / everything


def confusion_metrics(matrix):
    """Rows: labels, columns: predictions."""
    if matrix[0, 0] < 0:
        return dict.fromkeys(ADDED[:3], math.nan)
    labels, said = matrix.sum(1).astype(float), matrix.sum(0).astype(float)
    right = [float(x) for x in matrix.diagonal()]
    everything, agree, chance = sum(labels), sum(right), sum(labels * said)
    rest = everything * everything - chance
    return {
        "balanced_accuracy": mean(r / n for r, n in zip(right, labels) if n > 0),
        "macro_f1": mean(2 * r / (n + s) for r, n, s in zip(right, labels, said) if n + s > 0),
        "cohen_kappa": (everything * agree - chance) / rest if rest > 0 else math.nan,
    }


def negative_flips(said, right, n):
    """said [task, example], right [example], n examples of each task."""
    terms, first = [], 0
    for j in range(len(n) - 1):
        part = slice(first, first + n[j])
        then, now, label = said[j, part], said[-1, part], right[part]
        if (then == 65535).any() or (now == 65535).any():
            return math.nan
        terms.append(int(((then == label) & (now != label)).sum()) / n[j])
        first += n[j]
    return mean(terms)


def check_added(np, g, name, metric, need):
    """Metrics of other facts than the matrix, some of which were added later."""
    added = g.attrs.get("added_metrics", "").split()
    for which in ADDED:
        need((which in added) == ("metrics/" + which in g), name, which, "and added_metrics")
    n = g["n_evaluated"][:]
    if "metrics/balanced_accuracy" in g:
        matrix = g["confusion"][:]
        for which in ADDED[:3]:
            metric(which, lambda m, s: confusion_metrics(matrix[m, s, -1])[which])
    if "metrics/negative_flips" in g:
        said, right = g["predictions"][:], g["labels"][:]
        metric("negative_flips", lambda m, s: negative_flips(said[m, s], right[s], n.tolist()))
    if "metrics/maximum_calibration_error" in g:
        parts = [g["calibration/" + p][:] for p in ("count", "correct", "confidence")]
        metric(
            "maximum_calibration_error",
            lambda m, s: pooled_calibration_error(*(p[m, s, -1] for p in parts)),
        )
    if "metrics/negative_log_likelihood" in g:
        loss = g["loss"][:]
        metric("negative_log_likelihood", lambda m, s: by_example(loss[m, s, -1] * n, n))


def barriers(line, over_mean):
    """The largest loss above the line between the ends, or above their mean."""
    last = len(line) - 1
    above = []
    for k, loss in enumerate(line):
        t = k / last
        ends = (line[0] + line[last]) / 2 if over_mean else (1 - t) * line[0] + t * line[last]
        above.append(0.0 if k in (0, last) and not over_mean else loss - ends)
    return math.nan if any(map(math.isnan, line)) else max(above)


def barrier_area(line):
    last, area = len(line) - 1, 0.0
    for k in range(1, last):
        t = k / last
        area += (line[k] - ((1 - t) * line[0] + t * line[last])) / last
    return area


def check_geometry(np, g, name, same_bits, when):
    loss = g["geometry/" + when + "loss"][:]
    error = 1 - g["geometry/" + when + "n_correct"][:].astype("f8") / g["geometry/n_evaluated"][:]
    for which, values, formula in (
        ("barrier", loss, lambda line: barriers(line, False)),
        ("barrier_from_mean", loss, lambda line: barriers(line, True)),
        ("barrier_area", loss, barrier_area),
        ("error_barrier_from_mean", error, lambda line: barriers(line, True)),
    ):
        wanted = np.apply_along_axis(lambda line: formula(line.tolist()), 3, values)
        same_bits(np, g["geometry/" + when + which][:], wanted, name + "/" + when + which)


def curvature(np, loss, distance):
    """Of losses [..., points, task] on lines as long as distance [...]."""
    step = (distance / (loss.shape[-2] - 1))[..., None, None]
    out = np.full(loss.shape, np.nan)
    second = loss[..., 2:, :] - 2 * loss[..., 1:-1, :] + loss[..., :-2, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        out[..., 1:-1, :] = second / (step * step)
    return np.where(step > 0, out, np.nan)


def check(np, g, name, same_bits, need):
    runs = g["n_correct"].shape[:2]

    def metric(which, value):
        found = np.array([[value(m, s) for s in range(runs[1])] for m in range(runs[0])])
        same_bits(np, g["metrics/" + which][:], found, name + "/metrics/" + which)

    if "continual/n_correct" in g:
        count, n = g["continual/n_correct"][:], g["continual/n_evaluated"][:]
        accuracy = np.where(count >= 0, count.astype("f8") / n, np.nan)
        same_bits(np, g["continual/accuracy"][:], accuracy, name + "/continual/accuracy")
        step = g["continual/step"][:]
        for which in CONTINUAL:
            metric(which, lambda m, s: continual_metrics(step[m, s], accuracy[m, s])[which])
    if "calibration/count" in g:
        parts = [g["calibration/" + p][:] for p in ("count", "correct", "confidence")]
        metric("calibration_error", lambda m, s: calibration_error(*(p[m, s, -1] for p in parts)))
        error = np.empty(parts[0].shape[:-1])
        for at in np.ndindex(error.shape):
            error[at] = calibration_error(*(p[at][None] for p in parts))
        same_bits(np, g["calibration/error"][:], error, name + "/calibration/error")
    if "calibration/squared_error" in g:
        squared, n = g["calibration/squared_error"][:], g["n_evaluated"][:]
        same_bits(np, g["calibration/brier_score"][:], squared / n, name + "/brier_score")
        metric("brier_score", lambda m, s: by_example(squared[m, s, -1], n))
    check_added(np, g, name, metric, need)
    for when in WAYS:
        if "geometry/" + when + "loss" in g:
            check_geometry(np, g, name, same_bits, when)
        if "geometry/" + when + "curvature" in g:  # schema 1.2 had none
            found = g["geometry/" + when + "curvature"][:]
            parts = [g["geometry/" + when + which][:] for which in ("loss", "distance")]
            same_bits(np, found, curvature(np, *parts), name + "/" + when + "curvature")
    if "geometry/plane_loss" in g:
        count, n = g["geometry/plane_n_correct"][:], g["geometry/n_evaluated"][:]
        accuracy = np.where(count >= 0, count.astype("f8") / n, np.nan)
        same_bits(np, g["geometry/plane_accuracy"][:], accuracy, name + "/plane_accuracy")
    a, labels = g["accuracy"][:], g["method"].asstr()[:].tolist()
    ids = [g["provenance"][label].attrs.get("plugin_id") for label in labels]
    tasks = a.shape[-1]
    for which, plugin in REFERENCES.items():
        need((plugin in ids) == ("metrics/" + which in g), which, "and", plugin)
        if plugin not in ids:
            continue
        r = a[ids.index(plugin)]
        first, sign = (0, 1.0) if which == "intransigence" else (1, -1.0)
        metric(
            which,
            lambda m, s: mean(sign * (r[s, j, j] - a[m, s, j, j]) for j in range(first, tasks)),
        )
    if "predictions" in g:
        said, right = g["predictions"][:], g["labels"][:]
        ends = np.concatenate([[0], np.cumsum(g["n_evaluated"][:])])
        correct = (said == right[None, :, None]) & (said != 65535)
        for j in range(tasks):
            counted = g["n_correct"][:, :, :, j]
            found = correct[..., ends[j] : ends[j + 1]].sum(-1)
            need((found == np.maximum(counted, 0)).all(), "predictions of task", j + 1)
