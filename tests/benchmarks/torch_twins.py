#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PyTorch's networks and ours from one file of weights: torch_twins.py MNEME_LOGITS. A ResNet-18 of
the form that `resnet18` has and one of torchvision's form as a list of layers, both with
torchvision's names; three convolutions; a small vision transformer with timm's names. Both sides'
logits agree, frozen or not."""

import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [
    os.path.join(HERE, "..", "e2e"),
    os.path.join(HERE, "..", "..", "benchmarks", "features"),
]
PROGRAM = sys.argv[1]
CLOSE = 1e-5


def twins(torch):
    """Modules, inputs and what [network] says of them."""
    from torch import nn  # pylint: disable=import-outside-toplevel

    class Block(nn.Module):
        def __init__(self, inside, out, stride):
            super().__init__()
            self.conv1 = nn.Conv2d(inside, out, 3, stride, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(out)
            self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(out)
            self.downsample = None
            if stride != 1 or inside != out:
                self.downsample = nn.Sequential(
                    nn.Conv2d(inside, out, 1, stride, bias=False), nn.BatchNorm2d(out)
                )

        def forward(self, x):
            out = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
            return torch.relu(out + (x if self.downsample is None else self.downsample(x)))

    class ResNet(nn.Module):
        def __init__(self, nf=20, classes=10, stem=3):
            super().__init__()
            self.pooled = stem == 7  # as torchvision has it, for pictures of ImageNet
            stride = 2 if self.pooled else 1
            self.conv1 = nn.Conv2d(3, nf, stem, stride, stem // 2, bias=False)
            self.bn1 = nn.BatchNorm2d(nf)
            inside = nf
            for stage in range(4):
                out, stride = nf << stage, 1 if stage == 0 else 2
                layers = nn.Sequential(Block(inside, out, stride), Block(out, out, 1))
                setattr(self, f"layer{stage + 1}", layers)
                inside = out
            self.fc = nn.Linear(inside, classes)

        def forward(self, x):
            x = torch.relu(self.bn1(self.conv1(x)))
            if self.pooled:
                x = nn.functional.max_pool2d(x, 3, 2, 1)
            for stage in range(4):
                x = getattr(self, f"layer{stage + 1}")(x)
            return self.fc(x.mean((2, 3)))

    class Attention(nn.Module):
        def __init__(self, width, heads):
            super().__init__()
            self.heads = heads
            self.qkv = nn.Linear(width, 3 * width)
            self.proj = nn.Linear(width, width)

        def forward(self, x):
            rows, tokens, width = x.shape
            q, k, v = (
                self.qkv(x)
                .reshape(rows, tokens, 3, self.heads, width // self.heads)
                .permute(2, 0, 3, 1, 4)
            )
            out = nn.functional.scaled_dot_product_attention(q, k, v)
            return self.proj(out.transpose(1, 2).reshape(rows, tokens, width))

    class Layer(nn.Module):
        def __init__(self, width, heads):
            super().__init__()
            self.norm1 = nn.LayerNorm(width, eps=1e-5)
            self.attn = Attention(width, heads)
            self.norm2 = nn.LayerNorm(width, eps=1e-5)
            self.mlp = nn.ModuleDict(
                {"fc1": nn.Linear(width, 4 * width), "fc2": nn.Linear(4 * width, width)}
            )

        def forward(self, x):
            x = x + self.attn(self.norm1(x))
            return x + self.mlp["fc2"](nn.functional.gelu(self.mlp["fc1"](self.norm2(x))))

    class ViT(nn.Module):
        def __init__(self, width=32, heads=4, depth=2, patch=4, classes=10):
            super().__init__()
            self.patch_embed = nn.ModuleDict({"proj": nn.Conv2d(3, width, patch, patch)})
            self.cls_token = nn.Parameter(torch.randn(1, 1, width))
            self.pos_embed = nn.Parameter(torch.randn(1, 65, width))
            self.blocks = nn.Sequential(*(Layer(width, heads) for _ in range(depth)))
            self.norm = nn.LayerNorm(width, eps=1e-5)
            self.head = nn.Linear(width, classes)

        def forward(self, x):
            x = self.patch_embed["proj"](x).flatten(2).transpose(1, 2)
            x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], 1) + self.pos_embed
            return self.head(self.norm(self.blocks(x))[:, 0])

    three = nn.Sequential(
        *(nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU()),
        *(nn.Conv2d(32, 32, 5, groups=4), nn.GELU(), nn.Flatten(), nn.Linear(32 * 16, 10)),
    )
    three_layers = [
        {"kind": "conv", "channels": 16, "kernel": 3, "padding": 1, "name": "0"},
        {"kind": "relu"},
        {"kind": "max_pool", "kernel": 2},
        {"kind": "conv", "channels": 32, "kernel": 3, "stride": 2, "padding": 1, "bias": False},
        {"kind": "norm", "over": "batch", "name": "4"},
        {"kind": "relu"},
        {"kind": "conv", "channels": 32, "kernel": 5, "groups": 4, "name": "6"},
        {"kind": "gelu"},
        {"kind": "flatten"},
    ]
    return {
        "resnet18": (ResNet(), {"kind": "resnet18"}, ["st*"]),
        "torchvision's form": (
            ResNet(8, stem=7),
            {
                "kind": "layers",
                "layer": torchvision_layers(8),
                "names": {**NORMS, "head.*": "fc.*"},
            },
            ["conv1", "bn1", "layer*"],
        ),
        "three convolutions": (
            three,
            {
                "kind": "layers",
                "layer": three_layers,
                "names": {**NORMS, "conv1.weight": "3.weight", "head.*": "9.*"},
            },
            ["0", "conv1", "4"],
        ),
        "vit": (
            ViT(),
            {
                "kind": "vit",
                "depth": 2,
                "width": 32,
                "heads": 4,
                "patch": 4,
                "names": {
                    "patches.weight": "patch_embed.proj.weight",
                    "patches.bias": "patch_embed.proj.bias",
                    "patches.token": "cls_token",
                    "patches.positions": "pos_embed",
                    **{
                        f"block{n + 1}.{ours}": f"blocks.{n}.{theirs}"
                        for n in range(2)
                        for ours, theirs in BLOCK.items()
                    },
                    "norm.scale": "norm.weight",
                    "norm.shift": "norm.bias",
                },
            },
            ["patches", "block*"],
        ),
    }


NORMS = {
    "*.scale": "*.weight",
    "*.shift": "*.bias",
    "*.mean": "*.running_mean",
    "*.variance": "*.running_var",
}
BLOCK = {
    "norm1.scale": "norm1.weight",
    "norm1.shift": "norm1.bias",
    "attention.qkv.*": "attn.qkv.*",
    "attention.out.*": "attn.proj.*",
    "norm2.scale": "norm2.weight",
    "norm2.shift": "norm2.bias",
    "hidden.*": "mlp.fc1.*",
    "out.*": "mlp.fc2.*",
}


def torchvision_layers(nf):
    """Its names are torchvision's, but for those of normalisation."""

    def conv(name, channels, kernel, stride=1, padding=0):
        return {"kind": "conv", "name": name, "channels": channels, "kernel": kernel} | {
            "stride": stride,
            "padding": padding,
            "bias": False,
        }

    def norm(name):
        return {"kind": "norm", "name": name, "over": "batch"}

    relu = {"kind": "relu"}
    layers = [conv("conv1", nf, 7, 2, 3), norm("bn1"), relu]
    layers.append({"kind": "max_pool", "kernel": 3, "stride": 2, "padding": 1})
    for stage in range(4):
        for block in range(2):
            out, stride = nf << stage, 2 if stage and not block else 1
            residual = {"kind": "residual", "name": f"layer{stage + 1}.{block}"} | {
                "layers": [conv("conv1", out, 3, stride, 1), norm("bn1"), relu]
                + [conv("conv2", out, 3, 1, 1), norm("bn2")]
            }
            if stride != 1:
                residual["shortcut"] = [conv("downsample.0", out, 1, stride), norm("downsample.1")]
            layers += [residual, relu]
    return layers + [{"kind": "mean_pool"}, {"kind": "flatten"}]


def logits(folder, network, x):
    with open(os.path.join(folder, "network.json"), "w", encoding="utf-8") as file:
        json.dump(network, file)
    x.astype("<f4").tofile(os.path.join(folder, "x.f32"))
    done = subprocess.run(
        [PROGRAM, os.path.join(folder, "network.json"), os.path.join(folder, "x.f32")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return [[float(number) for number in line.split()] for line in done.stdout.splitlines()]


def compare(torch, name, module, network, frozen):
    import numpy  # pylint: disable=import-outside-toplevel
    import resnet18_weights  # pylint: disable=import-outside-toplevel
    import safetensors_file  # pylint: disable=import-outside-toplevel

    draw = torch.Generator().manual_seed(2)
    x = torch.randn((8, 3, 32, 32), generator=draw)
    with torch.no_grad():
        for layer in module.modules():  # scales and shifts that matter
            if isinstance(layer, (torch.nn.BatchNorm2d, torch.nn.LayerNorm)):
                layer.weight.uniform_(0.5, 2, generator=draw)
                layer.bias.normal_(generator=draw)
        for _ in range(10):  # running values that matter
            module.train()(torch.randn((8, 3, 32, 32), generator=draw))
        wanted = module.eval()(x).numpy()
    assert wanted.std(0).mean() > 0.01, (name, wanted.std(0))  # examples differ
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "w.safetensors")
        state = module.state_dict()
        if network["kind"] == "resnet18":
            head = {"head.weight": state["fc.weight"], "head.bias": state["fc.bias"]}
            state = resnet18_weights.weights_of(state) | head
        safetensors_file.write(path, {key: value.numpy() for key, value in state.items()})
        counters = [key for key in state if key.endswith("num_batches_tracked")]
        network |= {"weights": path, "shape": [3, 32, 32], "classes": 10}
        network["unused"] = ["*.num_batches_tracked"] if counters else []
        for patterns in ([], frozen):
            network["frozen"] = patterns
            found = numpy.array(logits(folder, network, x.numpy()))
            assert found.shape == wanted.shape, (name, found.shape)
            far = abs(found - wanted).max() / max(1, abs(wanted).max())
            assert far < CLOSE, (name, patterns, far)
            print(f"ok {name}, frozen {patterns}: {far:.1e} apart")


def main():
    try:
        import torch  # pylint: disable=import-outside-toplevel
    except ImportError:
        print("skip PyTorch's networks: this python has no torch (pip install torch)")
        return
    torch.set_num_threads(1)
    torch.manual_seed(1)
    for name, (module, network, frozen) in twins(torch).items():
        compare(torch, name, module, network, frozen)


main()
