# SPDX-License-Identifier: Apache-2.0
"""The benchmark of tests that train nothing."""

BENCHMARK = """
[stream]
kind = "synthetic"
tasks = 5
train_examples = 50
test_examples = 200
classes_per_task = 2
features = 4
separation = 3.0
[scenario]
kind = "domain"
[network]
kind = "mlp"
hidden = [8]
"""
