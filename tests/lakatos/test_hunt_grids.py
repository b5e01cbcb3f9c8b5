"""Hunts on limits, rates and trends: true ones hold, false ones fall, and nothing holds by being discarded."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy
import torch

from exactarray import namespace
from lakatos import ClaimError, Limit, Rate, Trend, hunt, when
from lakatos.hunting.limits import CONVERGED, DECAYING, DIVERGED, LEVELLED, UNCLEAR, classify
from lakatos.hunting.trends import page
from lakatos.profiles import PROFILES
from tests.lakatos.made import family, made

QUICK = replace(PROFILES["quick"], shrink_seconds=1.0)
GRID = (4, 16, 64, 256, 1024)
CHECKPOINTS = tuple(64 * 2**k for k in range(8))
n, x = sympy.symbols("n x")


@family
def runs(draw: Any) -> dict[str, Any]:
    return {"n": draw.integer("n", 1, 1024), "x": draw.positive("x")}


@family
def starts(draw: Any) -> dict[str, Any]:
    return {"x": draw.interval("x", 0, 1)}


def rate(bound: str, measured: Any, right: Any = 1 / n, on: Any = runs, **fields: Any) -> Any:
    return made(measured, right, Rate(bound, over="n", grid=GRID), on, **fields)


def trend(direction: str, measured: Any, on: Any = runs, **fields: Any) -> Any:
    return made(measured, None, Trend(direction, over="n", grid=GRID), on, **fields)


def limit(curve: Any, on: Any = starts, **fields: Any) -> Any:
    def measured(x: Any, checkpoints: Any) -> Any:
        return namespace(x).stack([curve(x, t) for t in checkpoints], axis=-1)

    return made(measured, None, Limit(CHECKPOINTS), on, **fields)


def outcome(claim: Any, seed: int = 0, **options: Any) -> str:
    return str(hunt(claim, profile=QUICK, seed=seed, **options).outcome)


RATES = [
    ("O", lambda n, x: x / n, "holds"),
    ("O", lambda n, x: x / n**2, "holds"),
    ("O", lambda n, x: x / n**0.8, "refuted"),
    ("O", lambda n, x: x * math.log(n) / n, "refuted"),
    ("Omega", lambda n, x: x / n, "holds"),
    ("Omega", lambda n, x: x / n**0.5, "holds"),
    ("Omega", lambda n, x: x / n**1.2, "refuted"),
    ("Theta", lambda n, x: x * (20 + math.sin(n)) / n, "holds"),
    ("Theta", lambda n, x: x * (2 + math.sin(n)) / n, "undecided"),  # bounded, but not to be told from growth on this grid
    ("Theta", lambda n, x: x / (n + 3), "holds"),
    ("Theta", lambda n, x: x / n**1.2, "refuted"),
    ("Theta", lambda n, x: x / n**0.8, "refuted"),
]


@pytest.mark.parametrize(("bound", "measured", "expected"), RATES)
@pytest.mark.parametrize("seed", [0, 1])
def test_rates(bound: str, measured: Any, expected: str, seed: int) -> None:
    assert outcome(rate(bound, measured), seed) == expected


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_trends(seed: int) -> None:
    assert outcome(trend("increasing", lambda n, x: x + n), seed) == "holds"
    assert outcome(trend("decreasing", lambda n, x: x + n), seed) == "refuted"
    assert outcome(trend("increasing", lambda n, x: x), seed) == "undecided"
    assert outcome(trend("increasing", lambda n, x: x + (-1) ** n.bit_length()), seed) == "undecided"


LIMITS = [
    (lambda x, t: (1 + x) / t, "holds"),
    (lambda x, t: (1 + x) / math.isqrt(t), "holds"),
    (lambda x, t: (x / 2) ** t, "holds"),
    (lambda x, t: 0 * x, "holds"),
    (lambda x, t: x / t + x / 4 + 1, "refuted"),
    (lambda x, t: (1 + x) * t, "refuted"),
    (lambda x, t: x**t, "refuted"),
    (lambda x, t: (1 + x) / t.bit_length(), "undecided"),
    (lambda x, t: (1 + x) * (1 + t.bit_length() % 2), "undecided"),
]


@pytest.mark.parametrize(("curve", "expected"), LIMITS)
def test_limits(curve: Any, expected: str) -> None:
    verdict = hunt(limit(curve), profile=QUICK, seed=0)
    assert verdict.outcome == expected
    assert verdict.warrant != "certified"
    if expected == "refuted":
        assert outcome(limit(curve), witness=verdict.smallest.values) == "refuted"


def test_classes_of_a_run() -> None:
    t = np.asarray(CHECKPOINTS, dtype=float)
    curves = {
        DECAYING: 1 / t,
        LEVELLED: 0.1 + 1e-6 / t,
        CONVERGED: np.exp(-t),
        DIVERGED: np.exp(t / 99),
        UNCLEAR: 1 / np.log(t),
    }
    classes, _ = classify(np.stack(list(curves.values())), CHECKPOINTS, 1e-8)
    assert classes.tolist() == list(curves)


def test_page_is_two_sided_about_a_half() -> None:
    rising = np.tile(np.arange(5.0), (40, 1))
    assert page(rising) < 1e-8
    assert page(-rising) > 1 - 1e-8
    assert page(0 * rising) == pytest.approx(0.5)


class TestNothingHoldsByBeingDiscarded:
    """A rule never says "holds" because it could not use what it was fed with."""

    @pytest.mark.parametrize("bound", ["O", "Omega", "Theta"])
    @pytest.mark.parametrize("value", [math.inf, 0.0, -1.0])
    def test_rates_without_a_logarithm(self, bound: str, value: float) -> None:
        assert outcome(rate(bound, lambda n, x: 0 * x + value)) != "holds"

    @pytest.mark.parametrize(
        ("bound", "value"), [("O", math.inf), ("Omega", 0.0), ("Omega", -1.0), ("Theta", 0.0), ("Theta", math.inf)]
    )
    def test_a_few_instances_without_a_logarithm(self, bound: str, value: float) -> None:
        def measured(n: int, x: Any) -> Any:
            return torch.where(x > 3, torch.full_like(x, value), x / n) if n > 100 else x / n

        verdict = hunt(rate(bound, measured), profile=QUICK, seed=0)
        assert verdict.outcome == "undecided"
        assert "instances the ratio is" in verdict.message

    @pytest.mark.parametrize(
        ("bound", "power", "expected"), [("Theta", 1, "holds"), ("Omega", 1, "holds"), ("Omega", 2, "refuted")]
    )
    def test_instances_that_float64_loses_are_run_in_60_digits(self, bound: str, power: int, expected: str) -> None:
        def measured(n: int, x: Any) -> Any:
            return namespace(x).where(x > 30, (10**18 + x / (10**12 * n**power)) - 10**18, x / n)

        verdict = hunt(rate(bound, measured), profile=QUICK, seed=0)
        assert verdict.outcome == expected
        assert verdict.details["instances run again in 60 digits"] > 0

    def test_what_is_zero_in_60_digits_stays_zero(self) -> None:
        def measured(n: int, x: Any) -> Any:
            third = x / 3
            return namespace(x).where(x > 30, third + third + third - x, x / n)

        assert outcome(rate("Theta", measured)) == "undecided"

    def test_draws_that_depend_on_the_grid_are_not_taken_for_each_other(self) -> None:
        on = family(lambda draw: {"n": (n := draw.integer("n", 1, 1024)), "x": draw.positive("x", n)[..., 0]})

        def measured(n: int, x: Any) -> Any:
            return namespace(x).where(x > 30, (10**18 + x / n) - 10**18, x / n)

        verdict = hunt(rate("Theta", measured, on=on), profile=QUICK, seed=0)
        assert verdict.outcome == "undecided"
        assert "instances run again in 60 digits" not in verdict.details

    def test_growth_of_instances_that_start_at_zero(self) -> None:
        assert outcome(rate("O", lambda n, x: torch.where(x < 1, 0 * x, x) if n == 4 else x)) == "refuted"

    def test_growth_hidden_below_a_few_large_constants(self) -> None:
        assert outcome(rate("O", lambda n, x: torch.where(x > 20, 1e6 + 0 * x, n**0.5 + 0 * x) / n)) == "undecided"

    def test_nan(self) -> None:
        for claim in (rate("O", lambda n, x: x * math.nan), trend("increasing", lambda n, x: x * math.nan)):
            with pytest.raises(ClaimError, match=r"measured side .* is NaN on a valid instance"):
                outcome(claim)
        with pytest.raises(ClaimError, match=r"printed side .* is NaN"):
            outcome(rate("O", lambda n, x: x, lambda x: x * math.nan))
        with pytest.raises(ClaimError, match=r"NaN at the first checkpoint"):
            outcome(limit(lambda x, t: x * math.nan))

    def test_trends_of_nothing(self) -> None:
        for measured in (lambda n, x: 0 * x, lambda n, x: 0 * x + math.inf, lambda n, x: 1 + 0 * x + 1e-16 * n):
            for direction in ("increasing", "decreasing"):
                assert outcome(trend(direction, measured)) == "undecided"

    def test_infinite_distances(self) -> None:
        assert outcome(limit(lambda x, t: 0 * x + math.inf)) != "holds"

    def test_no_instance(self) -> None:
        never = family(lambda draw: {"n": draw.integer("n", 1, 1024), "x": draw.positive("x")}, assume=[x < 0])
        for claim in (
            rate("O", lambda n, x: x / n, on=never),
            trend("increasing", lambda n, x: x + n, on=never),
            limit(lambda x, t: x / t, on=never),
        ):
            verdict = hunt(claim, profile=QUICK, seed=0)
            assert verdict.outcome == "vacuous"
            assert verdict.evaluations == 0

    def test_a_stratum_that_is_never_hit(self) -> None:
        on = family(
            lambda draw: {"n": draw.integer("n", 1, 1024), "x": draw.positive("x")}, strata={"negative": when(lambda x: x < 0)}
        )
        for claim in (
            rate("O", lambda n, x: x / n, on=on),
            trend("increasing", lambda n, x: x + n, on=on),
            limit(lambda x, t: x / t, on=on),
        ):
            verdict = hunt(claim, profile=QUICK, seed=0)
            assert verdict.outcome == "vacuous"
            assert "negative" in verdict.message


def test_a_pinned_witness_that_breaks_an_assumption_is_not_taken_for_another_instance() -> None:
    on = family(lambda draw: {"n": draw.integer("n", 1, 1024), "x": draw.positive("x")}, assume=[x <= 5])
    # Below its bound every instance may grow for a while; only a pinned one refutes by itself.
    claim = rate("O", lambda n, x: torch.where(x < 1, 1e3 + 0 * x, 900 * n / (n + 100.0) + 0 * x) / n, on=on, witness={"x": 7})
    verdict = hunt(claim, profile=QUICK, seed=0)
    assert verdict.instances["pinned"] == 0
    assert verdict.outcome != "refuted"


def test_shapes_and_names_are_told() -> None:
    with pytest.raises(ClaimError, match="runs over 'm', which the family 'runs' does not draw"):
        outcome(made(lambda n, x: x, 1 / n, Rate("O", over="m", grid=GRID), runs))
    with pytest.raises(ClaimError, match="2 numbers per instance"):
        outcome(rate("O", lambda n, x: torch.stack([x, x], dim=1)))
    with pytest.raises(ClaimError, match=r"1 distances per instance for\s+8 checkpoints"):
        outcome(made(lambda x, checkpoints: x, None, Limit(CHECKPOINTS), starts))
