"""Probabilities and quantiles under a law of finitely many outcomes, each with its probability."""

from __future__ import annotations

from typing import Any

import numpy as np

from exactarray import amin, is_exact, namespace


def chance(probabilities: Any, event: Any) -> Any:
    """Probability ``(batch,)`` of an event ``(batch, outcomes)``."""
    xp = namespace(probabilities)
    return xp.sum(xp.where(event, probabilities, 0 * probabilities), axis=-1)


def quantile(probabilities: Any, values: Any, percent: int) -> Any:
    """What a value ``(batch, outcomes)`` does not exceed with at least that probability, ``(batch,)``."""
    if is_exact(values):
        order = np.argsort(values, axis=-1)
        ordered = np.take_along_axis(values, order, axis=-1)
        reached = np.add.accumulate(np.take_along_axis(probabilities, order, axis=-1), axis=-1)
    else:
        ordered, order = values.sort(dim=-1)
        reached = probabilities.gather(-1, order).cumsum(dim=-1)
    return amin(namespace(values).where(100 * reached >= percent, ordered, ordered[:, -1:] + 0 * ordered), axis=-1)
