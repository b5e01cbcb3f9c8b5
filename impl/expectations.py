"""Exact expectations over finite laws: every outcome with its probability, in floats and in exact numbers.

An i.i.d. batch from a finite support matters only through how often it contains each point, so that its law is multinomial;
products of signs and of Gaussian quadrature nodes are enumerated in full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement, product
from math import factorial, prod
from typing import TypeVar

import numpy as np

from exactarray import array_like, namespace, ones
from exactarray.arrays import Array

Instances = TypeVar("Instances")

# Five rational nodes have the moments 0, 1, 0, 3, 0 of a standard normal; three would need the square root of 3.
GAUSSIAN_NODES = (0, 1, -1, 2, -2)
GAUSSIAN_WEIGHTS = tuple(Fraction(k, 12) for k in (6, 2, 2, 1, 1))


@cache
def batch_counts(points: int, size: int) -> tuple[tuple[tuple[int, ...], int], ...]:
    """Every way to draw ``size`` times from ``points``: how often each point occurs, and in how many orders that happens.

    Raises ValueError when there is no point or no draw.
    """
    if points < 1 or size < 1:
        raise ValueError(f"a batch needs at least one point and one draw, got points={points}, size={size}")
    found = []
    for chosen in combinations_with_replacement(range(points), size):
        counts = tuple(chosen.count(k) for k in range(points))
        found.append((counts, factorial(size) // prod(factorial(n) for n in counts)))
    return tuple(found)


def batch_law(chances: Array, size: int) -> tuple[Array, Array]:
    """The law of an i.i.d. batch: which share of it each point has.

    Parameters
    ----------
    chances:
        Probabilities of the points, ``(..., points)``.
    size:
        Number of draws, at least 1.

    Returns
    -------
    shares, probabilities:
        Counts divided by ``size``, ``(outcomes, points)``, and the probability of each outcome, ``(..., outcomes)``,
        differentiable in ``chances``.

    Raises
    ------
    ValueError
        when there is no point or no draw.
    """
    points, xp = int(chances.shape[-1]), namespace(chances)
    outcomes = batch_counts(points, size)
    counts = np.array([count for count, _ in outcomes])
    powers = [ones(chances.shape, chances)]
    for _ in range(size):
        powers.append(powers[-1] * chances)
    table = xp.stack(powers, axis=-1)
    probabilities = array_like([ways for _, ways in outcomes], chances)
    for k in range(points):
        probabilities = probabilities * table[..., k, counts[:, k].tolist()]
    return array_like(counts, chances) / size, probabilities


def joint_law(laws: Sequence[Array]) -> tuple[list[list[int]], Array]:
    """Independent draws from several finite laws.

    Parameters
    ----------
    laws:
        Probabilities ``(..., outcomes_j)``, at least one law.

    Returns
    -------
    index, probabilities:
        For every law the outcome that it contributes to each joint outcome, and the joint probabilities ``(..., outcomes)``.

    Raises
    ------
    ValueError
        when there is no law.
    """
    if not laws:
        raise ValueError("a joint law needs at least one law, got none")
    joint = list(product(*(range(law.shape[-1]) for law in laws)))
    index = [[outcome[j] for outcome in joint] for j in range(len(laws))]
    probabilities = laws[0][..., index[0]]
    for law, chosen in zip(laws[1:], index[1:], strict=True):
        probabilities = probabilities * law[..., chosen]
    return index, probabilities


def signs(count: int) -> np.ndarray:
    """All ``2^count`` vectors of signs, ``(2^count, count)``; a uniform one has independent Rademacher entries.

    Raises ValueError when ``count`` is not positive.
    """
    _check_positive("count", count)
    return np.array(list(product((1, -1), repeat=count)))


def gaussian_product_rule(count: int) -> tuple[np.ndarray, list[Fraction]]:
    """Nodes ``(5^count, count)`` and weights whose means are Gaussian ones for polynomials of degree 5 in each entry.

    Nodes are integers and weights are positive fractions with sum 1. Raises ValueError when ``count`` is not positive.
    """
    _check_positive("count", count)
    nodes = np.array(list(product(GAUSSIAN_NODES, repeat=count)))
    return nodes, [prod(chosen, start=Fraction(1)) for chosen in product(GAUSSIAN_WEIGHTS, repeat=count)]


def repeated(instances: Instances, times: int) -> Instances:
    """Each instance ``times`` times in a row along the first axis: of an array, or of every array of a dataclass."""
    if is_dataclass(instances) and not isinstance(instances, type):
        return replace(instances, **{f.name: repeated(getattr(instances, f.name), times) for f in fields(instances)})
    if hasattr(instances, "shape"):
        # Broadcast and copied, which is faster than gathering by index.
        array: Array = instances
        wide = (array.shape[0], times, *array.shape[1:])
        repeats: Instances = namespace(array).broadcast_to(array[:, None], wide).reshape((wide[0] * times, *wide[2:]))
        return repeats
    return instances


def _check_positive(name: str, value: int) -> None:
    if value < 1:
        raise ValueError(f"{name} is {value}; it must be a positive integer")
