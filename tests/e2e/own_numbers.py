# SPDX-License-Identifier: Apache-2.0
"""Numbers of the user's own as HDF5, .npy and CSV, from a folder outside of everything: the same
examples give the same results in each format, and what is wrong is said before anything trains."""

import os

from workspace import case, facts, main

BENCHMARK = """title = "Two tasks of two"
[stream]
kind = "{kind}"
dataset = "mine"
{keys}
normalise = "dataset"
[scenario]
kind = "{scenario}"
[network]
kind = "mlp"
hidden = [16]
[train]
optimizer = "adam"
lr = 0.01
batch_size = 10
epochs = 3
"""
COMMON = 'classes = 4\nshape = [6]\ntrain = "train.{0}"\ntest = "test.{0}"\n'
HDF5 = 'format = "hdf5"\ntype = "float32"\n' + COMMON.format("h5")
NPY = (
    'format = "npy"\ntype = "float32"\ntrain_labels = "train_labels.npy"\n'
    'test_labels = "test_labels.npy"\n' + COMMON.format("npy")
)
CSV = 'format = "csv"\nlabel = "kind"\n' + COMMON.format("csv")
COLUMNS = ["a", "b", "c d", "d", "e", "f"]


def parts():
    import numpy  # pylint: disable=import-outside-toplevel

    centres = 3 * numpy.random.default_rng(0).normal(size=(4, 6))
    for part, count, seed in (("train", 200, 1), ("test", 80, 2)):
        draw = numpy.random.default_rng(seed)
        labels = draw.integers(0, 4, count)
        values = (centres[labels] + draw.normal(size=(count, 6))).astype("float16")
        values[:, 5] = 0.1  # one value throughout
        yield part, values.astype("float32"), labels


def describe(workspace, text, kind="split", scenario="class", keys="classes_per_task = 2"):
    os.makedirs(workspace.path("mine"), exist_ok=True)
    workspace.write("mine/mine.dataset.toml", text)
    workspace.write("mine/two.toml", BENCHMARK.format(kind=kind, scenario=scenario, keys=keys))


def fill_hdf5(workspace, change=lambda values, labels: None, names=("x", "y"), dtype="float32"):
    import h5py  # pylint: disable=import-outside-toplevel

    describe(workspace, HDF5)
    for part, values, labels in parts():
        change(values, labels)
        with h5py.File(workspace.path("mine", part + ".h5"), "w") as file:
            file[names[0]], file[names[1]] = values.astype(dtype), labels


def fill_npy(workspace, change=lambda values, labels: (values, labels)):
    import numpy  # pylint: disable=import-outside-toplevel

    describe(workspace, NPY)
    for part, values, labels in parts():
        values, labels = change(values, labels)
        numpy.save(workspace.path("mine", part + ".npy"), values)
        numpy.save(workspace.path("mine", part + "_labels.npy"), labels)


def fill_csv(workspace, change=lambda lines: lines, mark="\ufeff", separator=";"):
    describe(workspace, CSV)
    for part, values, labels in parts():
        lines = [separator.join(COLUMNS + ["kind"])]
        for row, label in zip(values, labels):
            lines.append(separator.join([str(v) for v in row] + [f'"class ""{label}"""']))
        with open(workspace.path("mine", part + ".csv"), "w", encoding="utf-8") as file:
            file.write(mark + "\r\n".join(change(lines)) + "\r\n")


def run(workspace, folder, *arguments, want=0):
    workspace.write(
        "suite.toml",
        'benchmarks = ["two"]\nseeds = 2\n[[method]]\nplugin ='
        ' "er"\n[[method]]\nplugin = "joint"\n',
    )
    return workspace.mneme(
        "run", "suite.toml", "-o", folder, "--benchmarks", "mine", *arguments, want=want
    )


def checked(workspace, want=0):
    return workspace.mneme("data", "check", "mine", "--data", "mine", want=want).stdout


@case
def the_same_numbers_in_three_formats_give_the_same_matrices(workspace):
    found = []
    for fill in (fill_hdf5, fill_npy, fill_csv):
        fill(workspace)
        assert "200 training and 80 test examples" in checked(workspace)
        run(workspace, fill.__name__)
        board = workspace.board(fill.__name__)["leaderboards"][0]
        assert board["oracles"][0]["score"]["mean"] > 0.9, board
        arrays = facts(workspace.path(fill.__name__, "results.h5"))
        found.append({n: v for n, v in arrays.items() if "correct" in n})
    assert found[0] and found[0] == found[1] == found[2], [sorted(f) for f in found]


@case
def float16_and_names_in_the_file_and_the_origin(workspace):
    import h5py  # pylint: disable=import-outside-toplevel

    fill_hdf5(workspace, names=("deep/features", "labels"), dtype="float16")
    describe(
        workspace,
        HDF5 + 'x = "deep/features"\ny = "labels"\norigin = "ResNet-18, BSD-3-Clause"\n',
    )
    run(workspace, "r")
    with h5py.File(workspace.path("r", "results.h5"), "r") as file:
        toml = file["two"].attrs["benchmark_toml"]
    assert toml.startswith("# mine: origin ResNet-18, BSD-3-Clause\n"), toml
    said = workspace.mneme("describe", "mine", "--data", "mine", want=0).stdout
    assert "origin: ResNet-18, BSD-3-Clause" in said, said


@case
def features_are_permuted_and_not_turned(workspace):
    fill_hdf5(workspace)
    describe(workspace, HDF5, "permuted", "domain", "tasks = 2")
    run(workspace, "r")
    describe(workspace, HDF5, "rotated", "domain", "tasks = 2\ndegrees_per_task = 9.0")
    said = run(workspace, "s", want=65).stderr
    assert 'two.toml:3:8: kind is "rotated", but mine holds numbers' in said, said


@case
def mistakes_in_hdf5(workspace):
    wanted = (
        "; expected float16, float32 or float64 [count, features], [count, rows, columns] or"
        " [count, channels, rows, columns]"
    )

    def nan(values, _):
        values[3, 1] = float("nan")

    def infinite(values, _):
        values[3, 1] = float("inf")

    def label(_, labels):
        labels[3] = 4

    for options, text, word in (
        (
            {"change": nan},
            HDF5,
            "train.h5: x[3, 1] is NaN (row 3, column 1, from 0); expected finite numbers: mend the"
            " value, or leave the example out",
        ),
        ({"change": infinite}, HDF5, "train.h5: x[3, 1] is infinite (row 3, column 1, from 0)"),
        ({"change": label}, HDF5, "train.h5: label 3 (from 0) is 4; expected 0 to 3"),
        (
            {"names": ("features", "y")},
            HDF5,
            "has no data set x" + wanted + "; the file has features, y",
        ),
        (
            {"dtype": "int32"},
            HDF5,
            "x is of another type" + wanted + ', as x.astype("float32") makes them',
        ),
        (
            {},
            HDF5.replace('type = "float32"\n', ""),
            'or [count, channels, rows, columns], or type = "float32" in the description',
        ),
        ({}, HDF5.replace("[6]", "[7]"), "train.h5: has examples of 6; expected 7"),
    ):
        fill_hdf5(workspace, **options)
        describe(workspace, text)
        said = checked(workspace, want=65)
        assert word in said, (word, said)


@case
def mistakes_in_npy(workspace):
    import numpy  # pylint: disable=import-outside-toplevel

    for change, word in (
        (
            lambda x, y: (numpy.asfortranarray(x), y),
            "train.npy: lies column by column; save numpy.ascontiguousarray(x)",
        ),
        (
            lambda x, y: (x.astype("int64"), y),
            "train.npy: holds integers of 8 bytes; expected float16, float32 or float64, as"
            ' x.astype("float32") makes them',
        ),
        (
            lambda x, y: (x.astype(">f4"), y),
            'train.npy: holds values of the type ">f4"; expected plain numbers',
        ),
        (
            lambda x, y: (x, y.astype("float32")),
            "train_labels.npy: is not a list of integers; expected labels [count],"
            ' as y.astype("int64")'
            " makes them",
        ),
        (
            lambda x, y: (x, y[1:]),
            "train.npy: has 199 labels; expected 200, one for each example",
        ),
        (
            lambda x, y: (x.ravel(), y),
            "train.npy: has 1 dimensions; expected [count, features], [count, rows, columns] or",
        ),
    ):
        fill_npy(workspace, change)
        said = checked(workspace, want=65)
        assert word in said, (word, said)


@case
def mistakes_in_csv(workspace):
    def field(text):
        return lambda lines: lines[:3] + [text + lines[3][lines[3].index(";") :]] + lines[4:]

    for change, text, word in (
        (
            field("5,1"),
            CSV,
            'line 4, column "a" is "5,1"; expected a number that fits 32 bits, with'
            " a decimal point",
        ),
        (
            field(""),
            CSV,
            'line 4, column "a" is empty; expected a number: fill it in, or leave the' " line out",
        ),
        (field("nan"), CSV, 'line 4, column "a" is "nan"; expected a finite number'),
        (field("1;2"), CSV, "line 4 has 8 fields; expected 7, as line 1 has"),
        (
            lambda lines: lines,
            CSV.replace('"kind"', '"species"'),
            'has no column "species"; line 1 has a, b, c d, d, e, f, ...',
        ),
        (lambda lines: lines, CSV.replace('"kind"', "8"), "expected label = 8 among them"),
        (
            lambda lines: [";" + line for line in lines],
            CSV,
            "column 1 has no name, as a row's number that pandas writes; leave it out"
            " (to_csv(..., index=False)), or name it",
        ),
        (
            lambda lines: lines,
            CSV.replace("[6]", "[4]"),
            'has 6 columns besides "kind"; expected 4, as shape says',
        ),
        (
            lambda lines: lines[1:],
            CSV.replace('"kind"', "7"),
            "line 1 has numbers only; say header =" " false in the description",
        ),
        (
            lambda lines: lines[:3] + ['"' + lines[3]] + lines[4:],
            CSV,
            "has a broken quote; expected" " quotes doubled within quotes, and closed",
        ),
        (
            lambda lines: lines,
            CSV.replace("classes = 4", "classes = 5"),
            "has 4 classes; expected 5",
        ),
    ):
        fill_csv(workspace, change)
        describe(workspace, text)
        said = checked(workspace, want=65)
        assert word in said, (word, said)


main()
