"""The population solutions of NAL and MAML are averages of the tasks' optima, weighted by Sigma_i and by Q_i^(n_2).

Collins, Mokhtari, Shakkottai 2022, equation (5), again as (14) and (15); Q_i^(s) is defined below (5) and checked in
equation_5_weights. Checked by minimising the expected losses: from exact moments for any n_2, and from the values of the loss
after a step that is run on every data set for small ones, in one dimension. Section 2 calls both solutions "unique".

(5) holds for the sample loss of Section 2, a mean over samples. Section 3 prints it without 1/m, and MAML's solution is
then another one. Uniqueness needs input in every direction from some task, which is not stated; with it both losses are
strictly convex, since Q_i^(s) has the null space of Sigma_i for every finite s.

Known limits: three tasks, d at most 2.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Inverse

from exactarray import namespace
from impl.meta_regression import (
    RegressionTasks,
    loss_after_step_hessian,
    maml_solution,
    maml_solution_by_enumeration,
    nal_hessian,
    nal_solution,
)
from lakatos import Identity, Inequality, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.task_averages import NAMES, E_Q_m, E_Q_m_w, E_Q_n, E_Q_n_w, E_Sigma, E_Sigma_w
from theorems.landscape2022.task_sets import directed_sets, few_samples_on_a_line, maybe_no_data, task_sets

solution = partial(claim, PAPER, "equation (5)", Identity(), entry="eq-5", names=NAMES)
maml = partial(solution, left="w_{MAML}^*")


@solution(variant="nal-printed", on=task_sets, left="w_{NAL}^*", right=Inverse(E_Sigma) * E_Sigma_w)
def nal_model(tasks: RegressionTasks) -> Any:
    """The minimiser of the average loss without adaptation."""
    return nal_solution(tasks)[..., None]


@maml(variant="maml-printed", on=task_sets, right=Inverse(E_Q_n) * E_Q_n_w)
def maml_model(tasks: RegressionTasks, alpha: Any, n_2: Any) -> Any:
    """The minimiser of the average loss after one SGD step on n_2 samples."""
    return maml_solution(tasks, alpha, n_2)[..., None]


@maml(variant="maml-every-data-set", on=few_samples_on_a_line, right=Inverse(E_Q_m) * E_Q_m_w)
def maml_model_by_enumeration(tasks: RegressionTasks, alpha: Any, m: int) -> Any:
    """The same minimiser, from values of the loss after a step that is run on every data set; here n_2 is called m."""
    return maml_solution_by_enumeration(tasks, alpha, m)[..., None]


@maml(
    variant="maml-loss-of-section-3",
    on=few_samples_on_a_line,
    right=Inverse(E_Q_m) * E_Q_m_w,
    expect="refuted",
    reason="misprint",
    because="Section 3 prints the sample loss without 1/m; its step is n_2 times as long, and so is the alpha of the weights.",
    witness=dict(m=2, tasks_=2, unit=1, deviation=[[1]], other_deviations=[[2]],
                 optima=[[[0]]], apart=[[[1]]], start=[0], p=[1, 1], alpha_Lambda=1, noise=0),
    corrected="maml_model_by_enumeration",
)  # fmt: skip
def maml_model_of_a_summed_loss(tasks: RegressionTasks, alpha: Any, m: int) -> Any:
    """The minimiser for the sample loss as Section 3 prints it, a sum over samples."""
    return maml_solution_by_enumeration(tasks, alpha, m, "sum")[..., None]


unique = partial(claim, PAPER, "Section 2, uniqueness", Inequality(">"), entry="eq-5", right=0)


def along(hessian: Any, direction: Any) -> Any:
    """The curvature of a quadratic loss in a direction."""
    return namespace(hessian).sum(direction * (hessian @ direction[..., None])[..., 0], axis=-1)


@unique(
    name="nal_is_unique_without_data",
    variant="nal-unique-printed",
    on=maybe_no_data,
    expect="refuted",
    reason="missing assumption",
    because="If no task has inputs in some direction, every model along it minimises the loss.",
    witness=dict(tasks_=2, unit=1, deviation=[[0]], other_deviations=[[0]], optima=[[[0]]], apart=[[[1]]],
                 p=[1, 1], alpha_Lambda=0, noise=0, direction=[1]),
    corrected="nal_is_unique",
)  # fmt: skip
@unique(name="nal_is_unique", variant="nal-unique", on=directed_sets)
def nal_curvature(tasks: RegressionTasks, direction: Any) -> Any:
    """The average loss without adaptation is strictly convex: its curvature is positive in every direction."""
    return along(nal_hessian(tasks), direction)


@unique(variant="maml-unique", on=directed_sets)
def maml_is_unique(tasks: RegressionTasks, alpha: Any, n_2: Any, direction: Any) -> Any:
    """The average loss after a step on n_2 samples is strictly convex, for any step size."""
    return along(loss_after_step_hessian(tasks, alpha, n_2), direction)
