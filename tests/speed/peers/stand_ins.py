# SPDX-License-Identifier: Apache-2.0
"""Packages that are imported but never used."""

import importlib.machinery
import sys
import types

# What of Mammoth's imports none of these methods uses.
OF_MAMMOTH = [
    "kornia",
    "timm",
    "open_clip",
    "clip",
    "transformers",
    "pandas",
    "regex",
    "ftfy",
    "wandb",
    "xitorch",
    "quadprog",
    "requests",
]
# The same of Avalanche's; only where they are not installed.
OF_AVALANCHE = ["GPUtil", "gdown", "pytorchcv", "qpsolvers", "wandb"]


class Anything(types.ModuleType):
    """Every name of it is another such."""

    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything(name)

    def __call__(self, *_args, **_kwargs):
        return (self, self, self)

    def __mro_entries__(self, _bases):
        return ()


class Finder:
    def __init__(self, names):
        self.names = names

    def find_spec(self, name, _path=None, _target=None):
        return (
            importlib.machinery.ModuleSpec(name, self, is_package=True)
            if name.split(".")[0] in self.names
            else None
        )

    @staticmethod
    def create_module(spec):
        return Anything(spec.name)

    @staticmethod
    def exec_module(_module):
        pass


def always(names):
    sys.meta_path.insert(0, Finder(names))


def where_missing(names):
    sys.meta_path.append(Finder(names))
