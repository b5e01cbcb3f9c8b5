from dataclasses import replace
from fractions import Fraction

import pytest
import torch

from exactarray import namespace, to_exact
from impl.meta_regression import maml_solution, nal_solution
from lakatos import Inequality, Trend, hunt
from lakatos.profiles import get_profile
from theorems.landscape2022 import corollary_1 as first
from theorems.landscape2022 import corollary_1_proof as displays
from theorems.landscape2022 import corollary_2 as second
from theorems.landscape2022 import corollary_2_proof as approximations
from theorems.landscape2022 import corollary_2_text as text
from theorems.landscape2022.mixtures import (
    C,
    R,
    above_noise_floor,
    comparable_clouds,
    d,
    fixed_mixtures,
    gain,
    hard_and_easy,
    past_margin_1,
    past_margin_100,
    r_E,
    r_H,
    rho_E,
    rho_H,
)

# Whether a false variant falls is asked here, not how small its witness can be made.
QUICK = replace(get_profile("quick"), shrink_seconds=1)


def outcome(claim):
    return hunt(claim, profile=QUICK, seed=0).outcome


@pytest.mark.parametrize(
    "right",
    [
        first.NAL * 101 / 100,
        first.NAL.subs(r_E, r_H),
        first.NAL.subs(R**2, R),
        first.NAL.subs(rho_E, 1),
        first.NAL / d,
        first.NAL - d * first.a_E * rho_H**2 * R**2 / (4 * (rho_E + rho_H) ** 2),
    ],
    ids=["one percent", "one spread for both", "R not squared", "rho_E = 1", "one dimension", "no easy cross term"],
)
def test_a_wrong_nal_risk_is_refuted(right):
    assert outcome(first.nal_risk_above_noise.but(right=right)) == "refuted"


@pytest.mark.parametrize(
    "right",
    [first.MAML * 101 / 100, first.MAML.subs(first.m, 10**9), first.MAML.subs(R, 0), first.MAML.subs(d + 1, d)],
    ids=["one percent", "no gradient noise", "one centre", "d for d + 1"],
)
def test_a_wrong_maml_risk_is_refuted(right):
    assert outcome(first.maml_risk_above_noise.but(right=right)) == "refuted"


def test_training_maml_with_another_number_of_samples_is_refuted():
    def risk(tasks, alpha, m):
        return above_noise_floor(tasks, maml_solution(tasks, alpha, m + 1), alpha, m)

    assert outcome(first.maml_risk_above_noise.but(function=risk)) == "refuted"


def test_the_corrected_excess_risk_needs_its_square():
    wrong = first.NAL_ABOVE_INFIMUM * (rho_E + rho_H) / (rho_E - rho_H)
    assert outcome(first.nal_excess_corrected.but(right=wrong)) == "refuted"


def test_the_enumerated_step_refutes_a_wrong_risk():
    assert outcome(first.nal_risk_by_enumeration.but(right=first.NAL * 9 / 10)) == "refuted"


@pytest.mark.parametrize("claim", [displays.maml_over_mean_q, displays.maml_display_23], ids=lambda c: c.variant)
def test_a_bracket_without_its_cross_term_is_refuted(claim):
    wrong = (displays.MAML_BRACKET - 2 * first.a_E**2 * first.a_H * r_E) / (4 * (first.a_E + first.a_H) ** 2)
    assert outcome(claim.but(right=wrong)) == "refuted"


def test_a_corrected_nal_display_with_another_denominator_is_refuted():
    wrong = displays.NAL_BRACKET_WITH_R_E / (4 * (rho_E**2 + rho_H**2))
    assert outcome(displays.nal_in_one_dimension.but(right=wrong)) == "refuted"


def test_an_upper_bound_with_the_factor_squared_is_refuted():
    wrong = 1 + second.KAPPA**2 * R**2 / r_H
    assert outcome(second.gain_is_at_most_the_exact_limit.but(right=wrong)) == "refuted"


@pytest.mark.parametrize(
    "slack",
    [
        second.SLACK * 9 / 10,
        (1 + 1 / d) / C * (3 + r_E / r_H),
        (1 + 1 / d) / C * (3 + R**2 / r_H),
        (3 + (r_E + R**2) / r_H) / C,
    ],
    ids=["nine tenths", "without R", "without r_E", "without 1/d"],
)
def test_a_lower_bound_with_less_slack_is_refuted(slack):
    wrong = 1 + second.KAPPA * R**2 / r_H * (1 - slack)
    assert outcome(second.gain_is_close_to_the_exact_limit.but(right=wrong)) == "refuted"


def test_an_exact_gain_with_d_for_d_plus_one_is_refuted():
    wrong = second.EXACT.subs(second.eps, second.eps * d / (d + 1))
    assert outcome(second.gain_is_exactly.but(right=wrong)) == "refuted"


@pytest.mark.parametrize("power", [1, 3])
def test_a_limit_with_another_power_of_its_factor_is_refuted(power):
    wrong = 1 + (rho_E / (rho_H + rho_E)) ** power * R**2 / r_H
    assert outcome(second.gain_tends_to_the_exact_limit.but(right=wrong)) == "refuted"


def test_the_limit_of_vanishing_hardness_needs_more_and_more_samples():
    def ratios(d, root_E, R, spread_H, spread_E, checkpoints):
        # Here m = d t^2, so that C stays bounded.
        harder = [hard_and_easy(d, root_E / t, root_E, R, spread_H, spread_E, 0 * R) for t in checkpoints]
        values = [gain(tasks, 1 / root_E**2, d * t**2) for tasks, t in zip(harder, checkpoints, strict=True)]
        return namespace(R).stack(values, axis=-1)

    assert outcome(second.gain_tends_to_the_printed_value_as_hardness_vanishes.but(function=ratios)) == "refuted"


def test_an_approximation_25_without_its_square_is_refuted():
    wrong = d * rho_H * (1 - rho_H / rho_E) / 4 * r_H
    assert outcome(approximations.maml_risk_tends_to_its_approximation.but(right=wrong)) == "refuted"


def test_an_approximation_26_without_its_factor_is_refuted():
    wrong = d * rho_H * (1 - rho_H / rho_E) ** 2 / 4 * (r_H + R**2)
    assert outcome(approximations.nal_risk_tends_to_its_approximation.but(right=wrong)) == "refuted"


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (approximations.maml_risk_is_at_most, approximations.MAML * (1 + approximations.MAML_SLACK / 2)),
        (approximations.nal_risk_is_at_most, approximations.NAL * (1 + approximations.NAL_SLACK / 2)),
        (approximations.maml_risk_is_at_most, approximations.MAML * (1 + (1 + 1 / d) / C * (1 + r_E / r_H))),
        (approximations.nal_risk_is_at_most, approximations.NAL * (1 + 2 * (1 + 1 / d) / C)),
    ],
    ids=["25, half", "26, half", "25 without R", "26 without r_E"],
)
def test_an_approximation_with_less_slack_is_refuted(claim, right):
    assert outcome(claim.but(right=right)) == "refuted"


def test_a_factor_of_two_and_a_half_is_refuted_for_comparable_clouds():
    claim = text.gain_is_at_least_a_quarter_for_comparable_clouds
    assert outcome(claim.but(right=second.PRINTED * 2 / 5)) == "refuted"


def test_the_hard_tasks_dominate_no_more_than_stated():
    assert outcome(text.hard_tasks_dominate.but(right=C)) == "refuted"
    assert outcome(text.hard_tasks_dominate_when_much_harder) == "refuted"
    assert outcome(text.hard_tasks_dominate_only_then.but(right=C * d / (d + 1) + 1 / 2)) == "refuted"


@pytest.mark.parametrize("claim", [text.gain_grows_with_the_distance, text.gain_falls_with_the_spread], ids=lambda c: c.variant)
def test_the_opposite_trend_is_refuted(claim):
    other = "decreasing" if claim.kind.direction == "increasing" else "increasing"
    assert outcome(claim.but(kind=Trend(other, over=claim.kind.over, grid=claim.kind.grid))) == "refuted"


def test_the_printed_gain_is_bounded_from_above_but_not_from_below():
    printed = second.gain_is_at_least_a_quarter
    assert outcome(printed.but(kind=Inequality("<="), right=second.PRINTED)) == "holds"
    assert outcome(printed.but(right=second.PRINTED / 1000)) == "refuted"


def test_witnesses_of_the_printed_ratio_by_hand():
    # d = 1, m = 712, rho = (1, 4): a_E = 1/89, a_H = 9/16 + 1/5696, and C = 100 1/8.
    a_E, a_H = Fraction(2 * 4, 712), Fraction(9, 16) + Fraction(2, 712 * 16)
    half = [to_exact([n]) for n in (1, 2, 10, 1, 100, 0)]
    tasks = hard_and_easy(1, *half)
    ratio = gain(tasks, to_exact([Fraction(1, 4)]), 712)[0]
    spread = a_H + a_E * 10**4
    nal = spread + (a_H * 16 + a_E) * 100 / Fraction(25)
    maml = spread + a_E * a_H / (a_E + a_H) * 100
    assert ratio == nal / maml
    assert ratio < Fraction(101, 4) / 15
    assert Fraction(1, 4) * (1 - Fraction(1, 4)) ** 2 * 712 == Fraction(801, 8)


def test_a_joint_rescaling_of_the_optima_leaves_the_gain_alone():
    def at(scale):
        values = [to_exact([v]) for v in (1, 2, 3 * scale, 1 * scale, 2 * scale, 0)]
        return gain(hard_and_easy(1, *values), to_exact([Fraction(1, 4)]), 50)[0]

    assert at(1) == at(10)


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_the_point_sets_have_the_moments_of_the_gaussian_clouds(dimension):
    one = torch.ones(1, dtype=torch.float64)
    tasks = hard_and_easy(dimension, one, one, 2 * one, 3 * one, 5 * one, 0 * one)
    for cloud, mean, r in ((0, 2, 9), (1, 0, 25)):
        points = tasks.optima[0, cloud]
        centred = points - points.mean(dim=0)
        torch.testing.assert_close(points.mean(dim=0), torch.full((dimension,), float(mean), dtype=torch.float64))
        torch.testing.assert_close(centred.mT @ centred / len(points), r * torch.eye(dimension, dtype=torch.float64))
    torch.testing.assert_close(nal_solution(tasks), torch.ones(1, dimension, dtype=torch.float64))


def test_the_families_keep_their_assumptions():
    assert {f.name for f in (past_margin_1, past_margin_100, comparable_clouds, fixed_mixtures)} == {
        second.gain_is_exactly.on.name,
        second.gain_is_at_least_a_quarter.on.name,
        text.gain_is_at_least_half.on.name,
        second.gain_tends_to_the_exact_limit.on.name,
    }
    for claim in (second.gain_is_exactly, second.gain_is_at_least_a_quarter, text.gain_is_at_least_half):
        assert hunt(claim, profile=QUICK, seed=1).rejected == 0
