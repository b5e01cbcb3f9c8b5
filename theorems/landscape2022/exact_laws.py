"""Probabilities and quantiles under a law of finitely many outcomes, each with its probability."""

from __future__ import annotations

from typing import Any

import numpy as np

from exactarray import amin, array_like, is_exact, namespace


def chance(probabilities: Any, event: Any) -> Any:
    """Probability ``(batch,)`` of an event ``(batch, outcomes)``."""
    xp = namespace(probabilities)
    return xp.sum(xp.where(event, probabilities, 0 * probabilities), axis=-1)


def quantile(probabilities: Any, values: Any, percent: int) -> Any:
    """What a value ``(batch, outcomes)`` does not exceed with at least that probability, ``(batch,)``."""
    if is_exact(values):
        order = np.argsort(values, axis=-1)
        ordered, likely = (np.take_along_axis(a, order, axis=-1) for a in (values, probabilities))
    else:
        ordered, order = values.sort(dim=-1)
        likely = probabilities.gather(-1, order)
    many = values.shape[-1]
    upper = array_like([[int(i <= j) for j in range(many)] for i in range(many)], values)
    enough = 100 * (likely @ upper) >= percent
    return amin(namespace(values).where(enough, ordered, ordered[:, -1:] + 0 * ordered), axis=-1)
