# SPDX-License-Identifier: Apache-2.0
"""Methods of Mammoth on split MNIST: mammoth_side.py JOB.json, with the checkout's folder in the
job. Prints a line of JSON for each run that ends. Scenario task is its own: the network is trained
as in scenario class, and answers are sought among the task's classes."""

import os
import sys

import sides
import stand_ins

JOB = sides.read_job([n for n in stand_ins.OF_MAMMOTH if n != "quadprog"], always=True)
S = JOB["settings"]
os.chdir(JOB["mammoth"])
sys.path.insert(0, JOB["mammoth"])
sys.argv = ["main.py"]
kept = os.dup(1)
os.dup2(2, 1)
import main
import torch
import utils.training

os.dup2(kept, 1)
torch.set_num_threads(1)
BUFFER = ["--buffer_size", S["memory"], "--minibatch_size", S["batch"]]
WORDS = {
    "er": BUFFER,
    "agem": BUFFER,
    "gem": ["--buffer_size", S["memory"], "--gamma", S["gamma"]],
    "ewc": ["--e_lambda", S["lambda"], "--gamma", 1],
    "si": ["--c", S["si_c"], "--xi", S["xi"]],
    "lwf": ["--alpha", S["lwf_lambda"], "--softmax_temp", S["temperature"]],
    "derpp": BUFFER + ["--alpha", S["alpha"], "--beta", S["beta"]],
    "icarl": ["--buffer_size", S["memory"], "--opt_wd", 0],
    "gdumb": ["--buffer_size", S["memory"], "--fitting_epochs", S["gdumb_passes"]]
    + ["--maxlr", S["gdumb_lr"], "--minlr", S["gdumb_lr_low"]],
}


def run(method, scenario, seed):
    dumb = method == "gdumb"
    words = {
        "--dataset": "seq-mnist",
        "--lr": S["lr_mean_of_classes"] if method == "icarl" else S["lr"],
        "--optim_mom": S["gdumb_momentum"] if dumb else 0,
        "--batch_size": S["gdumb_batch"] if dumb else S["batch"],
        "--n_epochs": 1,
        "--seed": seed,
        "--num_workers": 0,
        "--base_path": JOB["folder"] + "/",
        "--mlp_hidden_size": S["width"],
        "--non_verbose": 1,
        "--drop_last": 0,
    }
    own = ["--model", {"ewc": "ewc_on"}.get(method, method), *WORDS[method]]
    sys.argv = ["main.py"] + [str(w) for w in own + [w for pair in words.items() for w in pair]]
    rows = []
    model, dataset, args = main.initialize()
    if dumb:
        args.cutmix_alpha = model.args.cutmix_alpha = None
    plain = dataset.evaluate

    def evaluate(*given, **named):
        out = plain(*given, **named)
        rows.append([a / 100 for a in out[1 if scenario == "task" else 0]])
        return out

    dataset.evaluate = evaluate
    utils.training.train(model, dataset, args)
    return rows


sides.run_all(JOB, run, {"torch": torch.__version__})
