"""False variants of the claims must fall to the same checks that the claims pass."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Min, Rational

from exactarray import namespace
from impl.maml import Tasks, inner_step, meta_gradient
from lakatos import Claim, Inequality, hunt
from theorems.fallah2020 import equation_6, lemma_4_8
from theorems.fallah2020 import section_4_1_unbounded_smoothness as section_4_1
from theorems.fallah2020.lemma_4_8 import BEST, LARGER, G_u, G_w, L, alpha, distance, n, rho
from theorems.fallah2020.pairs import spline_pairs


def bound(on_L: Any, on_gradients: Any) -> Any:
    return Min(on_L * L + on_gradients * rho * alpha * G_w, on_L * L + on_gradients * rho * alpha * G_u) * distance


PRINTED = (lemma_4_8.gradient_is_lipschitz, lemma_4_8.gradient_is_lipschitz_on_splines)
TEN_PERCENT_LESS = Rational(9, 10)


@pytest.mark.parametrize("claim", PRINTED, ids=lambda c: c.variant)
@pytest.mark.parametrize(
    "false",
    [bound(4 * TEN_PERCENT_LESS, 2), bound(4, 2 * TEN_PERCENT_LESS), bound(4, 0), bound(0, 2)],
    ids=["3.6 L", "1.8 times the gradients", "without the gradients", "without L"],
)
def test_lemma_4_8_with_less_is_refuted(claim: Claim, false: Any) -> None:
    assert hunt(claim.but(right=false), profile="quick", seed=0).outcome == "refuted"


@pytest.mark.parametrize("claim", PRINTED, ids=lambda c: c.variant)
def test_lemma_4_8_reversed_is_refuted(claim: Claim) -> None:
    assert hunt(claim.but(kind=Inequality(">=")), profile="quick", seed=0).outcome == "refuted"


STRETCH = 1 + alpha * L


@pytest.mark.parametrize(
    "false",
    [bound(STRETCH, STRETCH), bound(STRETCH**2, 1), bound(STRETCH**2 * TEN_PERCENT_LESS, STRETCH)],
    ids=["exponent 1", "gradients not stretched", "10 % less on L"],
)
def test_the_best_constant_with_less_is_refuted(false: Any) -> None:
    claim = lemma_4_8.gradient_is_lipschitz_with_the_best_constant.but(right=false)
    assert hunt(claim, profile="quick", seed=0).outcome == "refuted"


@pytest.mark.parametrize("false", [LARGER, (1 - 1 / (20 * n)) * LARGER], ids=["attained", "approached 20 times faster"])
def test_bent_parabolas_do_not_attain_the_constant(false: Any) -> None:
    assert hunt(lemma_4_8.no_smaller_constant_is_possible.but(right=false), profile="quick", seed=0).outcome == "refuted"


def test_concave_parabolas_attain_no_other_bound() -> None:
    for false in (bound(4 - Rational(1, 1000), 2), bound(4, 2) * (1 + Rational(1, 10**6))):
        claim = lemma_4_8.the_bound_is_attained_by_concave_parabolas.but(right=false)
        assert hunt(claim, profile="quick", seed=0).outcome == "refuted"


def test_longer_steps_are_covered_by_the_best_constant() -> None:
    repaired = lemma_4_8.gradient_is_lipschitz_for_longer_steps.but(right=BEST, expect="holds")
    assert hunt(repaired, profile="quick", seed=0).outcome == "holds"


def test_the_convex_constant_needs_convexity_and_both_terms() -> None:
    convex = lemma_4_8.gradient_is_lipschitz_for_convex_tasks
    changes = {"on": spline_pairs}, {"right": bound(TEN_PERCENT_LESS, 1)}, {"right": bound(1, TEN_PERCENT_LESS)}
    for change in changes:
        assert hunt(convex.but(**change), profile="quick", seed=0).outcome == "refuted"


def along(gradient: Any, v: Any) -> Any:
    return namespace(v).sum(gradient * v, axis=-1)


def first_order(task_set: Tasks, w: Any, v: Any, alpha: Any) -> Any:
    adapted = task_set.gradient(inner_step(task_set, w, alpha))
    return along(namespace(w).sum(task_set.weights[..., None] * adapted, axis=-2), v)


def hessian_added(task_set: Tasks, w: Any, v: Any, alpha: Any) -> Any:
    return 2 * first_order(task_set, w, v, alpha) - along(meta_gradient(task_set, w, alpha), v)


def half_the_step(task_set: Tasks, w: Any, v: Any, alpha: Any) -> Any:
    return along(meta_gradient(task_set, w, alpha / 2), v)


@pytest.mark.parametrize("false", [first_order, hessian_added, half_the_step])
def test_equation_6_with_another_hessian_term_is_refuted(false: Any) -> None:
    assert hunt(equation_6.gradient_of_the_objective.but(right=false), profile="quick", seed=0).outcome == "refuted"


def test_smoothness_grows_in_proportion_to_the_radius_and_not_faster() -> None:
    unbounded = section_4_1.smoothness_is_unbounded
    faster = unbounded.but(right=section_4_1.radius ** Rational(5, 4))
    assert hunt(faster, profile="quick", seed=0).outcome == "refuted"


def test_smoothness_is_unbounded_exactly_where_gradients_are() -> None:
    unbounded = section_4_1.smoothness_is_unbounded.but(on=section_4_1.line_and_sine)
    bounded = section_4_1.smoothness_is_bounded_where_gradients_are.but(on=section_4_1.quadratic_and_sine)
    for false in (unbounded, bounded):
        assert hunt(false, profile="quick", seed=0).outcome == "refuted"
