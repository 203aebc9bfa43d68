# SPDX-License-Identifier: Apache-2.0
"""Mneme's side of the comparison: benchmarks with the peers' rules, a suite, and the runs."""

import json
import subprocess
import sys

import h5py
import numpy as np

SETTINGS = {
    "width": 100,
    "lr": 0.1,
    "batch": 10,
    "memory": 200,
    "lambda": 1.0,
    "si_c": 0.1,
    "xi": 0.1,
    "lwf_lambda": 1.0,
    "temperature": 2.0,
    "alpha": 0.5,
    "beta": 0.5,
    "gamma": 0.5,
    "gdumb_lr": 0.05,
    "gdumb_lr_low": 0.0005,
    "gdumb_batch": 16,
    "gdumb_momentum": 0.9,
    "gdumb_passes": 32,
    "lr_mean_of_classes": 0.5,  # icarl: the peers take the mean over 10 classes, Mneme the sum
}
TASKS = 5

# What a peer's sources say of its network, and of the memory of ER. Both train the logits of all
# ten classes from the start. Avalanche stores rows at a task's end, as many of each class, so that
# none of the task under way is replayed; Mammoth has a reservoir, and Xavier weights.
AS = {
    "avalanche": {"logits": "all", "init": "default", "policy": "class_balanced"},
    "mammoth": {"logits": "all", "init": "glorot", "policy": "reservoir"},
}

# From Mneme's own rules to each peer's: by one rule, and by several.
OWN = {"logits": "seen", "init": "default", "policy": "reservoir"}
FACTORS = {
    "Mneme's own: logits of classes seen, plain weights, reservoir": OWN,
    "logits of all classes": {**OWN, "logits": "all"},
    "Xavier weights": {**OWN, "init": "glorot"},
    "memory of earlier tasks alone, by class": {**OWN, "policy": "class_balanced"},
    "all logits and that memory, as Avalanche": AS["avalanche"],
    "all logits and Xavier weights, as Mammoth": AS["mammoth"],
}


def seeds_of(method, scenario, given):
    """ER and DER++ have more where the task is not known: there five tell little apart."""
    many = scenario == "class" and method in ("er", "derpp")
    return (4 if many else 1) * given.seeds


def suite_of(benchmark, seeds, methods, images, policy):
    s = SETTINGS
    a_class = s["memory"] // 10
    rows = f'memory = {s["memory"]}\nmemory_batch = {s["batch"]}\n'
    own = {
        "er": f'policy = "{policy}"\nmemory_per_class = {a_class}\n' + rows,
        "agem": f'policy = "ring"\nmemory_per_class = {a_class}\nmemory_batch = {s["batch"]}\n',
        "ewc": f'lambda = {s["lambda"]}\nfisher = "batched"\nfisher_batch = {s["batch"]}\n'
        f"fisher_samples = {images}\n",
        "si": f'c = {s["si_c"]}\nxi = {s["xi"]}\n',
        "lwf": f'lambda_o = {s["lwf_lambda"]}\ntemperature = {s["temperature"]}\n',
        "derpp": f'alpha = {s["alpha"]}\nbeta = {s["beta"]}\n' + rows,
        "gem": f'memory_per_class = {a_class}\ngamma = {s["gamma"]}\n',
        "icarl": f'memory = {s["memory"]}\nmemory_batch = {s["batch"]}\n',
        "gdumb": f'memory = {s["memory"]}\npasses = {s["gdumb_passes"]}\n',
    }
    plain = f'lr = {s["lr"]}, momentum = 0, batch_size = {s["batch"]}, weight_decay = 0'
    train = {
        "icarl": plain.replace(f'lr = {s["lr"]}', f'lr = {s["lr_mean_of_classes"] / 10}'),
        "gdumb": f'lr = {s["gdumb_lr"]}, momentum = {s["gdumb_momentum"]}, '
        f'batch_size = {s["gdumb_batch"]}, weight_decay = 0',
    }
    text = f'benchmarks = ["{benchmark}"]\nseeds = {seeds}\n'
    for method in methods:
        settings = train.get(method, plain)
        text += f'[[method]]\nplugin = "{method}"\n{own[method]}'
        text += f'train = {{ optimizer = "sgd", epochs = 1, {settings} }}\n'
    return text


def benchmark_of(scenario, logits, init):
    rule = f'logits = "{logits}"\n' if scenario == "class" else ""
    width = SETTINGS["width"]
    return (
        'version = "1"\ntitle = "beside the peers"\nreference = "none"\n[stream]\nkind = "split"\n'
        f'dataset = "mnist"\ntasks = {TASKS}\nclasses_per_task = 2\n[scenario]\nkind = '
        f'"{scenario}"\n{rule}[network]\nkind = "mlp"\nhidden = [{width}, {width}]\n'
        f'init = "{init}"\n'
    )


def mneme(given, *words):
    done = subprocess.run(
        [given.build / "bin" / "mneme", *words], capture_output=True, text=True, cwd=given.root
    )
    if done.returncode not in (0, 1):
        sys.exit("compare: mneme %s ended with %d:\n%s" % (words[0], done.returncode, done.stderr))
    return done.stdout


def train(name, scenario, rules, methods, seeds, folder, given):
    """The results folder of a run under these rules."""
    (folder / (name + ".toml")).write_text(benchmark_of(scenario, rules["logits"], rules["init"]))
    suite = folder / ("suite-%s.toml" % name)
    suite.write_text(
        suite_of(name + ".toml", list(range(1, seeds + 1)), methods, given.images, rules["policy"])
    )
    results = folder / ("ours-" + name)
    plugins = ["--plugins", str(given.build / "plugins")]
    if not (given.build / "plugins").is_dir():
        plugins = []  # an installed tree knows where they are
    limits = ["--limit", str(given.images), "--limit-test", str(given.tests), "--jobs", "1"]
    words = ["--replicas", str(seeds), "--quiet", "-o", str(results)]
    mneme(given, "run", str(suite), *limits, *words, *plugins)
    return results


def matrices(path, benchmark, array):
    """Our runs as the peers' are: accuracy[i][j] of each method and seed that is complete."""
    with h5py.File(path, "r") as file:
        group = file[benchmark]
        names = [n.decode() for n in group["method"][:]]
        for m, method in enumerate(names):
            for s, seed in enumerate(group["seed"][:]):
                rows = group[array][m, s]
                if np.isfinite(rows[-1]).all():
                    accuracy = [list(map(float, row[: i + 1])) for i, row in enumerate(rows)]
                    yield {"method": method, "seed": int(seed), "accuracy": accuracy}


def runs_as(side, scenario, methods, folder, given):
    """Ours under a peer's rules. Where Mammoth says that the task is known, its network was trained
    as where it is not, and the answer is sought among the task's classes: so is ours."""
    trained = "class" if side == "mammoth" else scenario
    array = "accuracy" if trained == scenario else "accuracy_task_aware"
    found = []
    for seeds in sorted({seeds_of(method, scenario, given) for method in methods}):
        some = [method for method in methods if seeds_of(method, scenario, given) == seeds]
        name = "split-%s-%s-%s-%d" % (trained, side, scenario, seeds)
        results = train(name, trained, AS[side], some, seeds, folder, given)
        found += matrices(results / "results.h5", name, array)
    return found


def factors(folder, given):
    """ER and DER++ of ours, task not known, under the rules of FACTORS. DER++ has a reservoir."""
    seeds, found = 4 * given.seeds, []
    for number, (words, rules) in enumerate(FACTORS.items()):
        methods = ["er", "derpp"] if rules["policy"] == "reservoir" else ["er"]
        name = "factor-%d" % number
        results = train(name, "class", rules, methods, seeds, folder, given)
        board = json.loads(mneme(given, "leaderboard", str(results), "--json"))["leaderboards"][0]
        scores = {row["method"]: row["score"] for row in board["ranked"]}
        found.append({"rules": words, "seeds": seeds, **scores})
    return found
