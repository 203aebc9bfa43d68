#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Usage: features_in_torch.py FOLDER BATCH

Learns FOLDER/train.h5 (x [rows, features], y) task by task with one linear layer, by a plain
PyTorch loop on one thread, and prints the mean accuracy on all of FOLDER/test.h5 at the end: ten
classes a task, one epoch, descent at 0.01 with momentum 0.8, new at each task, the softmax over the
classes so far, and all test rows evaluated after each task, as Mneme does."""

import sys

import h5py
import torch

TASKS, CLASSES = 10, 100
torch.set_num_threads(1)


def read(path):
    with h5py.File(path) as file:
        return torch.from_numpy(file["x"][:]), torch.from_numpy(file["y"][:])


folder, batch = sys.argv[1], int(sys.argv[2])
x, y = read(folder + "/train.h5")
test_x, test_y = read(folder + "/test.h5")
layer = torch.nn.Linear(x.shape[1], CLASSES)
for task in range(TASKS):
    known = (task + 1) * CLASSES // TASKS
    rows = torch.nonzero((y >= known - CLASSES // TASKS) & (y < known)).squeeze(1)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.01, momentum=0.8)
    for part in rows[torch.randperm(len(rows))].split(batch):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(layer(x[part])[:, :known], y[part])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        correct = 0
        for part in torch.arange(len(test_y)).split(1000):
            correct += int((layer(test_x[part])[:, :known].argmax(1) == test_y[part]).sum())
print("%.4f" % (correct / len(test_y)))
