"""False variants of the claims about stochastic gradients and steps must fall to the same checks that the claims pass."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Max, Rational, sqrt

from exactarray import namespace
from impl.maml import meta_gradient
from lakatos import Claim, Inequality, Rate, hunt
from theorems.fallah2020 import (
    equation_7,
    equation_9,
    equation_11,
    lemma_4_9,
    lemma_4_9_conditions,
    lemma_4_10_bias,
    lemma_4_10_second_moment,
    remark_4_14,
    remark_4_14_same_batch,
    table_1_runtime,
    theorem_4_11,
)
from theorems.fallah2020 import section_4_1_biased_direction as section_4_1
from theorems.fallah2020.noisy_points import noisy_points

NINE_TENTHS = Rational(9, 10)


def outcome(claim: Claim, **changes: Any) -> str:
    return str(hunt(claim.but(**changes), profile="power", seed=0).outcome)


TIGHT = {
    lemma_4_10_bias.bias: lemma_4_10_bias.BOUND,
    lemma_4_10_bias.bias_given_rho: lemma_4_10_bias.CURVED,
    lemma_4_10_second_moment.second_moment: lemma_4_10_second_moment.BOUND,
    lemma_4_10_second_moment.second_moment_for_the_best_phi: lemma_4_10_second_moment.BEST,
    theorem_4_11.gradients_differ_by: theorem_4_11.BOUND,
    theorem_4_11.gradients_differ_by_a_root_of_squares: theorem_4_11.BEST,
    theorem_4_11.gradients_differ_by_given_rho: theorem_4_11.GIVEN_RHO,
    equation_9.error_with_half_the_constant: equation_9.HALF,
    equation_11.difference: equation_11.v_norm / 12,
    lemma_4_9.second_moment_with_the_best_constant: Rational(1855, 1000) / lemma_4_9.L_w**2,
    section_4_1.bias: section_4_1.BOUND,
    remark_4_14.difference_with_its_constant: remark_4_14.alpha
    * remark_4_14.L
    * sqrt(4 + remark_4_14.alpha**2)
    * remark_4_14.PRINTED,
    remark_4_14_same_batch.maml_follows_the_gradient_with_a_batch: remark_4_14_same_batch.SECOND_TERM,
    remark_4_14.first_term_suffices: sqrt(5) * remark_4_14.alpha * remark_4_14.L * remark_4_14.FIRST_TERM,
}


@pytest.mark.parametrize("claim", TIGHT, ids=lambda c: f"{c.entry}/{c.variant}")
def test_ten_percent_less_is_refuted(claim: Claim) -> None:
    assert outcome(claim, right=NINE_TENTHS * TIGHT[claim]) == "refuted"


def test_a_larger_mean_step_is_refuted() -> None:
    assert outcome(lemma_4_9.mean_step, right=Rational(81, 100) / lemma_4_9.L_w) == "refuted"
    for_any_B, L = lemma_4_9_conditions.mean_step_for_any_number_of_tasks, lemma_4_9.L
    assert outcome(for_any_B, right=1 / (lemma_4_9.L_w + NINE_TENTHS * L)) == "refuted"


def test_the_terms_of_each_bound_are_needed() -> None:
    L, alpha, s, D_in, D_o, phi, G = (
        getattr(lemma_4_10_second_moment, x) for x in ["L", "alpha", "s", "D_in", "D_o", "phi", "G"]
    )
    for right in (
        (1 + 1 / phi) * G**2 + (1 + phi) * alpha**2 * L**2 * s**2 / D_in,
        (1 + 1 / phi) * G**2 + s**2 / D_o,
        G**2 + (1 + phi) * alpha**2 * L**2 * s**2 / D_in + s**2 / D_o,
    ):
        assert outcome(lemma_4_10_second_moment.second_moment, right=right) == "refuted"
    L, alpha, s, s_H, D = (getattr(theorem_4_11, x) for x in ["L", "alpha", "s", "s_H", "D_test"])
    for right in (
        2 * alpha * L * s / sqrt(D),
        alpha**2 * L * s_H * s / D,
        alpha * L * s / sqrt(D) + alpha**2 * L * s_H * s / D,
    ):
        assert outcome(theorem_4_11.gradients_differ_by, right=right) == "refuted"


def test_averages_fall_no_faster() -> None:
    L, alpha, s, D_in = (getattr(lemma_4_10_bias, x) for x in ["L", "alpha", "s", "D_in"])
    assert outcome(lemma_4_10_bias.bias, right=alpha * L * s / D_in, on=noisy_points(D_in=2)) == "refuted"
    curved = lemma_4_10_bias.CURVED
    assert outcome(lemma_4_10_bias.the_bound_given_rho_is_attained, right=curved / D_in) == "refuted"
    remark, printed = remark_4_14.difference, remark_4_14.PRINTED
    assert outcome(remark, right=printed / remark_4_14.D_test) == "refuted"


def test_the_printed_constant_of_theorem_4_11_needs_short_steps() -> None:
    claim = theorem_4_11.gradients_differ_by
    assert outcome(claim, on=noisy_points(tasks=2, longest=3, D_test=2)) == "refuted"


def test_each_bound_of_lemma_4_9_needs_its_condition_on_the_data() -> None:
    assert outcome(lemma_4_9.second_moment_with_the_best_constant, on=lemma_4_9_conditions.tasks_apart) == "refuted"
    assert outcome(lemma_4_9.mean_step, on=lemma_4_9_conditions.much_noise) == "refuted"
    assert (
        outcome(lemma_4_9.stationary_points_attain_the_mean, right=Rational(4, 5) / lemma_4_9.L_w.subs(lemma_4_9.G, 0))
        == "refuted"
    )


def test_no_witness_is_found_where_there_is_none() -> None:
    assert outcome(section_4_1.some_bias, on=section_4_1.quadratics) == "undecided"


def test_the_direction_is_biased_where_hessians_vary() -> None:
    assert outcome(section_4_1.unbiased_on_quadratics, on=section_4_1.splines) == "refuted"


def test_hessian_free_directions_differ_from_those_of_maml_where_hessians_vary() -> None:
    assert outcome(equation_11.same_direction_on_quadratics, on=equation_11.kinks) == "refuted"


def test_the_difference_quotient_is_of_order_one_at_kinks_and_two_on_analytic_functions() -> None:
    rho, delta, v, M = (getattr(equation_9, x) for x in ["rho", "delta", "v_norm", "M"])
    assert outcome(equation_9.kinks_attain_half, right=rho * delta**2 * v**2 / 2) == "refuted"
    assert outcome(equation_9.error_on_analytic_functions, right=M * delta**3 * v**3 / 6) == "refuted"
    assert outcome(equation_9.error_on_analytic_functions, right=NINE_TENTHS * M * delta**2 * v**3 / 6) == "refuted"


def half_the_step(task_set: Any, w: Any, v: Any, alpha: Any) -> Any:
    return namespace(v).sum(meta_gradient(task_set, w, alpha / 2) * v, axis=-1)


def test_batches_of_tasks_are_unbiased_for_no_other_objective() -> None:
    assert outcome(equation_7.mean_over_batches, right=half_the_step) == "refuted"
    assert outcome(equation_7.variance_over_batches, right=equation_7.variance) == "refuted"
    assert outcome(equation_7.variance_over_batches, right=equation_7.variance / equation_7.B**2) == "refuted"


@pytest.mark.parametrize(
    "claim",
    [table_1_runtime.fo_maml, table_1_runtime.hf_maml, table_1_runtime.maml_with_products],
    ids=lambda c: c.variant,
)
def test_linear_cost_is_neither_constant_nor_quadratic(claim: Claim) -> None:
    for power in (0, Rational(1, 2), 2):
        assert outcome(claim, right=table_1_runtime.d**power) == "refuted"


def test_the_cost_of_an_explicit_hessian_is_not_linear() -> None:
    few_sizes = Rate("Theta", over="d", grid=(8, 16, 32, 64), batch=2)
    for power in (1, 3):
        assert outcome(table_1_runtime.maml, right=table_1_runtime.d**power, kind=few_sizes) == "refuted"


def test_the_first_term_alone_needs_the_condition() -> None:
    alpha, L, first = remark_4_14.alpha, remark_4_14.L, remark_4_14.FIRST_TERM
    for right in (
        sqrt(5) * alpha * L * first,
        sqrt(3 + Max(1, (alpha * remark_4_14.s_H) ** 2 / remark_4_14.D_test)) * alpha * L * first,
    ):
        assert outcome(remark_4_14.first_term_suffices, right=right) == "refuted"


def test_reversed_bounds_are_refuted() -> None:
    for claim in (lemma_4_10_bias.bias, theorem_4_11.gradients_differ_by, lemma_4_9.second_moment_of_the_step):
        assert outcome(claim, kind=Inequality(">=")) == "refuted"


def test_the_bounds_of_theorem_4_11_are_approached_no_faster() -> None:
    share = 1 - 1 / (20 * theorem_4_11.n)
    assert outcome(theorem_4_11.kinks_approach_the_root_of_squares, right=share * theorem_4_11.BEST) == "refuted"
    given_rho = theorem_4_11.affine_hessians_approach_the_bound_given_rho
    assert outcome(given_rho, right=share * theorem_4_11.GIVEN_RHO) == "refuted"


def test_maml_is_biased_for_the_objective_with_a_batch_where_data_move_hessians() -> None:
    claim = remark_4_14_same_batch.maml_is_unbiased_for_the_objective_with_a_batch
    assert outcome(claim, on=remark_4_14_same_batch.points) == "refuted"
    falling = remark_4_14_same_batch.SECOND_TERM / remark_4_14_same_batch.D_test
    assert outcome(remark_4_14_same_batch.maml_follows_the_gradient_with_a_batch, right=falling) == "refuted"


def test_small_hessian_noise_leaves_a_factor_of_alpha_and_no_more() -> None:
    claim, alpha = remark_4_14.first_term_suffices_where_hessian_noise_is_smaller, remark_4_14.alpha
    assert outcome(claim, right=(1 + alpha) * remark_4_14.FIRST_TERM, expect="holds") == "holds"
