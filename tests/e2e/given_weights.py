# SPDX-License-Identifier: Apache-2.0
"""A start from a file of weights: no shipped method moves a frozen layer, whatever the network, the
replicas and the kills; the file's bytes are the benchmark's, its name is not; and what is wrong
with a file is one sentence before anything trains."""

import json
import os
import signal

import safetensors_file
from own_benchmark import data, stream
from workspace import PLUGINS, case, facts, main, same, wait_for, workers

LIST = """kind = "layers"
layer = [
    {kind = "conv", channels = 8, kernel = 3, padding = 1, bias = false},
    {kind = "norm", over = "batch"},
    {kind = "relu"},
    {kind = "conv", channels = 8, kernel = 3, padding = 1},
    {kind = "norm", over = "batch"},
    {kind = "relu"},
    {kind = "max_pool", kernel = 4},
    {kind = "flatten"},
]
"""
MLP = "hidden = [12, 12]\n"


def drawn(shapes, seed=3):
    """{name: array}; variances are positive."""
    import numpy  # pylint: disable=import-outside-toplevel

    draw = numpy.random.default_rng(seed)
    tensors = {}
    for name, shape in shapes.items():
        size = 1
        for length in shape[1:]:
            size *= length
        values = draw.normal(size=shape) / size**0.5
        if name.endswith((".variance", ".scale")):
            values = 0.5 + abs(values)
        tensors[name] = values.astype("float32")
    return tensors


def norm(name, channels, *, stats=True):
    kinds = ("scale", "shift", "mean", "variance") if stats else ("scale", "shift")
    return {f"{name}.{kind}": (channels,) for kind in kinds}


LIST_SHAPES = {
    "conv1.weight": (8, 2, 3, 3),
    **norm("norm1", 8),
    "conv2.weight": (8, 8, 3, 3),
    "conv2.bias": (8,),
    **norm("norm2", 8),
}
MLP_SHAPES = {
    "hidden1.weight": (12, 128),
    "hidden1.bias": (12,),
    "hidden2.weight": (12, 12),
    "hidden2.bias": (12,),
}


def network(workspace, text, tensors, keys="", scenario="class"):
    safetensors_file.write(workspace.path("mine", "start.safetensors"), tensors)
    workspace.write(
        "mine/own.toml",
        stream(scenario) + 'weights = "start.safetensors"\n' + keys + text,
    )


def run(workspace, folder, methods, *arguments, want=0):
    suite = 'benchmarks = ["own"]\nseeds = 2\n'
    for method in methods:
        suite += f'[[method]]\nplugin = "{method}"\n'
    workspace.write("suite.toml", suite)
    return workspace.mneme(
        *("run", "suite.toml", "-o", folder, "--benchmarks", "mine", "--weights"),
        *arguments,
        want=want,
    )


def stored(workspace, folder):
    """{method: {name: array [seed, task, ...]}} of all tensors, running values too."""
    import h5py  # pylint: disable=import-outside-toplevel

    found = {}
    with h5py.File(workspace.path(folder, "results.h5")) as file:
        group = file["own"]
        layers = json.loads(group.attrs["network_layers"])
        for m, method in enumerate(group["method"].asstr()[()]):
            found[method] = {}
            for layer in layers:
                values = group[layer["of"]][m]
                size = 1
                for length in layer["shape"]:
                    size *= length
                part = values[:, :, layer["offset"] : layer["offset"] + size]
                found[method][layer["name"]] = part.reshape(*part.shape[:2], *layer["shape"])
    return found


def check_frozen(found, tensors, is_frozen):
    """Frozen tensors have the file's bytes after each task and with each seed; whether another
    moved."""
    moved = False
    for name, given in tensors.items():
        for seed in found[name]:
            for after_task in seed:
                if is_frozen(name):
                    assert after_task.tobytes() == given.tobytes(), name
                else:
                    moved = moved or after_task.tobytes() != given.tobytes()
    head = found["head.weight"]
    return moved or head[:, 0].tobytes() != head[:, -1].tobytes()


def plugins():
    return sorted(name[: -len(".so")] for name in os.listdir(PLUGINS) if name.endswith(".so"))


@case
def no_shipped_method_moves_a_frozen_layer(workspace):
    data(workspace)
    methods = plugins()
    assert len(methods) > 30, methods
    for name, text, shapes, keys, is_frozen in (
        ("list", LIST, LIST_SHAPES, 'frozen = ["conv1", "norm1"]\n', lambda n: "1." in n),
        ("mlp", MLP, MLP_SHAPES, 'frozen = ["hidden1"]\n', lambda n: "hidden1" in n),
    ):
        tensors = drawn(shapes)
        network(workspace, text, tensors, keys, scenario="task")
        run(workspace, name, methods, "--seeds", "1")
        found = stored(workspace, name)
        assert len(found) == len(methods), sorted(found)
        for method, weights in found.items():
            assert check_frozen(weights, tensors, is_frozen), (name, method)


@case
def every_kind_of_network_keeps_them_with_replicas_bundled_or_not(workspace):
    resnet = ("stem.weight", (4, 3, 3, 3)), *norm("stem.norm", 4).items()
    for stage in range(4):
        for block in (1, 2):
            out, inside = 4 << stage, 4 << max(0, stage - (block == 1))
            name = f"stage{stage + 1}.block{block}."
            resnet += ((name + "conv1.weight", (out, inside, 3, 3)),)
            resnet += ((name + "conv2.weight", (out, out, 3, 3)),)
            for which in ("norm1", "norm2"):
                resnet += tuple(norm(name + which, out).items())
            if inside != out:
                resnet += ((name + "shortcut.weight", (out, inside, 1, 1)),)
                resnet += tuple(norm(name + "shortcut.norm", out).items())
    zenke = {}
    for n, (inside, out) in enumerate(((3, 32), (32, 32), (32, 64), (64, 64)), 1):
        zenke |= {f"conv{n}.weight": (out, inside, 3, 3), f"conv{n}.bias": (out,)}
    zenke |= {"hidden.weight": (512, 64 * 16), "hidden.bias": (512,)}
    vit = {"patches.weight": (8, 3, 4, 4), "patches.bias": (8,), "patches.token": (8,)}
    vit |= {"patches.positions": (17, 8), **norm("norm", 8, stats=False)}
    for which in ("norm1", "norm2"):
        vit |= norm("block1." + which, 8, stats=False)
    for name, out, inside in (("attention.qkv", 24, 8), ("attention.out", 8, 8)) + (
        ("hidden", 32, 8),
        ("out", 8, 32),
    ):
        vit |= {f"block1.{name}.weight": (out, inside), f"block1.{name}.bias": (out,)}
    mlp = {"hidden1.weight": (12, 768), "hidden1.bias": (12,)}
    mlp |= {"hidden2.weight": (12, 12), "hidden2.bias": (12,)}
    data(workspace, (3, 16, 16))
    for kind, text, shapes, frozen in (
        ("mlp", MLP, mlp, ("hidden1",)),
        ("zenke-cnn", 'kind = "zenke-cnn"\n', zenke, ("conv1", "conv2")),
        ("resnet18", 'kind = "resnet18"\nnf = 4\n', dict(resnet), ("stem", "stage1", "stage3")),
        ("vit", 'kind = "vit"\nwidth = 8\nheads = 2\n', vit, ("patches", "block1")),
    ):
        tensors = drawn(shapes)
        network(workspace, text, tensors, f"frozen = {json.dumps(frozen)}\n")
        for replicas in ("1", "2"):
            run(workspace, kind + replicas, ("er", "ewc"), "--replicas", replicas)
            for weights in stored(workspace, kind + replicas).values():
                assert check_frozen(weights, tensors, lambda name: name.startswith(frozen))
        single, bundled = (facts(workspace.path(kind + n, "results.h5")) for n in "12")
        assert single and single == bundled, kind


@case
def a_run_that_was_killed_goes_on_from_the_same_file(workspace):
    data(workspace)
    tensors = drawn(LIST_SHAPES)
    network(workspace, LIST, tensors, 'frozen = ["conv1", "norm1"]\n')
    with open(workspace.path("mine/own.toml"), encoding="utf-8") as file:
        text = file.read().replace("epochs = 2", "epochs = 150")
    workspace.write("mine/own.toml", text)
    workspace.write("suite.toml", 'benchmarks = ["own"]\nseeds = 1\n[[method]]\nplugin = "er"\n')
    arguments = ("run", "suite.toml", "--benchmarks", "mine", "--weights")
    killed = workspace.start(*arguments, "-o", "killed")
    pid = wait_for(lambda: workers(workspace.folder))[-1]
    kept = workspace.path("killed/checkpoints")
    wait_for(lambda: os.path.isdir(kept) and os.listdir(kept))
    os.kill(pid, signal.SIGKILL)
    killed.communicate(timeout=200)
    run(workspace, "killed", ("er",), "--seeds", "1")
    run(workspace, "whole", ("er",), "--seeds", "1")
    same(workspace.path("killed/results.h5"), workspace.path("whole/results.h5"))
    assert check_frozen(stored(workspace, "killed")["er"], tensors, lambda name: "1." in name)


def described(workspace):
    said = workspace.mneme("describe", "mine/own.toml", "--data", "mine", "--json", want=0)
    return json.loads(said.stdout)


@case
def the_bytes_of_the_file_are_in_the_digest_and_its_name_is_not(workspace):
    data(workspace)
    tensors = drawn(MLP_SHAPES)
    network(workspace, MLP, tensors, 'frozen = ["hidden1"]\n')
    first = described(workspace)["digest"]
    os.rename(workspace.path("mine/start.safetensors"), workspace.path("mine/other.safetensors"))
    with open(workspace.path("mine/own.toml"), encoding="utf-8") as file:
        text = file.read()
    workspace.write("mine/own.toml", text.replace("start.", "other."))
    assert described(workspace)["digest"] == first
    with open(workspace.path("mine/other.safetensors"), "r+b") as file:
        file.seek(-4, os.SEEK_END)
        last = file.read(1)
        file.seek(-4, os.SEEK_END)
        file.write(bytes([last[0] ^ 1]))
    assert described(workspace)["digest"] != first
    network(workspace, MLP, tensors)
    assert described(workspace)["digest"] != first  # nothing is frozen


@case
def describe_says_where_each_tensor_starts(workspace):
    data(workspace)
    network(workspace, MLP, drawn(MLP_SHAPES), 'frozen = ["hidden1"]\n')
    found = described(workspace)["network"]
    starts = {layer["name"]: layer["start"] for layer in found["layers"]}
    assert starts == {
        **{"hidden1.weight": "frozen", "hidden1.bias": "frozen"},
        **{"hidden2.weight": "file", "hidden2.bias": "file"},
        **{"head.weight": "init", "head.bias": "init"},
    }, starts
    assert found["weights"] == "start.safetensors", found
    assert found["frozen_parameters"] == 12 * 128 + 12, found
    assert found["parameters"] == 12 * 128 + 12 + 12 * 12 + 12 + 12 * 4 + 4, found
    said = workspace.mneme("describe", "mine/own.toml", "--data", "mine", want=0).stdout
    assert "weights: start.safetensors, SHA-256 " in said and "file, frozen" in said, said
    assert "of them frozen" in said, said


@case
def floats_of_16_and_64_bits_are_taken_and_names_are_mapped(workspace):
    import numpy  # pylint: disable=import-outside-toplevel

    data(workspace)
    exact = {name: (array * 8).round() / 8 for name, array in drawn(MLP_SHAPES).items()}
    theirs = {
        "body.0.weight": exact["hidden1.weight"].astype("float16"),
        "body.0.bias": exact["hidden1.bias"].astype("float64"),
        "body.1.weight": exact["hidden2.weight"],
        "body.1.bias": exact["hidden2.bias"],
        "classifier.weight": numpy.zeros((1000, 12), "float32"),
    }
    keys = (
        'names = {"hidden1.*" = "body.0.*", "hidden2.*" = "body.1.*"}\n'
        'unused = ["classifier.*"]\nfrozen = ["hidden*"]\n'
    )
    network(workspace, MLP, theirs, keys)
    safetensors_file.write(
        workspace.path("mine/start.safetensors"), theirs, brain=("body.1.weight",)
    )
    run(workspace, "r", ("finetune",))
    assert check_frozen(stored(workspace, "r")["finetune"], exact, lambda name: True)


@case
def what_is_wrong_with_a_file_or_a_key_is_one_sentence(workspace):
    import numpy  # pylint: disable=import-outside-toplevel

    data(workspace)
    good = drawn(MLP_SHAPES)
    some = {"hidden1.weight": good["hidden1.weight"]}
    bad = good["hidden2.bias"].copy()
    bad[5] = numpy.nan
    whole = safetensors_file.content(good)
    header = int.from_bytes(whole[:8], "little")
    place = "mine/own.toml:13:11: "
    below = "mine/own.toml:14:"
    end = "; expected a whole safetensors file"
    differ = '; say in names where names differ ("": starts by init) and in unused what is left out'
    renamed = {"h1.weight": good["hidden1.weight"], **good}
    del renamed["hidden1.weight"]
    for content, keys, wanted in (
        (
            None,
            "",
            place + "mine/start.safetensors: does not exist; expected a safetensors file, "
            "relative to the benchmark's",
        ),
        (b"", "", place + "mine/start.safetensors: has no header; expected a safetensors file"),
        (
            (1 << 40).to_bytes(8, "little") + whole[8:],
            "",
            place + "mine/start.safetensors: has no header; expected a safetensors file",
        ),
        (
            whole[:-4],
            "",
            place + 'mine/start.safetensors: tensor "hidden2.bias" does not fit the ' "file" + end,
        ),
        (
            whole + b"1234",
            "",
            place + f"mine/start.safetensors: has bytes at {len(whole)} that "
            "belong to no tensor" + end,
        ),
        (
            whole.replace(b"[6144, 6192]", b"[6140, 6188]"),
            "",
            place + 'mine/start.safetensors: tensors "hidden1.weight" and "hidden1.bias" share '
            "bytes" + end,
        ),
        (
            whole[:8] + b"x" * header + whole[8 + header :],
            "",
            place + "mine/start.safetensors: has no header in JSON; expected a safetensors file",
        ),
        (
            {**good, "hidden2.bias": bad},
            "",
            place + 'start.safetensors: entry 5 of tensor "hidden2.bias" is not a finite float32; '
            "expected finite weights",
        ),
        (
            {**good, "hidden1.bias": numpy.full(12, 1e300)},
            "",
            place + 'start.safetensors: entry 0 of tensor "hidden1.bias" is not a finite float32; '
            "expected finite weights",
        ),
        (
            {**good, "hidden1.bias": numpy.zeros(12, "int64"), "hidden2.weight": bad},
            "",
            place + "start.safetensors does not fit the network: hidden1.bias is of dtype I64, not "
            "one of F32, F16, BF16, F64, hidden2.weight is 12 there and 12 x 12 in the network"
            + differ,
        ),
        (
            some,
            "",
            place + "start.safetensors does not fit the network: it has no hidden1.bias, "
            "hidden2.weight, hidden2.bias" + differ,
        ),
        (
            renamed,
            "",
            place + "start.safetensors does not fit the network: it has no hidden1.weight; the "
            'network has no place for "h1.weight"' + differ,
        ),
        (
            good,
            'names = {"hidden3.*" = "h.*"}',
            below + '1: names has "hidden3.*", which is not a tensor of the network; known are '
            "hidden1.weight, hidden1.bias, hidden2.weight, hidden2.bias, head.weight, head.bias",
        ),
        (
            good,
            'names = {"hidden1.*" = "h"}',
            below + '1: names has "hidden1.*" = "h"; expected one * on both sides, or on neither',
        ),
        (
            good,
            'names = {"hidden1.bias" = "hidden2.bias"}',
            below + '1: names gives hidden1.bias and hidden2.bias the same tensor, "hidden2.bias"; '
            "expected one for each",
        ),
        (good, "names = 3", below + '9: names is an integer; expected a table, as {"a" = "b"}'),
        (
            good,
            'unused = ["fc.*"]',
            below + '10: unused has "fc.*", which is not a tensor of start.safetensors; known are '
            "hidden1.bias, hidden1.weight, hidden2.bias, hidden2.weight",
        ),
        (
            good,
            'unused = ["hidden1.*"]',
            below + '10: unused has "hidden1.*", and hidden1.bias starts from "hidden1.bias"; '
            "expected patterns of tensors that are left out",
        ),
        (
            good,
            'frozen = ["hiden1"]',
            below + '10: frozen has "hiden1", which is not a layer with weights; the nearest known '
            'one is "hidden1"',
        ),
        (
            good,
            'frozen = ["h*"]',
            below + '10: frozen has "h*", which the head fits; expected patterns of other layers: '
            "the head is always trained",
        ),
        (
            good,
            'frozen = ["hidden1"]\nnames = {"hidden1.bias" = ""}\nunused = ["hidden1.bias"]',
            below + "10: hidden1.bias is frozen and starts by init; take it out of frozen, or out "
            "of names",
        ),
        (
            good,
            'weights_sha256 = "' + "0" * 64 + '"',
            below + '18: weights_sha256 is "' + "0" * 64 + "\", and the file's is ",
        ),
    ):
        network(workspace, MLP, {}, keys + "\n" if keys else "")
        path = workspace.path("mine/start.safetensors")
        if content is None:
            os.remove(path)
        elif isinstance(content, dict):
            safetensors_file.write(path, content)
        else:
            with open(path, "wb") as file:
                file.write(content)
        done = run(workspace, "r", ("finetune",), want=65)
        lines = done.stderr.replace(workspace.folder + "/", "").strip().splitlines()
        assert len(lines) == 1 and wanted in lines[0], (wanted, done.stderr)
        assert not os.path.exists(workspace.path("r")), wanted
    for key in ('names = {a = "b"}', 'frozen = ["stem"]', 'unused = ["a"]'):
        workspace.write("mine/own.toml", stream() + MLP + key + "\n")
        said = run(workspace, "r", ("finetune",), want=65).stderr
        name = key.split()[0]
        assert (
            f"mine/own.toml:14:1: {name} is given without weights; expected weights = "
            f'"FILE.safetensors", or no {name}\n' in said
        ), said


@case
def a_file_that_changes_between_the_plan_and_the_run_is_refused(workspace):
    data(workspace)
    network(workspace, MLP, drawn(MLP_SHAPES))
    workspace.write("suite.toml", 'benchmarks = ["own"]\nseeds = 1\n[[method]]\nplugin = "er"\n')
    workspace.mneme("plan", "suite.toml", "-o", "r", "--benchmarks", "mine", want=0)
    plan = workspace.path("r/plan.json")
    safetensors_file.write(workspace.path("mine/start.safetensors"), drawn(MLP_SHAPES, seed=9))
    done = workspace.mneme("cell", "--plan", plan, "--index", "0", "--data", "mine")
    assert done.returncode != 0, done
    assert "has changed since its SHA-256 was" in done.stderr + done.stdout, done


main()
