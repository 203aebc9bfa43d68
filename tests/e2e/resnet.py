# SPDX-License-Identifier: Apache-2.0
"""The reduced ResNet-18 with batch normalisation in NumPy, from its tensors by name."""

import numpy as np

EPSILON = 1e-5


def convolved(x, weight, stride):
    """x [n, in, rows, columns], weight [out, in, k, k], padded by (k - 1) / 2 zeros."""
    k = weight.shape[-1]
    border = (k - 1) // 2
    x = np.pad(x, ((0, 0), (0, 0), (border, border), (border, border)))
    parts = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))
    return np.einsum("ncrsij,ocij->nors", parts[:, :, ::stride, ::stride], weight, optimize=True)


class ResNet:
    """given: {"stem.norm": (mean, variance)}, or None: each layer's are those of the examples that
    pass, the variance unbiased, and are left in `seen`."""

    def __init__(self, tensors, given=None):
        self.tensors = {name: values.astype("f8") for name, values in tensors.items()}
        self.given, self.seen = given, {}

    def normalised(self, x, name):
        mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3))
        n = x.size / x.shape[1]
        self.seen[name] = (mean, variance * n / (n - 1))
        if self.given is not None:
            mean, variance = self.given[name]
        of_channel = lambda values: values[:, None, None]
        z = (x - of_channel(mean)) / np.sqrt(of_channel(variance) + EPSILON)
        return z * of_channel(self.tensors[name + ".scale"]) + of_channel(
            self.tensors[name + ".shift"]
        )

    def layer(self, x, conv, norm, stride=1):
        return self.normalised(convolved(x, self.tensors[conv + ".weight"], stride), norm)

    def features(self, x):
        x = np.maximum(self.layer(x, "stem", "stem.norm"), 0)
        for stage in range(1, 5):
            for block in (1, 2):
                name = f"stage{stage}.block{block}"
                stride = 2 if stage > 1 and block == 1 else 1
                z = np.maximum(self.layer(x, name + ".conv1", name + ".norm1", stride), 0)
                z = self.layer(z, name + ".conv2", name + ".norm2")
                if name + ".shortcut.weight" in self.tensors:
                    x = self.layer(x, name + ".shortcut", name + ".shortcut.norm", stride)
                x = np.maximum(z + x, 0)
        return x.mean((2, 3))

    def logits(self, x):
        return self.features(x) @ self.tensors["head.weight"].T + self.tensors["head.bias"]


def estimated(tensors, batches):
    """Statistics of each layer: means over the batches of their means and unbiased variances."""
    of_batch = []
    for x in batches:
        network = ResNet(tensors)
        network.logits(x)
        of_batch.append(network.seen)
    return {
        name: tuple(np.mean([seen[name][k] for seen in of_batch], axis=0) for k in (0, 1))
        for name in of_batch[0]
    }
