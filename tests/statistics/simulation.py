"""What the simulations of the decision rules share: streams that are the same in every run, and the verdict on a count."""

from __future__ import annotations

import numpy as np
from scipy import stats

SEQUENCES = 2000
LEVEL = 0.05
"""The nominal error of the rules under simulation. Their defaults are too small for any simulation to see."""
CONFIDENCE = 1 - 1e-6


def stream(*key: int) -> np.random.Generator:
    """A random stream of its own for each case."""
    return np.random.default_rng([2024, *key])


def surely_above(alarms: int, sequences: int, level: float) -> bool:
    """Whether the Clopper-Pearson interval of the observed rate lies above ``level``: the rule breaks its promise."""
    return alarms > 0 and float(stats.beta.ppf(1 - CONFIDENCE, alarms, sequences - alarms + 1)) > level


def surely_below(alarms: int, sequences: int, level: float) -> bool:
    """Whether the Clopper-Pearson interval of the observed rate lies below ``level``."""
    return alarms < sequences and float(stats.beta.ppf(CONFIDENCE, alarms + 1, sequences - alarms)) < level
