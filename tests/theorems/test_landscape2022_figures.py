"""False variants of the sentences about Figures 1 to 8 and Tables 1 to 3 beside their plotted curves and numbers."""

from dataclasses import replace

import pytest
from sympy import Rational

from lakatos import Inequality, hunt
from lakatos.profiles import get_profile
from theorems.landscape2022 import figure_7
from theorems.landscape2022.logistic_pairs import opposite_tasks_at_any_model

QUICK = replace(get_profile("quick"), shrink_seconds=0.2)


def outcome(claim):
    return hunt(claim, profile=QUICK, seed=0).outcome


WRONG = {
    "figure 7, the hard side at short steps": figure_7.objective_on_the_easy_side.but(on=opposite_tasks_at_any_model),
    "figure 7, the easy side": figure_7.objective_on_the_easy_side.but(kind=Inequality("<=")),
    "figure 7, a gain of 2 percent": figure_7.small_gain_at_short_steps.but(right=Rational(102, 100)),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_false_variant_is_refuted(name):
    assert outcome(WRONG[name]) == "refuted"


def test_a_gain_beyond_the_largest_is_not_found():
    assert outcome(figure_7.large_gain_at_the_natural_step.but(right=60)) == "undecided"
