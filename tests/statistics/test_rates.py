"""The rule for rates on pure noise of known standard error: at the boundary of the null it hardly ever refutes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy
import torch

from lakatos import Rate
from lakatos.families import Sample
from lakatos.hunting import Context, rates
from lakatos.hunting.grid import Rows
from lakatos.profiles import PROFILES
from tests.lakatos.made import family, made
from tests.statistics.simulation import LEVEL, stream, surely_above

SEQUENCES = 1000
GRID = (4, 16, 64, 256, 1024, 4096)
INSTANCES = 60
n = sympy.Symbol("n", positive=True)


@family
def runs(draw: Any) -> dict[str, Any]:
    return {"n": draw.integer("n", 1, 4096), "x": draw.positive("x")}


def rule(bound: str, margin: float) -> Any:
    """From values and their standard errors ``(instances, grid)`` to a verdict."""
    kind = Rate(bound, over="n", grid=GRID, margin=margin)
    claim = made(lambda n, x: x / n, 1 / n, kind, runs)
    context = Context(claim, PROFILES["quick"], 0, torch.device("cpu"))
    sample = Sample({"n": 4}, {}, {"x": torch.ones(INSTANCES, dtype=torch.float64)}, {})
    places = [(0, row) for row in range(INSTANCES)]

    def judged(measured: np.ndarray, error: np.ndarray) -> Any:
        printed = np.ones_like(measured)
        rows = Rows([measured], [np.broadcast_to(error, measured.shape)], [printed], [sample], places)
        return rates.conclude(context, kind, rows)

    return judged


NOISE = {
    "the same everywhere": np.full(len(GRID), 0.05),
    "growing along the grid": np.geomspace(0.002, 0.2, len(GRID)),
    "fading along the grid": np.geomspace(0.2, 0.002, len(GRID)),
    "larger than the values": np.full(len(GRID), 0.5),
}


@pytest.mark.parametrize("name", NOISE)
@pytest.mark.parametrize(("bound", "sign"), [("O", 1), ("Omega", -1), ("Theta", 1)])
@pytest.mark.parametrize("equal", [True, False])
def test_noise_does_not_refute(name: str, bound: str, sign: int, equal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "ERROR", LEVEL)
    # The largest growth that the margin allows, so that any error towards the forbidden side would show.
    margin = 0.05
    judged, generator = rule(bound, margin), stream(len(name), sign + 1, equal)
    constants = np.ones(INSTANCES) if equal else np.geomspace(1, 2, INSTANCES)
    truth = constants[:, None] * np.asarray(GRID, dtype=float) ** (sign * margin)
    error = truth * NOISE[name]
    refuted = sum(
        judged(np.abs(truth + error * generator.standard_normal(truth.shape)), error).outcome == "refuted"
        for _ in range(SEQUENCES // 5)
    )
    assert not surely_above(refuted, SEQUENCES // 5, LEVEL), refuted


@pytest.mark.parametrize("name", NOISE)
@pytest.mark.parametrize(("bound", "sign"), [("O", 1), ("Omega", -1), ("Theta", -1)])
def test_noise_does_not_make_a_false_rate_hold(name: str, bound: str, sign: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "ERROR", LEVEL)
    judged, generator = rule(bound, 0.05), stream(7, len(name), sign + 1)
    truth = np.ones((INSTANCES, 1)) * np.asarray(GRID, dtype=float) ** (sign * 0.06)
    error = truth * NOISE[name]
    holds = sum(
        judged(np.abs(truth + error * generator.standard_normal(truth.shape)), error).outcome == "holds"
        for _ in range(SEQUENCES // 5)
    )
    assert not surely_above(holds, SEQUENCES // 5, LEVEL), holds


def test_the_rule_still_sees_through_noise() -> None:
    generator = stream(8)
    grid = np.asarray(GRID, dtype=float)
    for power, outcome in ((0.5, "refuted"), (0.0, "holds"), (-0.5, "holds")):
        truth = np.ones((INSTANCES, 1)) * grid**power
        error = 0.01 * truth
        verdict = rule("O", 0.1)(truth + error * generator.standard_normal(truth.shape), error)
        assert verdict.outcome == outcome
        assert verdict.alarm == rates.ERROR


def test_without_noise_there_is_nothing_to_be_alarmed_by() -> None:
    truth = np.ones((INSTANCES, len(GRID)))
    assert rule("O", 0.1)(truth, np.zeros_like(truth)).alarm == 0
