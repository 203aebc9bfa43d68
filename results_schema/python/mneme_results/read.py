# SPDX-License-Identifier: Apache-2.0
"""Results files as labelled arrays and as a tidy table."""

import hashlib
import json
import re

import h5py
import numpy as np
import pandas as pd
import xarray as xr

# xarray has a keyword `method` of its own, so the axis of methods needs another name.
RENAMED = {"method": "learner", "method_index": "learner_index"}
TWINS = {"learner_index", "trained_task_index", "evaluated_task_index"}
MOST_HASHED = 1 << 29  # bytes, over all digests in a file
GROUPS = ("metrics", "timing", "cost", "curves", "run", "diagnostics")
PREFIXED = ("continual", "calibration", "geometry")  # whose arrays have names that others have too


class ResultsError(ValueError):
    """A file that is not a whole results file of schema 1."""


def _check(path, file):
    if file.attrs.get("mneme_schema") != "mneme-results":
        raise ResultsError(f"{path}: is not a Mneme results file; give one that mneme wrote")
    if file.attrs["schema_major"] != 1:
        raise ResultsError(
            f"{path}: is of schema {file.attrs['schema_version']}; this package reads schema 1"
        )


def _is_digest_of(digest, content):
    if content.count(digest) != 1:
        return False
    return hashlib.sha256(content.replace(digest, b"0" * 64)).hexdigest().encode() == digest


def _changed(path):
    return ResultsError(
        f"{path}: its content is not what its content_digest says: it was changed or damaged "
        "after it was written; take another copy"
    )


def _refuse_damaged(path):
    """Before HDF5 sees the file: on a damaged one the library may search for ever."""
    with open(path, "rb") as raw:
        content = raw.read()
    if b"content_digest\0" not in content:
        return  # of schema 1.0
    found = re.findall(rb"(?<![0-9a-f])[0-9a-f]{64}", content)
    most = MOST_HASHED // len(content) + 1  # ours is written last
    if not any(_is_digest_of(digest, content) for digest in found[::-1][:most]):
        if len(found) <= most:
            raise _changed(path)


def _check_digest(path, file):
    digest = file.attrs.get("content_digest")
    if digest is None:
        if file.attrs["schema_minor"] == 0:
            return
        raise ResultsError(f"{path}: has no content_digest; take another copy")
    with open(path, "rb") as raw:
        if not _is_digest_of(digest.encode(), raw.read()):
            raise _changed(path)


def _values(array):
    return array.asstr()[()] if h5py.check_string_dtype(array.dtype) else array[()]


def _text(value):
    return value.decode() if isinstance(value, bytes) else value


def _dimensions(array):
    names = [next(iter(axis.values())).name.rsplit("/", 1)[-1] for axis in array.dims]
    return tuple(RENAMED.get(name, name) for name in names)


def _is_scale(array):
    return _text(array.attrs.get("CLASS", "")) == "DIMENSION_SCALE"


def _dataset(group):
    coordinates, variables = {}, {}

    def visit(path, item):
        parts = path.split("/")
        if not isinstance(item, h5py.Dataset) or path == "type":
            return
        if len(parts) > 1 and parts[0] not in GROUPS + PREFIXED:
            return
        name = RENAMED.get(parts[-1], parts[-1])
        if parts[0] in PREFIXED and not _is_scale(item):
            name = "_".join(parts)
        if parts[0] == "metrics":
            name = "metric_" + name if name in ("forgetting", "calibration_error") else name
        if _is_scale(item):
            coordinates[name] = (name, _values(item))
        elif name not in TWINS and len(item.dims) > 0:
            notes = ("units", "long_name", "formula", "reference")
            attributes = {n: _text(item.attrs[n]) for n in notes if n in item.attrs}
            variables[name] = (_dimensions(item), _values(item), attributes)

    group.visititems(visit)
    attributes = {
        name: _text(value)
        for name, value in group.attrs.items()
        if name != "OCTAVE_NEW_FORMAT" and np.ndim(value) == 0
    }
    provenance = {
        label: {name: _text(value) for name, value in texts.attrs.items()}
        for label, texts in group["provenance"].items()
    }
    return xr.Dataset(variables, coordinates, {**attributes, "provenance": provenance})


def load(path, check=True):
    """{benchmark: xarray.Dataset} of a results file.

    Axes are learner (the label of a method), seed, trained_task, evaluated_task, point, ...; an
    array in a group of the file keeps its name (`train_seconds`), but `metrics/forgetting` is
    `metric_forgetting` beside the matrix `forgetting` (so `metric_calibration_error`), and what
    the groups continual, calibration and geometry hold has their name in front
    (`continual_accuracy`, `geometry_loss`). Provenance is `attrs["provenance"]`, by
    label. check: whether the file's content digest is computed and compared.
    """
    if check:
        _refuse_damaged(path)
    with h5py.File(path, "r") as file:
        _check(path, file)
        if check:
            _check_digest(path, file)
        names = [name for name in file if "benchmark_digest" in file[name].attrs]
        return {name: _dataset(file[name]) for name in names}


def network(data, learner, seed, task):
    """{name: array} of the weights that a benchmark, as `load` gives it, holds of one network.

    task: the trained task, by its name, or by its number from 1. Running statistics of
    normalisation are there too.
    """
    if "weights" not in data:
        raise ResultsError("no weights were kept; run with --weights")
    task = data.trained_task.values[task - 1] if isinstance(task, int) else task
    at = {"learner": learner, "seed": seed, "trained_task": task}
    rows = {
        name: data[name].sel(at).values for name in ("weights", "weight_statistics") if name in data
    }
    if np.isnan(rows["weights"]).any():
        raise ResultsError(f"{learner}, seed {seed}: no weights were kept of task {task}")
    tensors = {}
    for layer in json.loads(data.attrs["network_layers"]):
        first, size = layer["offset"], int(np.prod(layer["shape"]))
        tensors[layer["name"]] = rows[layer["of"]][first : first + size].reshape(layer["shape"])
    return tensors


def tidy(path, check=True):
    """One row for each evaluation of each run: the columns that `mneme import` takes."""
    frames = []
    for benchmark, data in load(path, check).items():
        parts = data[["accuracy", "n_correct"]]
        parts["n_evaluated"] = data.n_evaluated.broadcast_like(data.n_correct)
        parts["outcome"] = data.outcome
        frame = parts.to_dataframe().reset_index().rename(columns={"learner": "method"})
        frame["trained_task_index"] = frame.trained_task.map(_numbers(data.trained_task))
        frame["evaluated_task_index"] = frame.evaluated_task.map(_numbers(data.evaluated_task))
        frame.insert(0, "benchmark", benchmark)
        frames.append(frame[(frame.n_correct >= 0) | frame.accuracy.notna()])
    columns = (
        "benchmark method seed trained_task_index trained_task evaluated_task_index "
        "evaluated_task n_correct n_evaluated accuracy outcome"
    ).split()
    return pd.concat(frames, ignore_index=True)[columns]


def _numbers(tasks):
    return {name: number for number, name in enumerate(tasks.values.tolist(), 1)}
