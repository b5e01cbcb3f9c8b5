"""False variants of Lemma 1 and Theorem 1, of Figures 1 to 7 and of Table 3, and what their families promise."""

from dataclasses import replace

import pytest
import torch
from sympy import Rational

from exactarray import array_like, maximum
from impl.maml import meta_gradient
from impl.stationary_points import stationary_point_of_quadratics
from lakatos import Existence, Identity, Inequality, Rate, Trend, hunt, instances
from lakatos.profiles import get_profile
from theorems.landscape2022 import (
    figure_1,
    figure_2,
    figure_3,
    figure_4,
    figure_6,
    figure_7,
    lemma_1,
    lemma_1_remainder,
    networks,
    table_3,
    theorem_1,
    theorem_1_constants,
    theorem_1_measured,
    theorem_1_premises,
)
from theorems.landscape2022.cubic_pairs_of_tasks import bent_pairs, cubic_pairs, cubic_pairs_along_steps
from theorems.landscape2022.figures import D, samples, ten_coordinates
from theorems.landscape2022.mixtures import gain, hard_and_easy, maml_risk
from theorems.landscape2022.pairs_of_tasks import (
    quadratic_pair,
    quadratic_pairs,
    slope_2,
    slopes,
    unordered_pairs,
)
from theorems.landscape2022.two_points import two_points

QUICK = replace(get_profile("quick"), shrink_seconds=0.2)

FEW = Rate("O", over="k", grid=(1, 4, 16, 64), batch=16)


def outcome(claim):
    return hunt(claim, profile=QUICK, seed=0).outcome


WRONG = {
    "lemma 1, a tenth less": lemma_1.adapted_gradient.but(right=lemma_1.adapted_gradient.right.expression * 9 / 10),
    "lemma 1, tasks exchanged": lemma_1.adapted_gradient.but(right=lemma_1.after_2 / lemma_1.RATIO),
    "36, first step, adapted gradient twice": lemma_1.flat_gradient_against_adapted.but(
        right=2 * lemma_1.after_1 / lemma_1.RATIO**2
    ),
    "36, ratio cubed": lemma_1.flat_gradient_against_flat.but(right=lemma_1.slope_1 / lemma_1.RATIO**3),
    "interpretation without beta_2 > L_1": lemma_1.hard_task_has_the_smaller_gradient.but(on=quadratic_pairs),
    "half the remainder": lemma_1_remainder.gradient_with_its_remainder.but(
        right=lemma_1_remainder.FIRST_TERM + lemma_1_remainder.REMAINDER / 2
    ),
    "no remainder": lemma_1_remainder.gradient_with_its_remainder.but(right=lemma_1_remainder.FIRST_TERM),
    "along the step, printed factor": lemma_1_remainder.gradient_without_remainder.but(
        right=lemma_1_remainder.gradient_without_remainder.right.expression * 9 / 10
    ),
    "theorem 1, L_1 over 2": theorem_1.convexity_of_the_easy_task.but(right=theorem_1.L_1 / 2),
    "remainder of third order": theorem_1_measured.hard_gradient.but(right=theorem_1_measured.alpha**3, kind=FEW),
    "property 3.1, half the slope": theorem_1_premises.slope_is_bounded.but(right=theorem_1_premises.a / 2),
    "curvature of at least 1/10": theorem_1_premises.loss_of_the_network_is_convex.but(right=Rational(1, 10)),
    "38 for ReLU without kappa": theorem_1_constants.lowest_curvature_of_relu.but(right=1 / theorem_1_constants.kappa),
    "39 cubed": theorem_1_constants.change_of_smooth_curvature.but(right=theorem_1_constants.distance**3),
    "38, upper side that vanishes": theorem_1_constants.highest_curvature_for_c_0.but(
        kind=Rate("O", over="close", grid=(1, 2, 4, 8), batch=8), right=1 / theorem_1_constants.kappa
    ),
    "figure 1, lower ceiling": figure_1.gain_is_limited.but(right=1 + (figure_1.HIGHEST - 1) * 9 / 10),
    "figure 1, gain of equal tasks": figure_1.gain_of_equally_hard_tasks.but(right=Rational(101, 100)),
    "figure 1, other squares": figure_1.gain_needs_a_dominant_hard_task.but(right=1 + (figure_1.HIGHEST - 1) * 9 / 10),
    "figure 1, other order": figure_1.gain_against_the_other_panels.but(kind=Inequality("<=")),
    "figure 2, NAL on the hard side": figure_2.coordinate_of_nal.but(kind=Inequality(">")),
    "figure 2, beyond the roots": figure_2.coordinate_of_maml_inside.but(on=two_points),
    "figure 2, gain falls with m": figure_2.gain_of_two_points.but(
        kind=Trend("decreasing", over="m", grid=(50, 100, 500, 2000), batch=16)
    ),
    "figure 2, risks tend to 1": figure_2.risks_as_hardness_vanishes.but(right=1),
    "figure 2, half the axis": figure_2.plotted_risks.but(right=Rational(1, 2)),
    "figure 3, gain at twice the spread": figure_3.gain_at_R.but(
        right=lambda ratio, shares, m: figure_3.lines(ratio, [(2 * h, e) for h, e in shares], m)
    ),
    "figure 3, order by a factor 3": figure_3.gain_where_hard_tasks_are_packed.but(right=3),
    "table 3, smaller coordinate": table_3.coordinate_of_maml.but(right=Rational(2, 5)),
    "table 3, error rises": table_3.error_of_more_weight.but(kind=Inequality(">=")),
    "table 3, MAML above NAL": table_3.error_of_maml.but(kind=Inequality(">=")),
    "figure 4, other direction": figure_4.gain_with_a_hard_task.but(
        kind=Trend("decreasing", over="hardness", grid=(1, 1.5, 2), batch=8)
    ),
    "figure 6, other direction": figure_6.distance_of_solutions.but(
        kind=Trend("decreasing", over="R", grid=(0, 0.75, 1.5), batch=4)
    ),
    "figure 7, a fifth": figure_7.curvature_is_at_most_a_quarter.but(right=figure_7.rho / 5),
    "figure 7, a steep fall": figure_7.fall_from_nal.but(right=Rational(1, 10)),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_false_variant_is_refuted(name):
    assert outcome(WRONG[name]) == "refuted"


def test_lemma_1_does_not_need_the_order_of_its_tasks():
    assert outcome(lemma_1.adapted_gradient.but(on=unordered_pairs)) == "holds"


def test_a_step_above_one_over_L_breaks_lemma_1():
    @instances()
    def long_steps(draw):
        values = quadratic_pair(draw, 1, None)
        tasks, alpha = values["tasks"], 137 / (100 * maximum(values["L_1"], values["L_2"]))
        w = stationary_point_of_quadratics(tasks, alpha)
        return {**values, **slopes(tasks, w, alpha), "alpha": alpha, "w": w}

    claim = lemma_1.adapted_gradient.but(on=long_steps)
    assert outcome(claim) == "refuted"


def test_a_gain_out_of_reach_is_not_found():
    claim = figure_1.gain_of_three_at_section_3.but(right=-1, kind=Existence("<="), on=figure_1.figure_1)
    assert outcome(claim) == "undecided"


def test_nal_gradients_of_unequal_tasks_differ():
    @instances()
    def unequal(draw):
        values = unordered_pairs.function(draw)
        return {**values, "nal": values["nal"] + draw.positive("away")[:, None, None]}

    assert outcome(theorem_1.hard_gradient_of_nal.but(on=unequal)) == "refuted"


def test_unequal_inputs_give_relu_tasks_different_curvatures():
    @instances()
    def unequal(draw):
        values = networks.relu_networks.function(draw)
        scales = values["tasks"].scales
        scales = scales * array_like([1, 2], scales)
        return {**values, "tasks": replace(values["tasks"], scales=scales)}

    claim = theorem_1.curvature_of_relu_networks_along_themselves.but(on=unequal)
    assert outcome(claim) == "refuted"


def test_theorem_1_is_vacuous_because_of_its_smoothness_constants_alone():
    named = dict(networks.networks_as_printed.assumptions)
    rest = replace(
        networks.networks_as_printed,
        function=lambda draw: networks.printed_pair(draw, 2, 0 * draw.positive("c")),
        assumptions=tuple(a for a in named.items() if a[0] != "L_1 < L_2"),
    )
    assert outcome(theorem_1.hard_gradient_as_printed.but(on=rest, kind=FEW)) != "vacuous"


@pytest.mark.parametrize("family", [quadratic_pairs, cubic_pairs, cubic_pairs_along_steps, bent_pairs])
def test_the_pairs_are_at_a_stationary_point(family):
    claim = lemma_1.adapted_gradient.but(
        on=family,
        kind=Identity(),
        right=slope_2,
        function=lambda tasks, w, alpha, slope_2: slope_2 + meta_gradient(tasks, w, alpha)[:, 0],
    )
    assert outcome(claim) == "holds"


def test_one_coordinate_stands_for_ten():
    one = torch.ones(1, dtype=torch.float64)
    r_H, r_E, m = 0.3 * one, 0.7 * one, 40
    tasks = hard_and_easy(3, one / 3, one, 2 * one, r_H.sqrt(), r_E.sqrt(), 0 * one)
    single = ten_coordinates(one / 9, 2 * one, r_H, r_E)
    fewer = one * 2 * m / 4
    torch.testing.assert_close(gain(tasks, one, m), gain(single, one, fewer))
    torch.testing.assert_close(maml_risk(tasks, one, m), 3 * maml_risk(single, one, fewer))
    torch.testing.assert_close(samples(m, one) * (D + 1), 2 * m * one)
