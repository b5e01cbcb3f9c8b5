"""False variants of the sentences about Figures 1 to 8 and Tables 1 to 3 beside their plotted curves and numbers."""

from dataclasses import replace

import pytest
import torch
from sympy import Rational

from impl.maml import meta_gradient, meta_objective
from impl.meta_regression import nal_solution
from lakatos import Inequality, hunt, instances
from lakatos.profiles import get_profile
from theorems.landscape2022 import figure_1, figure_2, figure_3, figure_4, figure_7, figure_8, table_1_printed, table_3
from theorems.landscape2022.figures import any_number_of_samples, maml
from theorems.landscape2022.four_neurons import any_easy_tasks, around_nal
from theorems.landscape2022.logistic_pairs import opposite_tasks_at_any_model
from theorems.landscape2022.two_points import two_numbers_past_the_crossing, two_point_tasks

QUICK = replace(get_profile("quick"), shrink_seconds=0.2)


@instances()
def before_the_crossing(draw):
    values = two_numbers_past_the_crossing.function(draw)
    return dict(values, m=9 * values["m"] / 10, more=9 * values["more"] / 10)


def outcome(claim):
    return hunt(claim, profile=QUICK, seed=0).outcome


WRONG = {
    "figure 1, 98 percent of the geography": figure_1.gain_needs_benign_geography_and_samples.but(
        right=figure_1.R**2 / figure_1.r_H * 98 / 100
    ),
    "figure 1, any number of samples": figure_1.gain_needs_benign_geography_and_samples.but(on=any_number_of_samples),
    "table 1, training tasks as well": table_1_printed.gain_on_new_tasks_with_close_hard_tasks.but(
        on=table_1_printed.cells(table_1_printed.TABLE_1, table_1_printed.FIRST, list(table_1_printed.TABLE_1))
    ),
    "table 2, one and a half times the relative gain": table_1_printed.relative_gain_on_hard_tasks.but(
        right=lambda maml_easy, nal_easy: 3 * maml_easy / (2 * nal_easy)
    ),
    "table 2, a third is left": table_1_printed.gain_where_hard_tasks_are_scarce.but(right=lambda frequent: frequent / 3),
    "table 3, an error of 0.51": table_3.error_with_any_samples.but(kind=Inequality("<="), right=Rational(51, 100)),
    "table 3, an error of 0.6": table_3.error_with_any_samples.but(right=Rational(6, 10)),
    "table 3, weights without normalisation": table_3.weights_of_a_batch.but(
        right=lambda nu, count: table_3.printed_weights(nu, count) * 10 / (count + 5)
    ),
    "figure 2, growth by a thousandth": figure_2.gain_with_more_samples_past_the_crossing.but(
        right=lambda ratio, m: figure_2.beyond_one(ratio, m) * 1001 / 1000
    ),
    "figure 2, from nine tenths of the crossing": figure_2.gain_with_more_samples_past_the_crossing.but(on=before_the_crossing),
    "figure 3, lines of twice the samples": figure_3.gain_at_R.but(
        right=lambda ratio, shares, m: figure_3.lines(ratio, shares, 2 * m)
    ),
    "figure 3, an axis to 20": figure_3.plotted_risks.but(right=20),
    "figure 4, easy tasks anywhere": figure_4.fall_towards_a_hard_task_apart.but(on=any_easy_tasks),
    "figure 4, a gain of a half": figure_4.small_gain_at_short_steps.but(
        right=lambda tasks, model, alpha: 3 * meta_objective(tasks, model, alpha) / 2
    ),
    "figure 4, a gain of 3.4": figure_4.large_gain_at_the_natural_step.but(
        right=lambda tasks, model, alpha: 17 * meta_objective(tasks, model, alpha) / 5
    ),
    "figure 7, the hard side at short steps": figure_7.objective_on_the_easy_side.but(on=opposite_tasks_at_any_model),
    "figure 7, the easy side": figure_7.objective_on_the_easy_side.but(kind=Inequality("<=")),
    "figure 7, a gain of 2 percent": figure_7.small_gain_at_short_steps.but(right=Rational(102, 100)),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_false_variant_is_refuted(name):
    assert outcome(WRONG[name]) == "refuted"


def test_a_gain_beyond_the_largest_is_not_found():
    assert outcome(figure_7.large_gain_at_the_natural_step.but(right=60)) == "undecided"


def test_the_weights_of_the_printed_example():
    hard = torch.tensor([[True] * 6 + [False] * 4])
    weights = table_3.weights_of_a_batch.function(hard, torch.tensor([[[2.0]]], dtype=torch.float64))
    assert weights[0].tolist() == [1 / 8] * 6 + [1 / 16] * 4


def test_the_solution_of_nal_is_the_origin():
    generator = torch.Generator().manual_seed(0)
    easy = torch.rand((5, 3, 2), generator=generator, dtype=torch.float64)
    made = around_nal(easy, easy[:, 0, 0])
    assert meta_gradient(made["tasks"], made["w"], 0 * made["alpha"]).abs().max() < 1e-14


@instances()
def stopped_early(draw):
    return dict(iterations=draw.option("iterations", [50]))


def test_models_that_stop_early_do_not_reproduce_figure_8():
    assert outcome(figure_8.trained_models.but(on=stopped_early)) == "refuted"


def test_the_curves_of_figure_8_are_those_of_the_exact_solutions():
    ratio = torch.tensor([0.1], dtype=torch.float64)
    for k, m in enumerate(figure_8.SAMPLES):
        tasks = two_point_tasks(ratio)
        coordinates = [float(w) - 1 for w in (nal_solution(tasks)[:, 0], maml(tasks, m)[:, 0])]
        exact = [1 + abs(x) for x in coordinates] + figure_2.both_risks(ratio, m)[0].tolist()
        printed = [float(text) for text in list(figure_8.CURVES.values())[4 * k : 4 * k + 4]]
        assert printed == pytest.approx(exact, abs=6e-4)
