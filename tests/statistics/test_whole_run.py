"""The probability of any false alarm in a whole run, by a union bound over its claims."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lakatos import Expectation, Identity, Inequality, Limit, Probability, Rate, Trend, hunt
from lakatos.hunting import rates
from lakatos.profiles import PROFILES
from tests.lakatos.made import family, made
from tests.quality.planted import FALSE, TRUE

CLAIMS = 200
MOST = 1e-6


@family
def nothing(draw: Any) -> dict[str, Any]:
    return {"n": draw.integer("n", 1, 3), "x": draw.positive("x")}


empty = replace(nothing, assumptions=(("never", lambda x: x < 0),))


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(Probability(">=").error, id="probability"),
        pytest.param(Expectation("<=", bounds=(0, 1)).error, id="expectation"),
        pytest.param(Trend("increasing", over="n", grid=(1, 2, 3)).error, id="trend"),
        pytest.param(rates.ERROR, id="rate"),
    ],
)
def test_two_hundred_claims_by_default(error: float) -> None:
    assert 0 < CLAIMS * error <= MOST * (1 + 1e-9)


def test_what_rests_on_no_chance_adds_nothing() -> None:
    deterministic = [c for c in [*FALSE.values(), *TRUE.values()] if isinstance(c.kind, (Inequality, Identity, Limit, Rate))]
    for claim in deterministic[:: len(deterministic) // 12]:
        assert hunt(claim, profile=PROFILES["power"], seed=0).alarm == 0


def test_a_hunt_in_vain_adds_nothing() -> None:
    never = made(lambda x: x, None, Trend("increasing", over="n", grid=(1, 2, 3)), empty)
    verdict = hunt(never, profile=PROFILES["power"], seed=0)
    assert verdict.outcome == "vacuous"
    assert verdict.alarm == 0
