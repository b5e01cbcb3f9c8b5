"""False variants of the sentences about Figures 1 to 8 and Tables 1 to 3 beside their plotted curves and numbers."""

from dataclasses import replace

import pytest
from sympy import Rational

from lakatos import Inequality, hunt, instances
from lakatos.profiles import get_profile
from theorems.landscape2022 import figure_2, figure_7
from theorems.landscape2022.logistic_pairs import opposite_tasks_at_any_model
from theorems.landscape2022.two_points import two_numbers_past_the_crossing

QUICK = replace(get_profile("quick"), shrink_seconds=0.2)


@instances()
def before_the_crossing(draw):
    values = two_numbers_past_the_crossing.function(draw)
    return dict(values, m=9 * values["m"] / 10, more=9 * values["more"] / 10)


def outcome(claim):
    return hunt(claim, profile=QUICK, seed=0).outcome


WRONG = {
    "figure 2, growth by a thousandth": figure_2.gain_with_more_samples_past_the_crossing.but(
        right=lambda ratio, m: figure_2.gain_of_two_points.function(ratio, m) * 1001 / 1000
    ),
    "figure 2, from nine tenths of the crossing": figure_2.gain_with_more_samples_past_the_crossing.but(on=before_the_crossing),
    "figure 7, the hard side at short steps": figure_7.objective_on_the_easy_side.but(on=opposite_tasks_at_any_model),
    "figure 7, the easy side": figure_7.objective_on_the_easy_side.but(kind=Inequality("<=")),
    "figure 7, a gain of 2 percent": figure_7.small_gain_at_short_steps.but(right=Rational(102, 100)),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_false_variant_is_refuted(name):
    assert outcome(WRONG[name]) == "refuted"


def test_a_gain_beyond_the_largest_is_not_found():
    assert outcome(figure_7.large_gain_at_the_natural_step.but(right=60)) == "undecided"
