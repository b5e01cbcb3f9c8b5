"""Task hardness is the rate of gradient descent, which the smallest eigenvalue of the covariance is said to determine.

Collins, Mokhtari, Shakkottai 2022, Section 3: "For step size alpha fixed across all tasks, the rate with which gradient descent
traverses each f_i is determined by the minimum eigenvalue of the Hessian of f_i, namely lambda_min(Sigma_i)", "harder tasks
requiring more steps". Checked by running gradient descent on the population loss of one task from each eigenvector.

The worst error after t steps is max(|1 - alpha lambda_min|, |1 - alpha lambda_max|)^t, so that the smallest eigenvalue decides
only for alpha <= 2/(lambda_min + lambda_max); for the "natural choice" 1/L, with L the largest eigenvalue of any task, it does.
For larger steps, though gradient descent converges up to 2/lambda_max, a task with the larger smallest eigenvalue can be the
slower one, already in one dimension. And it is a statement about the worst start: from a start without error along that
eigenvector the rate is another one.

Known limits: diagonal covariances (gradient descent commutes with rotations), d at most 2, limits over 256 steps.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from exactarray import namespace
from impl.meta_regression import RegressionTasks, nal_descent
from lakatos import Identity, Inequality, Limit, claim
from theorems.landscape2022 import PAPER
from theorems.landscape2022.quadratic_tasks import (
    NAMES,
    alpha,
    any_start,
    convergent_steps,
    generic_start,
    lambda_min,
    pairs_with_convergent_steps,
    pairs_with_natural_steps,
    small_steps,
    steps,
    worst_error,
)  # fmt: skip
from theorems.landscape2022.two_tasks import squared

text = partial(claim, PAPER, "Section 3, task hardness", entry="hardness-gd", names=NAMES)
rate = partial(text, Identity(), left=r"\max_{w_0} \|w_t-w^*\|/\|w_0-w^*\|")
EXACT_STEP = dict(d=2, steps=1, roots=[1, 2], share="3/2")


@rate(
    name="smallest_eigenvalue_decides",
    variant="printed",
    on=convergent_steps,
    right=abs(1 - alpha * lambda_min) ** steps,
    expect="refuted",
    reason="missing assumption",
    because="Beyond alpha = 2/(lambda_min + lambda_max) the largest eigenvalue decides: |1 - alpha lambda_max| is the larger factor.",
    witness=EXACT_STEP,
    corrected="smallest_eigenvalue_decides_for_small_steps",
)
@rate(
    name="smallest_eigenvalue_decides_for_small_steps",
    variant="steps-at-most-2-over-sum",
    on=small_steps,
    right=(1 - alpha * lambda_min) ** steps,
)
def error_of_descent(tasks: RegressionTasks, alpha: Any, steps: int) -> Any:
    """The worst error after t steps of gradient descent on one task, relative to the start."""
    return worst_error(tasks, alpha, steps)


def error_on_the_hard_task(hard: RegressionTasks, alpha: Any, steps: int) -> Any:
    """The worst error on the task with the smaller smallest eigenvalue."""
    return worst_error(hard, alpha, steps)


order = partial(text, Inequality("<="), right=error_on_the_hard_task, left="e_t(f_2)")


@order(
    name="harder_tasks_are_slower_for_any_step",
    variant="order-any-step",
    on=pairs_with_convergent_steps,
    expect="refuted",
    reason="missing assumption",
    because="With alpha = 1 the eigenvalue 1 needs one step and the eigenvalue 25/16 contracts by 9/16 only.",
    witness=dict(d=1, steps=1, hard_roots=[1], excess=["1/4"], share="25/16"),
    corrected="harder_tasks_are_slower",
)
@order(name="harder_tasks_are_slower", variant="order-natural-step", on=pairs_with_natural_steps)
def error_on_the_easy_task(easy: RegressionTasks, alpha: Any, steps: int) -> Any:
    """The worst error after t steps on the task with the larger smallest eigenvalue, against that on the harder one."""
    return worst_error(easy, alpha, steps)


limit = partial(text, Limit(checkpoints=(4, 8, 16, 32, 64, 128, 256)), left=r"\|w_{t+1}-w^*\|^2/\|w_t-w^*\|^2",
                right=(1 - alpha * lambda_min) ** 2)  # fmt: skip


@limit(
    name="rate_from_any_start",
    variant="rate-from-any-start",
    on=any_start,
    expect="refuted",
    reason="missing assumption",
    because="From a start on another eigenvector gradient descent has that eigenvector's rate.",
    witness=dict(root_min="1/2", apart="1/4", along_min=0),
    corrected="rate_from_a_generic_start",
)
@limit(name="rate_from_a_generic_start", variant="rate-from-a-generic-start", on=generic_start)
def successive_errors(tasks: RegressionTasks, start: Any, alpha: Any, checkpoints: tuple[int, ...]) -> Any:
    """The ratio of squared errors of successive steps, whose limit is called the rate."""
    w, done, ratios = start, 0, []
    for t in checkpoints:
        w, done = nal_descent(tasks, w, alpha, t - done), t
        ratios.append(squared(nal_descent(tasks, w, alpha, 1)) / squared(w))
    return namespace(start).stack(ratios, axis=-1)
