"""False variants of the claims on whole runs must fall to the same checks that the claims pass."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from sympy import Min, Rational, sqrt

from lakatos import Claim, Identity, Inequality, Rate, hunt
from lakatos.families import Given
from theorems.fallah2020 import (
    corollary_4_13,
    corollary_4_16,
    figure_1,
    figure_1_two_tasks,
    section_4_4_floor,
    section_4_5_hf_recovers,
    table_1_k_shot,
    table_1_samples,
    table_1_samples_drawn,
    theorem_4_12,
    theorem_4_12_conditions,
    theorem_4_12_descent,
    theorem_4_12_iterations,
    theorem_4_15,
    theorem_4_15_descent,
    theorem_4_17,
    theorem_4_17_hessian_batch,
    theorem_4_17_iterations,
)
from theorems.fallah2020.equal_hessians import NOISE, TERMS
from theorems.fallah2020.one_step import one_step
from theorems.fallah2020.points_at_rest import opposed_tasks

L, alpha, sigma, sigma_tilde, rho = (
    theorem_4_12.L,
    theorem_4_12.alpha,
    theorem_4_15.sigma,
    theorem_4_12.sigma_tilde,
    theorem_4_12.rho,
)
D_in, k, Delta, eta, eps = theorem_4_12.D_in, theorem_4_12.k, theorem_4_12.Delta, theorem_4_17.eta, corollary_4_13.eps
B, sigma_squared, noise_squared = theorem_4_15.B, theorem_4_15.sigma_squared, theorem_4_15.noise_squared
SLOW = L * Delta / k

FALSE = {
    "MAML with less than 48/e after k steps": (theorem_4_12.maml_on_equal_hessians, Rational(176, 10) * SLOW + NOISE / 95),
    "MAML with less noise": (theorem_4_12.maml_on_equal_hessians, 18 * SLOW + NOISE / 120),
    "MAML with a higher power of L in its smallest term": (
        theorem_4_12.maml_on_equal_hessians,
        theorem_4_12.AFTER + (sqrt(L) - 1) * (alpha * L) ** 2 * noise_squared / (95 * B * D_in),
    ),
    "MAML with k squared": (theorem_4_12.maml_on_equal_hessians, 18 * SLOW / k + NOISE / 95),
    "the bias without its factor alpha L": (
        theorem_4_12.maml_rests_within_its_bias,
        (1 + alpha * L) * (alpha * L) ** 2 * sigma_tilde / sqrt(D_in),
    ),
    "the bias with 0.9 in place of 1 + alpha L": (
        theorem_4_12.maml_rests_within_its_bias,
        Rational(9, 10) * Min(alpha * L * sigma_tilde / sqrt(D_in), rho * alpha**2 * sigma_tilde**2 / (2 * D_in)),
    ),
    "a third of the iterations": (theorem_4_12_iterations.as_many_iterations_as_printed, (sqrt(TERMS) / 20 + eps / 2) ** 2),
    "a third of the iterations of HF-MAML": (
        theorem_4_17_iterations.as_many_iterations_of_hf_maml,
        (sqrt(TERMS) / 20 + eps / 2) ** 2,
    ),
    "as many iterations of FO-MAML with a tenth less of its floor": (
        theorem_4_15.as_many_iterations_as_printed,
        theorem_4_15.REACHED - (alpha * L) ** 2 * sigma_squared / 90,
    ),
    "an accuracy of eps / 2": (corollary_4_13.maml_finds_stationary_points, eps**2 / 2),
    "FO-MAML with less than 72/e after k steps": (
        theorem_4_15.fo_maml_on_equal_hessians,
        Rational(264, 10) * SLOW + NOISE / 143,
    ),
    "FO-MAML at rest without its floor": (theorem_4_15.fo_maml_reaches_the_floor, sigma_tilde / sqrt(D_in)),
    "FO-MAML at rest without noise": (theorem_4_15.fo_maml_reaches_the_floor, Rational(9, 8) * alpha * L * sigma),
    "FO-MAML below its accuracy": (corollary_4_16.fo_maml_reaches_its_accuracy, Rational(9, 10) * corollary_4_16.REACHED),
    "another floor": (section_4_4_floor.the_floor_of_opposed_tasks, alpha * L * sigma / (1 + alpha * L / 3)),
    "a tenth more of attraction": (
        section_4_4_floor.fo_maml_is_drawn_to_its_resting_point,
        alpha * L**2 * section_4_4_floor.w_squared,
    ),
    "a higher best iterate": (section_4_4_floor.no_iterate_is_better, Rational(95, 100) * alpha * L * sigma),
    "the floor of HF-MAML with alpha squared": (
        theorem_4_17.hf_maml_reaches_the_floor,
        3 * (alpha * L) ** 2 * sigma + sigma_tilde,
    ),
    "short differences with eta squared": (theorem_4_17.short_differences_repair_it, eta**2 * sigma / 9 + sigma_tilde / 4),
    "short differences without noise": (theorem_4_17.short_differences_repair_it, eta * sigma / 9),
    "HF-MAML with less than 100/e after k steps": (
        section_4_5_hf_recovers.hf_maml_recovers_on_equal_hessians,
        Rational(367, 10) * SLOW + NOISE / 199,
    ),
    "HF-MAML with the noise of fewer steps": (
        section_4_5_hf_recovers.hf_maml_recovers_on_equal_hessians,
        37 * SLOW + NOISE / 240,
    ),
    "a Hessian batch with less": (
        theorem_4_17_hessian_batch.the_hessian_batch_with_alpha_is_enough,
        Rational(107, 100) * theorem_4_17_hessian_batch.gradient_squared,
    ),
    "MAML descends without its noise": (theorem_4_12_descent.a_step_of_maml_descends, theorem_4_12_descent.SHORT_BY * 9 / 10),
    "FO-MAML descends without its floor": (
        theorem_4_15_descent.a_step_of_fo_maml_descends,
        theorem_4_15_descent.OF_THE_BATCHES,
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_a_false_variant_is_refuted(name: str) -> None:
    claim, false = FALSE[name]
    assert hunt(claim.but(right=false), profile="power", seed=0).outcome == "refuted"


OTHERS = {
    "the two minimisers exchanged": figure_1.the_minimiser_after_adaptation_is_better.but(kind=Inequality(">=")),
    "always farther from the hard task": figure_1_two_tasks.the_best_start_is_nearer_to_the_hard_task.but(
        kind=Inequality(">=")
    ),
    "HF-MAML is FO-MAML in general": section_4_5_hf_recovers.hf_maml_is_fo_maml_on_opposed_tasks.but(
        kind=Identity(), on=theorem_4_17.HF_MAML_AT_REST
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_claim_on_the_wrong_side_is_refuted(name: str) -> None:
    assert hunt(OTHERS[name], profile="power", seed=0).outcome == "refuted"


def grown(claim: Claim, factor: Any) -> Claim:
    assert claim.right is not None
    return claim.but(right=claim.right.expression * factor)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("claim", "factor"),
    [
        (theorem_4_12.attained_as_tasks_grow, theorem_4_12.TERMS ** Rational(1, 8)),
        (theorem_4_12_iterations.the_count_is_attained, theorem_4_12_iterations.eps),
        (corollary_4_16.attained_in_alpha, corollary_4_16.alpha),
        (corollary_4_16.attained_in_sigma, corollary_4_16.sigma),
        (table_1_k_shot.maml_with_k_shots, D_in**-1),
        (table_1_k_shot.maml_gains_more_from_k_shots, sqrt(D_in)),
        (table_1_samples.iterations_of_maml, eps),
        (table_1_samples.iterations_of_hf_maml, eps),
        (table_1_samples.samples_of_hf_maml_per_iteration, eps),
        (table_1_samples_drawn.points_of_maml, table_1_samples_drawn.eps),
        (table_1_samples_drawn.points_of_hf_maml, 1 / table_1_samples_drawn.eps),
        (table_1_samples_drawn.points_of_fo_maml, table_1_samples_drawn.alpha),
        (table_1_samples.iterations_of_fo_maml, table_1_samples.alpha),
        (table_1_samples.samples_per_iteration, eps),
        (table_1_samples.samples_of_fo_maml_in_sigma, table_1_samples.sigma),
    ],
    ids=lambda x: x.variant if isinstance(x, Claim) else str(x),
)
def test_another_exponent_is_refuted(claim: Claim, factor: Any) -> None:
    assert isinstance(claim.kind, Rate)
    assert hunt(grown(claim, factor), profile="power", seed=0).outcome == "refuted"


def test_a_step_of_maml_needs_no_condition_where_there_is_no_noise_in_hessians_beyond_it() -> None:
    claim = theorem_4_12_conditions.a_step_of_maml_with_any_hessian_batch.but(on=theorem_4_12_descent.STEP, expect="holds")
    assert hunt(claim, profile="power", seed=0).outcome == "holds"


def test_a_step_of_maml_with_few_tasks_needs_its_terms() -> None:
    claim, terms = theorem_4_12_conditions.a_step_of_maml_with_few_tasks, theorem_4_12_conditions.FOR_ANY_B
    assert hunt(claim.but(right=terms * 3 / 4), profile="power", seed=0).outcome == "refuted"
    assert hunt(claim.but(on=one_step("maml", beyond=100)), profile="power", seed=0).outcome == "refuted"


def test_a_step_draws_as_many_points_as_its_batches_have() -> None:
    exact = {"L": 1.25, "sigma": 1.5, "s": 1, "alpha_share": 1, "rho_alpha": 0.2, "inverse_eps": 6, "steepness": 0.5}
    given = {name: torch.tensor([value], dtype=torch.float64) for name, value in exact.items()}
    given["w"] = torch.ones(1, 1, dtype=torch.float64)
    values, _ = table_1_samples_drawn.with_an_accuracy.build(Given({}, given, torch.zeros(1, dtype=torch.float64), 1))
    B, D_in, D_o, D_h = 81, 36, 1, 2
    assert values["sizes"].tolist() == [[B, D_in, D_o, D_h]]
    arguments = (values[name] for name in ("noisy", "w", "alpha", "L", "rho", "sizes"))
    noisy, w, alpha, L, rho, sizes = arguments
    for method, wanted in (("maml", D_in + D_o + D_h), ("hf-maml", D_in + D_o + D_h), ("fo-maml", D_in + D_o)):
        assert float(table_1_samples_drawn.points_of_a_step(method, noisy, w, alpha, L, rho, sizes)) == B * wanted


def test_finite_batches_of_tasks_do_not_move_hf_maml_from_its_resting_point() -> None:
    runs, B = 16, 20_000.0
    ones = torch.ones(runs, dtype=torch.float64)
    values = opposed_tasks(ones, ones / 12, 2 * ones)
    rest, generator = values["rest"], torch.Generator().manual_seed(0)
    smoothness, least = 4 + 2 * rest.rho * rest.alpha * 2, torch.inf
    for _ in range(300):
        task = rest.directions("hf-maml")[..., 0]
        first = torch.binomial(B * ones, ones / 2, generator=generator) / B
        mean = first * task[:, 0] + (1 - first) * task[:, 1]
        rest = rest.moved(rest.w - (mean / (25 * smoothness))[:, None])
        least = min(least, float(rest.gradient().mean()))
    printed = float((values["sigma"] / B**0.5).mean())
    assert least > 10 * printed
    assert least > 0.95 * float((rest.alpha * 2).mean())
