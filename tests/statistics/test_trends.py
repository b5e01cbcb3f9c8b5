"""Page's test under "no trend": its p-values are nearly uniform, and its far tail is on the safe side."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from lakatos.hunting.trends import page
from lakatos.kinds import Trend
from tests.statistics.simulation import SEQUENCES, stream, surely_above, surely_below


@pytest.mark.parametrize(("blocks", "treatments"), [(16, 3), (64, 5)])
def test_p_values_are_uniform(blocks: int, treatments: int) -> None:
    noise = stream(1, blocks).standard_normal((SEQUENCES, blocks, treatments))
    p = np.array([page(one) for one in noise])
    for level in (0.01, 0.05, 0.2, 0.5, 0.8):
        seen = int((p <= level).sum())
        assert not surely_above(seen, SEQUENCES, 1.1 * level), (level, seen)
        assert not surely_below(seen, SEQUENCES, 0.8 * level), (level, seen)


def test_ties_make_it_conservative() -> None:
    noise = stream(2).integers(0, 2, (SEQUENCES, 32, 4))
    p = np.array([page(one) for one in noise])
    for level in (0.01, 0.05, 0.2):
        assert not surely_above(int((p <= level).sum()), SEQUENCES, level)


def test_blocks_of_any_scale_weigh_the_same() -> None:
    noise = stream(3).standard_normal((30, 4))
    assert page(noise) == page(noise * np.geomspace(1e-9, 1e9, 30)[:, None])


def exact_tail(blocks: int, treatments: int) -> tuple[np.ndarray, np.ndarray]:
    """Page's statistic in standard deviations, and the exact probability of at least that much without ties."""
    ranks = np.arange(1, treatments + 1)
    of_one = [int(ranks @ np.array(order)) for order in itertools.permutations(ranks)]
    masses = np.bincount(np.array(of_one) - min(of_one)) / math.factorial(treatments)
    density = np.array([1.0])
    for _ in range(blocks):
        density = np.convolve(density, masses)
    tail = density[::-1].cumsum()[::-1]
    centred = np.arange(len(density)) + blocks * (min(of_one) - np.mean(of_one))
    return centred / (blocks * np.var(of_one)) ** 0.5, tail


@pytest.mark.parametrize("treatments", [3, 4, 5, 6])
@pytest.mark.parametrize("blocks", [8, 64, 256])
@pytest.mark.parametrize("level", [0.05, 1e-3, 1e-6, Trend("increasing", over="n", grid=(1, 2, 3)).error])
def test_the_tail_that_no_simulation_sees(blocks: int, treatments: int, level: float) -> None:
    deviations, tail = exact_tail(blocks, treatments)
    rejected = stats.norm.sf(deviations) < level
    size = float(tail[rejected].max(initial=0.0))
    assert size <= (1.1 if level > 1e-6 else 1.0) * level
