"""False variants of the claims on two tasks of any hardness: the condition for a gain."""

from fractions import Fraction

import pytest
from sympy import Rational

from exactarray import to_exact
from lakatos import hunt
from theorems.landscape2022 import section_3_1_condition as condition
from theorems.landscape2022.mixtures import gain
from theorems.landscape2022.two_tasks import a_E, a_H, d, m, rho_E, rho_H, two, x


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


def test_a_gain_without_the_condition_by_hand():
    # d = 2, m = 1, rho = (1/4, 1): a_E = 3 and a_H = 9/64 + 3/64, so that the gain is 1 + (3/16 - 3/4)^2 / (9/16 25/16).
    root_H, root_E, w_1, w_2, noise = (to_exact(v) for v in ([Fraction(1, 2)], [1], [[0, 0]], [[1, 1]], [0]))
    assert gain(two(root_H, root_E, w_1, w_2, noise), to_exact([1]), 1)[0] == 1 + Fraction(81, 225)
