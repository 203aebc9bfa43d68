#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Judges results files without Mneme: h5py and numpy recompute every formula to the last bit;
xarray (both engines), ncdump and Octave must see named dimensions. Usage: validate.py FILE.h5...,
or validate.py --make PROGRAM (a program that writes the file named to it). Prints `ok NAME`,
`not ok NAME: why` or `skip NAME: why` a line; ends with 1 when something is not ok.
"""

import hashlib
import math
import os
import shutil
import subprocess
import sys
import tempfile

import inside
from inside import MATRIX, PER_TASK, RUN

INITIAL = ("method", "seed", "evaluated_task")
AXES = {  # path: (dimensions, type, required)
    "method_index": (("method",), "i", True),
    "trained_task_index": (("trained_task",), "i", True),
    "evaluated_task_index": (("evaluated_task",), "i", True),
    "accuracy": (MATRIX, "d", True),
    "accuracy_task_aware": (MATRIX, "d", False),
    "forgetting": (MATRIX, "d", True),
    "initial_accuracy": (INITIAL, "d", True),
    "loss": (MATRIX, "d", False),
    "n_correct": (MATRIX, "i", True),
    "n_correct_task_aware": (MATRIX, "i", False),
    "initial_correct": (INITIAL, "i", True),
    "n_evaluated": (("evaluated_task",), "i", True),
    "confusion": (PER_TASK + ("true_class", "predicted_class"), "i", False),
    "outcome": (RUN, "s", True),
    "outcome_code": (RUN, "i", True),
    "outcome_message": (RUN, "s", True),
    "timing/shared_by_replicas": (RUN, "i", False),
    "curves/task_of_point": (("point",), "i", False),
    "curves/train_loss": (RUN + ("point",), "d", False),
    "data_digest": (("seed", "trained_task"), "s", True),
    "weights": (PER_TASK + ("parameter",), "f", False),
    "class_map": (("seed", "original_class"), "i", False),
    "reported_accuracy": (MATRIX, "d", False),
    "run/restart_count": (RUN, "i", False),
}
AXES.update(
    {"timing/%s_seconds" % n: (PER_TASK, "d", False) for n in ("train", "evaluate", "end_task")}
)
AXES.update(
    {
        "cost/" + n: (PER_TASK, "d", False)
        for n in (
            "train_samples",
            "optimizer_steps",
            "kept_bytes",
            "peak_rss_bytes",
            "peak_device_bytes",
        )
    }
)
AXES.update({"run/" + n: (RUN, "s", False) for n in ("request_digest", "host", "device", "job_id")})
METRICS = (
    "average_accuracy",
    "forgetting",
    "backward_transfer",
    "forward_transfer",
    "learning_accuracy",
    "average_incremental_accuracy",
    "worst_task_accuracy",
)
AXES.update({"metrics/" + n: (RUN, "d", True) for n in METRICS})
AXES.update(inside.AXES)
OUTCOMES = ("complete", "diverged", "failed", "timeout", "refused", "missing")
PROVENANCE = (
    "options_toml train_toml plugin_id plugin_version plugin_sha256 plugin_note paper"
    " harness_version git_commit git_dirty libtorch blas hdf5 compiler device driver cuda threads"
    " precision graphs command_line environment_json host"
).split()


class Fault(Exception):
    pass


def need(condition, *words):
    if not condition:
        raise Fault(" ".join(str(w) for w in words))


def text(value):
    return value.decode() if isinstance(value, bytes) else value


# The formulas as schema.md words them: sums from left to right from 0.0, divided once.
def mean(terms):
    terms = list(terms)
    total = 0.0
    for x in terms:
        total += x
    return total / len(terms) if terms else math.nan


def top(column):
    return math.nan if any(math.isnan(x) for x in column) else max(column)


def run_metrics(a, b):
    T = len(a)
    last = a[T - 1]
    return {
        "average_accuracy": mean(last),
        "forgetting": mean(top([a[l][j] for l in range(j, T - 1)]) - last[j] for j in range(T - 1)),
        "backward_transfer": mean(last[j] - a[j][j] for j in range(T - 1)),
        "forward_transfer": mean(a[j - 1][j] - b[j] for j in range(1, T)),
        "learning_accuracy": mean(a[j][j] for j in range(T)),
        "average_incremental_accuracy": mean(mean(a[i][j] for j in range(i + 1)) for i in range(T)),
        "worst_task_accuracy": math.nan if any(math.isnan(x) for x in last) else min(last),
    }


def same_bits(np, found, wanted, what):
    found, wanted = np.asarray(found, dtype="f8"), np.asarray(wanted, dtype="f8")
    need(found.shape == wanted.shape, what, "has shape", found.shape, "not", wanted.shape)
    differ = ~((np.isnan(found) & np.isnan(wanted)) | (found.view("u8") == wanted.view("u8")))
    need(
        not differ.any(),
        what,
        "differs in",
        int(differ.sum()),
        "values, first at",
        np.argwhere(differ)[:1].tolist(),
    )


def each_benchmark(file):
    names = [n for n in file if "benchmark_digest" in file[n].attrs]
    need(names, "no benchmark")
    for name in names:
        yield name, file[name]


def check_structure(path):
    import h5py

    with h5py.File(path, "r") as f:
        need(
            f.attrs["mneme_schema"] == "mneme-results" and f.attrs["status"] == "complete",
            "root attributes",
        )
        need(
            f.attrs["schema_version"] == "1.3.0"
            and f.attrs["schema_major"] == 1
            and f.attrs["Conventions"] == "Mneme-1.3",
            "version",
        )
        need(
            f.attrs["schema_major"].dtype == "i4" and f.attrs["schema_minor"].dtype == "i4",
            "schema_major is not int32",
        )
        need("Mneme results, schema 1.3" in text(f["schema/text"][()]), "/schema/text")
        for name, g in each_benchmark(f):
            for a in (
                "benchmark_version",
                "benchmark_digest",
                "benchmark_toml",
                "scenario",
                "evaluated_on",
            ):
                need(isinstance(g.attrs[a], str), name, a, "is no string")
            seen = set()
            g.visititems(lambda p, o: seen.add(p) if isinstance(o, h5py.Dataset) else None)
            known = (
                set(AXES)
                | {
                    "method",
                    "seed",
                    "trained_task",
                    "evaluated_task",
                    "true_class",
                    "predicted_class",
                    "curves/point",
                    "parameter",
                    "original_class",
                    "type",
                }
                | inside.SCALES
            )
            seen = {p for p in seen if not p.startswith("diagnostics/")}
            need(seen <= known, name, "has unknown arrays", seen - known)
            for p, (dims, kind, required) in AXES.items():
                if p not in g:
                    need(not required, name, p, "is missing")
                    continue
                d = g[p]
                want = {"i": "int32", "d": "float64", "f": "float32", "u": "uint16"}.get(kind)
                if want:
                    need(d.dtype == want, p, "is", d.dtype, "not", want)
                else:
                    info = h5py.check_string_dtype(d.dtype)
                    need(
                        info and info.encoding == "utf-8" and info.length is None,
                        p,
                        "is no variable-length UTF-8",
                    )
                labels = tuple(
                    next(iter(x.values())).name.split("/")[-1] if len(x) else None for x in d.dims
                )
                need(labels == dims, p, "has dimensions", labels, "not", dims)
                need(
                    "long_name" in d.attrs and (kind == "s" or "units" in d.attrs),
                    p,
                    "lacks long_name or units",
                )
                nbytes = d.size * d.dtype.itemsize
                if nbytes > 65536:
                    need(
                        d.chunks
                        and d.shuffle
                        and (d.compression, d.compression_opts) == ("gzip", 4)
                        and d.fletcher32,
                        p,
                        "is not packed",
                    )
                else:
                    need(d.chunks is None, p, "is chunked")
            for label in g["method"].asstr()[:]:
                p = g["provenance"][label]
                lacks = [k for k in PROVENANCE if not isinstance(p.attrs.get(k), str)]
                need(not lacks, label, "lacks provenance", lacks)


def check_digest(path):
    """The recipe of schema.md: SHA-256 of all bytes, the digest's own digits taken as zeros."""
    import h5py

    with h5py.File(path, "r") as f:
        digest = text(f.attrs["content_digest"])
    with open(path, "rb") as file:
        content = file.read()
    need(content.count(digest.encode()) == 1, "the digest's digits do not stand there once")
    found = hashlib.sha256(content.replace(digest.encode(), b"0" * 64)).hexdigest()
    need(found == digest, "content_digest is", digest, "but the content gives", found)


def check_values(path):
    import h5py
    import numpy as np

    with h5py.File(path, "r") as f:
        for name, g in each_benchmark(f):
            n = g["n_evaluated"][:]

            def share(p):
                c = g[p][:]
                with np.errstate(all="ignore"):
                    return np.where((c >= 0) & (n > 0), c.astype("f8") / n, np.nan)

            for array, counts in (
                ("accuracy", "n_correct"),
                ("initial_accuracy", "initial_correct"),
                ("accuracy_task_aware", "n_correct_task_aware"),
            ):
                need((array in g) == (counts in g), array, "without", counts)
                if array in g:
                    same_bits(np, g[array][:], share(counts), name + "/" + array)
            a, b = g["accuracy"][:], g["initial_accuracy"][:]
            want = np.full(a.shape, np.nan)
            for i in range(a.shape[2]):
                for j in range(i):
                    want[:, :, i, j] = np.max(a[:, :, j:i, j], axis=2) - a[:, :, i, j]
            same_bits(np, g["forgetting"][:], want, name + "/forgetting")
            values = {m: np.empty(a.shape[:2]) for m in METRICS}
            for m in range(a.shape[0]):
                for s in range(a.shape[1]):
                    for metric, value in run_metrics(a[m, s].tolist(), b[m, s].tolist()).items():
                        values[metric][m, s] = value
            for metric in METRICS:
                same_bits(
                    np, g["metrics/" + metric][:], values[metric], name + "/metrics/" + metric
                )
            codes = g["outcome_code"][:]
            need(
                np.array_equal(g["outcome"].asstr()[:], np.array(OUTCOMES, dtype=object)[codes]),
                "outcome and outcome_code differ",
            )
            complete = a[codes == 0]
            need(not np.isnan(complete[:, -1, :]).any(), "a complete run lacks its last row")
            inside.check(np, g, name, same_bits, need)
            if "confusion" in g:
                c, right = g["confusion"][:].astype("i8"), g["n_correct"][:]
                known = c.min(axis=(3, 4)) >= 0
                trace = np.trace(c, axis1=3, axis2=4)
                right = np.where(right >= 0, right, 0).sum(axis=3)
                need(
                    np.array_equal(trace[known], right[known]),
                    "confusion's diagonal is not n_correct",
                )


def check_xarray(path, engine):
    import h5py
    import xarray

    with h5py.File(path, "r") as f:
        groups = [
            (
                n,
                g["method"].asstr()[:].tolist(),
                g["trained_task"].asstr()[:].tolist(),
                g["accuracy"][:],
                g["outcome_message"].asstr()[:].tolist(),
                "curves/point" in g,
            )
            for n, g in each_benchmark(f)
        ]
    root = xarray.open_dataset(path, engine=engine)
    need(root.attrs["mneme_schema"] == "mneme-results", "root attributes")
    for name, methods, tasks, accuracy, messages, curves in groups:
        with xarray.open_dataset(path, engine=engine, group=name) as d:
            need(d["accuracy"].dims == MATRIX, "accuracy has dimensions", d["accuracy"].dims)
            need(
                d["method"].values.tolist() == methods
                and d["trained_task"].values.tolist() == tasks,
                "names",
                d["method"].values,
            )
            one = (
                d["accuracy"]
                .sel({"method": methods[-1], "trained_task": tasks[-1], "evaluated_task": tasks[0]})
                .values
            )
            need(
                (
                    (one == accuracy[-1, :, -1, 0])
                    | (accuracy[-1, :, -1, 0] != accuracy[-1, :, -1, 0])
                ).all(),
                "sel by name",
            )
            need(
                d["outcome_message"].values.tolist() == messages,
                "outcome_message",
                d["outcome_message"].values.tolist(),
            )
            need(isinstance(d.attrs["benchmark_toml"], str), "benchmark_toml")
            need(
                (
                    "forgetting" in d.to_dataframe().columns
                    if "confusion" not in d and "weights" not in d
                    else True
                ),
                "to_dataframe",
            )
        with xarray.open_dataset(path, engine=engine, group=name + "/metrics") as d:
            need(
                d["average_accuracy"].dims == RUN,
                "metrics have dimensions",
                d["average_accuracy"].dims,
            )
        if curves:
            with xarray.open_dataset(path, engine=engine, group=name + "/curves") as d:
                need(
                    d["train_loss"].dims == RUN + ("point",),
                    "curves have dimensions",
                    d["train_loss"].dims,
                )
        with xarray.open_dataset(
            path, engine=engine, group=name + "/provenance/" + methods[0]
        ) as d:
            need(isinstance(d.attrs["driver"], str) and d.attrs["plugin_id"], "provenance")


def check_ncdump(path):
    out = subprocess.run(["ncdump", "-h", path], capture_output=True, text=True, timeout=60)
    need(out.returncode == 0, out.stderr.strip())
    need(
        "double accuracy(method, seed, trained_task, evaluated_task) ;" in out.stdout,
        "accuracy without named dimensions",
    )
    need(
        "double average_accuracy(method, seed) ;" in out.stdout, "metrics without named dimensions"
    )
    need(" phony_dim" not in out.stdout, "a dimension without a name")
    full = subprocess.run(["ncdump", path], capture_output=True, timeout=60)
    need(full.returncode == 0, full.stderr.decode().strip())


def check_octave(path):
    import h5py

    with h5py.File(path, "r") as f:
        name, g = next(each_benchmark(f))
        shape, first = g["accuracy"].shape, g["n_correct"][0, 0, -1, 0]
        trained = g["trained_task_index"][:].tolist()
    script = """s = load('%s'); n = fieldnames(s); found = 0;
for k = 1:numel(n)
  if isstruct(s.(n{k})) && numel(s.(n{k})) == 1 && isfield(s.(n{k}), 'accuracy') && ...
      isequal(regexprep('%s', '[^A-Za-z0-9]', '_'), n{k})
    g = s.(n{k}); found = 1;
    printf('%%d ', size(g.accuracy)); printf('| %%d | ', g.n_correct(1, end, 1, 1));
    printf('%%d ', g.trained_task_index); printf("\\n");
    r = double(g.n_correct) ./ double(g.n_evaluated(:)); r(g.n_correct < 0) = NaN;
    if ! isequaln(r, g.accuracy) error('accuracy is not n_correct / n_evaluated'); end
  end
end
if ! found error('no benchmark'); end""" % (
        path,
        name,
    )
    script = script.replace(
        "isequaln(r, g.accuracy)",
        "(isequal(isnan(r), isnan(g.accuracy)) && all((r == g.accuracy)(! isnan(r))))",
    )
    out = subprocess.run(
        [shutil.which("octave-cli") or "octave", "--no-gui", "--quiet", "--norc", "--eval", script],
        capture_output=True,
        text=True,
        timeout=120,
    )
    need(out.returncode == 0, out.stderr.strip()[-300:])
    need("warning" not in out.stderr, out.stderr.strip()[:300])
    seen = list(reversed(shape))
    while len(seen) > 2 and seen[-1] == 1:  # Octave drops last dimensions of size 1
        seen.pop()
    wanted = "%s| %d | %s" % (
        "".join("%d " % n for n in seen),
        first,
        "".join("%d " % n for n in trained),
    )
    need(
        wanted.strip() == out.stdout.strip().splitlines()[-1].strip(),
        "Octave says",
        out.stdout.strip(),
        "not",
        wanted,
    )


def have(module):
    try:
        __import__(module)
        return True
    except ImportError:
        return False


def program(name):
    return shutil.which(name) is not None


CHECKS = [
    ("content digest", check_digest, lambda: have("h5py"), "python3-h5py"),
    ("structure", check_structure, lambda: have("h5py"), "python3-h5py"),
    (
        "values to the last bit",
        check_values,
        lambda: have("h5py") and have("numpy"),
        "python3-h5py",
    ),
    (
        "xarray h5netcdf",
        lambda p: check_xarray(p, "h5netcdf"),
        lambda: have("xarray") and have("h5netcdf"),
        "python3-xarray python3-h5netcdf",
    ),
    (
        "xarray netCDF4",
        lambda p: check_xarray(p, "netcdf4"),
        lambda: have("xarray") and have("netCDF4"),
        "python3-xarray python3-netcdf4",
    ),
    ("ncdump", check_ncdump, lambda: program("ncdump"), "netcdf-bin"),
    (
        "octave",
        check_octave,
        lambda: have("h5py") and (program("octave-cli") or program("octave")),
        "octave",
    ),
]


def judge(path):
    good = True
    for name, check, present, package in CHECKS:
        title = "%s, %s" % (os.path.basename(path), name)
        if not present():
            print("skip %s: needs %s" % (title, package))
            continue
        sys.stdout.flush()
        child = os.fork()  # netCDF 4.9.0 can crash; the other checks still count
        if child == 0:
            try:
                check(path)
                print("ok", title)
                code = 0
            except Exception as e:  # whatever a reader throws is a verdict on the file
                print("not ok %s: %s: %s" % (title, type(e).__name__, " ".join(str(e).split())))
                code = 1
            sys.stdout.flush()
            os._exit(code)
        status = os.waitpid(child, 0)[1]
        if os.WIFSIGNALED(status):
            print("not ok %s: the reader died of signal %d" % (title, os.WTERMSIG(status)))
        good = good and status == 0
    return good


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "--make":
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "sample.h5")
            made = subprocess.run([arguments[1], path], capture_output=True, text=True)
            if made.returncode != 0:
                print("not ok make the sample:", " ".join(made.stderr.split()))
                return 1
            return 0 if judge(path) else 1
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 64
    return 0 if all([judge(path) for path in arguments]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
