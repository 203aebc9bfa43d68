#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The handwritten digits of scikit-learn as numbers: 64 counts of ink from 0 to 16 each.

    pip install numpy scikit-learn
    digits.py OUT

OUT gets train.npy and train-labels.npy, the first 1,437 rows, and test.npy and test-labels.npy, the
other 360. scikit-learn's rows are the test set of the UCI data set (CC BY 4.0)."""

import os
import sys

import numpy
from sklearn.datasets import load_digits

TRAINING = 1437

if len(sys.argv) != 2:
    raise SystemExit(__doc__)
out = sys.argv[1]
os.makedirs(out, exist_ok=True)
x, y = load_digits(return_X_y=True)
for name, rows in (("train", slice(TRAINING)), ("test", slice(TRAINING, None))):
    numpy.save(os.path.join(out, name + ".npy"), x[rows].astype(numpy.float32))
    numpy.save(os.path.join(out, name + "-labels.npy"), y[rows].astype(numpy.int64))
