"""The empirical Bernstein sequence under many distributions: it covers the mean at all times at once, and it narrows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lakatos.sequential import MeanSequence
from tests.statistics.simulation import LEVEL, SEQUENCES, stream, surely_above

Drawn = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]

DISTRIBUTIONS: dict[str, tuple[float, Drawn]] = {
    "uniform": (0.5, lambda r, shape: r.random(shape)),
    "rare events": (0.01, lambda r, shape: (r.random(shape) < 0.01).astype(float)),
    "frequent events": (0.9, lambda r, shape: (r.random(shape) < 0.9).astype(float)),
    "mass at both ends": (0.5, lambda r, shape: r.beta(0.1, 0.1, shape)),
    "skewed": (1 / 11, lambda r, shape: r.beta(0.2, 2, shape)),
    "hardly any variance": (0.3, lambda r, shape: 0.3 + 1e-3 * (r.random(shape) - 0.5)),
    "constant at an end": (0.0, lambda r, shape: np.zeros(shape)),
}


def fed(drawn: Drawn, rounds: int, length: int, *key: int) -> MeanSequence:
    sequence, generator = MeanSequence(SEQUENCES, LEVEL), stream(*key)
    for _ in range(rounds):
        sequence.feed(drawn(generator, (SEQUENCES, length)))
    return sequence


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_coverage_at_all_times(name: str) -> None:
    mean, drawn = DISTRIBUTIONS[name]
    # The interval is the intersection of those after each round: it misses if any of them does.
    low, high = fed(drawn, 150, 10, 1).interval
    missed = int(((low > mean) | (high < mean)).sum())
    assert not surely_above(missed, SEQUENCES, LEVEL), missed


def test_rounds_do_not_matter() -> None:
    values = stream(2).random((3, 600))
    whole, parts = MeanSequence(3, LEVEL), MeanSequence(3, LEVEL)
    whole.feed(values)
    for part in np.split(values, [1, 7, 200], axis=1):
        parts.feed(part)
    assert np.allclose(whole.mean, parts.mean)
    assert (parts.interval[0] >= whole.interval[0] - 1e-12).all()
    assert (parts.interval[1] <= whole.interval[1] + 1e-12).all()


def test_it_narrows_with_the_variance() -> None:
    width = {}
    for name in ("uniform", "hardly any variance"):
        low, high = fed(DISTRIBUTIONS[name][1], 20, 100, 3).interval
        width[name] = float(np.median(high - low))
    # A fixed-time normal interval would be 4 standard errors wide, with a variance of 1/12 and 2,000 values.
    assert width["uniform"] < 2.5 * 4 * (1 / 12 / 2000) ** 0.5
    assert width["hardly any variance"] < width["uniform"] / 3


def test_values_outside_are_refused() -> None:
    for value in (-1e-9, 1 + 1e-9, np.nan):
        with pytest.raises(ValueError, match=r"values in \[0, 1\]"):
            MeanSequence(1, LEVEL).feed(np.array([[value]]))
