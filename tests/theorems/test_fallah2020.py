"""False variants of the claims must fall to the same checks that the claims pass."""

from __future__ import annotations

import pytest
from sympy import Min, Rational

from lakatos import Inequality, hunt
from theorems.fallah2020 import lemma_4_8
from theorems.fallah2020.lemma_4_8 import BEST, G_u, G_w, L, alpha, distance, n, rho
from theorems.fallah2020.pairs import spline_pairs


def bound(on_L: object, on_gradients: object) -> object:
    return Min(on_L * L + on_gradients * rho * alpha * G_w, on_L * L + on_gradients * rho * alpha * G_u) * distance  # type: ignore[operator]


PRINTED = (lemma_4_8.gradient_is_lipschitz, lemma_4_8.gradient_is_lipschitz_on_splines)
TEN_PERCENT_LESS = Rational(9, 10)


@pytest.mark.parametrize("claim", PRINTED, ids=lambda c: c.variant)
@pytest.mark.parametrize(
    "false",
    [bound(4, 2) * TEN_PERCENT_LESS, bound(4 * TEN_PERCENT_LESS, 2), bound(4, 0), bound(0, 2)],
    ids=["everything 10 % less", "3.6 L", "without the gradients", "without L"],
)
def test_lemma_4_8_with_less_is_refuted(claim, false) -> None:
    assert hunt(claim.but(right=false), profile="quick", seed=0).outcome == "refuted"


def test_lemma_4_8_with_ten_percent_less_on_the_gradients_is_refuted_on_splines() -> None:
    false = lemma_4_8.gradient_is_lipschitz_on_splines.but(right=bound(4, 2 * TEN_PERCENT_LESS))
    assert hunt(false, profile="quick", seed=0).outcome == "refuted"


@pytest.mark.parametrize("claim", PRINTED, ids=lambda c: c.variant)
def test_lemma_4_8_reversed_is_refuted(claim) -> None:
    assert hunt(claim.but(kind=Inequality(">=")), profile="quick", seed=0).outcome == "refuted"


STRETCH = 1 + alpha * L


@pytest.mark.parametrize(
    "false",
    [bound(STRETCH, STRETCH), bound(STRETCH**2, 1), bound(STRETCH**2 * TEN_PERCENT_LESS, STRETCH)],
    ids=["exponent 1", "gradients not stretched", "10 % less on L"],
)
def test_the_best_constant_with_less_is_refuted(false) -> None:
    claim = lemma_4_8.gradient_is_lipschitz_with_the_best_constant.but(right=false)
    assert hunt(claim, profile="quick", seed=0).outcome == "refuted"


@pytest.mark.parametrize("false", [BEST, (1 - 1 / (20 * n)) * BEST], ids=["attained", "approached 20 times faster"])
def test_bent_parabolas_do_not_attain_the_constant(false) -> None:
    assert hunt(lemma_4_8.no_smaller_constant_is_possible.but(right=false), profile="quick", seed=0).outcome == "refuted"


def test_longer_steps_are_covered_by_the_best_constant() -> None:
    repaired = lemma_4_8.gradient_is_lipschitz_for_longer_steps.but(right=BEST, expect="holds")
    assert hunt(repaired, profile="quick", seed=0).outcome == "holds"


def test_the_convex_constant_needs_convexity_and_both_terms() -> None:
    convex = lemma_4_8.gradient_is_lipschitz_for_convex_tasks
    falses = [convex.but(on=spline_pairs), convex.but(right=bound(TEN_PERCENT_LESS, 1)), convex.but(right=bound(1, TEN_PERCENT_LESS))]
    for false in falses:
        assert hunt(false, profile="quick", seed=0).outcome == "refuted"
