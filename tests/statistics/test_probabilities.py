"""The e-processes for a probability under their nulls: looking as often as one likes does not raise the error."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from lakatos.sequential import log_e_above, log_e_below, trials_to_decide
from tests.statistics.simulation import LEVEL, SEQUENCES, stream, surely_above

TRIALS = 3000
# Every trial at first, then ever more rarely: an alarm between two looks cannot be undone by the next.
LOOKS = np.unique(np.concatenate([np.arange(1, 100), np.geomspace(100, TRIALS, 60).astype(int)]))


def counts(probability: float, *key: int) -> tuple[np.ndarray, np.ndarray]:
    """Successes and failures ``(SEQUENCES, looks)``."""
    drawn = stream(*key).random((SEQUENCES, TRIALS), dtype=np.float32) < probability
    successes = drawn.cumsum(axis=1, dtype=np.int32)[:, LOOKS - 1]
    return successes, LOOKS - successes


def alarms(log_e: np.ndarray) -> int:
    return int((log_e >= math.log(1 / LEVEL)).any(axis=1).sum())


@pytest.mark.parametrize("bound", [0.02, 0.5, 0.9, 0.99])
def test_at_the_boundary(bound: float) -> None:
    successes, failures = counts(bound, 1, int(100 * bound))
    for log_e in (log_e_below, log_e_above):
        seen = alarms(log_e(successes, failures, np.asarray(bound)))
        assert not surely_above(seen, SEQUENCES, LEVEL), seen


@pytest.mark.parametrize(("bound", "excess"), [(0.5, 0.02), (0.5, 0.3), (0.9, 0.01), (0.98, 0.02), (0.0, 0.1)])
def test_inside_a_composite_null(bound: float, excess: float) -> None:
    successes, failures = counts(bound + excess, 2, int(1000 * (bound + excess)))
    below = alarms(log_e_below(successes, failures, np.asarray(bound)))
    above = alarms(log_e_above(failures, successes, np.asarray(1 - bound)))
    assert below == above
    assert not surely_above(below, SEQUENCES, LEVEL), below


@pytest.mark.parametrize("bound", [0.2, 0.9])
def test_an_e_value_never_expects_more_than_one(bound: float) -> None:
    # Exactly, by enumeration: no simulation sees the rare sequences on which most of the expectation rests.
    for trials in (1, 7, 60):
        successes = np.arange(trials + 1)
        for probability in np.linspace(bound, 1, 5):
            e = np.exp(log_e_below(successes, trials - successes, np.asarray(bound)))
            assert float(stats.binom.pmf(successes, trials, probability) @ e) <= 1 + 1e-9


@pytest.mark.parametrize(("probability", "bound"), [(0.5, 0.55), (0.85, 0.9), (0.95, 0.9), (0.02, 0.04)])
@pytest.mark.parametrize("error", [0.05, 1e-9])
def test_how_many_trials_would_decide(probability: float, bound: float, error: float) -> None:
    foreseen = float(trials_to_decide(np.asarray(probability), np.asarray(bound), error))
    log_e = log_e_below if probability < bound else log_e_above
    horizon = int(4 * foreseen)
    looks = np.unique(np.geomspace(1, horizon, 400).astype(int))
    drawn = stream(3, int(1000 * probability)).random((200, horizon)) < probability
    successes = drawn.cumsum(axis=1)[:, looks - 1]
    decided = log_e(successes, looks - successes, np.asarray(bound)) >= math.log(1 / error)
    needed = np.where(decided.any(axis=1), looks[decided.argmax(axis=1)], 2 * horizon)
    assert 1 / 3 < float(np.median(needed)) / foreseen < 3
