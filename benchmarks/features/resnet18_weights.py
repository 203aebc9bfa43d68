#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A ResNet-18 with torchvision's or timm's names as the weights of `kind = "resnet18"`.

    pip install torch safetensors
    resnet18_weights.py STATE.pt OUT.safetensors

STATE.pt is what torch.save(model.state_dict(), "STATE.pt") wrote. The network must have the form of
`resnet18` here: a 3x3 stem of stride 1 without a pool behind it. The classifier is left out."""

import re
import sys

# fmt: off
RENAMED = (
    (r"^conv1", "stem"), (r"^bn1", "stem.norm"),
    (r"^layer(\d)\.(\d)", lambda m: f"stage{m[1]}.block{int(m[2]) + 1}"),
    (r"downsample\.0", "shortcut"), (r"downsample\.1", "shortcut.norm"), (r"\.bn", ".norm"),
    (r"(norm\d?)\.weight", r"\1.scale"), (r"(norm\d?)\.bias", r"\1.shift"),
    (r"running_mean", "mean"), (r"running_var", "variance"),
)


def weights_of(state):
    tensors = {}
    for name, tensor in state.items():
        for pattern, text in RENAMED:
            name = re.sub(pattern, text, name)
        if not name.startswith("fc.") and not name.endswith("num_batches_tracked"):
            tensors[name] = tensor.float().contiguous()
    return tensors
# fmt: on


def main():
    import torch  # pylint: disable=import-outside-toplevel
    from safetensors.torch import save_file  # pylint: disable=import-outside-toplevel

    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    save_file(weights_of(torch.load(sys.argv[1], weights_only=True)), sys.argv[2])


if __name__ == "__main__":
    main()
