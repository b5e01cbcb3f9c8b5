"""The judge against planted claims: false ones fall within their budget, true ones stand, from every seed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from lakatos import hunt
from lakatos.kinds import Pointwise
from lakatos.profiles import PROFILES
from tests.quality.planted import ABSENT, FALSE, TRUE

# The batches of the quick budget, but half of its structured examples; the witnesses need not be beautiful here.
PROFILE = replace(PROFILES["quick"], structured_examples=16, shrink_seconds=0.05)
SEEDS = (0, 1, 2)
# Instances that a refutation may take, before it is made small. One of a rate, a trend or a limit is a whole curve, one of a
# probability 2,048 trials.
EVALUATIONS = {"limit": 1_000, "rate": 1_000, "trend": 1_000, "probability": 32, "expectation": 32, "reproduction": 64}
POINTWISE_EVALUATIONS = 20_000
KINDS = {"inequality", "identity", *EVALUATIONS}
"""Of which a search can refute; an existence claim is not among them."""


@pytest.mark.parametrize("name", FALSE)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_false_claim_is_refuted_within_its_budget(name: str, seed: int) -> None:
    claim = FALSE[name]
    # Once with everything that follows a refutation, then only until there is one.
    verdict = hunt(claim, profile=PROFILE, seed=seed, first=seed > 0)
    assert verdict.outcome == "refuted", verdict.message
    searching = sum(count for source, count in verdict.instances.items() if source != "shrink")
    assert searching <= EVALUATIONS.get(claim.kind.name, POINTWISE_EVALUATIONS)
    if isinstance(claim.kind, Pointwise):
        assert verdict.warrant == "certified"
        assert verdict.smallest is not None


@pytest.mark.parametrize("name", TRUE)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_true_claim_holds(name: str, seed: int) -> None:
    verdict = hunt(TRUE[name], profile=PROFILE, seed=seed)
    assert verdict.outcome == "holds", verdict.message
    assert verdict.warrant in ("corroborated", "measured", *(["certified"] if TRUE[name].kind.name == "existence" else []))


@pytest.mark.parametrize("name", ABSENT)
@pytest.mark.parametrize("seed", SEEDS)
def test_no_witness_is_found_where_there_is_none(name: str, seed: int) -> None:
    assert hunt(ABSENT[name], profile=PROFILE, seed=seed).outcome == "undecided"


def test_the_catalogue_is_as_large_and_as_hard_as_it_says() -> None:
    assert len(FALSE) >= 80
    assert sum("(subtle)" in name for name in FALSE) >= 40
    assert len(TRUE) >= 50
    assert sum("(tight)" in name for name in TRUE) >= 30
    assert set(Counter(claim.kind.name for claim in FALSE.values())) == KINDS
    assert set(Counter(claim.kind.name for claim in TRUE.values())) == {*KINDS, "existence"}
