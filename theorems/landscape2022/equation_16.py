r"""The infimum of the test loss: equation (16) and the two displays after it.

Collins, Mokhtari, Shakkottai 2022, Appendix A.1: "Hence, inf_w F_m(w) = sigma^2 + (alpha^2 sigma^2 / m) tr(Sigma_i^2)", and
then E_m(w) = F_m(w) - 1/2 E_i[sigma^2 + (alpha^2 sigma^2 / m) tr(Sigma_i^2)] = E_i E_X ||P_i (w - w_i^*)||^2_{Sigma_i} for both
models. Checked by minimising F_m exactly.

(16) as printed lacks the factor 1/2 of the line before, and its right side depends on a task i that its left side does not
know; already for a single task it is wrong by the factor. With the factor and the mean over tasks, as the next display has
it, it is the infimum only where one model serves all tasks; otherwise it is a lower bound, and the infimum lies above it by
the risk of the weighted average with weights Q_i^(m). The second display is wrong by the factor 1/2 again, for any model.

Known limits: three tasks, d at most 2.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Inverse

from exactarray import zeros
from impl.meta_regression import RegressionTasks, loss_after_step, loss_after_step_by_enumeration, maml_solution
from lakatos import Identity, Inequality, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.task_averages import (
    NAMES,
    E_Q_m,
    E_Q_m_w,
    E_trace,
    Q_m,
    alpha,
    every,
    m,
    model,
    norm_squared,
    sigma,
    w,
)
from theorems.landscape2022.task_sets import agreeing_tasks, few_samples_on_a_line, single_tasks, tested_sets

NOISE_FLOOR = sigma**2 + alpha**2 * sigma**2 / m * E_trace
ABOVE_FLOOR = norm_squared(every * Inverse(E_Q_m) * E_Q_m_w - w, Q_m)

two = dict(tasks_=2, unit=1, deviation=[[1]], other_deviations=[[1]], p=[1, 1], alpha_Lambda=0)
APART = dict(two, optima=[[[0]]], apart=[[[2]]], noise=0)

infima = partial(claim, PAPER, "equation (16)", entry="eq-16", left=r"\inf_w F_m(w)", names=NAMES,
                 rests_on=("landscape2022/eq-1-closed/printed",))  # fmt: skip


@infima(
    Identity(),
    name="infimum_as_printed",
    variant="printed",
    on=single_tasks,
    right=NOISE_FLOOR,
    expect="refuted",
    reason="misprint",
    because="The factor 1/2 of the line before is lost; the loss of a single task with sigma = 1 and alpha = 0 is 1/2, not 1.",
    witness=dict(
        tasks_=1,
        d=1,
        unit=1,
        deviation=[[1]],
        other_deviations=[],
        optima=[[[1]]],
        p=[1],
        alpha_Lambda=0,
        noise=1,
        one_over_m=1,
    ),
    corrected="infimum_of_agreeing_tasks",
)
@infima(
    Identity(),
    name="infimum_as_in_the_next_display",
    variant="with-half-and-mean",
    on=tested_sets,
    right=NOISE_FLOOR / 2,
    expect="refuted",
    reason="false",
    because="No model is at the optimum of every task: optima 0 and 2 without noise leave a loss of 1/2 at best.",
    witness=dict(APART, d=1, one_over_m=1),
    corrected="infimum_exactly",
)
@infima(Identity(), name="infimum_of_agreeing_tasks", variant="one-optimum", on=agreeing_tasks, right=NOISE_FLOOR / 2)
@infima(Inequality(">="), name="infimum_at_least", variant="lower-bound", on=tested_sets, right=NOISE_FLOOR / 2)
@infima(Identity(), name="infimum_exactly", variant="corrected", on=tested_sets, right=(NOISE_FLOOR + ABOVE_FLOOR) / 2)
def smallest_test_loss(tasks: RegressionTasks, alpha: Any, m: Any) -> Any:
    """The smallest test loss that any model has."""
    return loss_after_step(tasks, maml_solution(tasks, alpha, m), alpha, m)


display = partial(claim, PAPER, "Appendix A.1, after (16)", Identity(), entry="eq-16", on=few_samples_on_a_line, names=NAMES,
                  left=r"F_m(w) - \frac{1}{2}\mathbb{E}_i[\sigma^2 + \frac{\alpha^2\sigma^2}{m} tr(\Sigma_i^2)]")  # fmt: skip


@display(name="risk_with_the_half", variant="display-with-half", right=norm_squared(every * model - w, Q_m) / 2)
@display(
    name="risk_without_the_half",
    variant="display",
    right=norm_squared(every * model - w, Q_m),
    expect="refuted",
    reason="misprint",
    because="The factor 1/2 of F_m is lost on the right: the display is twice the left side.",
    witness=dict(APART, m=1, start=[1]),
    corrected="risk_with_the_half",
)
def test_loss_above_the_floor(tasks: RegressionTasks, start: Any, alpha: Any, m: int) -> Any:
    """The test loss of a model minus what label noise alone costs, by running the step on every data set."""
    at_home = RegressionTasks(0 * tasks.optima, tasks.roots, tasks.weights, tasks.noise)
    floor = loss_after_step_by_enumeration(at_home, zeros(start.shape, start), alpha, m)
    return loss_after_step_by_enumeration(tasks, start, alpha, m) - floor
