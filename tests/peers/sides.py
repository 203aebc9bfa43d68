# SPDX-License-Identifier: Apache-2.0
"""What both peers' sides share: the job, packages that stand in, a process for each run."""

import json
import os
import pathlib
import sys
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "speed" / "peers"))
import stand_ins


def read_job(names, always):
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    (stand_ins.always if always else stand_ins.where_missing)(list(names))
    return job


def run_all(job, run, versions):
    """Each run in a process of its own, which starts with the libraries imported. A line is
    {method, scenario, seed, accuracy or fault}; accuracy[i][j] is that on task j after task i."""
    for method, scenario, seed in job["runs"]:
        sys.stdout.flush()
        if child := os.fork():
            os.waitpid(child, 0)
            continue
        found = {"method": method, "scenario": scenario, "seed": seed, "versions": versions}
        kept = os.dup(1)
        os.dup2(2, 1)  # what the library prints is not an answer
        try:
            found["accuracy"] = run(method, scenario, seed)
        except Exception as error:
            traceback.print_exc()
            found["fault"] = "%s: %s" % (type(error).__name__, error)
        sys.stdout.flush()
        os.write(kept, (json.dumps(found) + "\n").encode())
        os._exit(0)
