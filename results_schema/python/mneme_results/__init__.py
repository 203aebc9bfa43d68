# SPDX-License-Identifier: Apache-2.0
"""Reads, plots and records results of continual learning in Mneme's schema."""

from . import plot
from .board import leaderboard
from .read import ResultsError, load, network, tidy
from .recorder import Recorder

__all__ = ["Recorder", "ResultsError", "leaderboard", "load", "network", "plot", "tidy"]
