"""False variants of the claims about points at which FO-MAML and HF-MAML rest must fall to the same checks that the claims pass."""

from __future__ import annotations

import random
from typing import Any

import pytest
import torch
from sympy import Integer, Min, Rational, sqrt

from lakatos import Claim, hunt
from lakatos.families import Family, Given
from lakatos.hunting.sources import RandomSource
from theorems.fallah2020 import section_4_4_floor, section_4_4_floor_given_rho, theorem_4_15, theorem_4_17
from theorems.fallah2020.extremes_at_rest import BENT_FO_MAML_OF_ALL_KINDS, FO_MAML_OF_ALL_KINDS
from theorems.fallah2020.hf_maml_extremes import HF_MAML_OF_ALL_KINDS, WITH_SHORT_DIFFERENCES
from theorems.fallah2020.kinks_at_rest import MAML_ON_A_SLOPE_OR_AT_A_KINK
from theorems.fallah2020.section_4_4_floor_given_rho import GIVEN_RHO, S, rho
from theorems.fallah2020.spiked_tasks import hats_of_one_slope, spikes, spikes_between_the_differences
from theorems.fallah2020.theorem_4_15 import AT_REST, L, alpha, n, sigma


def outcome(claim: Claim, **changes: Any) -> str:
    return str(hunt(claim.but(**changes), profile="power", seed=0).outcome)


NO_FLOOR = (1 + alpha * L) * Min(alpha * L * S, rho * alpha**2 * S**2 / 2)
FALSE = {
    "FO-MAML at rest, 0.1 % less": (theorem_4_15.fo_maml_reaches_the_floor, Rational(999, 1000) * AT_REST),
    "HF-MAML at rest, 0.1 % less": (
        theorem_4_17.hf_maml_reaches_the_floor,
        Rational(999, 1000) * theorem_4_17.floor(Integer(1)),
    ),
    "HF-MAML with short differences, 0.1 % less": (
        theorem_4_17.short_differences_repair_it,
        Rational(999, 1000) * theorem_4_17.floor(theorem_4_17.eta),
    ),
    "approached ten times faster": (
        theorem_4_15.spikes_approach_the_floor,
        (1 - 1 / (40 * n)) * alpha * L * (1 + alpha * L) * sigma,
    ),
    "given rho, 0.1 % less": (section_4_4_floor_given_rho.the_floor_given_rho, Rational(999, 1000) * GIVEN_RHO),
    "given rho, no floor": (section_4_4_floor_given_rho.the_floor_given_rho, NO_FLOOR),
    "given rho, no noise": (
        section_4_4_floor_given_rho.the_floor_given_rho,
        (1 + alpha * L) * alpha * sigma * Min(L, sqrt(2 * rho * sigma)),
    ),
    "1 % more of the way back": (
        section_4_4_floor.every_step_leads_back,
        (1 - 101 * alpha * L / 8000) * section_4_4_floor.w_squared,
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_a_false_variant_is_refuted(name: str) -> None:
    claim, false = FALSE[name]
    assert outcome(claim, right=false) == "refuted"


@pytest.mark.parametrize("power", [1, 2])
def test_the_floor_falls_with_sigma_neither_slower_nor_faster(power: int) -> None:
    claim = section_4_4_floor_given_rho.hats_attain_the_floor_given_rho
    assert outcome(claim, right=alpha * sigma**power) == "refuted"


def test_hats_have_a_floor_of_the_order_that_is_said_to_hold_instead_of_the_printed_one() -> None:
    claim = section_4_4_floor_given_rho.similar_tasks_have_a_lower_floor
    assert outcome(claim, right=alpha * sqrt(rho) * sigma ** Rational(3, 2), expect="holds") == "holds"


def test_no_floor_of_fo_maml_is_as_high_as_the_highest_of_hf_maml() -> None:
    highest = Rational(3, 2) * alpha * L * sigma
    assert outcome(theorem_4_17.hf_maml_reaches_the_floor, on=spikes_between_the_differences, right=highest) == "refuted"
    assert outcome(theorem_4_15.fo_maml_reaches_the_floor, on=spikes, right=highest) == "holds"
    assert outcome(theorem_4_15.fo_maml_reaches_the_floor, on=spikes, right=alpha * L * sigma) == "refuted"
    assert outcome(theorem_4_17.hf_maml_has_a_higher_floor_than_fo_maml, right=2 * alpha * L * sigma) == "undecided"


def one(family: Family, structure: dict[str, Any], **numbers: float) -> dict[str, Any]:
    exact = {name: torch.tensor([value], dtype=torch.float64) for name, value in numbers.items()}
    values, _ = family.build(Given(structure, exact, torch.zeros(1, dtype=torch.float64), 1))
    return dict(values)


def test_the_points_at_rest_attract() -> None:
    spike = one(spikes, {"n": 5}, curvature=2, slope=0.7, alpha_share=1)
    hat = one(hats_of_one_slope, {}, curvature=2, bend=3, alpha_share=1, shrinking=1)
    between = one(spikes_between_the_differences, {"n": 1}, curvature=2, bend=10, shortening=20)
    for values, method in ((spike, "fo-maml"), (hat, "fo-maml"), (between, "hf-maml")):
        for away in (-1e-6, 1e-6):
            rest = values["rest"].moved(values["rest"].w + away)
            after = rest.after_an_update(method)
            assert float(abs(after)) < abs(away)
            assert float(after * away) > 0


KINDS = {
    "fo-maml": (FO_MAML_OF_ALL_KINDS, "spikes", "kink"),
    "fo-maml with bends": (BENT_FO_MAML_OF_ALL_KINDS, "spikes", "hats", "kink", "slope"),
    "hf-maml": (HF_MAML_OF_ALL_KINDS, "near", "far", "kink"),
    "hf-maml with short differences": (WITH_SHORT_DIFFERENCES, "near", "far", "kink"),
    "maml": (MAML_ON_A_SLOPE_OR_AT_A_KINK, "kink"),
}


def drawn(family: Family, **pinned: Any) -> dict[str, Any]:
    values, _ = family.build(RandomSource(256, torch.Generator().manual_seed(0), random.Random(0), pinned))
    return values


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_at_rest_and_has_the_constants_that_it_names(name: str) -> None:
    family, *kinds = KINDS[name]
    for kind in kinds:
        values = drawn(family, kind=kind)
        rest, tasks = values["rest"], values["rest"].data.tasks
        moved = rest.mean_direction(name.split(maxsplit=1)[0])[:, 0].abs() / rest.gradient()
        assert float(moved.quantile(0.9)) < 1e-9
        assert torch.allclose(values["L"], tasks.lipschitz_gradient.amax(-1))
        assert torch.allclose(values["rho"], tasks.lipschitz_hessian.amax(-1))
        points = torch.linspace(-4, 4, 2001, dtype=torch.float64)[None] * tasks.gaps.sum(-1).amax((1, 2))[:, None]
        chances = tasks.weights
        gradients = torch.stack([tasks.gradient(w[:, None, None].expand(*chances.shape, 1))[..., 0] for w in points.T], dim=-1)
        mean = (chances[..., None] * gradients).sum(1, keepdim=True)
        apart = (chances[..., None] * (gradients - mean) ** 2).sum(1).sqrt().amax(-1)
        assert bool((apart <= values["sigma"] * (1 + 1e-9) + 1e-12 * gradients.abs().amax((1, 2))).all())


def test_a_stratum_of_a_kind_counts_its_own_instances_only() -> None:
    stratum = FO_MAML_OF_ALL_KINDS.strata["no data noise"]
    values, sample = FO_MAML_OF_ALL_KINDS.build(RandomSource(4, torch.Generator(), random.Random(0), stratum.pinned))
    assert bool(stratum.hits(values, sample).all())
    values, sample = FO_MAML_OF_ALL_KINDS.build(RandomSource(4, torch.Generator(), random.Random(0), {"kind": "spikes"}))
    assert stratum.hits(values, sample) is False
