"""The judge against planted claims: false ones fall, true ones stand, from every seed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lakatos import hunt
from lakatos.kinds import Pointwise
from lakatos.profiles import PROFILES
from tests.quality.planted import FALSE, TRUE

# The search has the quick budget; the witnesses need not be beautiful here.
QUICK = replace(PROFILES["quick"], shrink_seconds=0.05)
SEEDS = (0, 1, 2)


@pytest.mark.parametrize("name", FALSE)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_false_claim_is_refuted(name: str, seed: int) -> None:
    verdict = hunt(FALSE[name], profile=QUICK, seed=seed)
    assert verdict.outcome == "refuted", verdict.message
    if isinstance(FALSE[name].kind, Pointwise):
        assert verdict.warrant == "certified"
        assert verdict.smallest is not None


@pytest.mark.parametrize("name", TRUE)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_true_claim_holds(name: str, seed: int) -> None:
    verdict = hunt(TRUE[name], profile=QUICK, seed=seed)
    assert verdict.outcome == "holds", verdict.message
    assert verdict.warrant in ("corroborated", "measured")


def test_the_catalogue_is_as_hard_as_it_says() -> None:
    assert len(FALSE) >= 25
    assert sum("(subtle)" in name for name in FALSE) >= 8
    assert len(TRUE) >= 20
    assert sum("(tight)" in name for name in TRUE) >= 8
