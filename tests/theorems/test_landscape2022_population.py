"""False variants of the claims on population solutions, closed forms and two tasks; and instances worked out by hand."""

from dataclasses import replace
from fractions import Fraction
from math import inf

import pytest
import torch
from sympy import Inverse, Rational, Trace, symbols

from exactarray import to_exact
from impl.meta_regression import (
    RegressionTasks,
    loss_after_step,
    loss_after_step_by_enumeration,
    maml_solution,
    nal_descent,
    nal_solution,
)
from lakatos import Inequality, hunt
from lakatos.profiles import get_profile
from tests.reference import meta_regression as reference
from theorems.landscape2022 import equation_1_closed_form as closed
from theorems.landscape2022 import equation_5 as solutions
from theorems.landscape2022 import equation_5_weights as weights
from theorems.landscape2022 import equation_8 as two
from theorems.landscape2022 import equation_9 as risks
from theorems.landscape2022 import equation_16 as infima
from theorems.landscape2022 import equation_86 as spectrum
from theorems.landscape2022 import lemma_2 as lemma
from theorems.landscape2022 import proposition_1 as proposition
from theorems.landscape2022 import remark_1 as remark
from theorems.landscape2022 import section_2_maml_never_worse as never_worse
from theorems.landscape2022 import section_3_1_closer as closer
from theorems.landscape2022 import section_3_1_gain as gains
from theorems.landscape2022 import section_3_1_risks as limits
from theorems.landscape2022 import section_3_1_vanishing_data as vanishing
from theorems.landscape2022 import section_3_hardness as hardness
from theorems.landscape2022 import task_averages as sets
from theorems.landscape2022 import two_tasks as pairs
from theorems.landscape2022.mixtures import above_noise_floor

# Whether a false variant falls is asked here, not how small its witness can be made.
QUICK = replace(get_profile("quick"), instances=2048, structured_examples=8, ascent_steps=40, shrink_seconds=0.2)


def outcome(claim):
    return hunt(claim, profile=QUICK, seed=0).outcome


FALSE = {
    "NAL's solution weighted by Q": (solutions.nal_model, Inverse(sets.E_Q_n) * sets.E_Q_n_w),
    "MAML's solution weighted by Sigma": (solutions.maml_model, Inverse(sets.E_Sigma) * sets.E_Sigma_w),
    "MAML's solution with the weights of m": (solutions.maml_model, Inverse(sets.E_Q_m) * sets.E_Q_m_w),
    "an enumerated solution, one percent off": (
        solutions.maml_model_by_enumeration,
        Inverse(sets.E_Q_m) * sets.E_Q_m_w * 101 / 100,
    ),
    "weights without the trace": (
        weights.mean_preconditioned_covariance,
        weights.P * weights.Sigma * weights.P + weights.alpha**2 / weights.s * 2 * weights.Sigma**3,
    ),
    "weights with tr(Sigma)^2": (
        weights.mean_preconditioned_covariance,
        weights.P * weights.Sigma * weights.P
        + weights.alpha**2 / weights.s * (Trace(weights.Sigma) ** 2 * weights.Sigma + weights.Sigma**3),
    ),
    "(6) with the weights of MAML": (proposition.nal_risk, proposition.MAML / 2),
    "(7) with the weights of NAL": (proposition.maml_risk, proposition.NAL / 2),
    "(7) for n_2 = m": (proposition.maml_risk, sets.norm_squared(sets.every * proposition.BEST - sets.w, sets.Q_m) / 2),
    "an excess with the factor 1": (proposition.excess_is_a_distance, 2 * proposition.ABOVE_INFIMUM),
    "an excess in another norm": (
        proposition.excess_is_a_distance,
        sets.norm_squared(sets.E_Q_m * (sets.model - proposition.BEST), sets.E_Q_m) / 2,
    ),
    "F_m without the noise of the step": (closed.loss_after_the_step, closed.CLOSED.subs(sets.E_trace, 0)),
    "F_m with the noise not divided by m": (closed.loss_after_the_step, closed.CLOSED.subs(sets.m, 1)),
    "the first line without 1/2": (closed.squared_prediction_errors, 2 * closed.CLOSED),
    "the later lines without noise": (closed.lines_with_split_errors, closed.CLOSED.subs(sets.sigma, 0)),
    "an infimum without the gradient's noise": (infima.infimum_of_agreeing_tasks, infima.NOISE_FLOOR.subs(sets.alpha, 0) / 2),
    "a lower bound twice as large": (infima.infimum_at_least, infima.NOISE_FLOOR),
    "an infimum with half the risk": (infima.infimum_exactly, infima.NOISE_FLOOR / 2 + infima.ABOVE_FLOOR / 4),
    "a display with a quarter": (
        infima.risk_with_the_half,
        sets.norm_squared(sets.every * sets.model - sets.w, sets.Q_m) / 4,
    ),
    "NAL's weights exchanged": (
        two.nal_model,
        (pairs.rho_E * pairs.w_1 + pairs.rho_H * pairs.w_2) / (pairs.rho_H + pairs.rho_E),
    ),
    "MAML with the weights of NAL": (
        two.maml_model,
        (pairs.rho_H * pairs.w_1 + pairs.rho_E * pairs.w_2) / (pairs.rho_H + pairs.rho_E),
    ),
    "a_H with d for d + 1": (two.hard_weight, pairs.a_H.subs(pairs.d + 1, pairs.d)),
    "a_E at the natural step with d for d + 1": (two.easy_weight_at_natural_step, pairs.d / pairs.m * pairs.rho_E),
    "the appendix without its square": (two.hard_weight_of_the_appendix, two.APPENDIX * pairs.rho_H / pairs.rho_E),
    "(9) for NAL with half the distance": (risks.nal_risk, pairs.gap / 2 * risks.NAL),
    "(9) for MAML with the distance alone": (risks.maml_risk, pairs.gap**2 / 4 * risks.MAML),
    "NAL's excess above the floor": (risks.nal_excess_corrected, pairs.gap / 4 * risks.NAL),
    "beta_hat one percent larger": (spectrum.lower_bound, spectrum.BETA_HAT * 101 / 100),
    "L_hat one percent smaller": (spectrum.upper_bound, spectrum.L_HAT * 99 / 100),
    "beta_hat with L for beta": (
        spectrum.lower_bound,
        spectrum.BETA_HAT.subs(spectrum.beta * (1 - spectrum.alpha * spectrum.L) ** 2, spectrum.L_HAT),
    ),
    "(77) without its trace": (lemma.mean_as_printed, lemma.LINE_78 - 1 / lemma.n * lemma.E_C),
    "(77) with 2 Sigma A Sigma / n": (lemma.mean_as_printed, lemma.LEMMA + 1 / lemma.n * lemma.Sigma * lemma.A * lemma.Sigma),
    "(78) with n for n - 1": (lemma.line_78, lemma.Sigma * lemma.A * lemma.Sigma + 1 / lemma.n * lemma.E_C),
    "(79) without its second term": (lemma.diagonal_entry, lemma.lam_r * Trace(lemma.Sigma * lemma.A)),
    "(79) with A_rs twice": (lemma.other_entry, 2 * lemma.lam_r * lemma.lam_s * lemma.A_rs),
    "(80) without the 2": (lemma.line_80, lemma.LINE_80 - lemma.Sigma * lemma.A * lemma.Sigma),
    "the last step of (80) for any A": (lemma.line_80_first, lemma.LINE_80),
    "the hard weight twice the easy one": (closer.hard_weight_is_larger, 2),
    "the hard weight half the easy one": (closer.hard_weight_is_smaller, Fraction(1, 2)),
    "a relative weight one percent larger": (
        closer.hard_weight_is_larger_than_in_nal,
        pairs.rho_H / pairs.rho_E * Fraction(101, 100),
    ),
    "a risk with d for d + 1": (
        limits.maml_risk_is_small_for_many_samples,
        pairs.gap * pairs.rho_E * pairs.d / (4 * pairs.m),
    ),
    "a limit without the factor of the distance": (limits.nal_risk_tends_to_a_value, pairs.gap * limits.AT_M_INFINITE),
    "a gain without (1 + x)^2": (
        gains.gain_is_at_least,
        pairs.m * pairs.x * (1 - pairs.x) ** 2 / (pairs.d + 1),
    ),
    "no gain means twice the risk": (vanishing.gain_as_data_vanish, 2),
    "equal hardness leaves half the risk": (vanishing.gain_as_hardness_agrees, Fraction(1, 2)),
    "the noise of a step without + 1": (remark.noise_by_the_scaled_trace, remark.trace / remark.L / remark.m),
    "the noise of a step by tr(Sigma)^2": (remark.noise_exactly, (remark.trace**2 + remark.lam**2) / (remark.L**2 * remark.m)),
    "the largest eigenvalue decides": (
        hardness.smallest_eigenvalue_decides_for_small_steps,
        (1 - hardness.alpha * symbols("lambda_max")) ** hardness.steps,
    ),
    "a generic rate of the first power": (hardness.rate_from_a_generic_start, 1 - hardness.alpha * hardness.lambda_min),
}


@pytest.mark.parametrize("name", FALSE)
def test_a_false_variant_is_refuted(name):
    claim, right = FALSE[name]
    assert outcome(claim.but(right=right)) == "refuted"


REVERSED = [
    closer.maml_is_closer_to_hard,
    closer.maml_is_closer_to_hard_than_nal,
    closer.nal_to_easy,
    hardness.harder_tasks_are_slower,
    never_worse.maml_trained_as_tested,
    never_worse.maml_minimises_the_test_loss,
]


@pytest.mark.parametrize("claim", REVERSED, ids=lambda c: c.variant)
def test_the_opposite_order_is_refuted(claim):
    assert outcome(claim.but(kind=Inequality(">="))) == "refuted"


@pytest.mark.parametrize(
    "claim", [risks.maml_excess_corrected, never_worse.maml_minimises_the_test_loss], ids=lambda c: c.id.split("/")[1]
)
@pytest.mark.parametrize("off", [lambda tasks, alpha, m: nal_solution(tasks), lambda tasks, alpha, m: maml_solution(tasks, alpha, 2 * m)],
                         ids=["NAL", "twice as many samples"])  # fmt: skip
def test_no_other_solution_minimises_the_test_loss(claim, off):
    def loss(tasks, alpha, m):
        return loss_after_step(tasks, off(tasks, alpha, m), alpha, m)

    assert outcome(claim.but(function=loss)) == "refuted"


@pytest.mark.parametrize("claim", [solutions.nal_is_unique, solutions.maml_is_unique], ids=lambda c: c.variant)
def test_the_opposite_sign_of_a_curvature_is_refuted(claim):
    assert outcome(claim.but(kind=Inequality("<"))) == "refuted"


def test_uniqueness_is_not_a_matter_of_finitely_many_samples():
    def curvature(tasks, alpha, direction):
        return solutions.maml_is_unique(tasks, alpha, inf, direction)

    assert outcome(solutions.maml_is_unique.but(function=curvature)) == "refuted"


@pytest.mark.parametrize("claim", [limits.maml_risk_along_samples, limits.share_of_the_easy_task], ids=lambda c: c.variant)
def test_another_limit_than_zero_is_refuted(claim):
    def shifted(**values):
        return claim.function(**values) + 1 / 10

    shifted.__wrapped__ = claim.function
    assert outcome(claim.but(function=shifted)) == "refuted"


@pytest.mark.parametrize("claim", [vanishing.both_risks, vanishing.both_distances], ids=lambda c: c.variant)
def test_nothing_vanishes_while_the_hard_task_keeps_its_data(claim):
    def kept(root_E, hard, easy, gap, m, checkpoints):
        return claim.function(root_E, hard, easy, gap, m, (2,) * len(checkpoints))

    assert outcome(claim.but(function=kept)) == "refuted"


def test_more_samples_in_training_than_in_test_also_spoil_maml():
    values = dict(
        unit=1, deviation=[[1]], other_deviations=[["1/2"]], optima=[[[0]]], apart=[[[1]]], p=[1, 1], alpha_Lambda=1, noise=0
    )
    witness = dict(values, tasks_=2, d=1, one_over_n_2="1/1000", one_over_m=1)
    assert outcome(never_worse.maml_trained_on_any_number.but(witness=witness)) == "refuted"


def one_dimension(optima, roots, weights=(Fraction(1, 2), Fraction(1, 2)), noise=0):
    count = len(optima)
    return RegressionTasks(
        to_exact(optima).reshape(1, count, 1, 1),
        to_exact(roots).reshape(1, count, 1, 1),
        to_exact([list(weights)]),
        to_exact([noise]),
    )


def test_the_witness_of_proposition_1_by_hand():
    # Optima 0 and 2, standard inputs, no step: both models are 1, F = 1/2 there, and no model does better.
    tasks, still = one_dimension([0, 2], [1, 1]), to_exact([0])
    assert nal_solution(tasks)[0, 0] == maml_solution(tasks, still, 1)[0, 0] == 1
    assert loss_after_step(tasks, to_exact([[1]]), still, 1)[0] == Fraction(1, 2)
    assert all(loss_after_step(tasks, to_exact([[v]]), still, 1)[0] > Fraction(1, 2) for v in (0, Fraction(9, 10), 2))


def test_the_witness_of_maml_against_nal_by_hand():
    # alpha = 1, Sigma = 1 and 1/4: Q^(s) = 2/s and 9/64 + 1/(32 s).
    tasks, one = one_dimension([0, 1], [1, Fraction(1, 2)]), to_exact([1])
    easy, hard = (lambda s: Fraction(2, s)), (lambda s: Fraction(9, 64) + Fraction(1, 32 * s))
    maml, nal = maml_solution(tasks, one, 1)[0, 0], nal_solution(tasks)[0, 0]
    assert maml == hard(1) / (hard(1) + easy(1))
    assert nal == Fraction(1, 5)

    def risk(w):
        return (easy(1000) * w * w + hard(1000) * (1 - w) ** 2) / 4

    for w in (maml, nal):
        assert loss_after_step(tasks, to_exact([[w]]), one, 1000)[0] == risk(w)
    assert risk(maml) > risk(nal)


def test_the_witness_of_the_summed_loss_by_hand():
    # One task, w = 1, optimum 0, alpha = 1: after two samples E (1 - (x^2 + y^2) / 2)^2 = 1 and E (1 - x^2 - y^2)^2 = 5.
    tasks, w, one = one_dimension([0], [1], (1,)), to_exact([[1]]), to_exact([1])
    assert loss_after_step_by_enumeration(tasks, w, one, 2)[0] == Fraction(1, 2)
    assert loss_after_step_by_enumeration(tasks, w, one, 2, "sum")[0] == Fraction(5, 2)


def test_the_witnesses_of_equation_86_by_hand():
    # alpha = 1, n_2 = 1000: Q is 2/1000 at Sigma = 1, below 9, and 4 * 9 + 128/1000 at Sigma = 4.
    at = {spectrum.alpha: 1, spectrum.beta: 1, spectrum.L: 4, spectrum.d: 1, spectrum.n_2: 1000}
    assert spectrum.BETA_HAT.subs(at) == 9 + Rational(2, 1000)
    assert spectrum.L_HAT.subs(at) == Rational(128, 1000)


def test_the_witness_of_hardness_by_hand():
    # With alpha = 1 the eigenvalue 1 is done in one step; 25/16 leaves 9/16.
    start, one = to_exact([[1]]), to_exact([1])
    assert nal_descent(one_dimension([0], [1], (1,)), start, one, 1)[0, 0] == 0
    assert nal_descent(one_dimension([0], [Fraction(5, 4)], (1,)), start, one, 1)[0, 0] == Fraction(-9, 16)


def test_the_formulas_hold_for_more_tasks_and_dimensions_than_are_drawn():
    generator = torch.Generator().manual_seed(0)

    def normal(*size):
        return torch.randn(*size, generator=generator, dtype=torch.float64)

    p = normal(8, 5).exp()
    tasks = RegressionTasks(normal(8, 5, 1, 4), normal(8, 5, 4, 4), p / p.sum(1, keepdim=True), normal(8).abs())
    alpha, m, n_2 = normal(8).abs() / 4, 3, 7
    Q_n, Q_m = sets.Q(tasks.covariances, alpha, n_2, m)
    torch.testing.assert_close(Q_n, reference.preconditioned_covariances(tasks, alpha, n_2))
    for w, weight in ((nal_solution(tasks), tasks.covariances), (maml_solution(tasks, alpha, n_2), Q_n)):
        torch.testing.assert_close(w, reference.weighted_average(weight, tasks))
        away = (w[:, None] - tasks.optima[:, :, 0])[..., None]
        printed = (tasks.weights * (away.mT @ Q_m @ away)[..., 0, 0]).sum(1) / 2
        torch.testing.assert_close(above_noise_floor(tasks, w, alpha, m), printed)


def test_lemma_2_needs_no_diagonal_covariance():
    generator = torch.Generator().manual_seed(1)
    root, A = (torch.randn(8, 3, 3, generator=generator, dtype=torch.float64) for _ in range(2))
    A = A + A.mT
    printed = lemma.mean_as_printed.right.evaluate({"Sigma": root @ root.mT, "A": A, "d": 3, "n": 2})
    torch.testing.assert_close(lemma.second_moment(root, A, 2), printed)


def test_equal_probabilities_are_needed_for_the_two_task_formulas():
    tasks, alpha = one_dimension([0, 2], [1, 2], (Fraction(1, 3), Fraction(2, 3))), to_exact([Fraction(1, 4)])
    assert nal_solution(tasks)[0, 0] == 2 * Fraction(8, 9)
    assert nal_solution(one_dimension([0, 2], [1, 2]))[0, 0] == 2 * Fraction(4, 5)
    assert maml_solution(tasks, alpha, 1)[0, 0] != maml_solution(one_dimension([0, 2], [1, 2]), alpha, 1)[0, 0]
