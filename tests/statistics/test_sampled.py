"""Whole hunts on sampled claims: their errors, and how many trials they say would decide."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sympy
import torch

from lakatos import Expectation, Probability, hunt
from lakatos.profiles import PROFILES
from tests.lakatos.made import family, made
from tests.statistics.simulation import surely_above

HUNTS = 150
LEVEL = 0.2


@family
def coins(draw: Any) -> dict[str, Any]:
    return {"x": draw.positive("x")}


def probability(p: float, printed: float, relation: str = ">=", **options: Any) -> Any:
    def heads(x: Any, trials: int, generator: torch.Generator) -> Any:
        return (torch.rand(len(x), trials, generator=generator, dtype=torch.float64) < p).to(torch.float64)

    return made(heads, sympy.Float(printed), Probability(relation, **options), coins)


def expectation(mean: float, printed: float, width: float, relation: str = "<=", **options: Any) -> Any:
    def drawn(x: Any, trials: int, generator: torch.Generator) -> Any:
        return mean + width * (torch.rand(len(x), trials, generator=generator, dtype=torch.float64) - 0.5)

    return made(drawn, sympy.Float(printed), Expectation(relation, bounds=(0, 1), **options), coins)


def profile(trials: int) -> Any:
    return replace(PROFILES["quick"], instances=2 * trials)


TRUE_AT_THE_EDGE = {
    "probability at least": lambda: probability(0.9, 0.9, error=LEVEL, margin=0.02),
    "probability at most": lambda: probability(0.3, 0.3, "<=", error=LEVEL, margin=0.02),
    "mean at most": lambda: expectation(0.4, 0.4, 0.5, error=LEVEL),
    "mean at least": lambda: expectation(0.4, 0.4, 0.5, ">=", error=LEVEL),
}
FALSE_BY_THE_MARGIN = {
    "probability at least": lambda: probability(0.87, 0.9, error=LEVEL, margin=0.03),
    "probability at most": lambda: probability(0.33, 0.3, "<=", error=LEVEL, margin=0.03),
    "mean at most": lambda: expectation(0.42, 0.4, 0.5, error=LEVEL, margin=0.02),
    "mean at least": lambda: expectation(0.38, 0.4, 0.5, ">=", error=LEVEL, margin=0.02),
}


@pytest.mark.parametrize("name", TRUE_AT_THE_EDGE)
def test_a_true_claim_at_its_edge_is_hardly_ever_refuted(name: str) -> None:
    claim = TRUE_AT_THE_EDGE[name]()
    outcomes = [hunt(claim, profile=profile(1024), seed=seed).outcome for seed in range(HUNTS)]
    assert not surely_above(outcomes.count("refuted"), HUNTS, LEVEL)


@pytest.mark.parametrize("name", FALSE_BY_THE_MARGIN)
def test_a_claim_false_by_its_margin_hardly_ever_holds(name: str) -> None:
    claim = FALSE_BY_THE_MARGIN[name]()
    outcomes = [hunt(claim, profile=profile(1024), seed=seed).outcome for seed in range(HUNTS)]
    assert not surely_above(outcomes.count("holds"), HUNTS, LEVEL)


@pytest.mark.parametrize(("p", "printed", "relation"), [(1.0, 1.001, ">="), (0.0, -0.001, "<=")])
def test_what_no_probability_reaches_is_refuted_at_once(p: float, printed: float, relation: str) -> None:
    verdict = hunt(probability(p, printed, relation), profile=profile(65_536), seed=0)
    assert verdict.outcome == "refuted"
    assert "after at most 256 trials" in verdict.margin.words


@pytest.mark.parametrize(("printed", "relation"), [(1.0 + 1e-15, ">="), (-1e-15, "<=")])
def test_rounding_at_the_ends_refutes_nothing(printed: float, relation: str) -> None:
    always = probability(float(round(printed)), printed, relation, margin=0.02)
    assert hunt(always, profile=profile(65_536), seed=0).outcome == "holds"


OPEN = {
    "a probability at its bound": lambda: probability(0.9, 0.9),
    "a probability above its bound": lambda: probability(0.905, 0.9),
    "a probability below its bound": lambda: probability(0.47, 0.5),
    "a probability that is bounded above": lambda: probability(0.1, 0.1, "<=", margin=0.015),
    "a rare event": lambda: probability(0.004, 0.01, "<=", margin=0.005),
    "a mean at its bound": lambda: expectation(0.5, 0.5, 0.9),
    "a mean below its bound": lambda: expectation(0.5, 0.51, 0.9),
    "a mean above its bound": lambda: expectation(0.48, 0.5, 0.9, ">="),
}


@pytest.mark.parametrize("name", OPEN)
@pytest.mark.parametrize("start", [512, 1536])
def test_how_many_trials_would_decide(name: str, start: int) -> None:
    claim = OPEN[name]()
    verdict = hunt(claim, profile=profile(start), seed=1)
    assert verdict.outcome == "undecided"
    foreseen = verdict.details["trials that would decide"]
    assert f"about {foreseen:,} trials each would decide" in verdict.message
    assert hunt(claim, profile=profile(3 * foreseen), seed=2).outcome in ("holds", "refuted")
    assert hunt(claim, profile=profile(max(foreseen // 3, 1)), seed=2).outcome == "undecided"


def test_a_rule_states_what_it_may_get_wrong() -> None:
    for claim in (probability(0.9, 0.5), probability(0.2, 0.5), probability(0.5, 0.5), expectation(0.3, 0.5, 0.1)):
        assert hunt(claim, profile=profile(1024), seed=0).alarm == claim.kind.error
