"""The rule for limits on runs whose fate is known. It may leave a slow one open; it must not call it settled either way."""

from __future__ import annotations

import numpy as np
import pytest

from lakatos.hunting.limits import CONVERGED, DECAYING, DIVERGED, LEVELLED, UNCLEAR, classify
from tests.statistics.simulation import stream

CHECKPOINTS = tuple(64 * 2**k for k in range(11))
T = np.asarray(CHECKPOINTS, dtype=float)
TOLERANCE = 1e-8


def fate(distance: np.ndarray, checkpoints: tuple[int, ...] = CHECKPOINTS) -> int:
    return int(classify(distance[None], checkpoints, TOLERANCE)[0][0])


TENDS_TO_ZERO = {
    "exponentially": (np.exp(-T / 2000), {CONVERGED, DECAYING}),
    "exponentially, and long since": (np.exp(-T), {CONVERGED}),
    "exponentially, to its rounding floor": (np.maximum(np.exp(-T), 3e-16), {CONVERGED}),
    "as 1/t": (1 / T, {DECAYING}),
    "as 1/sqrt(t)": (T**-0.5, {DECAYING}),
    "as log(t)/t": (np.log(T) / T, {DECAYING}),
    "as 1/t + 1/t^2": (1 / T + 100 / T**2, {DECAYING}),
    "as 1/t - 1/t^2": (1 / T - 30 / T**2, {DECAYING}),
    "as 1/t + 1/sqrt(t)": (1 / T + 1e-3 / T**0.5, {DECAYING}),
    "as 1/t with changing sign": (np.cos(np.pi * np.arange(len(T))) / T, {DECAYING}),
    "after a long plateau": (1 / (1 + (T / 8000) ** 2), {DECAYING}),
    # Nothing that can be run tells these from a plateau, or from a decay: they stay open.
    "as 1/log(t)": (1 / np.log(T), {UNCLEAR}),
    "as 1/log(log(t))": (1 / np.log(np.log(T)), {UNCLEAR}),
    "as t^-0.1": (T**-0.1, {UNCLEAR}),
    "as t^-0.01": (T**-0.01, {UNCLEAR}),
    "as log(t)^-0.1": (np.log(T) ** -0.1, {UNCLEAR}),
}

DOES_NOT = {
    "constant": (0.3 + 0 * T, {LEVELLED}),
    "a plateau after 1/t": (0.01 + 1 / T, {LEVELLED}),
    "a plateau after an exponential": (1e-6 + np.exp(-T / 100), {LEVELLED}),
    "a plateau with a ripple": (0.5 + 1e-3 * np.sin(T), {LEVELLED}),
    "exponential growth": (np.exp(np.minimum(T / 99, 600)), {DIVERGED}),
    "overflow": (np.where(T > 1000, np.inf, T), {DIVERGED}),
    "slow growth": (T**0.1, {LEVELLED}),
    "logarithmic growth": (np.log(T), {LEVELLED}),
    # A plateau that is not reached yet, or a run that never settles, stays open.
    "a plateau after 1/sqrt(t), still far": (1e-3 + T**-0.5, {UNCLEAR}),
    "a plateau below the last distance": (0.4 / T[-1] + 1 / T, {UNCLEAR}),
    "a plateau far below the last distance": (0.05 / T[-1] + 1 / T, {UNCLEAR}),
    "oscillation": (1 + 0.9 * np.cos(np.pi * np.arange(len(T))), {UNCLEAR}),
}


@pytest.mark.parametrize("name", TENDS_TO_ZERO)
def test_what_tends_to_zero_never_refutes(name: str) -> None:
    distance, expected = TENDS_TO_ZERO[name]
    for length in (7, 9, 11):
        assert fate(distance[:length], CHECKPOINTS[:length]) not in (LEVELLED, DIVERGED)
    assert fate(distance) in expected


@pytest.mark.parametrize("name", DOES_NOT)
def test_what_does_not_never_converges(name: str) -> None:
    distance, expected = DOES_NOT[name]
    assert fate(distance) in expected
    assert fate(distance) != CONVERGED


@pytest.mark.parametrize("power", [-1.0, -0.5])
def test_noise_on_a_decay_does_not_make_a_plateau(power: float) -> None:
    noisy = T**power * (1 + 0.1 * stream(1).standard_normal((2000, len(T))))
    classes, _ = classify(noisy, CHECKPOINTS, TOLERANCE)
    assert not np.isin(classes, (LEVELLED, DIVERGED, CONVERGED)).any()


def test_noise_on_a_plateau_does_not_make_a_decay() -> None:
    noisy = 0.2 * (1 + 0.05 * stream(2).standard_normal((2000, len(T))))
    classes, _ = classify(noisy, CHECKPOINTS, TOLERANCE)
    assert not np.isin(classes, (DECAYING, CONVERGED, DIVERGED)).any()
