# SPDX-License-Identifier: Apache-2.0
"""Writes the table that `mneme import` takes, from any training loop. Needs nothing but Python."""

import csv

COLUMNS = (
    "benchmark method seed scenario trained_task evaluated_task n_correct n_evaluated accuracy"
).split()


class Recorder:
    """Appends a row for each evaluation; an existing file is gone on with.

    Tasks are numbers from 1. Give n_correct and n_evaluated where they are known, otherwise
    accuracy, from 0 to 1, as text or a number.
    """

    def __init__(self, path, benchmark, method, seed, scenario="task"):
        self._file = open(path, "a", newline="", encoding="utf-8")
        self._table = csv.writer(self._file)
        self._run = [benchmark, method, seed, scenario]
        if self._file.tell() == 0:
            self._table.writerow(COLUMNS)

    def add(self, trained_task, evaluated_task, n_correct="", n_evaluated="", accuracy=""):
        if n_correct == "" and accuracy == "":
            raise ValueError("add: give n_correct and n_evaluated, or accuracy")
        row = [trained_task, evaluated_task, n_correct, n_evaluated, accuracy]
        self._table.writerow(self._run + row)
        self._file.flush()

    def close(self):
        self._file.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
