"""False variants of the claims on two tasks of any hardness: the condition for a gain."""

import pytest
from sympy import Rational

from lakatos import hunt
from theorems.landscape2022 import section_3_1_condition as condition
from theorems.landscape2022.two_tasks import a_E, a_H, d, m, rho_E, rho_H, x


def outcome(claim):
    return hunt(claim, profile="quick").outcome


@pytest.mark.parametrize(
    ("claim", "wrong"),
    [
        (condition.no_gain_without_the_condition_past_d_samples, m * x * (1 - x) ** 2 / (d + 1)),
        (condition.no_gain_without_the_condition_past_d_samples, Rational(6, 5) * d * x * (1 - x) ** 2 / (m + 1)),
        (condition.gain_exactly, 1 + (a_H * rho_E - a_E * rho_H) ** 2 / (a_H * a_E * (rho_E + rho_H))),
        (condition.gain_exactly, 1 + (a_H * rho_H - a_E * rho_E) ** 2 / (a_H * a_E * (rho_E + rho_H) ** 2)),
        (condition.easy_weight_is_not_negligible, Rational(21, 20)),
    ],
)
def test_a_false_variant_is_refuted(claim, wrong):
    assert outcome(claim.but(right=wrong)) == "refuted"


def test_the_condition_is_not_necessary_below_d_samples():
    assert outcome(condition.no_gain_without_the_condition) == "refuted"
