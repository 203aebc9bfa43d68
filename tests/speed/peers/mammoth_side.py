# SPDX-License-Identifier: Apache-2.0
"""One run in Mammoth: mammoth_side.py JOB.json, with the checkout's folder in the job. Prints one
line of JSON at the end.

As it comes: its perm-mnist or rot-mnist, its loaders in the program itself (its default starts as
many as there are cores), its logger. Ours
are the tasks' permutations or angles, one thread instead of two, and stand-ins for packages that
none of these methods uses.
"""

import contextlib
import json
import os
import resource
import sys
import time

import stand_ins

with open(sys.argv[1], encoding="utf-8") as file:
    JOB = json.load(file)
start = time.process_time()
stand_ins.always(JOB["stand_ins"])
method = {
    "finetune": ["sgd"],
    "er": ["er", "--buffer_size", str(JOB["memory"])],
    "agem": ["agem", "--buffer_size", str(JOB["memory"])],
    "ewc": ["ewc_on", "--e_lambda", str(JOB["lambda"]), "--gamma", "1"],
}[JOB["method"]]
words = {
    "--dataset": {"permuted": "perm-mnist", "rotated": "rot-mnist"}[JOB["stream"]],
    "--lr": JOB["lr"],
    "--optim_mom": JOB["momentum"],
    "--batch_size": JOB["batch"],
    "--n_epochs": 1,
    "--seed": JOB["seed"],
    "--num_workers": 0,
    "--base_path": JOB["folder"] + "/",
    "--stop_after": JOB["tasks"],
    "--mlp_hidden_size": JOB["width"],
    "--non_verbose": 1,
    "--drop_last": 0,
}
sys.argv = ["main.py", "--model", *method] + [str(word) for pair in words.items() for word in pair]
os.chdir(JOB["mammoth"])
sys.path.insert(0, JOB["mammoth"])
with contextlib.redirect_stdout(sys.stderr):
    import main
    import torch
    import utils.training
    from datasets import perm_mnist, rot_mnist
    from datasets.transforms import permutation, rotation
torch.set_num_threads(1)
clock = {"import": time.process_time() - start, "build": 0.0, "evaluate": 0.0}
listed = {"permuted": iter(JOB["permutations"]), "rotated": iter(JOB["angles"])}


class Permutation(permutation.Permutation):
    def __init__(self, _size):
        self.perm = next(listed["permuted"])


class Rotation(rotation.Rotation):
    def __init__(self, *_args):
        self.degrees = next(listed["rotated"])


perm_mnist.Permutation, rot_mnist.Rotation = Permutation, Rotation
accuracy = []


def timed(what, name, after=lambda _: None):
    plain = getattr(what, name)

    def body(*args, **kwargs):
        begun = time.process_time()
        out = plain(*args, **kwargs)
        clock["evaluate"] += time.process_time() - begun
        after(out)
        return out

    setattr(what, name, body)


begun = time.process_time()
with contextlib.redirect_stdout(sys.stderr):
    model, dataset, args = main.initialize()
    timed(dataset, "evaluate", lambda out: accuracy.append([a / 100 for a in out[0]]))
    clock["build"] = time.process_time() - begun
    utils.training.train(model, dataset, args)
clock["train"] = time.process_time() - begun - clock["build"] - clock["evaluate"]
print(
    json.dumps(
        {
            "clock": clock,
            "accuracy": accuracy,
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "versions": {"torch": torch.__version__},
        }
    )
)
